"""How tests compare pictures."""

import numpy as np


def ink_elsewhere(one, other, reach=3):
    """Return how many dark dots of either picture have nothing dark within `reach` of the other.

    one, other: (height, width, ...) of uint8. Zero for a picture whose text is set by matplotlib,
    and the same with LiveText: letters may differ by three dots, a pixel and a half of
    the page (two dots with the newest matplotlib).
    """
    flat = [np.asarray(picture)[..., :3].min(axis=-1) for picture in (one, other)]
    return sum(_alone(a, b, reach) for a, b in (flat, flat[::-1]))


def _alone(ink, near, reach):
    height, width = near.shape
    padded = np.pad(near, reach, mode="edge")
    steps = range(2 * reach + 1)
    darkest = np.min([padded[i : i + height, j : j + width] for i in steps for j in steps], axis=0)
    return int(((ink < 100) & (darkest > 160)).sum())
