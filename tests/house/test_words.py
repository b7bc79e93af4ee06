"""What may not stand in any file: model ids, places of one machine, registries, loose ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

from house.repository import ROOT, below, files, text

MODELS = Path("src/flexura/render/models")
PUBLIC = [
    p for p in below("src", "skills", "installer", "docs", "README.md") if MODELS not in p.parents
]
OURS = [
    p for p in files() if p.name != "package-lock.json" and p != Path("tests/house/test_words.py")
]

# Model families that vendors sell today. Ids change monthly, which is why the catalog is asked instead.
FAMILIES = re.compile(
    r"nvidia-flux|\bflux-(pro|dev|schnell|1|2)|\b(gpt-image|dall-e|imagen|veo|sora|kling|runway|seedream|"
    r"stable-diffusion|sdxl|hunyuan|wan)[-/]\d",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.])/(work|root)/")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|--(extra-)?index-url"
)
LOOSE_END = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))")


def embedded_ids() -> list[str]:
    """The ids of the embedded models, from the one place where they stand."""
    entries = (json.loads(text(p)) for p in below(str(MODELS)) if p.suffix == ".json")
    return [f"embedded:{entry['id']}" for entry in entries]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(text(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_the_embedded_models_are_known_here() -> None:
    assert embedded_ids()


def test_no_model_id_is_written_down() -> None:
    ours = re.compile("|".join([*map(re.escape, embedded_ids()), r"\bembedded:[a-z]"]))
    assert not lines_with(ours, PUBLIC)
    assert not lines_with(FAMILIES, PUBLIC)


def test_no_place_of_one_machine_is_written_down() -> None:
    assert not lines_with(MACHINE, OURS)


def test_no_registry_is_written_down() -> None:
    lock = [p for p in files() if p.name == "package-lock.json"]
    assert not lines_with(REGISTRY, OURS + lock)


def test_a_loose_end_names_its_issue() -> None:
    assert not lines_with(LOOSE_END, OURS)


def targets(page: Path) -> list[str]:
    """What a page links to inside of the repository."""
    found = re.findall(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)|src=\"([^\"]+)\"", text(page))
    either = (one or other for one, other in found)
    return [t for t in either if "://" not in t and not t.startswith("mailto:")]


def test_links_of_a_page_lead_somewhere() -> None:
    pages = [path for path in files() if path.suffix == ".md"]
    missing = [
        f"{page}: {target}"
        for page in pages
        for target in targets(page)
        if not (ROOT / page.parent / target).exists()
    ]
    assert not missing, "\n".join(missing)
