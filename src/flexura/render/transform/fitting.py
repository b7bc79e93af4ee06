"""Puts pictures of any shape into frames of one size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Frame = NDArray[np.uint8]
Size = tuple[int, int]
_BACKDROP_SIDE = 64


@dataclass(frozen=True)
class Fit:
    """How a source of one size fits into frames: cover, blur or contain."""

    source: Size
    size: Size
    kind: str

    @property
    def inner(self) -> Size:
        """The size to which the whole source is to be scaled."""
        scales = (self.size[0] / self.source[0], self.size[1] / self.source[1])
        scale = max(scales) if self.kind == "cover" else min(scales)
        least = self.size if self.kind == "cover" else (2, 2)
        return (
            max(least[0], round(self.source[0] * scale)),
            max(least[1], round(self.source[1] * scale)),
        )

    def placed(self, scaled: Frame) -> Frame:
        """The scaled source, cut or laid on its backdrop."""
        height, width = scaled.shape[:2]
        left, top = (self.size[0] - width) // 2, (self.size[1] - height) // 2
        if self.kind == "cover":
            return np.ascontiguousarray(
                scaled[-top : -top + self.size[1], -left : -left + self.size[0]]
            )
        if (width, height) == self.size:
            return scaled
        frame = self._backdrop(scaled)
        frame[top : top + height, left : left + width] = scaled[: self.size[1], : self.size[0]]
        return frame

    def _backdrop(self, scaled: Frame) -> Frame:
        if self.kind != "blur":
            return np.zeros((self.size[1], self.size[0], 3), np.uint8)
        # Blurred at a small size: it is to be soft, and a blur of all the pixels would cost seconds.
        share = _BACKDROP_SIDE / max(self.size)
        small = (max(2, round(self.size[0] * share)), max(2, round(self.size[1] * share)))
        cover = Fit((scaled.shape[1], scaled.shape[0]), small, "cover")
        image = Image.fromarray(scaled).resize(
            cover.inner, Image.Resampling.BILINEAR, reducing_gap=2.0
        )
        soft = Image.fromarray(cover.placed(np.asarray(image))).filter(
            ImageFilter.GaussianBlur(2.5)
        )
        dimmed = soft.point([round(value * 0.62) for value in range(256)] * 3)
        return np.array(dimmed.resize(self.size, Image.Resampling.BICUBIC))
