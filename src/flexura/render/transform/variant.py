"""Another form of a stored file: a picture in another format, a smaller one, the first frame of a video.

This is no model: it makes nothing, and what the file says of where it came from stays what it is.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from flexura.provenance.reading import record_in
from flexura.render.encode.image import write_image
from flexura.render.task import Made, Task, TaskError
from flexura.render.transform.media_input import read_media
from flexura.render.transform.picture_input import open_picture
from flexura.render.transform.video_frames import frames_at

_QUALITY = 90


def make(task: Task) -> Made:
    """Writes the task's one input in `format` (png or webp), at most `width` pixels wide; 0 = as it is.

    Upright, in sRGB, with the provenance that the file carries and nothing else of its metadata: places and
    cameras are not passed on. Raises TaskError for a file that cannot be read.
    """
    given = task.inputs[0]
    image = (
        _first_frame(given.path)
        if given.mime.startswith("video/")
        else open_picture(given.path).image
    )
    task.progress(0.5, "opened")
    width = int(task.options["width"])
    if 0 < width < image.width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    written = write_image(
        image,
        task.out,
        format=task.options["format"],
        quality=_QUALITY,
        provenance=record_in(given.path),
    )
    return Made((written,))


def _first_frame(path: Path) -> Image.Image:
    media = read_media(path)
    if not media.has_picture:
        raise TaskError(
            "invalid_request",
            "The file holds sound and no picture.",
            "Download it without format and width.",
        )
    size = (max(2, media.width), max(2, media.height))
    return Image.fromarray(next(frames_at(media, iter([0.0]), size, "contain")))
