"""Materials seen from straight above; every one tiles in both directions."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from flexura.render.oklab import RGB, from_hex, from_polar, mix, polar
from flexura.render.pictures.texture.surface import Numbers, Surface, cells, coloured, lit


def _stops(surface: Surface, codes: str, spread: float = 1.0) -> list[RGB]:
    """The material's own colours, or shades of the colour asked for."""
    own = [from_hex(code) for code in codes.split()]
    if surface.colour is None:
        return own
    light, chroma, hue = polar(surface.colour)
    lights = [polar(colour)[0] for colour in own]
    middle = sum(lights) / len(lights)
    return [
        from_polar(min(max(light + (own_light - middle) * spread, 0.04), 0.985), chroma, hue)
        for own_light in lights
    ]


def paper(surface: Surface) -> Numbers:
    """Cotton paper: a soft tooth with a few fibres."""
    rough = surface.noise(56, 4, 0.6) * 0.65 + surface.noise(190, 2, 0.6) * 0.35
    kraft = bool(surface.tokens & {"kraft", "brown", "cardboard", "parchment", "old", "vintage"})
    tone = 0.62 + lit(rough, 1.9) * 0.5 + (surface.noise(4, 3) - 0.5) * 0.3 + surface.grain(0.1)
    stops = _stops(
        surface, "a9825a b98f63 c69d70 d2ac81" if kraft else "dedad2 efece6 f8f6f1 fffefb", 0.7
    )
    picture = coloured(tone, stops)
    fibres = _strokes(surface, 260 if kraft else 120, (0.008, 0.03), 1)
    return picture + (np.array(stops[0], dtype=np.float32) * 0.82 - picture) * fibres[
        ..., None
    ] * np.float32(0.22)


def _strokes(surface: Surface, count: int, lengths: tuple[float, float], width: int) -> Numbers:
    """Short curved strokes laid at random, going on beyond the edges; coverage 0..1."""
    image = Image.new("L", (surface.width, surface.height), 0)
    draw = ImageDraw.Draw(image)
    side = min(surface.width, surface.height)
    for _ in range(count):
        x, y = (
            float(surface.random.uniform(0, surface.width)),
            float(surface.random.uniform(0, surface.height)),
        )
        angle, long = (
            float(surface.random.uniform(0, 6.283)),
            float(surface.random.uniform(*lengths)) * side,
        )
        bend = float(surface.random.uniform(-0.9, 0.9))
        points = [(x, y)]
        for k in range(5):
            x, y = (
                x + np.cos(angle + bend * k / 4) * long / 5,
                y + np.sin(angle + bend * k / 4) * long / 5,
            )
            points.append((float(x), float(y)))
        shade = int(surface.random.integers(90, 255))
        for dx in (-surface.width, 0, surface.width):
            for dy in (-surface.height, 0, surface.height):
                if -side * 0.2 < points[0][0] + dx < surface.width + side * 0.2:
                    draw.line([(px + dx, py + dy) for px, py in points], fill=shade, width=width)
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def wood(surface: Surface) -> Numbers:
    """Boards with long grain; each board is cut from another place of the trunk."""
    boards = max(
        round(
            surface.height
            / min(surface.width, surface.height)
            * int(surface.random.choice([4, 5, 6]))
        ),
        2,
    )
    row = np.arange(surface.height) * boards // surface.height
    slow = surface.noise(5, 3, 0.5, stretch=5)
    rings = surface.noise(9, 4, 0.55, stretch=9)
    fine = surface.noise(170, 2, 0.6, stretch=26)
    figure = 0.5 + 0.5 * np.sin(2 * np.pi * (rings * 5.5 + slow * 3))
    tone = 0.3 * figure + 0.5 * fine + 0.3 * slow + 0.06
    shifts = surface.random.integers(0, surface.width, boards)
    shades = surface.random.uniform(-0.13, 0.13, boards)
    for board in range(boards):
        chosen = row == board
        tone[chosen] = np.roll(tone[chosen], int(shifts[board]), axis=1) + np.float32(shades[board])
    pores = np.clip(surface.noise(240, 1, 0.5, stretch=18) - 0.66, 0, 1) * 1.6
    tone = tone - pores
    start = np.arange(surface.height) - (row * surface.height / boards)
    seam = np.clip(
        1.0 - np.minimum(start, surface.height / boards - start) / max(surface.height / 420, 1.2),
        0,
        1,
    )
    dark = bool(surface.tokens & {"dark", "walnut", "black", "ebony"})
    pale = bool(surface.tokens & {"light", "pale", "birch", "ash", "white", "maple", "pine"})
    codes = (
        "2a1a12 4a2f20 67452f 84603f"
        if dark
        else "c9a678 d9bb90 e6cfa8 f1e0c2"
        if pale
        else "70442a 96623c b57f50 d09e6b"
    )
    picture = coloured(tone, _stops(surface, codes))
    return picture * (1 - np.float32(0.62) * seam.astype(np.float32)[:, None, None])


def marble(surface: Surface) -> Numbers:
    """Polished stone with veins that branch and fade."""
    cloud = surface.noise(3, 5, 0.55)
    veins = np.zeros(surface.shape, dtype=np.float32)
    for across, strength, sharp in (
        (2, 0.8, 15.0),
        (3, 0.75, 24.0),
        (5, 0.5, 26.0),
        (9, 0.34, 18.0),
    ):
        field = surface.bent(surface.noise(across, 4, 0.5), 0.26, across + 1)
        line = np.exp(-np.abs(field - 0.5) * sharp * 2.2)
        veins += (
            np.float32(strength) * line * np.clip(surface.noise(across + 1, 3) * 2.8 - 0.85, 0, 1)
        )
    dark = bool(surface.tokens & {"black", "dark", "nero"})
    tone = (
        0.9 - (cloud - 0.5) * 0.34 - veins * 0.85
        if not dark
        else 0.1 + (cloud - 0.5) * 0.3 + veins * 0.95
    )
    stops = _stops(
        surface,
        "5d6068 a3a6ac dcdcdd f3f2f0 fbfaf8" if not dark else "0b0c0f 17181d 34363c 8b8a88 efe9dd",
        0.9,
    )
    picture = coloured(tone, stops)
    if surface.tokens & {"gold", "golden"}:
        gold = np.clip(veins - 0.25, 0, 1)[..., None] * np.float32(1.5)
        sheen = coloured(
            surface.noise(14, 3), [from_hex("8a6524"), from_hex("d9b25f"), from_hex("f6e3a8")]
        )
        picture = picture + (sheen - picture) * np.clip(gold, 0, 0.92)
    return picture


def concrete(surface: Surface) -> Numbers:
    """Cast concrete with stains, fine sand and some pores."""
    stain = surface.bent(surface.noise(3, 5, 0.55), 0.14)
    sand = surface.noise(120, 3, 0.7)
    first, _, name = cells(surface, 26, 1.0)
    pores = np.clip(1 - first / (0.03 + name * 0.075), 0, 1) * (name > 0.62)
    tone = 0.5 + (stain - 0.5) * 0.55 + lit(sand, 0.9) * 0.35 + surface.grain(0.12) - pores * 0.5
    return coloured(tone, _stops(surface, "7c7b78 959491 adaba7 c4c2bd"))


def fabric(surface: Surface) -> Numbers:
    """A plain weave, thread over thread; denim is woven aslant."""
    denim = bool(surface.tokens & {"denim", "jeans", "twill"})
    side = min(surface.width, surface.height)
    threads = 84 if denim else 64
    columns = round(surface.width / side * threads / 4) * 4
    rows = round(surface.height / side * threads / 4) * 4
    x = np.arange(surface.width, dtype=np.float32)[None, :] * np.float32(columns / surface.width)
    y = np.arange(surface.height, dtype=np.float32)[:, None] * np.float32(rows / surface.height)
    i, j = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    warp_up = ((i + j) % 4 < 2) if denim else ((i + j) % 2 == 0)
    fx, fy = x - i - 0.5, y - j - 0.5
    warp = np.sqrt(np.clip(1 - (fx * 1.9) ** 2, 0, 1)) * np.clip(1.06 - fy * fy * 0.9, 0, 1)
    weft = np.sqrt(np.clip(1 - (fy * 1.9) ** 2, 0, 1)) * np.clip(1.06 - fx * fx * 0.9, 0, 1)
    up = np.where(warp_up, warp, weft)
    # Every thread has its own strength along its whole length, and thickens here and there.
    across = surface.random.normal(0, 0.07, columns).astype(np.float32)[i[0]][None, :]
    along = surface.random.normal(0, 0.07, rows).astype(np.float32)[j[:, 0]][:, None]
    slub = (surface.noise(30, 3, 0.6, stretch=6) - 0.5) * 0.35
    tone = 0.18 + up * 0.55 + np.where(warp_up, across, along) + slub * 0.6 + surface.grain(0.12)
    if denim:
        base = coloured(
            tone + np.where(warp_up, 0.0, 0.22), _stops(surface, "10203f 22406f 3c6298 6f93bf")
        )
        return base
    return coloured(tone, _stops(surface, "8d8271 b8ad9a d8cfbf efe8db", 0.9))


def metal(surface: Surface) -> Numbers:
    """Brushed metal: fine lines along, broad reflections across."""
    x = np.arange(surface.width, dtype=np.float32)[None, :] / np.float32(surface.width)
    lines = (
        surface.noise(300, 1, 0.5, stretch=90) * 0.55
        + surface.noise(120, 2, 0.5, stretch=60) * 0.45
    )
    shine = 0.5 + 0.26 * np.cos(2 * np.pi * (x - 0.2)) + 0.16 * np.cos(4 * np.pi * (x + 0.08))
    tone = shine * 0.62 + (lines - 0.5) * 0.5 + 0.19 + surface.grain(0.05)
    if surface.tokens & {"gold", "brass", "golden"}:
        return coloured(tone, [from_hex(code) for code in ["7d5a1e", "b98d3a", "e0bb66", "fbe9b5"]])
    if surface.tokens & {"copper", "bronze", "rose"}:
        return coloured(tone, [from_hex(code) for code in ["6f3a22", "a8623f", "d2906a", "f6cfb2"]])
    dark = bool(surface.tokens & {"dark", "black", "gunmetal"})
    return coloured(
        tone,
        _stops(surface, "17191d 2a2d33 43474f 6b7079" if dark else "7f858c a4a9af c6cace eceef0"),
    )


def stone(surface: Surface) -> Numbers:
    """Cobbles in sand: rounded stones of different grey."""
    first, second, name = cells(surface, 9, 0.8)
    gap = second - first
    body = np.clip((gap - 0.05) / 0.3, 0, 1)
    dome = np.sqrt(np.clip(body, 0, 1))
    rough = surface.noise(40, 4, 0.6)
    light = lit(dome * 2.4 + rough * 0.5, 3.4)
    tone = 0.26 + name * 0.34 + (rough - 0.5) * 0.3 + light * 0.3 + surface.grain(0.06)
    picture = coloured(tone, _stops(surface, "3f4147 6a6c70 97968f c7c4ba"))
    mortar = coloured(
        0.4 + (surface.noise(90, 3, 0.7) - 0.5) * 0.9,
        [mix(stop, (0.1, 0.09, 0.08), 0.62) for stop in _stops(surface, "5b5750 8d877b")],
    )
    share = np.clip(gap / 0.09 - 0.4, 0, 1)[..., None]
    return mortar * (1 - share) + picture * share


def leather(surface: Surface) -> Numbers:
    """Grained hide."""
    first, second, name = cells(surface, 46, 1.0)
    grain = np.clip((second - first) * 2.4, 0, 1)
    height = np.sqrt(grain) + (surface.noise(60, 3) - 0.5) * 0.6
    tone = (
        0.4
        + lit(height, 1.5) * 0.45
        + (grain - 0.6) * 0.2
        + (surface.noise(3, 4) - 0.5) * 0.4
        + (name - 0.5) * 0.06
    )
    return coloured(tone, _stops(surface, "3a2114 5c3620 7c4c2e a06a43"))


def water(surface: Surface) -> Numbers:
    """Clear water in sunlight: a bright net over turquoise."""
    net = np.zeros(surface.shape, dtype=np.float32)
    for across, strength in ((7, 1.0), (11, 0.7)):
        first, second, _ = cells(surface, across, 0.95)
        edge = surface.bent(np.exp(-(second - first) * 7.5).astype(np.float32), 0.045, 6)
        net += np.float32(strength) * edge**2
    depth = surface.bent(surface.noise(3, 4), 0.1)
    tone = 0.22 + depth * 0.38 + net * 0.42 + surface.grain(0.02)
    return coloured(tone, _stops(surface, "0b5a86 1187b0 2bb6c9 7fe0e0 f4fffb"))


def sand(surface: Surface) -> Numbers:
    """Wind ripples in dry sand."""
    y = np.arange(surface.height, dtype=np.float32)[:, None] / np.float32(surface.height)
    count = round(16 * surface.height / min(surface.width, surface.height))
    phase = y * count + (surface.noise(3, 3) - 0.5) * 4.6 + (surface.noise(9, 2) - 0.5) * 0.8
    ripple = 0.5 + 0.5 * np.sin(2 * np.pi * phase + 0.6 * np.sin(2 * np.pi * phase))
    tone = (
        0.5
        + lit(ripple * 3.2, 2.2) * 0.36
        + (ripple - 0.5) * 0.12
        + surface.grain(0.24)
        + (surface.noise(4, 3) - 0.5) * 0.16
    )
    return coloured(tone, _stops(surface, "a87f4f c79f6b deba86 f3d9ab"))


def grass(surface: Surface) -> Numbers:
    """A lawn from above: blades over blades, the upper ones lighter."""
    base = coloured(
        0.25 + (surface.noise(7, 4) - 0.5) * 0.5 + surface.grain(0.2),
        _stops(surface, "12300f 1f4a17 2f6420"),
    )
    image = Image.fromarray((np.clip(base, 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    side = min(surface.width, surface.height)
    stops = coloured(
        np.linspace(0, 1, 64, dtype=np.float32)[None, :],
        _stops(surface, "1e4a16 35701f 57942d 86ba45 b6d96a"),
    )[0]
    flow = surface.noise(4, 2)
    count = min(round(5200 * surface.width * surface.height / (side * side)), 24_000)
    width = max(round(side / 420), 1)
    spots = surface.random.random((count, 4))
    for k, (u, v, turn, tone) in enumerate(spots.tolist()):
        x, y = u * surface.width, v * surface.height
        angle = -1.57 + (turn - 0.5) * 2.2 + (float(flow[int(y), int(x)]) - 0.5) * 3.4
        long = side * (0.028 + 0.03 * tone)
        red, green, blue = (
            int(c * 255) for c in stops[min(int(63 * (0.62 * k / count + 0.38 * tone)), 63)]
        )
        bend = angle + (turn - 0.5) * 0.8
        middle = (x + np.cos(angle) * long * 0.55, y + np.sin(angle) * long * 0.55)
        tip = (middle[0] + np.cos(bend) * long * 0.45, middle[1] + np.sin(bend) * long * 0.45)
        for dx in _copies(x, long, surface.width):
            for dy in _copies(y, long, surface.height):
                start = (x + dx, y + dy)
                draw.line(
                    [start, (middle[0] + dx, middle[1] + dy)],
                    fill=(red, green, blue),
                    width=width + 1,
                )
                draw.line(
                    [(middle[0] + dx, middle[1] + dy), (tip[0] + dx, tip[1] + dy)],
                    fill=(red, green, blue),
                    width=width,
                )
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def _copies(at: float, reach: float, size: int) -> tuple[int, ...]:
    """Where a blade must be drawn again because it reaches over an edge."""
    return (0, size) if at < reach * 1.2 else (0, -size) if at > size - reach * 1.2 else (0,)
