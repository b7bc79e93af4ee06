"""What every family of abstract pictures is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flexura.render.pictures.scheme import Scheme


@dataclass(frozen=True)
class Brief:
    """Size in pixels, colours, the prompt's words and the picture's own chance."""

    width: int
    height: int
    scheme: Scheme
    tokens: frozenset[str]
    random: np.random.Generator

    @property
    def side(self) -> int:
        """The shorter side in pixels: all sizes of detail follow it."""
        return min(self.width, self.height)

    @property
    def wide(self) -> float:
        """The width in units of the shorter side."""
        return self.width / self.side

    @property
    def tall(self) -> float:
        """The height in units of the shorter side."""
        return self.height / self.side
