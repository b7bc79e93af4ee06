"""High above: a sea of clouds, balloons' country."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flexura.render.oklab import mix
from flexura.render.pictures.scene import clouds, ridges, sky
from flexura.render.pictures.scene.layer import Drawable
from flexura.render.pictures.scene.mountains import open_sky
from flexura.render.pictures.scene.stage import Stage


def cloudland(stage: Stage) -> Iterator[Drawable]:
    """A sea of clouds with a few peaks, or hills far below."""
    generator = stage.rng("cloudland")
    unit = stage.unit
    yield from open_sky(stage)
    horizon = stage.horizon
    top = horizon - ridges.peaks(stage, "islands", 1.2) * np.float32(unit * 0.09) + unit * 0.05
    body = mix(stage.palette.sky[1], stage.palette.haze, 0.45)
    yield ridges.silhouette(stage, top.astype(np.float32), (body, stage.palette.haze), 0.06, 0.25)
    yield sky.haze(stage, horizon - unit * 0.06, horizon + unit * 0.08, 0.8, 0.08)
    for row in range(4):
        share = row / 3
        y = horizon + (stage.height - horizon) * (0.06 + 0.8 * share**1.2)
        count = int((9 - 4 * share) * stage.width / unit)
        for index in range(max(count, 4)):
            wide = unit * (0.22 + 0.55 * share) * float(generator.uniform(0.8, 1.35))
            x = stage.width * (index + float(generator.uniform(-0.3, 0.9))) / max(count, 4)
            yield clouds.heap(
                stage, (x, y + wide * 0.16), wide, f"sea {row} {index}", 0.1 + 0.75 * share
            )
        yield sky.haze(
            stage, y - unit * 0.02, y + unit * 0.16, 0.35 * (1 - share) + 0.08, 0.1 + 0.75 * share
        )
