"""Numbers as people write them: 2.079, 2,079, 92 %, 1 050 624, １２, 1/3."""

import math
import re
import unicodedata

# What a decimal comma, a sign or a space may look like, besides what NFKC already makes plain.
PLAIN = str.maketrans({"−": "-", "–": "-", "—": "-", "٫": ".", "’": "'", "。": "."})
THOUSANDS = {",": ".", ".": ","}  # a mark between thousands, and the mark before decimals with it


def read_number(typed, near=()):
    """Return the number that was typed.

    near: numbers that may be meant. They decide what `2,079` is, 2.079 or 2079; where they do
    not decide, such a number is not guessed. Raises ValueError for what is not understood, with
    a way to write it.
    """
    text = unicodedata.normalize("NFKC", typed).translate(PLAIN)
    text = re.sub(r"[\s_']", "", text).lstrip("=≈~+")
    percent = text.endswith("%")
    readings = _readings(text.removesuffix("%"))
    if percent:
        readings = [value / 100 for value in readings] + readings[: bool(near)]
    if not readings:
        raise ValueError(f"“{_short(typed)}” is no number; expected one such as 12, 0.5 or 92 %")
    fitting = [value for other in near for value in readings if _is_near(value, other)]
    if fitting:
        return fitting[0]
    if len(readings) > 1 and not percent and "," in text:
        ways = " or ".join(f"{value:.12g}" for value in readings)
        raise ValueError(f"“{_short(typed)}” can be read in two ways; write {ways}")
    return readings[0]


def _readings(text):
    """Return the finite numbers that a text without spaces may stand for, the likeliest first."""
    if text.count("/") == 1:
        above, _, below = text.partition("/")
        pairs = [(a, b) for a in _readings(above) for b in _readings(below) if b]
        return [a / b for a, b in pairs]
    written = []
    if re.fullmatch(r"-?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", text):
        written.append(text.replace(",", "."))
    for mark, point in THOUSANDS.items():
        if re.fullmatch(rf"-?[1-9]\d{{0,2}}(\{mark}\d{{3}})+(\{point}\d+)?", text):
            written.append(text.replace(mark, "").replace(point, "."))
    return [number for number in map(float, written) if math.isfinite(number)]


def _is_near(value, other):
    """Tell whether a reading is the number that is meant, or as near as a rough guess."""
    return math.isclose(value, other, rel_tol=0.5) or abs(value - other) < 0.5


def _short(typed):
    return typed if len(typed) <= 40 else typed[:39] + "…"
