"""`make judge`: paints the pairs in every look, has them judged by networks that no run optimises, and writes what was found.

Pictures are kept outside the clone and not painted again while their look stays the same, so a run that was interrupted goes on; nor are those painted
that results.json has judged already, by the same judge. What is found goes to results.json, plot.svg and the pictures of pairs.html beside this file
if it was painted at the size named in plan.py, at any other to the folder of the pictures.
"""

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageOps

import content
import front
import plot
import style
from network import Network
from paint import paint, place
from plan import DEFAULT, PAIRS, SIDE, Look, chosen, looks, paintings, photos, sample
from verdicts import NUMBERS, Verdicts, stem

HERE = Path(__file__).resolve().parent
SEEN_BY = {"style": 2, "early": 0}
"""Which EfficientNet-Lite gives the embedding, and which the Fréchet distance and the content."""
TRAINED = 240
"""The side of the squares the networks were trained on, about: 224 and 260 pixels."""
LARGER = (1, 1.5)
"""The sizes a painting is seen at, relative to the picture: looks enlarge strokes by as much."""
JPEG = {"quality": 80, "optimize": True}


def pixels(picture: Image.Image) -> numpy.ndarray:
    """A picture as `[3, h, w]` from 0 to 1."""
    return numpy.asarray(picture.convert("RGB"), numpy.float32).transpose(2, 0, 1) / 255


def fit(picture: Image.Image, side: float) -> Image.Image:
    """The picture with this long side, never enlarged."""
    scale = min(side / max(picture.size), 1)
    return picture.convert("RGB").resize([max(round(length * scale), 1) for length in picture.size], Image.Resampling.BICUBIC)


class Judge:
    """Both networks, the paintings, and the unit of content."""

    def __init__(self, side: int):
        self.side = side
        self.networks = {role: Network(variant) for role, variant in SEEN_BY.items()}
        self.opened = {name: Image.open(file) for name, file in paintings().items()}
        self.paintings = style.Paintings(
            {name: [self.sight(fit(picture, side * scale)) for scale in LARGER] for name, picture in self.opened.items()}
        )
        self.photos = {name: fit(Image.open(sample("photo", name)), side) for name in photos()}
        self.unit = 1.0
        self.unit = float(numpy.mean([self.content(a, b) for a in self.photos.values() for b in self.photos.values() if a is not b]))

    def sight(self, picture: Image.Image) -> style.Sight:
        stages = self.networks["early"].stages(pixels(picture), max(style.EARLY) + 1)
        early = [style.Gaussian.of(stages[i]) for i in style.EARLY]
        return style.Sight(early, style.embedding(self.networks["style"].stages(pixels(picture), style.DEPTHS)))

    def middle(self, picture: Image.Image) -> list[numpy.ndarray]:
        stages = self.networks["early"].stages(pixels(picture), max(content.MIDDLE) + 1)
        return [stages[i] for i in content.MIDDLE]

    def content(self, picture: Image.Image, photo: Image.Image) -> float:
        """How far a picture is from a photo; the photo is given the picture's sides, which rounding may have changed."""
        if photo.size != picture.size:
            photo = photo.resize(picture.size, Image.Resampling.BICUBIC)
        return content.difference(self.middle(picture), self.middle(photo)) / self.unit

    def verdict(self, picture: Image.Image, photo: str, painting: str) -> dict:
        """All numbers of one picture."""
        seen = self.paintings.judge(self.sight(picture), painting)
        return {
            "style": seen.style,
            "frechet": seen.frechet,
            "embedding": seen.embedding,
            "rank": seen.rank,
            "margin": seen.margin,
            "content": self.content(picture, self.photos[photo]),
        }


def checks(judge: Judge) -> dict:
    """What must hold of any measure worth the name; raises where it does not."""
    classes = {"chelsea": range(281, 286), "coffee": (504, 967, 968)}
    for role, network in judge.networks.items():
        for photo, right in classes.items():
            square = ImageOps.fit(Image.open(sample("photo", photo)), (TRAINED, TRAINED), Image.Resampling.BICUBIC)
            if int(network.classify(pixels(square)).argmax()) not in right:
                raise SystemExit(f"The network for {role} does not know what {photo} shows: its weights are read wrongly.")
    themselves, halves, photos_found, noise = [], [], [], []
    for name, picture in judge.opened.items():
        whole = fit(picture, judge.side)
        themselves.append(judge.paintings.judge(judge.sight(whole), name))
        width, height = whole.size
        for box in [(0, 0, width // 2, height), (width - width // 2, 0, width, height)]:
            halves.append(judge.paintings.judge(judge.sight(whole.crop(box)), name).rank)
    if any(seen.rank != 1 or seen.style > 1e-6 for seen in themselves):
        raise SystemExit("A painting is not the nearest to itself.")
    random = numpy.random.default_rng(0)
    for photo, painting in PAIRS:
        shown = judge.photos[photo]
        photos_found.append(judge.verdict(shown, photo, painting))
        grain = random.integers(0, 256, (shown.height, shown.width, 3), numpy.uint8)
        noise.append(judge.verdict(Image.fromarray(grain), photo, painting))
    if any(found["content"] for found in photos_found):
        raise SystemExit("A photo differs from itself.")
    mean = {name: {key: float(numpy.mean([found[key] for found in all_])) for key in all_[0]} for name, all_ in (("photo", photos_found), ("noise", noise))}
    return {"halvesFound": f"{sum(rank == 1 for rank in halves)} of {len(halves)}", **mean}


def summary(looks: list[Look], pictures: list[dict]) -> dict[str, dict]:
    """The looks' means over all pairs; `found` is the share of pictures whose painting ranks first."""
    done = {}
    for look in looks:
        own = [picture for picture in pictures if picture["look"] == look.name]
        means = {key: float(numpy.mean([picture[key] for picture in own])) for key in NUMBERS}
        done[look.name] = {"purpose": look.purpose, **means, "found": sum(picture["rank"] == 1 for picture in own) / len(own)}
    return done


def rounded(value):
    """The same, numbers to four places: what a run prints twice is the same twice."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def table(found: dict) -> str:
    """The looks for people, in Markdown."""
    head = "| look | purpose | style | Fréchet | embedding | found first | rank | margin | content |"
    rows = [
        f"| {name}{' (front)' if name in found['front'] else ''} | {look['purpose']} | {look['style']:.3f} | {look['frechet']:.3f} | {look['embedding']:.3f} "
        f"| {look['found']:.0%} | {look['rank']:.1f} | {look['margin']:+.3f} | {look['content']:.3f} |"
        for name, look in found["looks"].items()
    ]
    beaten = [
        f"{one['look']} is {'' if one['onAverage'] else 'not '}dominated by {one['by']} on average: style worse by {one['style']:.3f}, "
        f"content by {one['content']:.3f}; both in {one['pairs']} of {one['of']} pairs"
        for one in found["dominated"]
    ]
    return "\n".join([head, "|" + " --- |" * 9, *rows, "", *(beaten or ["No look is dominated by one of the same purpose, on average or in most pairs."])])


def show(judge: Judge, work: Path, pairs: list, looks: list[Look], out: Path) -> None:
    """Puts the pictures and the list of them where pairs.html finds them; those that were judged before are there."""
    folder = out / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    shown, listed = set(), []

    def put(picture: Image.Image | None, name: str) -> None:
        shown.add(folder / f"{name}.jpg")
        if picture:
            picture.convert("RGB").save(folder / f"{name}.jpg", **JPEG)

    for photo, painting in pairs:
        put(judge.photos[photo], f"photo-{photo}")
        put(fit(judge.opened[painting], judge.side), f"painting-{painting}")
        for look in looks:
            file = place(work, judge.side, photo, painting, look)
            put(Image.open(file) if file.exists() else None, stem(photo, painting, look.name))
        listed.append({"photo": photo, "painting": painting, "looks": [look.name for look in looks]})
    for old in set(folder.glob("*.jpg")) - shown:
        old.unlink()
    # Votes on other pictures are not counted among those on these.
    version = hashlib.sha256("".join(look.essence(judge.side) for look in looks).encode()).hexdigest()[:8]
    told = json.dumps({"version": version, "pairs": listed}, indent=1)
    (out / "pictures.js").write_text(f"// Written by `make judge`: what there is to vote on.\nglobalThis.PICTURES = {told};\n")
    if out != HERE:
        for page in ("pairs.html", "pairs.js"):
            shutil.copy(HERE / page, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--easel", required=True, help="the native program")
    parser.add_argument("--work", required=True, type=Path, help="where pictures are kept")
    parser.add_argument("--side", type=int, default=SIDE, help="the pictures' long side, in pixels")
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help="take only so many of the pairs")
    parser.add_argument("--looks", type=chosen, default=looks(), help="take only these looks, with commas between them")
    parser.add_argument("--anew", action="store_true", help="judge everything, whatever results.json knows: the program itself paints otherwise")
    told = parser.parse_args()
    pairs = PAIRS[: told.pairs]
    out = HERE if told.side == SIDE else told.work / f"{told.side}"
    known = Verdicts(out, told.side, anew=told.anew)
    wanted = [(photo, painting, look) for photo, painting in pairs for look in told.looks]
    for one in wanted:
        if not known.of(*one):
            paint(told.easel, told.work, told.side, *one)
    judge = Judge(told.side)
    pictures = []
    for one in wanted:
        found = known.of(*one) or judge.verdict(Image.open(place(told.work, told.side, *one)), *one[:2])
        pictures.append(known.record(*one, found))
    mean, sane = summary(told.looks, pictures), checks(judge)
    for axis in ("style", "content"):
        if any(look[axis] >= sane["noise"][axis] for look in mean.values()):
            raise SystemExit(f"Noise is no worse in {axis} than a look: the measure is worthless.")
    found = {
        "size": told.side,
        "judge": known.judge,
        "networks": {role: f"EfficientNet-Lite{variant}" for role, variant in SEEN_BY.items()},
        "pairs": len(pairs),
        "paintings": len(judge.paintings.names),
        "checks": sane,
        "front": front.front(mean),
        "dominated": front.dominated(mean, pictures),
        "looks": mean,
        "pictures": pictures,
    }
    (out / "results.json").write_text(json.dumps(rounded(found), indent=1, ensure_ascii=False) + "\n")
    (out / "plot.svg").write_text(plot.draw(mean, found["front"], DEFAULT))
    show(judge, told.work, pairs, told.looks, out)
    print(table(found))
    print(f"Written to {out}.", file=sys.stderr)


if __name__ == "__main__":
    main()
