"""The shape of a piece: how many bars it has, at which tempo they fill the time, and its sections."""

from __future__ import annotations

from dataclasses import dataclass

from flexura.render.sound.notes import Section


@dataclass(frozen=True)
class Plan:
    """`bars` of `meter` beats at `tempo`; `seconds` is the length of the finished sound."""

    bars: int
    tempo: float
    meter: int
    seconds: float


def plan(seconds: float, tempo: float, meter: int, *, fixed: bool, loop: bool) -> Plan:
    """Whole bars for about `seconds`.

    A tempo that is not `fixed` is moved by up to an eighth so that the bars fill the time. A loop is
    exactly its bars long: when the tempo cannot be moved that far, its length is rounded to a whole
    bar.
    """
    bar = meter * 60.0 / tempo
    tail = 0.0 if loop else min(2.2, seconds * 0.1)
    room = max(seconds - tail, 0.4)
    if fixed:
        count = max(1, round(room / bar)) if loop else max(1, int(room / bar + 0.05))
        return Plan(count, tempo, meter, count * bar if loop else seconds)
    choices = range(max(1, int(room / bar * 0.85)), max(2, round(room / bar * 1.15) + 1))

    def cost(count: int) -> float:
        stretch = abs(count * bar / room - 1)
        return stretch * 4 + 0.12 * _odd(count, loop)

    count = min(choices, key=cost)
    fitted = count * meter * 60.0 / room
    if abs(fitted / tempo - 1) > 0.125:
        fitted = tempo * (1.125 if fitted > tempo else 1 / 1.125)
    exact = count * meter * 60.0 / fitted
    return Plan(count, fitted, meter, exact if loop else seconds)


def _odd(bars: int, loop: bool) -> int:
    """How many bars the themes are away from whole phrases of four."""
    core = sum(section.bars for section in sections(bars, loop=loop) if section.name[0] in "AB")
    return min(core % 4, 4 - core % 4)


def sections(bars: int, *, loop: bool) -> tuple[Section, ...]:
    """Intro, themes A and B that come back fuller, a break in long pieces, and an end of one bar on the
    tonic.
    """
    if bars <= 2:
        return (Section("A", 0, bars, 0.8),)
    end = 0 if loop else 1
    body = bars - end
    intro = 0 if loop or body < 6 else 1 if body < 9 else 2 if body < 20 else 4
    outro = 0 if loop or body < 14 else 2 if body < 28 else 4
    found: list[Section] = []
    at = intro
    if intro:
        found.append(Section("intro", 0, intro, 0.3))
    for name, length, energy in _themes(body - intro - outro):
        found.append(Section(name, at, length, energy))
        at += length
    if outro:
        found.append(Section("outro", at, outro, 0.4))
        at += outro
    if end:
        found.append(Section("end", at, end, 0.5))
    return tuple(found)


def _themes(core: int) -> list[tuple[str, int, float]]:
    """The themes that fill `core` bars, in phrases of four or eight."""
    phrase = 4 if core < 40 else 8
    count = max(1, round(core / phrase))
    lengths = [phrase] * count
    lengths[-1] += core - phrase * count
    letters = {1: "A", 2: "AB", 3: "ABA", 4: "AABA", 5: "ABABA", 6: "AABABA"}.get(count, "")
    while len(letters) < count:
        letters += "AABA-BAB" if letters else "AABA"
    letters = letters[:count]
    if letters.endswith("-"):
        letters = letters[:-1] + "B"
    result: list[tuple[str, int, float]] = []
    for k, (letter, length) in enumerate(zip(letters, lengths, strict=True)):
        climb = k / max(1, count - 1)
        energy = (
            0.35
            if letter == "-"
            else min(1.0, 0.62 + 0.38 * climb + (0.08 if letter == "B" else 0.0))
        )
        name = "break" if letter == "-" else letter + "'" * (letters[:k].count(letter) > 0)
        result.append((name, length, 0.85 if count == 1 else energy))
    return result
