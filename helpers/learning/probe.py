"""A linear probe: can a label be read off a layer's numbers with one matrix?

The matrix is fitted on one half of the samples and tested on the other. The network that made
the numbers is not touched: a probe asks what is there, it teaches nothing.
Source: Alain & Bengio, "Understanding intermediate layers using linear classifier probes" (2016).
"""

import numpy as np

from helpers import checks


def split(n_samples, rng):
    """Return the indices of the samples to fit on and of those to test on, drawn at random.

    Both are sorted, and together they are all samples. Raises ValueError for fewer than two.
    """
    n_samples = checks.require_size(n_samples, "n_samples", 2)
    n_train = round(n_samples / 2)
    order = checks.require_generator(rng).permutation(n_samples)
    return np.sort(order[:n_train]), np.sort(order[n_train:])


def standardize(features, train):
    """Give every feature mean 0 and variance 1 over the samples `train`, and append a 1.

    So the probe reads what is in the numbers, whatever their scale; the 1 is for its bias.
    features: (..., n_samples, n_features) → (..., n_samples, n_features + 1). A feature that is
    the same in all samples becomes 0.
    """
    seen = features[..., train, :]
    mean, std = seen.mean(axis=-2, keepdims=True), seen.std(axis=-2, keepdims=True)
    flat = std <= 1e-12 * np.abs(mean)  # nothing left but rounding
    scaled = np.where(flat, 0, (features - mean) / np.where(flat, 1, std))
    return np.concatenate([scaled, np.ones((*scaled.shape[:-1], 1))], axis=-1)


def fit(features, labels, n_classes, ridge=1e-3):
    """Return the matrix W (..., n_features, n_classes) of the least-squares fit with a penalty.

        W = (FᵀF / n + ridge · I)⁻¹ FᵀY / n      Y: a 1 in each sample's class, else 0

    features: (..., n_samples, n_features), labels: (n_samples,). The penalty keeps the fit from
    reading features that hardly vary. Source: Hoerl & Kennard, "Ridge Regression" (1970).
    """
    n_samples, n_features = features.shape[-2:]
    targets = np.eye(n_classes)[labels] / n_samples  # (n_samples, n_classes)
    across = features.swapaxes(-1, -2)  # (..., n_features, n_samples)
    return np.linalg.solve(
        across @ features / n_samples + ridge * np.eye(n_features), across @ targets
    )


def accuracy(features, labels, rng, ridge=1e-3):
    """Return the share of held-out samples whose label the probe reads right.

        guess = argmax(F W)      W fitted on the samples that are not held out

    features: (..., n_samples, n_features), one probe for each index of the leading axes (a layer,
    say), all on the same split; labels: (n_samples,), whole numbers from 0 up. Returns (...,), a
    single number for one table of features. 1 divided by the number of classes is guessing.
    Raises ValueError or TypeError for unfit arrays, if the penalty is not positive, and as split.
    Source: Alain & Bengio (2016).
    """
    features = checks.require_sequence(features, "features")
    labels = checks.to_array(labels, "labels")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels hold {labels.dtype}; expected whole numbers")
    if labels.shape != features.shape[-2:-1]:
        raise ValueError(
            f"labels have shape {labels.shape}; expected {features.shape[-2:-1]}, one per sample"
        )
    if labels.min() < 0:
        raise ValueError(f"labels hold {labels.min()}; expected 0 or more")
    ridge = checks.require_number(ridge, "ridge", above=0)
    train, test = split(len(labels), rng)
    features = standardize(features, train)
    n_classes = int(labels.max()) + 1
    weights = fit(features[..., train, :], labels[train], n_classes, ridge)
    guesses = (features[..., test, :] @ weights).argmax(axis=-1)  # (..., n_test)
    return (guesses == labels[test]).mean(axis=-1)
