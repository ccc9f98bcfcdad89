"""Adam: each parameter steps by its gradient's running mean over the root of its running square.

    m ← β₁ m + (1 - β₁) g      v ← β₂ v + (1 - β₂) g²      θ ← θ - rate · m̂ / (√v̂ + ε)

All parameters live in one flat vector, so that a step is a dozen operations on one array and not
on each of a hundred. The model sees them through views: what Adam changes, the model has.
Source: Kingma & Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.
"""

import numpy as np


def map_arrays(function, tree):
    """Return the same nest of dicts and lists with the function applied to each array in it."""
    if isinstance(tree, dict):
        return {name: map_arrays(function, part) for name, part in tree.items()}
    if isinstance(tree, list):
        return [map_arrays(function, part) for part in tree]
    return function(tree)


def leaves(tree):
    """Return the arrays of a nest, in order."""
    found = []
    map_arrays(found.append, tree)
    return found


def flatten(tree):
    """Return all numbers of the nest as one vector."""
    return np.concatenate([leaf.ravel() for leaf in leaves(tree)])


def views(flat, like):
    """Return a nest of the form of `like` whose arrays are views into the vector `flat`."""
    end = 0

    def view(array):
        nonlocal end
        end += array.size
        return flat[end - array.size : end].reshape(array.shape)

    return map_arrays(view, like)


class Adam:
    """Holds the parameters in one vector, `flat`, and hands them out as `params`."""

    def __init__(self, params, betas=(0.9, 0.999), eps=1e-8):
        self.flat = flatten(params)
        self.params = views(self.flat, params)
        self.betas, self.eps, self.n_steps = betas, eps, 0
        self._mean, self._square = np.zeros_like(self.flat), np.zeros_like(self.flat)

    def step(self, grads, rate, longest=None):
        """Change all parameters by one step against their gradients, in place.

        grads: a nest of the form of the parameters; rate: how far, at most about, each moves;
        longest: a gradient that is longer, as one vector, is cut to this length.
        Raises ValueError for another number of gradients than of parameters.
        """
        gradient, (beta_1, beta_2) = flatten(grads), self.betas
        if gradient.shape != self.flat.shape:
            raise ValueError(f"{gradient.size} gradients; expected {self.flat.size}")
        if longest is not None:
            gradient *= min(1, longest / max(np.linalg.norm(gradient), 1e-30))
        self.n_steps += 1
        self._mean += (gradient - self._mean) * (1 - beta_1)
        self._square += (gradient**2 - self._square) * (1 - beta_2)
        root = np.sqrt(self._square) * (1 - beta_2**self.n_steps) ** -0.5
        self.flat -= self._mean / (root + self.eps) * (rate / (1 - beta_1**self.n_steps))
