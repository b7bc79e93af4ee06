"""Draws docs/pictures/design.webp: ten prompts of every designed kind of picture of the model canvas.

Run it from the root of the repository: `python scripts/contact_sheets/design.py`.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

from flexura.render.pictures.canvas import make
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.raster import draw_over
from flexura.render.task import Task
from flexura.render.type import Setting, line_path

SHEET = Path("docs/pictures/design.webp")
TILE, GAP, LABEL = 232, 12, 44
PAPER, INK = (250, 250, 248), (0.1, 0.1, 0.12)

KINDS: dict[str, tuple[float, tuple[str, ...]]] = {
    "abstract": (
        0.66,
        (
            "hero background for a fintech startup",
            "mesh gradient, violet and coral",
            "aurora background, green and violet",
            "liquid silk, gold on black",
            "flowing ribbons, dark",
            "layered waves in teal",
            "glass orbs, light",
            "topographic contour lines, dark blue",
            "bauhaus composition",
            "developer platform background with a grid, dark",
        ),
    ),
    "pattern": (
        1.0,
        (
            "seamless geometric pattern",
            "terrazzo",
            "memphis pattern",
            "leaf pattern, green",
            "moroccan tiles, blue and orange",
            "truchet pattern",
            "seigaiha, navy",
            "red plaid",
            "houndstooth",
            "pattern of cats",
        ),
    ),
    "texture": (
        1.0,
        (
            "paper texture",
            "wood texture",
            "white marble texture",
            "concrete texture",
            "denim fabric texture",
            "brushed metal texture",
            "grass texture",
            "water texture",
            "stone texture",
            "leather texture",
        ),
    ),
    "icon": (
        1.0,
        (
            "app icon for a music player",
            "app icon for a meditation app, purple",
            "chat app icon",
            "app icon for a weather app",
            "dark rocket app icon",
            "flat camera app icon",
            "app icon for a password manager",
            "app icon of a cat",
            "app icon for a plant shop",
            'app icon for "Nimbus"',
        ),
    ),
    "logo": (
        1.0,
        (
            "logo for Acme",
            'logo for "Northwind Labs", blue',
            "monogram for Jane Porter",
            "wordmark for Lumen",
            "logo for a coffee shop called Bean There",
            "elegant logo for Maison Clair, gold",
            "dark logo for Voltage, neon green",
            "logo for Tectonic",
            "logo for Parallel",
            "logo for Kestrel",
        ),
    ),
    "card": (
        0.525,
        (
            'social card "Ship faster with Flexura" "One interface for every media model"',
            'og image "Introducing Nimbus 2.0", dark',
            "social card for the launch of Aurora Analytics",
            'quote card "Simplicity is the ultimate sophistication" by Leonardo',
            'split social card "Designing with constraints" "A field guide"',
            'bold banner "Summer sale: 40% off everything"',
            'elegant social card "The Art of Slow Travel" "Issue 12"',
            'blog header "How we cut build times by 80% with remote caching" "Engineering"',
            'og image "Deploy in seconds" "The developer platform", centered, dark',
            'poster "Jazz Night" "Friday 9 pm, Blue Room", orange',
        ),
    ),
    "placeholder": (
        0.66,
        (
            "placeholder",
            "dark placeholder",
            "blue placeholder",
            'placeholder "Product photo"',
            "green placeholder",
            "placeholder for a hero",
            "coral placeholder",
            "placeholder for a thumbnail",
            'placeholder "Team picture"',
            "grey placeholder",
        ),
    ),
    "avatar": (
        1.0,
        (
            "avatar for jane@example.com",
            "avatar for Jane Doe",
            "identicon for octocat",
            "identicon for ferris",
            "face avatar for Ada",
            "face avatar for Grace",
            "face avatar for Linus",
            "face avatar for Omar",
            "initials avatar for Li Wei",
            "avatar",
        ),
    ),
    "chart": (
        0.75,
        (
            "bar chart of sales 2021: 10, 2022: 20, 2023: 34, 2024: 28",
            "line chart of monthly revenue",
            "donut chart of traffic sources",
            "dark area chart of weekly active users",
            "pie chart of browsers: Chrome: 64%, Safari: 19%, Edge: 5%, Firefox: 3%",
            "bar chart of change: North: 12, South: -4, East: 22, West: 9",
            'area chart "Signups", teal',
            "quarterly profit bar chart, orange",
            'line chart "Latency" p50: 12, p75: 20, p90: 44, p95: 61, p99: 130',
            "dark donut chart of devices",
        ),
    ),
    "wireframe": (
        0.75,
        (
            "wireframe of a login page",
            "dashboard wireframe",
            "landing page wireframe for Nimbus",
            "settings page wireframe, green",
            "kanban board wireframe",
            "dark dashboard wireframe",
            "pricing page wireframe",
            "online shop wireframe",
            "blog post wireframe",
            "mobile wireframe of a music player",
        ),
    ),
}


def painted(prompt: str, style: str, size: tuple[int, int], folder: Path) -> Image.Image:
    """The picture at twice the size of its tile, reduced."""
    options = {"width": size[0] * 2, "height": size[1] * 2, "style": style, "format": "png"}
    path = make(Task("canvas", prompt, options, 11, folder / "tile")).files[0].path
    picture = Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
    return picture.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    """Paints the sheet."""
    columns = 10
    width = GAP + columns * (TILE + GAP)
    heights = {style: round(TILE * ratio) for style, (ratio, _) in KINDS.items()}
    sheet = Image.new(
        "RGB", (width, GAP + sum(LABEL + tall + GAP for tall in heights.values())), PAPER
    )
    top = GAP
    with tempfile.TemporaryDirectory() as folder:
        for style, (_, prompts) in KINDS.items():
            label = line_path(style, Setting("semibold", 24, -0.01), GAP + 2, top + 30)
            draw_over(sheet, (Shape(label, fill=INK),))
            top += LABEL
            for i, prompt in enumerate(prompts):
                tile = painted(prompt, style, (TILE, heights[style]), Path(folder))
                sheet.paste(tile, (GAP + i * (TILE + GAP), top))
            top += heights[style] + GAP
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(SHEET, quality=82, method=6)


if __name__ == "__main__":
    main()
