"""The numbers of a chart: from the option `data`, from the prompt, or illustrative ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from flexura.render.vocabulary import COLOURS
from flexura.render.words import Words

_MOST: Final = 24
_PAIR: Final = re.compile(
    r"(?P<label>[^\s,;:=][^,;:=\n]{0,40}?)\s*[:=]\s*(?P<sign>[$€£¥]?)\s*(?P<number>-?\d+(?:,\d{3})*(?:\.\d+)?)(?P<unit>\s?%|[kKmMbB]\b)?"
)
_SCALE: Final = {"k": 1e3, "m": 1e6, "b": 1e9}
_KINDS: Final = (
    ("donut", r"donut|doughnut|ring|pie|share|breakdown|distribution|split"),
    ("area", r"area"),
    ("line", r"line|trend|sparkline|over time|curve|growth"),
    ("bar", r"bar|column|histogram"),
)
_CHART_WORDS: Final = re.compile(
    r"\b(?:an?|the|simple|clean|minimal|modern|dark|light|flat|horizontal|vertical|stacked|bar|line|area|pie|donut"
    r"|doughnut|ring|column|chart|graph|plot|diagram|histogram|sparkline|of|for|showing|with|about|in|and|colou?rs?)\b",
    re.IGNORECASE,
)
_SERIES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (r"week|daily|day", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
    (r"quarter", ("Q1", "Q2", "Q3", "Q4")),
    (r"year|annual|decade", ("2019", "2020", "2021", "2022", "2023", "2024")),
    (r"browser", ("Chrome", "Safari", "Edge", "Firefox", "Other")),
    (r"traffic|source|channel|marketing", ("Organic", "Direct", "Social", "Email", "Referral")),
    (r"countr|region|market", ("Americas", "Europe", "Asia", "Africa", "Oceania")),
    (r"budget|spend|expense|cost", ("Team", "Cloud", "Marketing", "Tools", "Office")),
    (r"device|platform", ("Desktop", "Mobile", "Tablet", "Other")),
)
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


@dataclass(frozen=True)
class Series:
    """Labels and values; `prefix` and `suffix` stand round each number ("$", "%"). `sample` means made up."""

    labels: tuple[str, ...]
    values: tuple[float, ...]
    prefix: str = ""
    suffix: str = ""
    sample: bool = False

    def text(self, value: float) -> str:
        """The value as it is written beside the chart."""
        size = abs(value)
        for limit, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
            if size >= limit:
                scaled = value / (limit if letter != "k" else 1e3)
                return f"{self.prefix}{scaled:.1f}".removesuffix(".0") + letter + self.suffix
        number = f"{value:,.2f}".rstrip("0").rstrip(".") if size < 100 else f"{value:,.0f}"
        return f"{self.prefix}{number}{self.suffix}"


def series(words: Words, options: Mapping[str, Any], random: np.random.Generator) -> Series:
    """The chart's numbers; at most two dozen of them."""
    given = str(options.get("data", "") or "")
    found = _parse(given) if given else _parse(_without_quotes(words))
    return found or _sample(words, random)


def kind(words: Words, shown: Series) -> str:
    """bar, line, area or donut, by the prompt's words, else by the kind of labels."""
    text = _without_quotes(words).lower()
    for name, expression in _KINDS:
        if re.search(rf"\b(?:{expression})\b", text):
            return "bar" if name == "donut" and min(shown.values) < 0 else name
    return "bar" if len(shown.values) <= 8 else "area"


def title(words: Words, options: Mapping[str, Any]) -> str:
    """What stands above the chart: the option `text`, a quoted text, or what the prompt says it shows."""
    given = str(options.get("text", "") or "").strip()
    if given or words.quoted:
        return given or words.quoted[0]
    text = _PAIR.sub(_keep_subject, words.text)
    text = re.sub(r"#[0-9a-fA-F]{3,6}|[\"“”:;,.]|-?\d[\d,.]*%?", " ", text)
    text = " ".join(
        word for word in _CHART_WORDS.sub(" ", text).split() if word.lower() not in COLOURS
    )
    return text[:1].upper() + text[1:] if 2 < len(text) <= 60 else ""


def _keep_subject(match: re.Match[str]) -> str:
    """ "sales 2021: 10" leaves "sales": the label of the first pair may have the subject in front."""
    label = match.group("label").split()
    return " ".join(label[:-1]) + " " if len(label) > 1 else " "


def _without_quotes(words: Words) -> str:
    text = words.text
    for quoted in words.quoted:
        text = text.replace(quoted, " ")
    return text


def _parse(text: str) -> Series | None:
    found = list(_PAIR.finditer(text))
    if len(found) < 2:
        return None
    labels: list[str] = []
    values: list[float] = []
    for i, match in enumerate(found[:_MOST]):
        label = match.group("label").strip()
        words = label.split()
        if (i == 0 and len(words) > 1 and not text.startswith(label)) or (
            i == 0 and len(words) > 2
        ):
            label = words[-1]
        label = re.sub(r"^(?:and|und)\s+", "", label)
        labels.append(label[:24])
        unit = (match.group("unit") or "").strip().lower()
        values.append(float(match.group("number").replace(",", "")) * _SCALE.get(unit, 1.0))
    prefix = next((m.group("sign") for m in found if m.group("sign")), "")
    suffix = "%" if all((m.group("unit") or "").strip() == "%" for m in found) else ""
    return Series(tuple(labels), tuple(values), prefix, suffix)


def _sample(words: Words, random: np.random.Generator) -> Series:
    text = " ".join(words.tokens)
    labels = next(
        (names for expression, names in _SERIES if re.search(expression, text)), _MONTHS[:8]
    )
    if re.search(r"month", text):
        labels = _MONTHS
    count = len(labels)
    money = re.search(r"revenue|sales|income|profit|mrr|arr|budget|spend|cost|price", text)
    if labels[0] in {"Chrome", "Organic", "Americas", "Team", "Desktop"}:
        shares = np.sort(random.dirichlet(np.full(count, 2.2)))[::-1]
        whole = np.maximum(np.round(shares * 100), 3)
        return Series(labels, tuple(float(v) for v in whole), suffix="%", sample=True)
    rise = np.linspace(0.42, 1.0, count) + random.normal(0, 0.085, count)
    top = float(random.choice([48, 86, 120, 240, 960])) * (1000 if money else 1)
    step = top / 100
    values = tuple(float(round(max(v, 0.12) * top / step) * step) for v in rise)
    return Series(labels, values, prefix="$" if money else "", sample=True)
