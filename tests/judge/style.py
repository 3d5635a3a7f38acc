"""How near a picture has come to a painting's manner, by two networks that never see a run.

Both measures are told in one unit: 1 is as far as two of the paintings are from each other on average, 0 is the painting itself.

- *Fréchet distance* of early features: the positions of one map are taken for draws from a Gaussian, and the Gaussians of the two pictures are
  compared (Shaham et al., "SinGAN", 2019, who call it single-image FID; Heusel et al. 2017). Its root is taken, which makes it a distance.
- *Embedding*: means and deviations of the channels at five depths (Huang and Belongie, "Arbitrary Style Transfer in Real-Time with Adaptive
  Instance Normalization", 2017, take these for what style is), each number standardised over the paintings, so that what all paintings share
  counts for nothing; compared by their cosine. Its *rank* is the true painting's place among all, its *margin* by how much it is more similar than
  the most similar other.
"""

from dataclasses import dataclass

import numpy

EARLY = (1, 2)
"""The stages whose maps the Fréchet distance compares, from 0: 24 channels at a quarter of the size, 40 at an eighth."""
DEPTHS = 5
"""The stages the embedding is made of."""


@dataclass
class Gaussian:
    """What is kept of a map `[channels, h, w]`: the mean of its positions and their covariance."""

    mean: numpy.ndarray
    covariance: numpy.ndarray

    @classmethod
    def of(cls, maps: numpy.ndarray) -> "Gaussian":
        flat = maps.reshape(len(maps), -1).astype(numpy.float64)
        mean = flat.mean(1)
        centred = flat - mean[:, None]
        return cls(mean, centred @ centred.T / flat.shape[1])


def _root(matrix: numpy.ndarray) -> numpy.ndarray:
    """The square root of a symmetric matrix; what rounding has made negative is zero."""
    values, vectors = numpy.linalg.eigh(matrix)
    return (vectors * numpy.sqrt(numpy.clip(values, 0, None))) @ vectors.T


def frechet(one: Gaussian, other: Gaussian) -> float:
    """The Fréchet distance of two Gaussians (Dowson and Landau 1982), not squared."""
    root = _root(one.covariance)
    between = numpy.linalg.eigvalsh(root @ other.covariance @ root)
    shared = 2 * numpy.sqrt(numpy.clip(between, 0, None)).sum()
    spread = numpy.trace(one.covariance) + numpy.trace(other.covariance) - shared
    return float(numpy.sqrt(max(((one.mean - other.mean) ** 2).sum() + spread, 0)))


def embedding(stages: list[numpy.ndarray]) -> numpy.ndarray:
    """Means and deviations of all channels of these maps, one after the other."""
    return numpy.concatenate([part for maps in stages[:DEPTHS] for part in (maps.mean((1, 2)), maps.std((1, 2)))]).astype(numpy.float64)


def cosine(one: numpy.ndarray, other: numpy.ndarray) -> float:
    """The cosine of the angle between two vectors; 0 where one has no length."""
    length = numpy.linalg.norm(one) * numpy.linalg.norm(other)
    return float(one @ other / length) if length else 0.0


def place(similarities: list[float], true: int) -> tuple[int, float]:
    """Returns the rank of the true one, 1 being the most similar, and its margin before the best of the others (negative: behind it)."""
    others = [similarity for i, similarity in enumerate(similarities) if i != true]
    return 1 + sum(other >= similarities[true] for other in others), similarities[true] - max(others)


@dataclass
class Sight:
    """What the two networks see in a picture."""

    early: list[Gaussian]
    vector: numpy.ndarray


@dataclass
class Verdict:
    """How near a picture is to a painting; distances in the unit of the paintings' mean distance."""

    frechet: float
    embedding: float
    rank: int
    margin: float

    @property
    def style(self) -> float:
        """The two distances' mean: one number for the plot."""
        return (self.frechet + self.embedding) / 2


def mean_of_pairs(items: list, distance) -> float:
    """The mean distance of two different items."""
    return float(numpy.mean([distance(a, b) for i, a in enumerate(items) for b in items[:i]]))


class Paintings:
    """The paintings among which the true one is to be found. Each is seen at several sizes, as a look may enlarge its strokes: the nearest counts."""

    def __init__(self, seen: dict[str, list[Sight]]):
        """Takes, by a painting's name, what is seen of it at each size, the picture's own first."""
        self.names = list(seen)
        vectors = numpy.array([sights[0].vector for sights in seen.values()])
        self.mean, self.deviation = vectors.mean(0), vectors.std(0)
        self.vectors = [[self._standard(sight) for sight in sights] for sights in seen.values()]
        self.early = {name: [sight.early for sight in sights] for name, sights in seen.items()}
        first = [early[0] for early in self.early.values()]
        self.layers = [mean_of_pairs([early[i] for early in first], frechet) for i in range(len(EARLY))]
        self.apart = mean_of_pairs([sizes[0] for sizes in self.vectors], lambda a, b: 1 - cosine(a, b))

    def _standard(self, sight: Sight) -> numpy.ndarray:
        return (sight.vector - self.mean) / numpy.maximum(self.deviation, 1e-9)

    def judge(self, sight: Sight, painting: str) -> Verdict:
        """How near a picture, as it is seen, is to the painting of this name."""
        vector = self._standard(sight)
        similarities = [max(cosine(vector, other) for other in sizes) for sizes in self.vectors]
        true = self.names.index(painting)
        rank, margin = place(similarities, true)
        apart = min(
            numpy.mean([frechet(mine, its) / unit for mine, its, unit in zip(sight.early, early, self.layers)])
            for early in self.early[painting]
        )
        return Verdict(float(apart), (1 - similarities[true]) / self.apart, rank, margin)
