"""Independent reference numbers for the self-similarity content loss, in NumPy float64: writes likeness.json beside itself.

    pip install numpy pillow
    python3 tests/data/make_likeness.py

The network and the pictures are those of make_reference.py. Every pixel of each layer is looked at: there are no more than 1024. The
gradient is by the chain rule through each step of the formula, one whole matrix at a time; a difference of the loss along a direction
says that it is right, before anything is written.
"""

import json

import numpy as np
from make_reference import HERE, backward, forward, load_network, read, sampled

LAYERS = {"relu2_2": 0.5, "relu3_1": 2.0, "relu4_2": 1.0}
CONTENT_WEIGHT = 3.0
LEAST = 1e-4


def distances(f):
    """Cosine distances of all pixels of `[C, n]`, and what they are made of."""
    length = np.sqrt((f**2).sum(0))
    unit = f / length
    return 1 - unit.T @ unit, unit, length


def columns(d):
    """Each column by its sum, and these sums."""
    sums = d.sum(0) + LEAST * len(d)
    return d / sums, sums


def loss(f, goal):
    """Value and gradient at the activations, both [C, n]."""
    d, unit, length = distances(f)
    shares, sums = columns(d)
    apart = shares - columns(distances(goal)[0])[0]
    value = np.abs(apart).sum(0).mean()
    at_shares = np.sign(apart) / len(d)
    at_sums = -(at_shares * d).sum(0) / sums**2
    at_distances = at_shares / sums + at_sums
    at_unit = -unit @ (at_distances + at_distances.T)
    return value, (at_unit - unit * (at_unit * unit).sum(0)) / length


def check():
    random = np.random.default_rng(0)
    f, goal, along = (random.random((7, 20)) for _ in range(3))
    step = 1e-7
    difference = (loss(f + step * along, goal)[0] - loss(f - step * along, goal)[0]) / (2 * step)
    assert abs((loss(f, goal)[1] * along).sum() / difference - 1) < 1e-5


def case(network, content, x):
    wanted, _ = forward(network, content, "max")
    taps, inputs = forward(network, x, "max")
    total, gradients = 0, {}
    for name, weight in LAYERS.items():
        c, h, w = taps[name].shape
        assert h * w <= 1024, (name, h, w)
        value, gradient = loss(taps[name].reshape(c, -1), wanted[name].reshape(c, -1))
        total += CONTENT_WEIGHT * weight * value
        gradients[name] = CONTENT_WEIGHT * weight * gradient.reshape(c, h, w)
    g = backward(network, taps, inputs, gradients, "max")
    return {"loss": total, "gradientNorm": float(np.sqrt((g**2).sum())), "gradient": sampled(g)}


def main():
    check()
    network = load_network()
    config = {
        "contentLoss": "self-similarity",
        "contentWeight": CONTENT_WEIGHT,
        "styleWeight": 0,
        "tvWeight": 0,
        "contentLayers": [{"layer": layer, "weight": weight} for layer, weight in LAYERS.items()],
    }
    cases = {letter: case(network, *(read(f"{letter}_{name}.png") for name in ("content", "x"))) for letter in "ad"}
    (HERE / "likeness.json").write_text(json.dumps({"config": config, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
