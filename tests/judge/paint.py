"""Paints what is to be judged, by the native program. What is there already is not painted again."""

import os
import subprocess
import time
from pathlib import Path

from plan import ONE_PASS, Look, sample


def place(work: Path, size: int, photo: str, painting: str, look: Look) -> Path:
    """Where a picture is kept: another size or another preset makes another name."""
    return work / f"{size}" / f"{photo}-{painting}-{look.name}-{look.essence(size)}.png"


def command(easel: str, photo: str, painting: str, look: Look, size: int, out: Path) -> list[str]:
    """The command line that paints a picture."""
    files = ["--content", sample("photo", photo), "--style", sample("style", painting), "--out", out, "--size", size]
    if look.name == ONE_PASS:
        words = [easel, "instant", *files]
    else:
        words = [easel, "stylize", "--preset", look.name, *files, "--preview-every", 0, "--report-every", 1000]
    return [f"{word}" for word in words]


def paint(easel: str, work: Path, size: int, photo: str, painting: str, look: Look) -> Path:
    """Paints one picture unless it is there, and returns its file. It is written aside first: an interrupted run leaves none half done."""
    out = place(work, size, photo, painting, look)
    if out.exists():
        return out
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f"aside-{os.getpid()}.png")
    begun = time.monotonic()
    done = subprocess.run(command(easel, photo, painting, look, size, aside), capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no word of why"]
        raise SystemExit(f"{photo} × {painting}, {look.name}: {last[0]}")
    aside.rename(out)
    print(f"{photo} × {painting}, {look.name}: {time.monotonic() - begun:.0f} s", flush=True)
    return out
