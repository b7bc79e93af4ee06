"""The manifests of deploy/kubernetes: valid by Kubernetes' own schemas, and true about the program."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest

import flexura
from deploy.manifests import (
    HOME,
    KUBERNETES,
    USER,
    known,
    kustomization,
    of_kind,
    parsed,
    pods,
    resources,
)
from flexura.gateway.probes import LIVE, METRICS, READY
from flexura.gateway.rest.operations import OPERATIONS
from flexura.runtime.files import address_of
from flexura.runtime.gateway import _DRAIN_SECONDS
from flexura.services.uploads import MAX_UPLOAD

OLDEST, NEWEST = "1.30", "1.37"
NAMES = [
    f"{file}:{document['kind']}/{document['metadata']['name']}" for file, document in resources()
]
DEPLOYMENTS = ("flexura-serve", "flexura-worker")
OTHER_SECONDS = 15
"""What a process takes to end beside the orders that are on their way: connections, files, the store."""


def only(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["containers"]
    return container


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("document", [d for _, d in resources()], ids=NAMES)
def test_a_manifest_is_valid_by_the_schema_of_the_oldest_and_the_newest_kubernetes(
    document: dict[str, Any], version: str
) -> None:
    kubernetes_validate.validate(document, version, strict=True)


def test_the_kustomization_has_every_file_that_is_no_example() -> None:
    there = {p.name for p in KUBERNETES.glob("*.yaml") if ".example." not in p.name}
    assert {*kustomization()["resources"], "kustomization.yaml"} == there


def test_the_image_is_this_release_and_the_only_one() -> None:
    (image,) = kustomization()["images"]
    assert image["newTag"] == flexura.__version__
    assert {only(pod)["image"] for pod in pods().values()} == {image["name"]}


@pytest.mark.parametrize("name", pods())
def test_a_pod_runs_a_command_that_there_is(name: str) -> None:
    parsed(only(pods()[name])["args"])


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_probes_ask_paths_that_there_are_on_the_port_that_is_listened_on(name: str) -> None:
    container = only(pods()[name])
    options = parsed(container["args"])
    (port,) = container["ports"]
    assert options["port"] == port["containerPort"]
    assert options["host"] == "0.0.0.0"
    asked = {
        probe: container[probe]["httpGet"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert {get["port"] for get in asked.values()} == {port["name"]}
    paths = {probe: get["path"] for probe, get in asked.items()}
    assert paths == {"startupProbe": LIVE, "readinessProbe": READY, "livenessProbe": LIVE}


def test_the_gateway_has_the_paths_of_its_probes() -> None:
    assert {LIVE, READY, METRICS} <= {operation.path for operation in OPERATIONS}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_pod_is_given_the_time_that_its_drain_takes(name: str) -> None:
    pod = pods()[name]
    lifecycle = only(pod).get("lifecycle", {"preStop": {"sleep": {"seconds": 0}}})
    waits = lifecycle["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= waits + _DRAIN_SECONDS + OTHER_SECONDS


def test_only_the_api_waits_for_load_balancers_before_it_ends() -> None:
    serve = only(pods()["flexura-serve"])
    assert serve["lifecycle"]["preStop"]["sleep"]["seconds"] > 0
    assert parsed(serve["args"])["no_worker"]


@pytest.mark.parametrize("name", pods())
def test_a_pod_is_restricted_and_writes_only_where_it_may_lose_things(name: str) -> None:
    pod, container = pods()[name], only(pods()[name])
    context, own = pod["securityContext"], container["securityContext"]
    assert context["runAsNonRoot"] and context["runAsUser"] == context["fsGroup"] == USER
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"]
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {HOME, "/tmp"}
    assert all(volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"])
    assert container["resources"]["limits"]["memory"]
    assert not pod["automountServiceAccountToken"]
    assert not pod["enableServiceLinks"], "it would add FLEXURA_PORT and the like"


@pytest.mark.parametrize("name", pods())
def test_a_pod_takes_its_settings_from_the_map_and_the_secret(name: str) -> None:
    given = [*only(pods()[name])["envFrom"]]
    assert given == [{"configMapRef": {"name": "flexura"}}, {"secretRef": {"name": "flexura"}}]


def test_every_variable_is_one_that_is_read_and_no_secret_stands_here() -> None:
    plain, secret = (
        of_kind("ConfigMap")["flexura"]["data"],
        of_kind("Secret")["flexura"]["stringData"],
    )
    assert [name for name in {**plain, **secret} if not known(name)] == []
    assert {"FLEXURA_DATABASE_URL", "FLEXURA_METRICS_TOKEN"} <= secret.keys()
    assert set(secret.values()) == {""}
    assert address_of(plain["FLEXURA_ARTIFACTS"]).bucket


def test_selectors_services_and_policies_find_their_pods() -> None:
    for name in DEPLOYMENTS:
        deployment = of_kind("Deployment")[name]["spec"]
        labels = deployment["template"]["metadata"]["labels"]
        assert deployment["selector"]["matchLabels"] == labels
        budget = of_kind("PodDisruptionBudget")[name]["spec"]
        assert budget["selector"]["matchLabels"] == labels
    service = of_kind("Service")["flexura"]["spec"]
    assert service["selector"] == {"app.kubernetes.io/name": "flexura-serve"}
    (expression,) = of_kind("NetworkPolicy")["flexura"]["spec"]["podSelector"]["matchExpressions"]
    assert set(expression["values"]) == set(pods())
    (scaled,) = of_kind("HorizontalPodAutoscaler").values()
    assert scaled["spec"]["scaleTargetRef"]["name"] in DEPLOYMENTS
    assert "replicas" not in of_kind("Deployment")[scaled["spec"]["scaleTargetRef"]["name"]]["spec"]


def test_the_policy_lets_in_the_ports_that_are_listened_on() -> None:
    policy = of_kind("NetworkPolicy")["flexura"]["spec"]
    let_in = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
    listened = {only(pods()[name])["ports"][0]["containerPort"] for name in DEPLOYMENTS}
    assert let_in == listened


def test_the_ingress_lets_long_polls_event_streams_and_the_largest_file_through() -> None:
    ingress = of_kind("Ingress")["flexura"]
    said = ingress["metadata"]["annotations"]
    largest = said["nginx.org/client-max-body-size"]
    assert said["nginx.ingress.kubernetes.io/proxy-body-size"] == largest
    assert int(largest.removesuffix("m")) * 2**20 > MAX_UPLOAD
    assert said["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
    assert int(said["nginx.ingress.kubernetes.io/proxy-read-timeout"]) > 60
    (rule,) = ingress["spec"]["rules"]
    public = of_kind("ConfigMap")["flexura"]["data"]["FLEXURA_PUBLIC_URL"]
    assert rule["host"] == urlsplit(public).hostname
    backend = rule["http"]["paths"][0]["backend"]["service"]
    service = of_kind("Service")[backend["name"]]["spec"]
    assert backend["port"]["name"] in {port["name"] for port in service["ports"]}
