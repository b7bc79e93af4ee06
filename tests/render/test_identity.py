"""Logos and avatars: whose they are, and that they stay the same for the same name."""

import numpy as np
import pytest

from flexura.render.pictures.avatar.painter import paint as avatar
from flexura.render.pictures.logo.painter import paint as logo
from flexura.render.pictures.names import initials, name_in
from render.sheets import sheet


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("logo for Acme", "Acme"),
        ("logo for acme", "Acme"),
        ('logo for "north & south"', "north & south"),
        ("logo for a coffee shop called Bean There, brown", "Bean There"),
        ("logo for Maison Clair, gold", "Maison Clair"),
        ("avatar for jane@example.com", "jane@example.com"),
        ("avatar for Jane Doe in blue", "Jane Doe"),
        ("logo for a flower shop", ""),
        ("Minimal logo", ""),
    ],
)
def test_the_name_is_found(prompt: str, name: str) -> None:
    assert name_in(sheet(prompt)) == name


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Jane Doe", "JD"),
        ("acme", "A"),
        ("FlexUra", "FU"),
        ("jane.doe@example.com", "JD"),
        ("", ""),
        ("!!", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_an_avatar_depends_on_the_name_alone() -> None:
    first = avatar(sheet("avatar for Jane Doe", 96, 96, seed=1)).image.tobytes()
    assert first == avatar(sheet("an avatar for Jane Doe", 96, 96, seed=2)).image.tobytes()
    assert first != avatar(sheet("avatar for Jane Roe", 96, 96, seed=1)).image.tobytes()


def test_many_names_have_many_avatars() -> None:
    names = [f"Person{i}" for i in range(40)]
    for word in ("identicon", "face avatar", "initials avatar"):
        pictures = {avatar(sheet(f"{word} for {name}", 64, 64)).image.tobytes() for name in names}
        assert len(pictures) > 34


def test_an_identicon_is_mirrored() -> None:
    pixels = np.asarray(
        avatar(sheet("identicon for octocat", 100, 100)).image.convert("L"), dtype=int
    )
    assert np.abs(pixels - pixels[:, ::-1]).mean() < 2


def test_different_names_have_different_logos() -> None:
    names = ["Acme", "Borealis", "Cinder", "Dovetail", "Ember", "Fathom", "Grove", "Harbor"]
    pictures = {logo(sheet(f"logo for {name}", 128, 128)).image.tobytes() for name in names}
    assert len(pictures) == len(names)


@pytest.mark.parametrize("seed", range(1, 13))
def test_a_logo_stays_inside_its_margin(seed: int) -> None:
    image = logo(
        sheet("logo for Northern Lights Company", 240, 160, seed, background="transparent")
    ).image
    left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, 0, 0)
    assert left > 10
    assert top > 8
    assert right < 230
    assert bottom < 152


def test_a_name_that_cannot_be_drawn_is_told() -> None:
    assert [w.code for w in logo(sheet('logo for "日本"', 96, 96)).warnings] == ["glyph_missing"]
