"""Where the hidden units of a feed-forward network over two inputs bend.

Unit j is at its bend on the line w_j · p + b_j = 0, with w_j column j of W_1: its crease.
"""

import numpy as np


def creases(W_1, b_1, half_width):
    """Return each unit's crease inside the square |p| ≤ half_width: (d_ff, 2, 2), its two ends.

        ends = nearest + s · along    nearest = -b w / |w|²    along = w turned by 90°, over |w|

    W_1: (2, d_ff), b_1: (d_ff,); "nearest" is the crease's nearest point to the middle. NaN where
    the crease misses the square, or where a unit has no crease because w is zero.
    Source: Liang & Barsky, "A New Concept and Method for Line Clipping" (1984).
    """
    W_1, b_1 = np.asarray(W_1, float), np.asarray(b_1, float)
    with np.errstate(divide="ignore", invalid="ignore"):  # an upright line, a unit without weights
        length = np.sqrt(np.square(W_1).sum(axis=0))  # (d_ff,)
        nearest = -b_1 * W_1 / length**2  # (2, d_ff)
        along = np.array([-W_1[1], W_1[0]]) / length  # (2, d_ff)
        sides = np.sort([(-half_width - nearest) / along, (half_width - nearest) / along], axis=0)
        enter, leave = sides[0].max(axis=0), sides[1].min(axis=0)  # each (d_ff,)
    inside = enter < leave  # False for NaN
    ends = np.where(inside, [enter, leave], np.nan)  # (2, d_ff)
    return (nearest + ends[:, None] * along).transpose(2, 0, 1)  # (d_ff, 2, 2): unit, end, x and y


def count_pieces(W_1, b_1, half_width):
    """Return into how many pieces the creases cut the square |p| ≤ half_width.

        pieces = 1 + creases in the square + crossings in the square

    On each piece the same units are on, so a ReLU network is one straight map there. Right for
    creases of which no three meet in a point.
    Source: Zaslavsky, "Facing up to Arrangements" (1975), in the plane.
    """
    lines = creases(W_1, b_1, half_width)
    seen = np.isfinite(lines).all(axis=(1, 2))
    W_1, b_1 = np.asarray(W_1, float)[:, seen], np.asarray(b_1, float)[seen]
    one, other = np.triu_indices(W_1.shape[1], k=1)
    determinant = W_1[0, one] * W_1[1, other] - W_1[1, one] * W_1[0, other]
    with np.errstate(divide="ignore", invalid="ignore"):  # parallel creases never cross
        x = (W_1[1, one] * b_1[other] - W_1[1, other] * b_1[one]) / determinant
        y = (W_1[0, other] * b_1[one] - W_1[0, one] * b_1[other]) / determinant
    return int(1 + seen.sum() + ((np.abs(x) < half_width) & (np.abs(y) < half_width)).sum())
