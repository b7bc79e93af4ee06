"""Pictures, videos and sounds for the tests of files, made with programs of others; jobs that made files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image

from doubles import model
from flexura.domain.artifact import Artifact
from flexura.services.clock import now_ms
from gateway_house import House
from render.samples import photo
from render.samples import video as render_video

DAY = 86_400_000


def picture(format: str, width: int = 96, height: int = 64, **options: Any) -> bytes:
    """A photo-like picture in a format that Pillow writes."""
    with io.BytesIO() as file:
        photo(width, height).save(file, format, **options)
        return file.getvalue()


def photo_with_place() -> bytes:
    """A JPEG that lies on its side by its EXIF data, and tells where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Secret Camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return picture("JPEG", 96, 64, exif=exif)


def animation() -> bytes:
    """A GIF whose first frame is red and whose second is blue."""
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    with io.BytesIO() as file:
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100)
        return file.getvalue()


def film(folder: Path) -> bytes:
    """A short MP4."""
    return render_video(folder / "film", seconds=0.5, size=(64, 48), level=40).read_bytes()


def opened(content: bytes) -> Image.Image:
    """A picture, decoded by Pillow."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def average(content: bytes) -> tuple[float, ...]:
    """The mean colour of a picture."""
    return tuple(np.asarray(opened(content).convert("RGB"), float).mean(axis=(0, 1)))


async def uploaded(house: House, content: bytes) -> dict[str, Any]:
    """What the gateway says of a file that was uploaded."""
    answer = await house.http.post("/api/v1/uploads", content=content)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def expiring_at(house: House, artifact_id: str, moment: int | None) -> None:
    """Set when the bytes of an artifact go."""
    assert house.app.services is not None
    changed = await house.app.services.records.transact(
        lambda tx: tx.change(Artifact, artifact_id, expires_at=moment)
    )
    assert changed is not None


async def gone(house: House, artifact_id: str) -> None:
    """Mark an artifact as a sweep does."""
    assert house.app.services is not None
    await expiring_at(house, artifact_id, now_ms() - 1)
    await house.app.services.records.transact(lambda tx: tx.expire_artifacts(now_ms(), 100))


async def variants(house: House, count: int = 3) -> tuple[str, list[dict[str, Any]]]:
    """A finished job with so many variants: its id and its outputs."""
    if not any(one.upstream_id == "solo" for one in house.fake.offered):
        # One at a time: each variant is an order of its own, with a seed of its own.
        house.fake.offered.append(model("solo", max_n=1))
    job_id = await house.order("a fox", model="fake:solo", n=count, options={"seed": 40})
    job = await house.ended(job_id)
    assert len(job["assets"]) == count, job
    return job_id, job["assets"]
