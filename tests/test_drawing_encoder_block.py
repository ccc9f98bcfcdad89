"""The block that is walked through: the lit part, the way of the skip, the numbers below."""

import re
from itertools import pairwise, product

import numpy as np
import pytest
from matplotlib.colors import to_hex

from helpers import encoder_block, words
from helpers.drawing import palette
from helpers.drawing.encoder_block import PARTS, PLACES, SKIPPED
from helpers.drawing.live_text import text_length
from helpers.explorers.encoder_block import STAGES, EncoderBlockExplorer
from helpers.positional_encoding import sinusoidal

NORMS = encoder_block.NORMS


@pytest.fixture(scope="module")
def made():
    return EncoderBlockExplorer()


@pytest.fixture
def explorer(made):
    yield made
    made.reset()


def every_state(explorer, norms=NORMS, paper=(False,)):
    """Draw every stage and number of the first and the last block; yield after each."""
    free = {"skip": True, "feed_forward": True, "positions": True}
    for norm, block, stage, number, shown in product(norms, (0, 5), range(8), range(8), paper):
        if block == 0 or STAGES[stage] != "positions":
            values = {"norm": norm, "block": block, "stage": stage, "number": number}
            walk = explorer.compute(**free, **values, paper=shown)["walk"]
            explorer.picture.draw(walk)
            yield walk


@pytest.mark.parametrize("order", PLACES)
def test_the_parts_stand_side_by_side_in_computing_order(order):
    places = list(PLACES[order].values())
    assert set(PLACES[order]) == set(PARTS)
    assert all(a[1] + 20 <= b[0] for a, b in pairwise(places))
    fields = (encoder_block.PreNormTrace if order == "pre" else encoder_block.PostNormTrace)._fields
    parts = [part.replace("add", "skip") for part in PLACES[order]][2:]
    assert parts == list(fields[1:-1])


@pytest.mark.parametrize("norm", NORMS)
def test_the_maps_are_what_the_block_computes(explorer, norm):
    explorer.set(norm=norm)
    x = words.named(["Thinking", "Machines"]) + sinusoidal(2, 4)
    trace = encoder_block.forward(x, words.hand_made_block(), 2, norm=norm)
    for part, values in explorer.shown.walk.maps.items():
        if part == "words":
            np.testing.assert_array_equal(values, words.named(["Thinking", "Machines"]))
        elif part == "positions":
            np.testing.assert_array_equal(values, x)
        elif values is not None:
            record = getattr(trace, part.replace("add", "skip"))
            np.testing.assert_array_equal(values, record.out)
        else:
            assert norm == "none"
            assert part.startswith("norm")


def test_the_last_panel_is_what_the_part_gave(explorer):
    for walk in every_state(explorer):
        if walk.maps[walk.stage] is not None:
            np.testing.assert_array_equal(walk.panels[-1].values, walk.maps[walk.stage])
        else:
            assert "is off" in walk.title[0]


def said(line):
    """Return the left and the right side of a written sum, and whether it claims to be exact."""
    left, sign, right = re.fullmatch(r"(.*) ([=≈]) (\S+)", line).groups()
    python = left.replace("−", "-").replace("÷", "/").replace("·", "*")
    return eval(python, {"__builtins__": {}}), float(right.replace("−", "-")), sign == "="


def test_every_written_sum_holds_as_rounded_or_says_that_it_nearly_does(explorer):
    exact = 0
    for walk in every_state(explorer, paper=(False, True)):
        line = re.sub("yours |paper ", "", explorer.picture.line.get_text())
        if not re.search("[=≈]", line):
            continue
        left, right, claims = said(line)
        # Numbers from 10 up are written with one decimal, so that sums may miss by a tenth.
        large = abs(right) > 9 or re.search(r"\d\d\.", line)
        if "÷" not in line:
            factor = max(map(abs, walk.panels[-2].values.ravel())) if "·" in line else 1
            assert left == pytest.approx(right, abs=0.03 * (1 + factor) + 0.1 * bool(large)), line
        if claims:
            assert left == pytest.approx(right, abs=0.0051), line
            exact += 1
        traced = walk.panels[-1].values[walk.row, walk.panels[-1].traced]
        assert right == pytest.approx(traced, abs=0.051 if large else 0.0051), line
    assert exact > 100


def test_the_lit_part_is_in_its_colour_and_no_other_is(explorer):
    for stage in range(1, len(STAGES)):
        explorer.set(stage=stage)
        lit = {
            part: to_hex(box.get_facecolor()).upper()
            for part, box in explorer.picture.boxes.items()
            if to_hex(box.get_facecolor()) != "#ffffff"
        }
        assert lit == {STAGES[stage]: palette.FILL[PARTS[STAGES[stage]][1]]}


@pytest.mark.parametrize("norm", NORMS)
def test_a_skip_starts_before_its_half_and_ends_at_its_sum(explorer, norm):
    explorer.set(norm=norm)
    places = PLACES["pre" if norm == "pre" else "post"]
    for part, step in SKIPPED.items():
        corners = explorer.picture.skips[part].get_xydata()
        half = [step, f"norm_{part[-1]}"] if norm == "pre" else [step]
        assert corners[0, 0] < min(places[name][0] for name in half)
        assert corners[-1, 0] == sum(places[part]) / 2


def test_what_is_off_is_dashed_and_goes_on_unchanged(explorer):
    explorer.set(skip=False, stage=3)
    walk = explorer.shown.walk
    assert walk.maps["add_1"] is walk.maps["add_2"] is None
    np.testing.assert_array_equal(walk.panels[0].values, walk.maps["attention"])
    assert explorer.picture.boxes["add_1"].get_linestyle() != "-"
    assert explorer.picture.boxes["attention"].get_linestyle() == "-"


def test_beside_the_paper_stand_both_outputs_and_their_difference(explorer):
    for walk in every_state(explorer, paper=(True,)):
        paper, yours, change = (panel.values for panel in walk.panels)
        np.testing.assert_allclose(yours - paper, change)
    explorer.set(paper=True, stage=4)
    assert not explorer.shown.walk.panels[2].values.any()


def test_everything_stays_on_the_sheet_and_no_number_is_wider_than_its_cell(explorer):
    picture = explorer.picture
    for walk in every_state(explorer, paper=(False, True)):
        for panel, artists in zip(walk.panels, picture.panels, strict=False):
            cells = artists.cells["weights" if panel.kind == "weights" else "signed"]
            left, _, width, _ = cells.box()
            assert 0 <= left
            assert left + width <= 864
            widest = max(text_length(text, cells.fonts[0]) for text in cells.texts.ravel())
            assert widest <= cells.cell_width, (walk.stage, cells.texts)
        for line in (picture.title, picture.line):
            length = sum(text_length(text, font) for text, font, *_ in line._parts())
            assert line.get_position()[0] + length <= (725 if line is picture.title else 864)


def test_pre_norm_keeps_the_part_that_was_lit(explorer):
    explorer.set(stage=4)
    explorer.set(norm="pre")
    assert explorer.shown.walk.stage == "norm_1"
    assert explorer.controls["stage"].index == 2


def test_a_state_of_block_0_is_taken_while_another_block_is_shown(explorer):
    explorer.set(block=5)
    explorer.set(block=0, stage=1)
    assert explorer.shown.walk.stage == "positions"
