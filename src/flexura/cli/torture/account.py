"""The upstream's books: what it sold to whom, and who asked for it last. Only the parent process has them."""

from __future__ import annotations

import hashlib
import struct
import time
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_SIDE = 8


@dataclass
class Sale:
    """One purchase."""

    id: str
    upstream: str
    order: str
    """What it was sold for: the job's id, and `.0`, `.1` … where a job buys several times."""
    ready_at: float
    fails: bool
    seen_by: str = ""
    """The process that asked for it last."""
    fetched: bool = False
    orphaned_at: float = 0.0
    """When that process was hit; 0 = it was not."""

    @property
    def job(self) -> str:
        """The job that it was sold to."""
        return self.order.partition(".")[0]


@dataclass
class Account:
    """Everything that was sold. Nothing here is ever lost: its process is never killed."""

    sales: dict[str, Sale] = field(default_factory=dict[str, Sale])
    by_key: dict[str, Sale] = field(default_factory=dict[str, Sale])
    faults: Counter[str] = field(default_factory=Counter[str])
    """What went wrong on purpose, by kind."""
    take_overs: list[float] = field(default_factory=list[float])
    """Seconds from a blow until another process went on with an order of the one that was hit."""
    fetches: list[float] = field(default_factory=list[float])
    """When a file was sent whole (monotonic): something was finished."""

    def buy(self, upstream: str, order: str, key: str, wait: float, fails: bool) -> Sale:
        """Sell; the same key (where there is one) gives the same sale again."""
        if key and (known := self.by_key.get(key)):
            return known
        sale = Sale(f"sale{len(self.sales):07d}", upstream, order, time.monotonic() + wait, fails)
        self.sales[sale.id] = sale
        if key:
            self.by_key[key] = sale
        return sale

    def touched(self, sale: Sale, process: str) -> None:
        """A process asked for a sale."""
        if sale.orphaned_at and process != sale.seen_by:
            self.take_overs.append(time.monotonic() - sale.orphaned_at)
        sale.orphaned_at, sale.seen_by = 0.0, process

    def fetched(self, sale: Sale) -> None:
        """Its file was sent whole."""
        sale.fetched = True
        self.fetches.append(time.monotonic())

    def hit(self, process: str) -> None:
        """A process was killed or stopped: whatever it had in hand waits for another one."""
        now = time.monotonic()
        for sale in self.open():
            if sale.seen_by == process and not sale.orphaned_at:
                sale.orphaned_at = now

    def open(self) -> Iterable[Sale]:
        """What was sold and not fetched yet."""
        return [sale for sale in self.sales.values() if not sale.fetched and not sale.fails]

    def bought_twice(self) -> list[str]:
        """Orders that were sold more than once."""
        counts = Counter(sale.order for sale in self.sales.values())
        return sorted(order for order, count in counts.items() if count > 1)


def picture_of(sale_id: str) -> bytes:
    """A real PNG that only this sale has: 8 by 8 pixels of noise drawn from its id."""
    noise = hashlib.shake_256(sale_id.encode()).digest(3 * _SIDE * _SIDE)
    rows = b"".join(
        b"\0" + noise[start : start + 3 * _SIDE] for start in range(0, len(noise), 3 * _SIDE)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def as_given(content: bytes) -> bytes:
    """The picture without the record that the gateway writes beside its pixels."""
    kept, at = content[:8], 8
    while at + 12 <= len(content):
        stop = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] != b"iTXt":
            kept += content[at:stop]
        at = stop
    return kept


def sha256_of(sale_id: str) -> str:
    """The digest of that picture."""
    return hashlib.sha256(picture_of(sale_id)).hexdigest()
