"""What a file tells of its order may be read by anybody who gets the file."""

from __future__ import annotations

import json

from flexura.provenance.record import json_text
from flexura.services.marking import Origin, record_of
from storage_house import job

SIGNED = "https://me:pw@bucket.example/a.png?X-Amz-Signature=abc123&page=2"


def test_an_address_that_opens_by_itself_is_not_passed_on_in_a_file() -> None:
    asked = {"image_url": SIGNED, "note": f"as {SIGNED} shows", "of": [{"url": SIGNED}]}
    made = job(request={"options": {**asked, "again": True}})
    options = {
        "sas": "https://a.example/b?se=2026&sig=abc123",
        "page": "https://a.example/b?of=design",
    }
    record = record_of(made, options, seed=1, origin=Origin())
    told = json_text(record)
    assert "abc123" not in told and "me:pw" not in told
    plain = "https://bucket.example/a.png"
    assert record.asked == {"image_url": plain, "note": f"as {plain} shows", "of": [{"url": plain}]}
    assert record.options == {"sas": "https://a.example/b", "page": "https://a.example/b?of=design"}
    assert json.loads(told)["asked"]["image_url"] == plain
