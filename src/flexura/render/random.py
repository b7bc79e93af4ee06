"""The only source of randomness: generators seeded from what was asked for."""

from __future__ import annotations

import hashlib
import json

import numpy as np


def rng(*parts: object) -> np.random.Generator:
    """A generator whose stream depends on `parts` alone, on every machine and in every process.

    Pass what the result may depend on (prompt, options, seed) and a label, so that two uses do not
    share a stream.
    """
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=True)
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
