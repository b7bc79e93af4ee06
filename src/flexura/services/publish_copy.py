"""The words that go with a published result: the caller's own, or the prompt's, never invented ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

from flexura.domain.job import Job
from flexura.ports.destination import PublishCopy
from flexura.services.untrusted import clean, cut

MAX_TITLE = 80
MAX_CAPTION = 2_200
"""What the strictest of the large platforms takes."""
MAX_HASHTAGS = 5
FIELD = "publish_copy"
"""Where `Job.request` keeps the caller's own words."""
_SENTENCE_END = re.compile("(?<=[.!?\u2026])\\s|(?<=[\u3002\uff01\uff1f])|\n")
_WORD = re.compile(r"[^\W\d_][^\W_]{2,30}")
# Words that say nothing of the subject. A list of the usual ones is enough: a tag too many does no harm.
_SAYING_NOTHING = """
about above after again all along also and another any are around away back because been before
behind being below beside between both but can cannot could does down during each either else every
few for from gets give goes had has have her here him his how into its just kept least less let like
make many may might more most much must near need next none not now off once one only onto other our
out over per put said same she should show some soon still such than that the their them then there
these they this those through too toward two under until upon use used very was way well were what
when where which while who whose why will with within without would yet you your
"""
_EMPTY = frozenset(_SAYING_NOTHING.split())


def copy_for(job: Job) -> PublishCopy:
    """Title, caption and hashtags of a job; each one that its order gave wins over the prompt's."""
    made = from_prompt(job.prompt)
    given: Any = job.request.get(FIELD)
    if not isinstance(given, dict):
        return made
    own = cast("Mapping[str, Any]", given)
    title, caption, tags = own.get("title"), own.get("caption"), own.get("hashtags")
    return PublishCopy(
        title=made.title if title is None else str(title),
        caption=made.caption if caption is None else str(caption),
        # An empty list is an answer: no hashtags.
        hashtags=made.hashtags if tags is None else tuple(_tag(str(tag)) for tag in tags),
    )


def _tag(word: str) -> str:
    return "#" + "".join(word.split()).lstrip("#")


def from_prompt(prompt: str) -> PublishCopy:
    """The first sentence as title, the prompt as caption, its most frequent words as hashtags."""
    text = clean(prompt, MAX_CAPTION, lines=True, markup=False)
    title = _SENTENCE_END.split(text, maxsplit=1)[0].strip() if text else ""
    return PublishCopy(cut(title, MAX_TITLE), text, hashtags(text))


def hashtags(text: str) -> tuple[str, ...]:
    """At most five words of the text, the most frequent first, then in the order in which they stand."""
    words = [word.casefold() for word in _WORD.findall(text)]
    counted = Counter(word for word in words if word not in _EMPTY)
    return tuple(f"#{word}" for word, _ in counted.most_common(MAX_HASHTAGS))
