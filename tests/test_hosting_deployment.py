"""What is shipped for a folder of networks: the service's drop-in, containers, pods. Their paths agree."""

import importlib.util
import re
from itertools import product
from typing import Any

import pytest
import yaml

from tests.test_deployment import (
    COMPOSE,
    CONTAINERS,
    DOCKERFILE,
    DROP_IN,
    KNOWN,
    ROOT,
    SECRETS,
    SERVICE,
    compose,
    everything_on,
    image_value,
    unit,
)

MANIFEST = (ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
RESOURCES: dict[str, Any] = {one["kind"]: one for one in yaml.safe_load_all(MANIFEST)}
PODS = RESOURCES["Deployment"]["spec"]["template"]
(CONTAINER,) = PODS["spec"]["containers"]
VERSIONS = ("1.25", "1.31", "1.37")  # of Kubernetes; the guide names the first and the last


def test_the_drop_in_takes_the_secrets_of_one_network_away_and_gives_nothing_unknown() -> None:
    given = dict(line.split("=", 1) for line in unit("Environment", everything_on(DROP_IN)))
    none, *credentials = unit("LoadCredential", everything_on(DROP_IN))
    assert none == ""  # all that the unit names are gone
    assert unit("UnsetEnvironment", DROP_IN) == [line.split("=")[0] for line in unit("Environment") if "=%d/" in line]
    assert given.keys() <= SECRETS
    assert set(given.values()) == {f"%d/{line.partition(':')[0]}" for line in credentials}


def test_the_service_may_write_the_folder_of_networks_that_the_guide_makes() -> None:
    (folder,), (place,) = unit("ReadWritePaths", DROP_IN), unit("WorkingDirectory", DROP_IN)
    (program, *_), (user,) = unit("ExecStart")[0].split(), unit("User")
    assert unit("ExecStart", DROP_IN) == ["", f"{program} run --config {folder}"]
    assert unit("RequiresMountsFor", DROP_IN) == [folder]
    assert folder == f"{place}/networks"
    assert f"install -d -o {user} -g {user} -m 750 {place}\nsudo cp -r networks {place}/\n" in GUIDE
    assert f"chown -R {user}:{user} {folder}\n" in GUIDE
    assert f"install -D -m 644 deploy/hosting.conf /etc/systemd/system/{SERVICE.name}.d/hosting.conf\n" in GUIDE


def test_the_containers_differ_from_that_of_one_network_in_what_many_need_and_run_the_folder_that_is_mounted() -> None:
    own = {"command", "deploy", "depends_on", "build", "environment", "secrets", "volumes", "mem_limit", "pids_limit"}
    for service, keys in {"concierge": own, "database": {"profiles"}}.items():
        one, many = (compose(text)["services"][service] for text in (COMPOSE, CONTAINERS))
        assert {key for key in one.keys() | many.keys() if one.get(key) != many.get(key)} == keys
    concierge = compose(CONTAINERS)["services"]["concierge"]
    mounted = dict(volume.split(":") for volume in concierge["volumes"])
    *run, folder = concierge["command"]
    assert (run, mounted["../networks"]) == (["run", "--config"], folder)
    assert f"{image_value('XDG_CACHE_HOME')}/concierge" == mounted["cache"]


def test_the_pods_are_given_what_the_program_knows_from_the_secret_that_is_made() -> None:
    assert {one["name"] for one in CONTAINER["env"]} <= {name.removesuffix("_FILE") for name in KNOWN}
    secrets = [one["valueFrom"]["secretKeyRef"] for one in CONTAINER["env"] if "valueFrom" in one]
    (command,) = re.findall(r"kubectl create secret generic (?:.*\\\n)*.*", MANIFEST)
    assert {command.split()[4]} == {one["name"] for one in secrets}
    assert re.findall(r"--from-literal (\w+)=", command) == [one["key"] for one in secrets]


def test_the_pods_run_the_folder_of_the_claim_and_may_write_where_the_bot_writes() -> None:
    mounted = {one["name"]: one["mountPath"] for one in CONTAINER["volumeMounts"]}
    volumes = {one.pop("name"): one for one in yaml.safe_load(yaml.safe_dump(PODS["spec"]["volumes"]))}
    claim = RESOURCES["PersistentVolumeClaim"]
    assert mounted.keys() == volumes.keys()
    assert CONTAINER["args"] == ["run", "--config", mounted["networks"]]
    assert volumes["networks"] == {"persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert mounted["cache"] == f"{image_value('XDG_CACHE_HOME')}/concierge"


def test_the_pods_are_locked_as_the_container_is_and_of_the_same_user() -> None:
    own, pod = CONTAINER["securityContext"], PODS["spec"]["securityContext"]
    (user,) = re.findall(r"useradd --uid (\d+)", DOCKERFILE)
    no_more = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert own == no_more
    assert {pod["runAsUser"], pod["runAsGroup"], pod["fsGroup"]} == {int(user)}
    assert pod["runAsNonRoot"]


def test_all_that_belongs_to_the_pods_finds_them() -> None:
    labels, (port,) = PODS["metadata"]["labels"], CONTAINER["ports"]
    selectors = [RESOURCES[kind]["spec"]["selector"]["matchLabels"] for kind in ("Deployment", "PodDisruptionBudget")]
    assert [*selectors, RESOURCES["Service"]["spec"]["selector"]] == [labels] * 3
    assert {one["targetPort"] for one in RESOURCES["Service"]["spec"]["ports"]} == {port["name"]}
    probes = [CONTAINER[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
    assert {probe["port"] for probe in probes} == {port["name"]}
    assert [probe["path"] for probe in probes] == ["/health", "/health", "/ready"]


@pytest.mark.skipif(importlib.util.find_spec("kubernetes_validate") is None, reason="pip install kubernetes-validate")
def test_the_manifest_fits_the_schemas_of_kubernetes() -> None:
    import kubernetes_validate

    for version, resource in product(VERSIONS, yaml.safe_load_all(MANIFEST)):
        assert kubernetes_validate.validate(resource, version, strict=True) == version
    assert f"{VERSIONS[0]} to {VERSIONS[-1]}" in GUIDE
