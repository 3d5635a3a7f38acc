"""Draws style against content as SVG: a mark for each look, to be read on white and on black."""

import math
from html import escape

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 34, 44
COLOURS = ["#2a78c2", "#c2402a", "#2f9e5f", "#b8871b", "#8a63c9"]
"""One for each purpose, in the order they appear; each is told from white and from #0d1117 at 3 : 1 or better."""
INK = "#777"
"""Axes and letters; above 4 : 1 on both."""
LETTER = 6.4
"""A letter's mean width in pixels, at 12 px."""


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from low to high, some `about` of them."""
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(step * i, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def span(values: list[float]) -> tuple[float, float]:
    """A little more than the values take; never nothing."""
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or 0.1
    return max(low - room, 0), high + room


def _overlap(one, other) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0) * max(high, 0)


def label(x: float, y: float, text: str, taken: list[tuple]) -> tuple[float, float, str]:
    """Where beside a mark its label covers least of what is there, and how it is anchored. The place is added to what is taken."""
    width = len(text) * LETTER
    choices = []
    for nth, (dx, dy, anchor) in enumerate([(11, 4, "start"), (-11, 4, "end"), (0, -10, "middle"), (0, 19, "middle"), (8, -7, "start"), (8, 16, "start")]):
        left = x + dx - {"start": 0, "end": width, "middle": width / 2}[anchor]
        box = (left, y + dy - 11, left + width, y + dy + 3)
        outside = max(LEFT - box[0], 0) + max(box[2] - WIDTH, 0) + max(box[3] - (HEIGHT - BOTTOM), 0)
        choices.append((sum(_overlap(box, other) for other in taken) + 100 * outside, nth, (x + dx, y + dy, anchor), box))
    _, _, where, box = min(choices)
    taken.append(box)
    return where


def draw(looks: dict[str, dict], front: list[str], default: str) -> str:
    """Returns the plot of looks that have `purpose`, `style` and `content`; the front's marks are joined, the default's is ringed."""
    across, up = (span([look[axis] for look in looks.values()]) for axis in ("content", "style"))

    def x(value):
        return LEFT + (value - across[0]) / (across[1] - across[0]) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - (value - up[0]) / (up[1] - up[0]) * (HEIGHT - BOTTOM - TOP)

    lines = []
    for tick in ticks(*across):
        lines.append(f'<path d="M{x(tick):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{INK}" stroke-opacity=".25"/>')
        lines.append(f'<text x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{tick:g}</text>')
    for tick in ticks(*up):
        lines.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="{INK}" stroke-opacity=".25"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    lines.append(f'<text x="{(LEFT + WIDTH) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">content: distance from the photo (left is nearer)</text>')
    middle = (HEIGHT - BOTTOM + TOP) / 2
    lines.append(
        f'<text transform="translate(14 {middle:.0f}) rotate(-90)" text-anchor="middle">style: distance from the painting (lower is nearer)</text>'
    )
    path = "L".join(f"{x(looks[name]['content']):.1f} {y(looks[name]['style']):.1f}" for name in front)
    lines.append(f'<path d="M{path}" fill="none" stroke="{INK}" stroke-dasharray="4 4"/>')

    purposes = list(dict.fromkeys(look["purpose"] for look in looks.values()))
    colour = dict(zip(purposes, COLOURS * len(purposes)))
    at = LEFT
    for purpose in purposes:
        lines.append(f'<circle cx="{at + 5}" cy="14" r="5" fill="{colour[purpose]}"/><text x="{at + 15}" y="18">{escape(purpose)}</text>')
        at += 30 + len(purpose) * LETTER
    marks = [(name, x(look["content"]), y(look["style"]), colour[look["purpose"]]) for name, look in looks.items()]
    taken = [(cx - 6, cy - 6, cx + 6, cy + 6) for _, cx, cy, _ in marks]
    for name, cx, cy, fill in marks:
        lines.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="5" fill="{fill}"/>')
        if name == default:
            lines.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="8" fill="none" stroke="{fill}" stroke-width="1.5"/>')
        tx, ty, anchor = label(cx, cy, name, taken)
        lines.append(f'<text x="{tx:.1f}" y="{ty:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(name)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">'
    title = "<title>Style against content: each look’s mean over all pairs; lower left is nearer to both</title>"
    return "\n".join([head, title, *lines, "</svg>", ""])
