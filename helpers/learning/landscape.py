"""The loss around trained weights: a flat slice through a space of thousands of directions.

    loss(a, b) = loss of θ + a · u + b · v      u, v: two random directions

A column of a weight matrix (all that leads to one number) works the same way at any length when a
norm comes after it. So each column of a direction is made as long as the column of the weights that
it changes: else large weights would look as if they lay in a flat valley.
Source: Li et al., "Visualizing the Loss Landscape of Neural Nets" (2018), section 4.
"""

import numpy as np

from helpers.learning.adam import flatten, map_arrays, views


def direction(params, rng):
    """Return a random nest of the form of `params`, each column as long as that of the weights.

        u_j = normal numbers · |θ_j| / |normal numbers|      for each column j of each matrix

    Vectors (biases, γ, β) are not moved: theirs is zero.
    """

    def drawn(weights):
        if weights.ndim < 2:
            return np.zeros_like(weights)
        numbers = rng.standard_normal(weights.shape).astype(weights.dtype)
        numbers *= np.linalg.norm(weights, axis=0) / np.linalg.norm(numbers, axis=0)
        return numbers

    return map_arrays(drawn, params)


def surface(loss, params, directions, reach=1.0, count=15):
    """Yield the table of losses (count, count) as it fills, row by row; NaN is still to come.

        table[i, j] = loss(θ + b_i · v + a_j · u)      a, b: count places from -reach to reach

    loss: a function of parameters; directions: u and v, nests of the form of params.
    """
    places = np.linspace(-reach, reach, count)
    start = flatten(params)
    across, along = (flatten(one) for one in directions)
    moved = start.copy()
    nest = views(moved, params)
    table = np.full((count, count), np.nan)
    for i, b in enumerate(places):
        for j, a in enumerate(places):
            moved[:] = start + a * across + b * along
            table[i, j] = loss(nest)
        yield table.copy()


def minima(table):
    """Return where a table is lower than at its four neighbours: bool, as the table.

    The rim does not count, for there a neighbour is missing, and neither does a place beside a NaN.
    """
    padded = np.pad(np.asarray(table, float), 1, constant_values=np.nan)
    beside = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
    return np.asarray(table) < np.min(beside, axis=0)  # False beside a NaN


def valleys(curve):
    """Return how many places of a curve are lower than their neighbours; its two ends count too."""
    padded = np.concatenate([[np.inf], np.asarray(curve, float), [np.inf]])  # (places + 2,)
    return int(((padded[1:-1] < padded[:-2]) & (padded[1:-1] < padded[2:])).sum())


def bends_down(table):
    """Return the share of places where the table bends down, along its rows and its columns."""
    bends = [np.diff(table, 2, axis=axis).ravel() for axis in (0, 1)]
    return float((np.concatenate(bends) < 0).mean())


def single_valleys(table):
    """Return how many rows of a table go down and then up at most once: a valley, or a slope."""
    return sum(valleys(row) == 1 for row in table)
