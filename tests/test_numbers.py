"""Numbers as people write them, and what is said of what is not understood."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.explorers.numbers import read_number

READ = {
    "12": 12, " 0.5 ": 0.5, "0,5": 0.5, ".5": 0.5, "64.": 64, "12,34": 12.34,
    "1,050,624": 1050624, "1 050 624": 1050624, "1\u202f050\u00a0624": 1050624,
    "1.050.624": 1050624, "1'050'624": 1050624, "1,050,624.5": 1050624.5, "1.050.624,5": 1050624.5,
    "1.024": 1.024, "0,079": 0.079, "-3": -3, "−3": -3, "－３．５": -3.5, "１２": 12, "1e3": 1000,
    "92 %": 0.92, "92％": 0.92, "92,5 %": 0.925, "1/3": 1 / 3, "≈ 0.9": 0.9,
}  # fmt: skip


@pytest.mark.parametrize("typed", READ)
def test_numbers_are_read_as_people_write_them(typed):
    assert read_number(typed) == pytest.approx(READ[typed], rel=1e-15)


@pytest.mark.parametrize(
    ("typed", "near", "number"),
    [
        ("2,079", [2.08], 2.079), ("2,079", [2079], 2079), ("2.079", [2079], 2079),
        ("2,079", [2079, 2.079], 2079), ("92 %", [0.9], 0.92), ("92 %", [92], 92),
        ("50 %", [4, 2], 0.5),
    ],
)  # fmt: skip
def test_what_may_be_meant_decides_between_two_readings(typed, near, number):
    assert read_number(typed, near) == number


@pytest.mark.parametrize("near", [[], [5], [0.001]])
def test_a_number_with_two_readings_is_never_guessed(near):
    with pytest.raises(ValueError, match=r"two ways; write 2\.079 or 2079"):
        read_number("2,079", near)


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "1,2,3", "1.2.3", "__import__('os')", "2½", "1/0", "1//2", "%", "-", ",", "1+1",
     "nan", "inf", "-Infinity", "1e999"],
)  # fmt: skip
def test_what_is_no_number_is_said_with_a_way_to_write_it(typed):
    with pytest.raises(ValueError, match=r"is no number; expected one such as 12, 0\.5 or 92 %"):
        read_number(typed)


LETTERS = [*map(chr, range(0x3100))]  # those of all Unicode would be listed first, in a second


@given(st.text("0123456789.,/%e+- ½٣一", max_size=12) | st.text(LETTERS, max_size=12))
def test_whatever_is_typed_is_a_finite_number_or_refused(typed):
    with contextlib.suppress(ValueError):
        assert abs(read_number(typed, near=[1.0])) < float("inf")
