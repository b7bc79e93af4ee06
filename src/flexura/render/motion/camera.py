"""How the camera of a moving scene travels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from flexura.render.pictures.scene.layer import Moment

_REACH = 0.045
"""The travel of the nearest layer to either side at full strength, as a share of the width."""
_ZOOM = 0.05


@dataclass(frozen=True)
class Camera:
    """A camera that sways and breathes in a loop, or travels once from one side to the other."""

    size: tuple[int, int]
    seconds: float
    strength: float
    loop: bool
    side: float = 1.0

    @property
    def margin(self) -> tuple[int, int]:
        """What layers must be larger than the frame per side, in pixels."""
        return (round(self.size[0] * _REACH * self.strength) + 2, 0)

    def moment(self, phase: float) -> Moment:
        """The moment at a share of the duration."""
        travel = np.sin(2 * np.pi * phase) if self.loop else 2 * _eased(phase) - 1
        reach = self.size[0] * _REACH * self.strength
        return Moment(phase, self.seconds, float(travel) * reach * self.side, self.margin)

    def seen(self, frame: Image.Image, phase: float) -> Image.Image:
        """The part of the frame that the lens shows: a slow zoom, there and back in a loop."""
        share = 0.5 - 0.5 * np.cos(2 * np.pi * phase) if self.loop else _eased(phase)
        inset = _ZOOM * self.strength * float(share) / 2
        if inset * min(self.size) < 0.05:
            return frame
        width, height = frame.size
        box = (width * inset, height * inset, width * (1 - inset), height * (1 - inset))
        return frame.resize(frame.size, Image.Resampling.BILINEAR, box=box)


def _eased(share: float) -> float:
    return share * share * (3 - 2 * share)
