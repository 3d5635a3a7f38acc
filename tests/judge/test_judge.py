"""The judge's pure parts, without a network: `make judge-test`."""

import io
import json
import pickle
import struct
import tempfile
import unittest
import xml.etree.ElementTree as xml
from argparse import ArgumentTypeError
from collections import OrderedDict
from pathlib import Path

import numpy

import checkpoint
import content
import front
import network
import paint
import plan
import plot
import style
import verdicts

RANDOM = numpy.random.default_rng(1)


class Frechet(unittest.TestCase):
    def test_of_a_map_with_itself_is_nothing(self):
        one = style.Gaussian.of(RANDOM.normal(size=(5, 8, 9)))
        self.assertLess(style.frechet(one, one), 1e-6)

    def test_of_diagonal_gaussians_is_known(self):
        # |μ − ν|² + Σ (σ − τ)², for covariances that commute.
        one = style.Gaussian(numpy.array([0.0, 1.0]), numpy.diag([4.0, 9.0]))
        other = style.Gaussian(numpy.array([2.0, 1.0]), numpy.diag([1.0, 25.0]))
        self.assertAlmostEqual(style.frechet(one, other), (4 + 1 + 4) ** 0.5, places=9)

    def test_is_symmetric_where_covariances_do_not_commute(self):
        one, other = (style.Gaussian.of(RANDOM.normal(size=(6, 6)) @ RANDOM.normal(size=(6, 40))) for _ in range(2))
        self.assertAlmostEqual(style.frechet(one, other), style.frechet(other, one), places=9)
        self.assertGreater(style.frechet(one, other), 0.1)

    def test_covariance_is_numpys(self):
        maps = RANDOM.normal(size=(4, 7, 5))
        self.assertTrue(numpy.allclose(style.Gaussian.of(maps).covariance, numpy.cov(maps.reshape(4, -1), bias=True)))


class Ranking(unittest.TestCase):
    def test_place_and_margin(self):
        self.assertEqual(style.place([0.2, 0.9, 0.5], 1), (1, 0.4))
        rank, margin = style.place([0.2, 0.9, 0.5], 0)
        self.assertEqual(rank, 3)
        self.assertAlmostEqual(margin, -0.7)

    def test_a_tie_is_not_won(self):
        self.assertEqual(style.place([0.5, 0.5], 0), (2, 0.0))

    def sights(self, count):
        return {f"{i}": [style.Sight([style.Gaussian.of(RANDOM.normal(i, 1 + i, (3, 4, 4))) for _ in style.EARLY], RANDOM.normal(size=12))] for i in range(count)}

    def test_each_painting_finds_itself(self):
        seen = self.sights(8)
        paintings = style.Paintings(seen)
        for name, [sight] in seen.items():
            found = paintings.judge(sight, name)
            self.assertEqual(found.rank, 1)
            self.assertGreater(found.margin, 0)
            self.assertLess(found.style, 1e-6)

    def test_the_unit_is_the_paintings_mean_distance(self):
        seen = self.sights(8)
        paintings = style.Paintings(seen)
        apart = [paintings.judge(sight, other) for name, [sight] in seen.items() for other in seen if other != name]
        self.assertAlmostEqual(numpy.mean([found.frechet for found in apart]), 1, places=9)
        self.assertAlmostEqual(numpy.mean([found.embedding for found in apart]), 1, places=9)

    def test_the_nearest_of_a_paintings_sizes_counts(self):
        seen = self.sights(4)
        larger = style.Sight([style.Gaussian.of(RANDOM.normal(9, 1, (3, 4, 4))) for _ in style.EARLY], RANDOM.normal(size=12))
        seen["0"].append(larger)
        self.assertLess(style.Paintings(seen).judge(larger, "0").style, 1e-6)


class Content(unittest.TestCase):
    maps = RANDOM.normal(size=(6, 5, 7))

    def test_a_picture_keeps_itself(self):
        self.assertEqual(content.difference([self.maps], [self.maps]), 0)

    def test_a_louder_picture_is_the_same(self):
        self.assertLess(content.difference([self.maps], [3 * self.maps]), 1e-6)

    def test_relations_are_those_of_the_paper(self):
        flat = self.maps.reshape(6, -1).T
        count = len(flat)
        naive = numpy.array([[1 - a @ b / (numpy.linalg.norm(a) * numpy.linalg.norm(b)) for b in flat] for a in flat])
        naive *= count / naive.sum(0)
        self.assertTrue(numpy.allclose(content.relations(self.maps), naive))

    def test_places_exchanged_are_noticed(self):
        self.assertGreater(content.difference([self.maps], [self.maps[:, ::-1]]), 0.1)

    def test_a_blank_picture_has_relations(self):
        self.assertTrue(numpy.isfinite(content.relations(numpy.zeros((3, 4, 4)))).all())


class Front(unittest.TestCase):
    looks = {
        "a": {"purpose": "paint", "style": 1, "content": 4},
        "b": {"purpose": "paint", "style": 2, "content": 2},
        "c": {"purpose": "paint", "style": 3, "content": 3},
        "d": {"purpose": "other", "style": 4, "content": 4},
    }
    pictures = [
        {"pair": pair, "look": name, "style": look["style"] + shift, "content": look["content"]}
        for name, look in looks.items()
        for pair, shift in (("one", 0), ("two", 2 if name == "b" else 0))
    ]

    def test_those_worse_in_both_are_named_with_their_pairs(self):
        self.assertEqual(front.dominated(self.looks, self.pictures), [{"look": "c", "by": "b", "onAverage": True, "style": 1, "content": 1, "pairs": 1, "of": 2}])

    def test_those_worse_in_most_pairs_are_named_though_the_mean_is_not(self):
        looks = {"a": {"purpose": "p", "style": 1, "content": 3}, "b": {"purpose": "p", "style": 2, "content": 2}}
        pictures = [{"pair": pair, "look": name, "style": style_, "content": style_} for pair, a, b in ((1, 1, 2), (2, 1, 2), (3, 9, 1)) for name, style_ in (("a", a), ("b", b))]
        self.assertEqual(front.dominated(looks, pictures), [{"look": "b", "by": "a", "onAverage": False, "style": 1, "content": -1, "pairs": 2, "of": 3}])

    def test_the_front_is_in_order(self):
        self.assertEqual(front.front(self.looks), ["a", "b"])

    def test_who_is_equal_in_one_respect_is_not_dominated(self):
        looks = {"a": {"purpose": "p", "style": 1, "content": 1}, "b": {"purpose": "p", "style": 1, "content": 2}}
        self.assertEqual(front.dominated(looks, [{"pair": "x", "look": name, **look} for name, look in looks.items()]), [])


class Convolution(unittest.TestCase):
    def naive(self, maps, weight, stride):
        """One place at a time, groups of one or all channels, padded as TensorFlow's SAME does."""
        out, per, kernel, _ = weight.shape
        sides = [-(-side // stride) for side in maps.shape[1:]]
        pads = [max((o - 1) * stride + kernel - side, 0) for o, side in zip(sides, maps.shape[1:])]
        padded = numpy.pad(maps, [(0, 0), *((pad // 2, pad - pad // 2) for pad in pads)])
        result = numpy.zeros((out, *sides))
        for o in range(out):
            channels = padded if per > 1 else padded[o : o + 1]
            for y in range(sides[0]):
                for x in range(sides[1]):
                    result[o, y, x] = (channels[:, y * stride : y * stride + kernel, x * stride : x * stride + kernel] * weight[o]).sum()
        return result

    def test_both_kinds(self):
        maps = RANDOM.normal(size=(3, 7, 10))
        for kernel in (1, 3, 5):
            for stride in (1, 2):
                weight = RANDOM.normal(size=(4, 3, kernel, kernel))
                self.assertTrue(numpy.allclose(network.full(maps, weight, stride), self.naive(maps, weight, stride)))
                weight = RANDOM.normal(size=(3, 1, kernel, kernel))
                self.assertTrue(numpy.allclose(network.depthwise(maps, weight, stride), self.naive(maps, weight, stride)))




def file_of(name="torch._utils\n_rebuild_tensor_v2"):
    """A checkpoint with one tensor, 2 × 3, kept column by column, written by hand as PyTorch would."""
    values = struct.pack("<q6f", 6, *range(6))
    storage = b"(U\x07storagectorch\nFloatStorage\nU\x01kU\x03cpuK\x06NtQ"
    tensor = b"c" + name.encode() + b"\n(" + storage + b"K\x00(K\x02K\x03t(K\x01K\x02t\x89c" + b"collections\nOrderedDict\n)RtR"
    state = b"\x80\x02}U\x01w" + tensor + b"s."
    return b"".join([pickle.dumps(checkpoint.MAGIC, 2), pickle.dumps(1001, 2), pickle.dumps({}, 2), state, pickle.dumps(["k"], 2), values])


class Checkpoint(unittest.TestCase):
    def test_strides_are_heeded(self):
        self.assertEqual(checkpoint.read(file_of())["w"].tolist(), [[0, 2, 4], [1, 3, 5]])

    def test_nothing_else_is_called(self):
        with self.assertRaisesRegex(pickle.UnpicklingError, "no business"):
            checkpoint.read(file_of("os\nsystem"))

    def test_another_file_is_refused(self):
        with self.assertRaisesRegex(ValueError, "first format"):
            checkpoint.read(pickle.dumps(5))


class Plot(unittest.TestCase):
    looks = {name: {"purpose": purpose, "style": style_, "content": content_} for name, purpose, style_, content_ in (("a", "p", 0.3, 0.5), ("b & c", "q", 0.4, 0.2))}

    def test_is_well_formed_and_names_each_look(self):
        root = xml.fromstring(plot.draw(self.looks, ["a", "b & c"], "a"))
        texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
        for word in ("a", "b & c", "p", "q"):
            self.assertIn(word, texts)

    def test_ticks_are_round(self):
        self.assertEqual(plot.ticks(0.13, 0.62), [0.2, 0.3, 0.4, 0.5, 0.6])

    def test_labels_of_marks_in_one_place_keep_clear_of_each_other(self):
        taken = []
        places = {plot.label(300, 200, "one look", taken) for _ in range(4)}
        self.assertEqual(len(places), 4)
        for i, one in enumerate(taken):
            for other in taken[:i]:
                self.assertEqual(plot._overlap(one, other), 0)


class Plan(unittest.TestCase):
    def test_every_file_is_there(self):
        for photo, painting in plan.PAIRS:
            self.assertTrue(plan.sample("photo", photo).is_file())
            self.assertTrue(plan.sample("style", painting).is_file())
        self.assertEqual(len(plan.paintings()), 20)

    def test_looks_are_the_presets_and_the_one_pass_picture(self):
        names = [look.name for look in plan.looks()]
        self.assertEqual(names[-1], plan.ONE_PASS)
        self.assertIn(plan.DEFAULT, names)
        self.assertEqual(set(plan.PURPOSES), set(names))

    def test_some_looks_can_be_chosen(self):
        self.assertEqual([look.name for look in plan.chosen("classic,painterly")], ["classic", "painterly"])
        with self.assertRaisesRegex(ArgumentTypeError, "no look 'baroque'"):
            plan.chosen("classic,baroque")

    def test_a_changed_preset_is_painted_anew(self):
        one, other = plan.Look("bold", {"contentWeight": 1}), plan.Look("bold", {"contentWeight": 2})
        self.assertNotEqual(paint.place(plan.ROOT, 128, "a", "b", one), paint.place(plan.ROOT, 128, "a", "b", other))


class Known(unittest.TestCase):
    """What results.json says is taken for as long as picture, settings and judge are those it speaks of."""

    look = plan.Look("bold", {"contentWeight": 1})
    numbers = dict.fromkeys(verdicts.NUMBERS, 0.5)

    def known(self, look, change=lambda results: None, picture="a-b-bold"):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            self.assertIsNone(verdicts.Verdicts(folder, 128).of("a", "b", look))
            before = verdicts.Verdicts(folder, 128)
            results = {"judge": before.judge, "pictures": [before.record("a", "b", self.look, self.numbers)]}
            change(results)
            (folder / "results.json").write_text(json.dumps(results))
            (folder / "pictures").mkdir()
            (folder / "pictures" / f"{picture}.jpg").touch()
            return verdicts.Verdicts(folder, 128).of("a", "b", look)

    def test_is_taken_from_the_results(self):
        self.assertEqual(self.known(self.look), self.numbers)

    def test_is_not_that_of_other_settings(self):
        self.assertIsNone(self.known(plan.Look("bold", {"contentWeight": 2})))

    def test_is_not_that_of_another_judge(self):
        self.assertIsNone(self.known(self.look, lambda results: results.update(judge="0")))
        self.assertIsNone(self.known(self.look, lambda results: results.pop("judge")))

    def test_needs_the_picture(self):
        self.assertIsNone(self.known(self.look, picture="a-b-classic"))

    def test_is_there_of_all_that_is_published(self):
        published = json.loads((verdicts.HERE / "results.json").read_text())
        by = {look.name: look for look in plan.looks()}
        known = verdicts.Verdicts(verdicts.HERE, published["size"])
        for picture in published["pictures"]:
            self.assertEqual(known.of(*picture["pair"].split(" × "), by[picture["look"]])["style"], picture["style"])


if __name__ == "__main__":
    unittest.main()
