"""Independent reference numbers for the neighbours style loss, in NumPy float64: writes neighbours.json beside itself.

    pip install numpy pillow
    python3 tests/data/make_neighbours.py

The network and the pictures are those of make_reference.py. For each case: which of the painting's hypercolumns is nearest to each of
the photo's, the loss at x, and its gradient there by the chain rule written out for matrices of whole lines, where Easel goes pixel by
pixel.
"""

import json

import numpy as np
from make_reference import HERE, backward, forward, load_network, power, read, sampled

LAYERS = [f"relu{block}_{index}" for block, last in ((1, 2), (2, 2), (3, 4), (4, 3)) for index in range(1, last + 1)]
# Uneven ones, so that a weight at the wrong layer is noticed.
WEIGHTS = [1, 0.5, 1, 2, 1, 1, 0.25, 1, 3, 1, 1]
STYLE_WEIGHT = 7.0


def line(before, after):
    """The matrix that brings a line of pixels to another length: means of what is covered, or bilinearly to more."""
    matrix = np.zeros((after, before))
    if after < before:
        pieces = np.eye(before).repeat(after, 0)  # of one length for both lines
        return pieces.reshape(after, before, before).mean(1)
    for at in range(after):
        place = min(max((at + 0.5) * before / after - 0.5, 0), before - 1)
        low = int(place)
        matrix[at, low] += 1 - (place - low)
        matrix[at, min(low + 1, before - 1)] += place - low
    return matrix


def hypercolumns(taps, size):
    """All layers at `size`, `[D, H·W]`, and each layer's matrices."""
    parts, matrices = [], []
    for name, weight in zip(LAYERS, WEIGHTS):
        f = taps[name]
        down, right = line(f.shape[1], size[0]), line(f.shape[2], size[1])
        scale = np.sqrt(weight / len(f))
        parts.append(scale * (down @ f @ right.T).reshape(len(f), -1))
        matrices.append((scale, down, right))
    return np.concatenate(parts), matrices


def recoloured(picture, like):
    """A picture with the mean and covariance of colours of another, moved least (Pitié & Kokaram 2007)."""
    (pixels, mean, covariance), (_, wanted, goal) = (
        (flat, flat.mean(1, keepdims=True), np.cov(flat, bias=True) + 1e-7 * np.eye(3))
        for flat in (picture.reshape(3, -1), like.reshape(3, -1))
    )
    root, inverse = power(covariance, 0.5), power(covariance, -0.5)
    return (inverse @ power(root @ goal @ root, 0.5) @ inverse @ (pixels - mean) + wanted).reshape(picture.shape)


def unit(x):
    return x / np.sqrt((x**2).sum(0))


def centred(columns):
    return unit(columns - columns.mean(1, keepdims=True))


def case(network, content, style, x, turns=0):
    size = [side // 4 for side in x.shape[1:]]
    wanted, _ = hypercolumns(forward(network, recoloured(content, style), "max")[0], size)
    # The painting as it is and turned against the clock, each less its own mean, side by side.
    ways = [np.rot90(style, turn, (1, 2)) for turn in range(turns + 1)]
    painted = [hypercolumns(forward(network, way, "max")[0], [side // 4 for side in way.shape[1:]])[0] for way in ways]
    cosines = centred(wanted).T @ np.concatenate([centred(columns) for columns in painted], 1)
    nearest = cosines.argmax(1)
    goals = np.concatenate(painted, 1)[:, nearest]
    centre = goals.mean(1, keepdims=True)
    goals = unit(goals - centre)
    taps, inputs = forward(network, x, "max")
    columns, matrices = hypercolumns(taps, size)
    columns = columns - centre
    length = np.sqrt((columns**2).sum(0))
    cosine = (goals * columns).sum(0) / length
    loss = STYLE_WEIGHT * (1 - cosine).mean()
    gradient = -STYLE_WEIGHT / cosine.size * (goals - cosine * columns / length) / length
    gradients, first = {}, 0
    for name, (scale, down, right) in zip(LAYERS, matrices):
        part = gradient[first : first + len(taps[name])].reshape(-1, *size)
        gradients[name] = scale * (down.T @ part @ right)
        first += len(taps[name])
    g = backward(network, taps, inputs, gradients, "max")
    return {"nearest": nearest.tolist(), "loss": loss, "gradientNorm": float(np.sqrt((g**2).sum())), "gradient": sampled(g)}


def main():
    network = load_network()
    config = {
        "styleLoss": "neighbours",
        "styleWeight": STYLE_WEIGHT,
        "contentWeight": 0,
        "tvWeight": 0,
        "styleLayers": [{"layer": layer, "weight": weight} for layer, weight in zip(LAYERS, WEIGHTS)],
    }
    cases = {}
    for letter in "ad":
        cases[letter] = case(network, *(read(f"{letter}_{name}.png") for name in ("content", "style", "x")))
    turned = {}
    for turns in (1, 3):
        turned[turns] = case(network, *(read(f"d_{name}.png") for name in ("content", "style", "x")), turns)
    reference = {"config": config, "cases": cases, "turned": turned}
    (HERE / "neighbours.json").write_text(json.dumps(reference, indent=1) + "\n")


if __name__ == "__main__":
    main()
