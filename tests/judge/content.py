"""How much of a photo a picture keeps: whether the same places are still like each other, and unlike the same others.

Self-similarity (Kolkin, Salavon and Shakhnarovich, "Style Transfer by Relaxed Optimal Transport and Self-Similarity", 2019): the cosine distances
between all pairs of positions of a map, each column divided by its sum, compared entry by entry. It does not ask what a place looks like,
only what it resembles; a change of palette or of stroke that goes over the whole picture costs little. Here it is a yardstick, by the middle
features of a network that no run optimises, and its unit is the photo of something else: 0 is the photo, 1 is another photo of the samples.
"""

import numpy

MIDDLE = (2, 4)
"""The stages that are compared, from 0: 40 channels at an eighth of the picture's size, 112 at a sixteenth."""


def relations(maps: numpy.ndarray) -> numpy.ndarray:
    """The cosine distances of all positions of a map `[channels, h, w]` to all, `[h·w, h·w]`, columns of mean 1."""
    flat = maps.reshape(len(maps), -1)
    unit = flat / numpy.maximum(numpy.linalg.norm(flat, axis=0), 1e-9)
    distances = numpy.maximum(1 - unit.T @ unit, 0)
    numpy.fill_diagonal(distances, 0)
    return distances / numpy.maximum(distances.mean(0), 1e-9)


def difference(one: list[numpy.ndarray], other: list[numpy.ndarray]) -> float:
    """The mean difference of two pictures' relations, over their maps; 0 is the same."""
    return float(numpy.mean([numpy.abs(relations(a) - relations(b)).mean() for a, b in zip(one, other)]))
