"""What was found before: a picture is judged once, so that a pair can be added without painting all others again."""

import hashlib
import json
from pathlib import Path

from plan import Look, paintings, photos, sample

HERE = Path(__file__).resolve().parent
ARITHMETIC = ("checkpoint.py", "content.py", "main.py", "network.py", "style.py", "requirements.txt")
"""What of the judge a verdict depends on, beside the samples: what has changed there is judged anew."""
NUMBERS = ("style", "frechet", "embedding", "rank", "margin", "content")
"""What is found of a picture."""


def judge() -> str:
    """Eight digits that change with how the judge sees, or with whom it compares."""
    seen = hashlib.sha256()
    for name in ARITHMETIC:
        seen.update((HERE / name).read_bytes())
    for picture in [*paintings().values(), *(sample("photo", name) for name in photos())]:
        seen.update(picture.name.encode() + picture.read_bytes())
    return seen.hexdigest()[:8]


def stem(photo: str, painting: str, look: str) -> str:
    """What a picture's file is called, without its ending, where pairs.html finds it."""
    return f"{photo}-{painting}-{look}"


class Verdicts:
    """The verdicts in a folder's results.json whose pictures are there, too."""

    def __init__(self, folder: Path, size: int, *, anew: bool = False):
        """Nothing is known where all is to be judged anew: that the program itself paints otherwise, or has other defaults, nobody tells."""
        self.size = size
        self.judge = judge()
        self.known = {}
        results = folder / "results.json"
        found = json.loads(results.read_text()) if results.exists() else {}
        if anew or found.get("judge") != self.judge:
            return
        for picture in found["pictures"]:
            photo, painting = picture["pair"].split(" × ")
            if (folder / "pictures" / f"{stem(photo, painting, picture['look'])}.jpg").exists():
                self.known[photo, painting, picture["essence"]] = {name: picture[name] for name in NUMBERS}

    def of(self, photo: str, painting: str, look: Look) -> dict | None:
        """The numbers of a picture; None where it has not been judged as it is now."""
        return self.known.get((photo, painting, look.essence(self.size)))

    def record(self, photo: str, painting: str, look: Look, numbers: dict) -> dict:
        """What results.json says of a picture."""
        return {"pair": f"{photo} × {painting}", "look": look.name, "essence": look.essence(self.size), **numbers}
