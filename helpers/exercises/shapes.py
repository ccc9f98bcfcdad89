"""Predicted shapes: which is right, and what a wrong one is the shape of."""

import json
from importlib.resources import files
from itertools import permutations

import numpy as np

from helpers.exercises.verdict import calm, not_started, right, wrong

SHAPES = json.loads((files("helpers") / "data" / "shapes.json").read_text(encoding="utf-8"))


def as_shape(given):
    """Return a shape as a tuple of whole numbers, or None for what is no shape."""
    kind = type(given)
    if kind is np.ndarray and given.ndim <= 1 and given.dtype.kind in "iu" and given.size <= 64:
        given = given.tolist()
    if _is_whole(given):
        given = (given,)
    if type(given) not in (tuple, list) or not all(map(_is_whole, given)):
        return None
    return tuple(map(int, given))


def _is_whole(size):
    return type(size) is int or issubclass(type(size), np.integer)


def shown(shape):
    """Write a shape; a size of many digits is cut."""
    sizes = [str(s) if abs(s) < 10**18 else "a huge number" for s in shape]
    return f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"


@calm
def check_shapes(lesson, **given):
    """Return the verdict on predicted shapes, by name; what is right stands in shapes.json."""
    known = SHAPES[lesson]
    expected = {name: tuple(about["shape"]) for name, about in known.items()}
    if all(shape is ... for shape in given.values()):
        return not_started()
    for name, shape in given.items():
        if shape is ...:
            return wrong("one is missing", f"The shape of {name} still has its dots.", "kind")
        sizes = as_shape(shape)
        if sizes is None:
            return wrong(
                f"{name} is not a shape",
                "A shape is a tuple of whole numbers, without quotation marks, such as (7, 9).",
                "kind",
            )
        if sizes == expected[name]:
            continue
        for shape, mistake, why in known[name]["mistakes"]:
            if sizes == tuple(shape):
                return wrong(mistake, why)
        said = f"You say {shown(sizes)}. {known[name]['hint']}"
        return wrong(_difference(name, sizes, expected), said, "relation")
    return right("All of them.")


def _difference(name, sizes, expected):
    """Say what a wrong shape has to do with the right one, without giving that away."""
    wanted = expected[name]
    others = [n for n, shape in expected.items() if shape == sizes and n != name]
    if sizes in permutations(wanted):
        return f"{name} has the right sizes in another order"
    if others:
        return f"{name} is given the shape of {' and '.join(others)}"
    if len(sizes) != len(wanted):
        count = "few" if len(sizes) < len(wanted) else "many"
        return f"{name} has too {count} axes"
    wrong_axes = [i for i, (one, two) in enumerate(zip(sizes, wanted, strict=True)) if one != two]
    if len(wrong_axes) == len(wanted):
        return f"{name} has another shape"
    return f"{name} has another size along axis {' and '.join(map(str, wrong_axes))}"
