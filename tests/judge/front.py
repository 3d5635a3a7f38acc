"""Who is beaten: the looks that another surpasses in style and in content at once."""


def dominated(looks: dict[str, dict], pictures: list[dict]) -> list[dict]:
    """
    Returns each pair of looks of one purpose of which one is worse in both respects, on average or in most of the pairs painted by both: by how much
    and in how many.

    A look has `purpose`, `style` and `content`, a picture `pair`, `look`, `style` and `content`; less is better.
    """
    by = {}
    for picture in pictures:
        by.setdefault(picture["look"], {})[picture["pair"]] = picture

    def worse(loser, winner):
        return all(loser[axis] > winner[axis] for axis in ("style", "content"))

    found = []
    for name, look in looks.items():
        for rival, other in looks.items():
            if rival == name or look["purpose"] != other["purpose"]:
                continue
            shared = by[name].keys() & by[rival].keys()
            lost = sum(worse(by[name][pair], by[rival][pair]) for pair in shared)
            if worse(look, other) or 2 * lost > len(shared):
                found.append(
                    {
                        "look": name,
                        "by": rival,
                        "onAverage": worse(look, other),
                        "style": look["style"] - other["style"],
                        "content": look["content"] - other["content"],
                        "pairs": lost,
                        "of": len(shared),
                    }
                )
    return found


def front(looks: dict[str, dict]) -> list[str]:
    """Returns the looks that none surpasses in both respects, whatever its purpose, from the best style to the best content."""
    ordered = sorted(looks, key=lambda name: (looks[name]["style"], looks[name]["content"]))
    names, best = [], float("inf")
    for name in ordered:
        if looks[name]["content"] < best:
            best = looks[name]["content"]
            names.append(name)
    return names
