"""Independent reference numbers for Easel's tests, in NumPy float64: writes numpy.json and optimisers.json beside itself.

    pip install numpy pillow
    python3 tests/data/make_reference.py

Shares no code with Easel but reads the same shards. Case d (75 × 53: odd sizes, floor pooling) is cut
from the pictures of cases a and c; e_x.png is what Easel made of case e in 300 steps: near the end the Wasserstein
loss is a small difference of large traces. For each case, recipe and pooling: the loss terms and the gradient
at x. `goldens.json` comes from another independent implementation (JAX, float32; matrix roots in float64) and
is kept as it was delivered. optimisers.json: what Adam, L-BFGS, the average and a change of scale make of small
images, by their textbooks.
"""

import json
import pathlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
WEIGHTS = HERE.parent.parent / "weights"
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT = "relu4_2"
# Content, style and total variation weights, and the style layers' own.
RECIPES = {
    "gram": (5.0, 1e5, 3.0, (1.0, 0.8, 0.4, 0.2, 0.1)),
    "wasserstein": (0.015, 1.0, 2.0, tuple(share / 341 for share in (256, 64, 16, 4, 1))),
}
RIDGE = 1e-4


def load_network():
    manifest = json.loads((WEIGHTS / "manifest.json").read_text())
    stream = b"".join((WEIGHTS / shard["file"]).read_bytes() for shard in manifest["shards"])
    layers, offset, below = [], 0, 1.0
    for layer, mean in zip(manifest["layers"], manifest["activationMeans"]):
        shape = layer["shape"]
        table = np.frombuffer(stream, "<f4", 256, offset)
        bias = np.frombuffer(stream, "<f4", shape[0], offset + 1024)
        start = offset + 1024 + 4 * shape[0]
        index = np.frombuffer(stream, "u1", int(np.prod(shape)), start)
        offset = start + index.size
        weight = table[index].reshape(shape).astype(np.float64)
        layers.append((layer["name"].replace("conv", "relu"), weight * below / mean, bias.astype(np.float64) / mean))
        below = mean
    return layers


def conv(x, weight):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    _, h, w = x.shape
    return sum(
        np.einsum("oi,ihw->ohw", weight[:, :, dy, dx], padded[:, dy : dy + h, dx : dx + w], optimize=True)
        for dy in range(3)
        for dx in range(3)
    )


def pool(x, kind):
    c, h, w = x.shape
    blocks = x[:, : h // 2 * 2, : w // 2 * 2].reshape(c, h // 2, 2, w // 2, 2).transpose(0, 1, 3, 2, 4).reshape(c, h // 2, w // 2, 4)
    return blocks.max(-1) if kind == "max" else 2 * blocks.mean(-1)


def pool_gradient(x, g, kind):
    c, h, w = x.shape
    blocks = x[:, : h // 2 * 2, : w // 2 * 2].reshape(c, h // 2, 2, w // 2, 2).transpose(0, 1, 3, 2, 4).reshape(c, h // 2, w // 2, 4)
    if kind == "max":
        share = np.eye(4)[blocks.argmax(-1)]
    else:
        share = np.full(blocks.shape, 0.5)
    spread = (share * g[..., None]).reshape(c, h // 2, w // 2, 2, 2).transpose(0, 1, 3, 2, 4)
    out = np.zeros_like(x)
    out[:, : h // 2 * 2, : w // 2 * 2] = spread.reshape(c, h // 2 * 2, w // 2 * 2)
    return out


def forward(network, image, kind):
    x = image[::-1] * 255 - np.array([103.939, 116.779, 123.68])[:, None, None]
    taps, inputs = {}, []
    for name, weight, bias in network:
        if name.endswith("_1") and name != "relu1_1":
            inputs.append(x)
            x = pool(x, kind)
        x = np.maximum(conv(x, weight) + bias[:, None, None], 0)
        taps[name] = x
    return taps, inputs


def backward(network, taps, inputs, gradients, kind):
    g = 0
    for name, weight, _ in reversed(network):
        g = g + gradients.get(name, 0)
        g = conv(g * (taps[name] > 0), weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1])
        if name.endswith("_1") and name != "relu1_1":
            g = pool_gradient(inputs.pop(), g, kind)
    return g[::-1] * 255


def gram(f):
    return f @ f.T / f.size


def gram_loss(f, goal):
    """Value and gradient at the activations, both [C, H·W]."""
    d = gram(f) - gram(goal)
    return (d**2).mean(), 4 / d.size / f.size * d @ f


def moments(f):
    mean = f.mean(1, keepdims=True)
    return mean, (f - mean) @ (f - mean).T / f.shape[1] + RIDGE * np.eye(len(f))


def power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.maximum(values, 1e-30) ** exponent @ vectors.T


def wasserstein_loss(f, goal):
    (mean, cov), (goal_mean, goal_cov) = moments(f), moments(goal)
    (channels, pixels), apart, root = f.shape, mean - goal_mean, power(goal_cov, 0.5)
    between = root @ cov @ root
    trace = np.trace(cov) + np.trace(goal_cov) - 2 * np.trace(power(between, 0.5))
    gap = np.eye(channels) - root @ power(between, -0.5) @ root
    gradient = 2 / channels / pixels * (gap @ (f - mean) + apart)
    return (apart**2).mean() + trace / channels, gradient


def tv(x):
    p = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="edge")
    pairs = [
        (np.s_[:, 1:-1, 2:], np.s_[:, 1:-1, 1:-1], 3),
        (np.s_[:, 2:, 1:-1], np.s_[:, 1:-1, 1:-1], 3),
        (np.s_[:, 1:, 1:], np.s_[:, :-1, :-1], 12),
        (np.s_[:, 1:, :-1], np.s_[:, :-1, 1:], 12),
    ]
    value, g = 0.0, np.zeros_like(p)
    for a, b, divisor in pairs:
        d = p[a] - p[b]
        value += 2 * (d**2).mean() / divisor
        g[a] += 4 * d / d.size / divisor
        g[b] -= 4 * d / d.size / divisor
    g[:, 1, :] += g[:, 0, :]
    g[:, -2, :] += g[:, -1, :]
    g[:, :, 1] += g[:, :, 0]
    g[:, :, -2] += g[:, :, -1]
    return value, g[:, 1:-1, 1:-1]


def sampled(gradient):
    """Some of the gradient's values, the same ones of every gradient of this shape."""
    at = np.random.default_rng(1).integers(0, gradient.size, 32)
    return [{"at": [int(i) for i in np.unravel_index(k, gradient.shape)], "value": float(gradient.flat[k])} for k in at]


def case(network, content, style, x, recipe, kind):
    content_weight, style_weight, tv_weight, shares = RECIPES[recipe]
    style_loss = {"gram": gram_loss, "wasserstein": wasserstein_loss}[recipe]
    wanted, _ = forward(network, content, kind)
    painted, _ = forward(network, style, kind)
    taps, inputs = forward(network, x, kind)
    d = taps[CONTENT] - wanted[CONTENT]
    gradients = {CONTENT: 2 * content_weight * d / d.size}
    losses = {"content": content_weight * (d**2).mean(), "style": {}}
    for name, share in zip(LAYERS, shares):
        flat = [tap[name].reshape(tap[name].shape[0], -1) for tap in (taps, painted)]
        value, gradient = style_loss(*flat)
        losses["style"][name] = style_weight * share * value
        gradients[name] = gradients.get(name, 0) + style_weight * share * gradient.reshape(taps[name].shape)
    value, tv_gradient = tv(x)
    losses["tv"] = tv_weight * value
    losses["total"] = losses["content"] + sum(losses["style"].values()) + losses["tv"]
    g = backward(network, taps, inputs, gradients, kind) + tv_weight * tv_gradient
    losses["gradientNorm"] = float(np.sqrt((g**2).sum()))
    return losses, sampled(g)


def read(name):
    return np.asarray(Image.open(HERE / name).convert("RGB"), np.float64).transpose(2, 0, 1) / 255


def interpolation(before, after, kind):
    """The matrix of a one-dimensional interpolation with half-pixel centres and repeated edges."""

    def cubic(t, a=-0.75):
        if t <= 1:
            return (a + 2) * t**3 - (a + 3) * t**2 + 1
        return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0

    kernel = {"bilinear": lambda t: max(0.0, 1 - t), "bicubic": cubic}[kind]
    matrix = np.zeros((after, before))
    for row in range(after):
        centre = (row + 0.5) * before / after - 0.5
        for at in range(int(np.floor(centre)) - 1, int(np.floor(centre)) + 3):
            matrix[row, min(max(at, 0), before - 1)] += kernel(abs(centre - at))
    return matrix


def resized(x, size, kind):
    return interpolation(x.shape[-2], size[0], kind) @ x @ interpolation(x.shape[-1], size[1], kind).T


class Adam:
    """Kingma & Ba 2014, algorithm 1, within the box [0, 1]."""

    def __init__(self, rate, decays=(0.9, 0.99)):
        self.rate, self.decays, self.steps, self.m, self.v = rate, decays, 0, 0.0, 0.0

    def step(self, x, g):
        (b1, b2), self.steps = self.decays, self.steps + 1
        self.m, self.v = b1 * self.m + (1 - b1) * g, b2 * self.v + (1 - b2) * g**2
        m, v = self.m / (1 - b1**self.steps), self.v / (1 - b2**self.steps)
        return np.clip(x - self.rate * m / (np.sqrt(v) + 1e-8), 0, 1)


def lbfgs(function, x, evaluations):
    """Nocedal & Wright 2006, algorithm 7.4 with ten pairs, within the box [0, 1], backtracking by Armijo's condition and
    parabolas: the loss at every point that is tried, and the best point."""
    losses, pairs, best, search = [], [], None, None
    trial = x
    for _ in range(evaluations):
        value, g = function(trial)
        losses.append(value)
        if search:
            at, best_value, best_g = best
            slope = best_g @ (trial - at)
            if value > best_value + 1e-4 * slope:
                direction, step, shortened = search
                if shortened == 6:
                    pairs, direction, shortened = [], -best_g, 0
                    step = 0.1 * 0.02 * np.sqrt(x.size / (best_g @ best_g))
                else:
                    step *= np.clip(-slope / (2 * (value - best_value - slope)), 0.1, 0.5)
                    shortened += 1
                search = direction, step, shortened
                trial = np.clip(at + step * direction, 0, 1)
                continue
            s, y = trial - at, g - best_g
            if s @ y > 1e-8 * np.sqrt((s @ s) * (y @ y)):
                pairs = (pairs + [(s, y)])[-10:]
        q, alphas = g.copy(), []
        for s, y in reversed(pairs):
            alphas.append(s @ q / (s @ y))
            q -= alphas[-1] * y
        if pairs:
            s, y = pairs[-1]
            q *= s @ y / (y @ y)
        for (s, y), alpha in zip(pairs, reversed(alphas)):
            q += (alpha - y @ q / (s @ y)) * s
        step = 1.0 if pairs else 0.02 * np.sqrt(x.size / (g @ g))
        best, search = (trial, value, g), (-q, step, 0)
        trial = np.clip(trial - step * q, 0, 1)
    return losses, best[0]


def valley(x):
    """Rosenbrock's function, made gentler, whose least value 0 is in the corner where all are 1."""
    a, b = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    g = np.zeros_like(x)
    g[1:] += 20 * a
    g[:-1] += -40 * a * x[:-1] - 2 * b
    return 10 * (a**2).sum() + (b**2).sum(), g


def optimisers():
    random = np.random.default_rng(7)
    small, large, decay = (4, 5), (6, 7), 0.9
    x = random.uniform(0, 1, (3, *small)).round(4)
    gradients = [random.standard_normal((3, *size)).round(4) for size in [small] * 4 + [large] * 3]
    adam, images, average, averages = Adam(0.05), [x], 0.0, []
    for steps, g in enumerate(gradients, 1):
        if g.shape != images[-1].shape:
            images.append(np.clip(resized(images[-1], large, "bicubic"), 0, 1))
            adam.m, adam.v = resized(adam.m, large, "bilinear"), resized(adam.v, large, "bilinear")
        images.append(adam.step(images[-1], g))
        if g.shape == x.shape:
            average = decay * average + (1 - decay) * images[-1]
            averages.append(average / (1 - decay**steps))
    start = random.uniform(0, 0.4, 12).round(4)
    losses, best = lbfgs(valley, start, 30)
    flat = lambda arrays: [[float(f"{value:.9g}") for value in np.ravel(array)] for array in arrays]
    return {
        "adam": {
            "learningRate": 0.05,
            "sizes": [small, large],
            "gradients": flat(gradients),
            "images": flat(images),
            "averaging": decay,
            "averages": flat(averages),
        },
        "resized": {kind: flat([resized(x, large, kind)])[0] for kind in ("bilinear", "bicubic")},
        "lbfgs": {"start": flat([start])[0], "losses": flat([losses])[0], "best": flat([best])[0]},
    }


def main():
    (HERE / "optimisers.json").write_text(json.dumps(optimisers()) + "\n")
    for name in ("content", "style", "x"):
        wide = Image.open(HERE / f"c_{name}.png").convert("RGB").transpose(Image.Transpose.ROTATE_90)
        wide.crop((11, 5, 86, 58)).save(HERE / f"d_{name}.png")
    network = load_network()
    configs = {
        recipe: {
            "styleLoss": recipe,
            "contentWeight": content_weight,
            "styleWeight": style_weight,
            "tvWeight": tv_weight,
            "contentLayers": [{"layer": CONTENT, "weight": 1}],
            "styleLayers": [{"layer": layer, "weight": share} for layer, share in zip(LAYERS, shares)],
        }
        for recipe, (content_weight, style_weight, tv_weight, shares) in RECIPES.items()
    }
    plan = [(letter, "gram", kind) for letter in "acd" for kind in ("max", "average")]
    plan += [(letter, "wasserstein", "max") for letter in "de"]
    cases = []
    for letter, recipe, kind in plan:
        pictures = (read(f"{letter}_{name}.png") for name in ("content", "style", "x"))
        losses, samples = case(network, *pictures, recipe, kind)
        cases.append({"case": letter, "recipe": recipe, "pooling": kind, "losses": losses, "gradient": samples})
    (HERE / "numpy.json").write_text(json.dumps({"configs": configs, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
