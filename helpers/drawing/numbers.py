"""Numbers as a reader writes them: true minus signs, no "-0.00", as many digits as are needed."""

import numpy as np

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def signed(number, decimals=2):
    """Return a number with two decimals and a true minus sign; what rounds to zero has no sign."""
    return formatted(number, f".{decimals}f")


def formatted(number, how):
    """Return a number in a format such as ".2f", with a true minus sign; zero has no sign."""
    text = format(number, how)
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")


def as_read(text):
    """Return the number that was written with a true minus sign."""
    return float(text.replace("−", "-"))


def equals(value, text):
    """Return "=" if a value is the number that is written, to two decimals, else "≈"."""
    return "=" if abs(value - as_read(text)) < 0.0051 else "≈"


def brief(number):
    """Return a whole number without decimals, any other with two: 2, 0.71, −1.89."""
    return signed(number, 0 if float(number).is_integer() else 2)


def written(number, small=False):
    """Return a number with about three digits: 0.62, 10.0, 100; small: 0.0012 keeps four decimals.

    For numbers over bars, where neighbours must not touch.
    """
    size = round(abs(number), 1)  # 99.96 is written as 100, and gets its digits
    decimals = 2 if size < 10 else 1 if size < 100 else 0
    if small and 1e-9 < abs(number) < 0.05:
        decimals = 4
    return signed(number, decimals)


def power(number):
    """Return a positive number of any size: 0.03, 3.14, 120, or 2.4·10⁻⁵."""
    if 0.01 <= number < 1000:
        return f"{number:.2f}" if number < 10 else f"{number:.0f}"
    digits, exponent = f"{number:.1e}".split("e")
    return f"{digits}·10{raised(int(exponent))}"


def raised(exponent):
    """Return a whole number in small raised digits, for a power of ten."""
    return str(exponent).translate(RAISED)


def degrees_text(angle):
    """Return an angle, given in radians, in degrees; a small one with more decimals."""
    degrees = np.rad2deg(angle)
    decimals = 0 if abs(degrees) >= 100 else 1 if abs(degrees) >= 1 else 2
    return f"{signed(degrees, decimals)}°"
