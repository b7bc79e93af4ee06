"""Joins still layers that move together, so that a frame is put together from few pictures."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image

from flexura.render.pictures.scene.layer import DEPTH_STEPS, Drawable, Layer, put


def _class_of(depth: float) -> float:
    return round(depth * DEPTH_STEPS) / DEPTH_STEPS


def _box(layer: Layer) -> tuple[int, int, int, int]:
    width, height = layer.size
    return (layer.at[0], layer.at[1], layer.at[0] + width, layer.at[1] + height)


def _joined(group: list[Layer], size: tuple[int, int]) -> Layer:
    """Layers of one depth as one, within the canvas of `size`."""
    if len(group) == 1:
        return _trimmed(group[0])
    boxes = [_box(layer) for layer in group]
    left, top = max(min(b[0] for b in boxes), 0), max(min(b[1] for b in boxes), 0)
    right, low = min(max(b[2] for b in boxes), size[0]), min(max(b[3] for b in boxes), size[1])
    sheet = Image.new("RGBA", (max(right - left, 1), max(low - top, 1)), (0, 0, 0, 0))
    for layer, box in zip(group, boxes, strict=True):
        x0, y0, x1, y1 = max(box[0], left), max(box[1], top), min(box[2], right), min(box[3], low)
        if x1 <= x0 or y1 <= y0:
            continue
        part = (x0 - box[0], y0 - box[1], x1 - box[0], y1 - box[1])
        colour = layer.colour if isinstance(layer.colour, tuple) else layer.colour.crop(part)
        picture = (
            Image.new("RGB", (x1 - x0, y1 - y0), colour) if isinstance(colour, tuple) else colour
        )
        picture = picture.convert("RGBA")
        if layer.alpha is not None:
            picture.putalpha(layer.alpha.crop(part))
        sheet.alpha_composite(picture, (x0 - left, y0 - top))
    return _trimmed(Layer(sheet.convert("RGB"), sheet.getchannel("A"), (left, top), group[0].depth))


def _trimmed(layer: Layer) -> Layer:
    """A layer without its empty edges, and without a mask that hides nothing."""
    if layer.alpha is None or isinstance(layer.colour, tuple):
        return layer
    box = layer.alpha.getbbox()
    if box is None:
        return layer
    # One empty column stays at each side, for the layer is moved by fractions of a pixel.
    box = (max(box[0] - 2, 0), box[1], min(box[2] + 2, layer.alpha.width), box[3])
    return Layer(
        layer.colour.crop(box),
        layer.alpha.crop(box),
        (layer.at[0] + box[0], layer.at[1] + box[1]),
        layer.depth,
        layer.blend,
    )


def _glow(group: list[Layer], size: tuple[int, int]) -> Layer:
    """Lights of one depth as one picture on black, which needs no mask when it is screened."""
    boxes = [_box(layer) for layer in group]
    left, top = max(min(b[0] for b in boxes), 0), max(min(b[1] for b in boxes), 0)
    right, low = min(max(b[2] for b in boxes), size[0]), min(max(b[3] for b in boxes), size[1])
    sheet = Image.new("RGB", (max(right - left, 1), max(low - top, 1)))
    for layer in group:
        put(sheet, layer, layer.at[0] - left, layer.at[1] - top)
    return Layer(sheet, None, (left, top), group[0].depth, "screen")


def flattened(
    layers: Iterable[Drawable], size: tuple[int, int], back: tuple[int, int, int]
) -> list[Drawable]:
    """The layers of a canvas of `size` with neighbours of like depth joined; `back` is the colour
    behind them all.
    """
    result: list[Drawable] = []
    ground: Image.Image | None = Image.new("RGB", size, back)
    bodies: list[Layer] = []
    lights: list[Layer] = []

    def close() -> None:
        if bodies:
            result.append(_joined(bodies, size))
        if lights:
            result.append(_glow(lights, size))
        bodies.clear()
        lights.clear()

    for layer in layers:
        still = layer if isinstance(layer, Layer) and not layer.sway else None
        if ground is not None and still is not None and still.depth <= 0.1:
            put(ground, still, still.at[0], still.at[1])
            continue
        if ground is not None:
            result.append(Layer(ground, None, (0, 0), 0.04))
            ground = None
        if still is None:
            close()
            result.append(layer)
            continue
        still.depth = _class_of(still.depth)
        if any(other.depth != still.depth for other in (*bodies[:1], *lights[:1])):
            close()
        # Lights of a depth lie over its bodies: a lamp may shine on the wall that was drawn after it.
        (bodies if still.blend == "over" else lights).append(still)
    close()
    if ground is not None:
        result.insert(0, Layer(ground, None, (0, 0), 0.04))
    return result
