#!/usr/bin/env python3
"""Samples of the network's weights as they are published and as the network runs them, worked out from the bytes
of weights/ by the description in src/network/weights.rs. Writes weights.json beside this file."""

import json
import struct
from pathlib import Path

HERE = Path(__file__).parent
WEIGHTS = HERE.parent.parent / "weights"
# Convolution, output channel, input channel (red is 0), tap, bias.
SAMPLES = [
    (0, 0, 0, 0, 3), (0, 63, 0, 8, 63), (0, 0, 1, 0, 0), (0, 63, 1, 8, 7), (0, 0, 2, 0, 5), (0, 63, 2, 8, 9),
    (1, 0, 0, 7, 3), (4, 0, 111, 1, 100), (12, 511, 511, 8, 511),
]

manifest = json.loads((WEIGHTS / "manifest.json").read_text())
stream = b"".join((WEIGHTS / shard["file"]).read_bytes() for shard in manifest["shards"])
means = manifest["activationMeans"]
layers, offset = [], 0
for layer in manifest["layers"]:
    outputs, inputs, _, _ = layer["shape"]
    count = outputs * inputs * 9
    codebook = struct.unpack_from("<256f", stream, offset)
    bias = struct.unpack_from(f"<{outputs}f", stream, offset + 1024)
    indices = stream[offset + 1024 + 4 * outputs :][:count]
    layers.append((inputs, codebook, bias, indices))
    offset += 1024 + 4 * outputs + count

samples = []
for convolution, output, channel, tap, bias in SAMPLES:
    inputs, codebook, biases, indices = layers[convolution]
    first = convolution == 0
    # The published network takes blue, green, red of 0 to 255, ours red, green, blue of 0 to 1.
    place = lambda channel: (output * inputs + channel) * 9 + tap
    raw_at = place(2 - channel if first else channel)
    raw = codebook[indices[raw_at]]
    scale = (255 if first else means[convolution - 1]) / means[convolution]
    samples.append({
        "convolution": convolution, "weight": place(channel), "rawWeight": raw_at, "bias": bias,
        "raw": {"weight": raw, "bias": biases[bias]},
        "normalised": {"weight": raw * scale, "bias": biases[bias] / means[convolution]},
    })

mean = [value / 255 for value in reversed(manifest["preprocessing"]["mean"])]
(HERE / "weights.json").write_text(json.dumps({"mean": mean, "samples": samples}, indent=1) + "\n")
