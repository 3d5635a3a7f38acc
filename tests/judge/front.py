"""Who is beaten: the looks that another surpasses in style and in content at once."""


def dominated(looks: dict[str, dict], pictures: list[dict]) -> list[dict]:
    """
    Returns each pair of looks of one purpose of which one is worse in both respects, by how much, and in how many of the pairs painted by both.

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
            if look["purpose"] == other["purpose"] and worse(look, other):
                shared = sorted(by[name].keys() & by[rival].keys())
                found.append(
                    {
                        "look": name,
                        "by": rival,
                        "style": look["style"] - other["style"],
                        "content": look["content"] - other["content"],
                        "pairs": sum(worse(by[name][pair], by[rival][pair]) for pair in shared),
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
