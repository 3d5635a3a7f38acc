"""What is judged: which photos in the manner of which paintings, and in which looks."""

import hashlib
import json
from argparse import ArgumentTypeError
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SIDE = 512
"""The long side of the pictures that the results beside this file are of: one a visitor would choose. Two cores paint a pair in most looks in
five to eight minutes each, in `texture` in twenty; at 128 px a pair takes a quarter of an hour in all."""

PAIRS = [
    ("chelsea", "cafe-terrace"),
    ("astronaut", "church-at-auvers"),
    ("coffee", "great-wave"),
    ("chelsea", "composition-viii"),
    ("rocket", "langlois-bridge"),
    ("astronaut", "moulin-de-la-galette"),
    ("coffee", "poppies"),
]
"""A face, a cat, things, buildings; oils, woodcuts, geometry. The first pairs are painted first, in every look; the very first is the pair of
README's pictures of the looks."""

ONE_PASS = "one-pass"
"""The name of the look that no optimisation makes: `easel instant`."""

DEFAULT = "painterly"
"""The look a run has that names none."""

PURPOSES = {
    "painterly": "paint",
    "bold": "paint",
    "strokes": "paint",
    "classic": "paint",
    "gentle": "keep the photo",
    "photoreal": "keep the photo",
    "sketch": "keep the colours",
    "texture": "style alone",
    ONE_PASS: "at once",
}
"""What each look is for. Only looks of one purpose are rivals: nobody wants a photoreal picture's strokes, and a picture that is there in a second
need not be as good as one that takes minutes."""


@dataclass(frozen=True)
class Look:
    """A way of painting: its name and the settings of its preset, as `src/settings/presets.json` has them."""

    name: str
    settings: dict

    @property
    def purpose(self) -> str:
        """What the look is for; a new preset is a rival of the default until it is given a purpose of its own."""
        return PURPOSES.get(self.name, PURPOSES[DEFAULT])

    def essence(self, size: int) -> str:
        """Eight digits that change with the size and with anything the preset says."""
        text = json.dumps([self.name, self.settings, size], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def looks() -> list[Look]:
    """Every preset in the page's order, then the one-pass picture."""
    presets = json.loads((ROOT / "src/settings/presets.json").read_text())
    return [Look(preset["name"], preset["settings"]) for preset in presets] + [Look(ONE_PASS, {})]


def chosen(names: str) -> list[Look]:
    """The looks of these names, with commas between them; an ArgumentTypeError where one is unknown."""
    by = {look.name: look for look in looks()}
    try:
        return [by[name] for name in names.split(",")]
    except KeyError as unknown:
        raise ArgumentTypeError(f"There is no look {unknown}; use some of {', '.join(by)}.") from None


def sample(kind: str, name: str) -> Path:
    """A sample picture's file; kind is `photo` or `style`."""
    return ROOT / f"www/samples/{kind}-{name}.jpg"


def photos() -> list[str]:
    """The names of all sample photos."""
    return sorted(file.stem.removeprefix("photo-") for file in (ROOT / "www/samples").glob("photo-*.jpg"))


def paintings() -> dict[str, Path]:
    """The files of all paintings by their names: the samples, and those among which they are to be found."""
    files = {file.stem.removeprefix("style-"): file for file in sorted((ROOT / "www/samples").glob("style-*.jpg"))}
    return files | {file.stem: file for file in sorted((ROOT / "tests/judge/paintings").glob("*.jpg"))}
