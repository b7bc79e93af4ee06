"""deploy/compose.yaml: valid by the Compose Specification, and true about the program."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import jsonschema
import pytest

from deploy.manifests import DEPLOY, HOME, compose, example, known, parsed, pinned
from flexura.gateway.probes import READY
from flexura.runtime.files import address_of
from flexura.runtime.gateway import _DRAIN_SECONDS
from flexura.services.uploads import MAX_UPLOAD

OURS = ("migrate", "serve", "worker")
# Read by postgres alone.
OF_POSTGRES = {"POSTGRES_PASSWORD"}


def service(name: str) -> dict[str, Any]:
    return compose()["services"][name]


def test_it_is_valid_by_the_compose_specification() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(compose())


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_that_there_is_on_a_read_only_file_system(name: str) -> None:
    ours = service(name)
    parsed(ours["command"])
    assert ours["read_only"] and ours["cap_drop"] == ["ALL"]
    assert ours["tmpfs"] == ["/tmp"]
    assert [volume["target"] for volume in ours["volumes"]] == [HOME]
    assert ours["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}
    assert int(ours["stop_grace_period"].removesuffix("s")) > _DRAIN_SECONDS


def test_two_replicas_answer_and_two_workers_work() -> None:
    assert service("serve")["deploy"]["replicas"] == service("worker")["deploy"]["replicas"] == 2
    assert parsed(service("serve")["command"])["no_worker"]


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_a_health_check_asks_the_port_that_is_listened_on(name: str) -> None:
    port = parsed(service(name)["command"])["port"]
    assert f"http://127.0.0.1:{port}{READY}'" in service(name)["healthcheck"]["test"][-1]


def test_stores_are_up_and_migrated_before_anything_of_ours_starts() -> None:
    assert service("migrate")["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("serve", "worker"):
        waits = {what: how["condition"] for what, how in service(name)["depends_on"].items()}
        assert waits == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "s3": "service_healthy",
        }
    assert all("healthcheck" in service(name) for name in ("postgres", "s3"))


def test_every_foreign_image_is_pinned() -> None:
    images = [s["image"] for s in compose()["services"].values() if "build" not in s]
    assert images
    assert [image for image in images if not pinned(image)] == []


def test_every_variable_is_read_and_every_one_that_must_be_set_is_in_the_example() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    must = set(re.findall(r"\$\{(\w+):\?", text))
    assert must == set(re.findall(r"\$\{(\w+)", text)) <= example().keys()
    given = {*example(), *service("serve")["environment"]} - OF_POSTGRES
    assert [name for name in given if not known(name)] == []


def test_no_secret_stands_here() -> None:
    secrets = {n: v for n, v in example().items() if n != "FLEXURA_PUBLIC_URL"}
    assert set(secrets.values()) == {""}
    assert not (set(re.findall(r"PASSWORD: (.*)", (DEPLOY / "compose.yaml").read_text()))) - {
        "${POSTGRES_PASSWORD:?write it into .env}"
    }


def test_the_addresses_of_the_stores_are_those_of_their_services() -> None:
    environment = service("serve")["environment"]
    assert "@postgres:5432/flexura" in environment["FLEXURA_DATABASE_URL"]
    assert service("postgres")["environment"]["POSTGRES_DB"] == "flexura"
    files = address_of(environment["FLEXURA_ARTIFACTS"])
    assert files.options["endpoint"] == "http://s3:8333"
    assert f"-bucket={files.bucket}" in service("s3")["command"]


def test_the_proxy_holds_nothing_back_and_reaches_every_replica() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    (published,) = service("proxy")["ports"]
    assert published.startswith("127.0.0.1:")
    assert re.search(rf"^:{published.rpartition(':')[2]} \{{", text, re.MULTILINE)
    assert "name serve\n" in text
    assert f"port {parsed(service('serve')['command'])['port']}\n" in text
    assert "flush_interval -1" in text
    largest = re.search(r"max_size (\d+)MiB", text)
    assert largest is not None
    assert int(largest[1]) * 2**20 > MAX_UPLOAD
