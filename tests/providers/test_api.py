"""What every adapter stands on: where the key goes, what an answer means, what is written to disk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import (
    ContentPolicy,
    FlexuraError,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ResultExpired,
)
from flexura.outbound.answer import Unreachable
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile
from flexura.providers.api import Api
from flexura.providers.payload import data_uri, filled
from flexura.providers.staging import Staging, from_base64
from flexura.providers.vendor_errors import tidy, words_of
from vendor_double import VendorDouble, media, unheard_double, vendor_double

pytestmark = pytest.mark.anyio
KEY = {"authorization": "Bearer secret-1"}


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        vendor.exchanges = [{"method": "POST", "path": "/buy", "buys": True, "answer": {"json": 1}}]
        yield vendor


@pytest.fixture
async def api(double: VendorDouble) -> AsyncIterator[Api]:
    guard = Guard(allow_origins=[double.url])
    api = Api("Vendor", f"{double.url}/v1", guard, KEY, "VENDOR_KEY", (".vendor.example",))
    yield api
    await api.aclose()


def gives(double: VendorDouble, path: str, answer: dict[str, Any]) -> None:
    double.exchanges.append({"method": "GET", "path": path, "answer": answer})


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://queue.vendor.example/x", True),
        ("http://queue.vendor.example/x", False),
        ("https://vendor.example.evil.test/x", False),
        ("https://evilvendor.example/x", False),
        ("https://user:pass@evil.test/.vendor.example", False),
        ("https://evil.test/?.vendor.example", False),
        ("https://evil.test#.vendor.example", False),
        ("nonsense", False),
    ],
)
async def test_the_key_goes_to_the_vendors_own_hosts_only(api: Api, url: str, ours: bool) -> None:
    assert api.is_ours(url) is ours


async def test_an_address_in_an_answer_that_leads_elsewhere_is_not_asked(
    api: Api, double: VendorDouble
) -> None:
    with pytest.raises(ProviderError, match=r"evil\.test, which is not its own address"):
        await api.get("https://evil.test/status/1")
    assert double.asked == []


async def test_a_file_elsewhere_is_fetched_without_the_key(
    double: VendorDouble, tmp_path: Path
) -> None:
    gives(double, "/1.png", {"media": "png"})
    with vendor_double() as vendor:
        guard = Guard(allow_origins=[double.url, vendor.url])
        elsewhere = Api("Vendor", vendor.url, guard, KEY)
        await elsewhere.download(f"{double.url}/1.png", tmp_path / "1", 10_000)
        await elsewhere.aclose()
    assert (tmp_path / "1").read_bytes() == media("png")
    assert "authorization" not in double.asked[0].headers


async def test_a_file_of_the_vendor_itself_is_fetched_with_the_key(
    api: Api, double: VendorDouble, tmp_path: Path
) -> None:
    gives(double, "/v1/1.png", {"media": "png"})
    await api.download("/1.png", tmp_path / "1", 10_000)
    assert double.asked[0].headers["authorization"] == "Bearer secret-1"


@pytest.mark.parametrize(
    ("answer", "raises"),
    [
        ({"status": 404, "json": {}}, ResultExpired),
        ({"status": 403, "json": {}}, ResultExpired),
        ({"status": 500, "json": {}}, ProviderUnavailable),
        ({"media": "png", "fault": "truncated"}, ProviderUnavailable),
        ({"fault": "reset"}, ProviderUnavailable),
        ({"text": "x" * 20_000}, ProviderError),
    ],
    ids=str,
)
async def test_a_download_that_fails_says_whether_to_ask_again(
    api: Api,
    double: VendorDouble,
    tmp_path: Path,
    answer: dict[str, Any],
    raises: type[FlexuraError],
) -> None:
    gives(double, "/v1/1.png", answer)
    with pytest.raises(raises) as raised:
        await api.download("/1.png", tmp_path / "1", 10_000)
    assert type(raised.value) in (raises, Unreachable)


BUYING: list[tuple[dict[str, Any], type[FlexuraError], str]] = [
    ({"status": 429, "headers": {"Retry-After": "7"}, "json": {}}, RateLimited, "too often"),
    ({"status": 401, "json": {"error": "bad key"}}, ProviderError, "VENDOR_KEY"),
    ({"status": 402, "json": {}}, ProviderError, "out of credit"),
    (
        {"status": 422, "json": {"detail": [{"msg": "steps too high"}]}},
        ProviderError,
        "steps too high",
    ),
    (
        {"status": 400, "json": {"error": {"code": "content_policy_violation", "message": "no"}}},
        ContentPolicy,
        "refused this content",
    ),
    ({"status": 500, "json": {"message": "boom"}}, ProviderError, "boom"),
    ({"status": 502, "text": "<html>bad gateway</html>"}, OutcomeUnknown, "may have charged"),
    ({"status": 504, "text": ""}, OutcomeUnknown, "may have charged"),
    ({"status": 408, "text": ""}, OutcomeUnknown, "may have charged"),
    ({"fault": "reset"}, OutcomeUnknown, "may have taken this order"),
    ({"json": {}, "fault": "truncated"}, OutcomeUnknown, "may have taken this order"),
]


@pytest.mark.parametrize(("answer", "raises", "says"), BUYING, ids=str)
async def test_an_order_says_what_is_known_about_it(
    api: Api, double: VendorDouble, answer: dict[str, Any], raises: type[FlexuraError], says: str
) -> None:
    double.exchanges[0]["path"] = "/v1/buy"
    double.exchanges[0]["answer"] = answer
    with pytest.raises(raises) as raised:
        await api.buy("/buy", json={"prompt": "a fox"})
    assert type(raised.value) is raises
    assert says in raised.value.message
    assert raised.value.next_step
    assert "html" not in raised.value.message
    assert double.bought == 1


async def test_a_busy_vendor_says_how_long_to_wait(api: Api, double: VendorDouble) -> None:
    double.exchanges[0] |= {"path": "/v1/buy", "answer": BUYING[0][0]}
    with pytest.raises(RateLimited) as raised:
        await api.buy("/buy", json={})
    assert raised.value.details["retry_after"] == 7


async def test_an_order_that_found_nobody_is_known_not_to_have_left() -> None:
    with unheard_double() as (double, _):
        api = Api("Vendor", double.url, Guard(allow_origins=[double.url]), KEY)
        with pytest.raises(Unreachable) as raised:
            await api.buy("/buy", json={})
        await api.aclose()
    assert raised.value.sent is False


async def test_an_order_that_was_taken_and_cannot_be_read_is_unknown(
    api: Api, double: VendorDouble
) -> None:
    double.exchanges[0] |= {"path": "/v1/buy", "answer": {"text": "<html>"}}
    answer = await api.buy("/buy", json={})
    with pytest.raises(OutcomeUnknown):
        api.bought(answer)


async def test_a_form_arrives_as_a_form(api: Api, double: VendorDouble) -> None:
    double.exchanges[0]["path"] = "/v1/buy"
    form = [("prompt", "", "", "un café".encode()), ("image[]", "a.png", "image/png", media("png"))]
    await api.buy("/buy", form=form)
    assert double.asked[0].sent() == {"prompt": "un café", "image[]": "a.png"}
    assert media("png") in double.asked[0].body


def test_the_words_of_a_vendor_are_found_in_any_shape_and_keys_in_them_are_not() -> None:
    assert words_of({"error": {"message": "too\nbig"}}) == "too big"
    assert words_of({"detail": [{"loc": ["body"], "msg": "bad"}, {"msg": "worse"}]}) == "bad; worse"
    assert words_of({"title": "Nope", "status": 422}) == "Nope"
    assert words_of([{"a": {"b": 1}}]) == ""
    assert words_of({"error": {"error": {"error": {"error": {"error": {"error": "x"}}}}}}) == ""
    assert "abcdef123456" not in tidy("Incorrect API key provided: sk-abcdef123456")
    assert len(tidy("x" * 10_000)) <= 300


async def test_media_that_came_with_the_answer_survive_being_taken(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "vendor")
    operation = await staging.keep("job_1", [(media("png"), "image/png")], cost={"amount": 1})
    for _ in range(2):
        done = await staging.outputs(operation, "Vendor")
        assert isinstance(done, Done)
        path = done.outputs[0].path
        assert path is not None
        assert path.read_bytes() == media("png")
        path.unlink()
        assert done.cost == {"amount": 1}


async def test_media_that_are_gone_from_the_disk_are_told_as_expired(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "vendor")
    operation = await staging.keep("job_1", [(media("png"), "image/png")])
    Path(operation["files"][0]["path"]).unlink()
    failed = await staging.outputs(operation, "Vendor")
    assert isinstance(failed, Failed)
    assert failed.code == "result_expired"
    assert isinstance(await staging.outputs({"files": []}, "Vendor"), Failed)


def test_base64_is_read_with_and_without_a_head_and_junk_is_an_unknown_outcome() -> None:
    assert from_base64("aGk=", "Vendor") == b"hi"
    assert from_base64("data:image/png;base64,aGk=", "Vendor") == b"hi"
    for junk in (None, "", "=", 7):
        with pytest.raises(OutcomeUnknown):
            from_base64(junk, "Vendor")


async def test_inputs_go_into_their_slots(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"hi")
    one, many, none = (
        InputFile(path, "image/png", "0", "image", slot) for slot in ("image_url", "refs[]", "")
    )
    placed = [(one, 1), (many, 2), (many, 3), (none, 4)]
    assert filled({"prompt": "x"}, placed) == {"prompt": "x", "image_url": 1, "refs": [2, 3]}
    assert await data_uri(one) == "data:image/png;base64,aGk="
