"""The files of deploy/: they are what their tools read, and name settings that there are. No image is built here."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from fakes import FakeAssistant
from fastapi.testclient import TestClient

from assistant.api import create_app
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OBJECTS = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
UNIT = (DEPLOY / "uccn.service").read_text(encoding="utf-8")
IMAGE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
NAMES = {f"UCCN_{name.upper()}" for name in Settings.model_fields}


def deployment():
    (found,) = [one for one in OBJECTS if one["kind"] == "Deployment"]
    return found["spec"]["template"]["spec"]


def environments():
    """The settings of each file, by variable."""
    held = {one["kind"]: one.get("data") or one.get("stringData") for one in OBJECTS}
    image = " ".join(re.findall(r"^ENV (.*)$", IMAGE, re.M))
    unit = " ".join(re.findall(r"^Environment=(.*)$", UNIT, re.M))
    return {
        "compose.yaml": COMPOSE["services"]["app"]["environment"],
        "kubernetes.yaml": held["ConfigMap"] | held["Secret"],
        "Containerfile": dict(re.findall(r"(UCCN_\w+)=(\S+)", image)),
        "uccn.service": dict(re.findall(r"(UCCN_\w+)=(\S+)", unit)),
    }


@pytest.mark.parametrize("file", environments())
def test_every_setting_of_a_file_is_one_and_its_value_can_be_used(monkeypatch, file):
    values = environments()[file]
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))

    Settings()

    assert values
    assert set(values) <= NAMES


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_no_file_names_a_setting_that_there_is_not(path):
    named = set(re.findall(r"\bUCCN_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))) - {"UCCN_NAME"}

    assert named <= NAMES


# --- Kubernetes ---


def unknown_in(value, type_, where):
    """Yield each field of a value that its type, by name, does not have."""
    from kubernetes import client

    if found := re.fullmatch(r"[Ll]ist\[(.*)\]", type_):
        for item in value:
            yield from unknown_in(item, found[1], where)
    elif hasattr(client, type_):
        model = getattr(client, type_)
        types = {outside: model.openapi_types[inside] for inside, outside in model.attribute_map.items()}
        for name, item in value.items():
            if name not in types:
                yield f"{where}.{name}"
            else:
                yield from unknown_in(item, types[name], f"{where}.{name}")


@pytest.mark.parametrize("number", range(len(OBJECTS)), ids=lambda number: OBJECTS[number]["kind"])
def test_kubernetes_knows_every_field_and_misses_none(number):
    client = pytest.importorskip("kubernetes.client", reason="the client of Kubernetes comes with Chroma")
    held = OBJECTS[number]
    type_ = f"V1{held['kind']}"

    assert list(unknown_in(held, type_, held["kind"])) == []
    assert client.ApiClient().deserialize(json.dumps(held), type_, "application/json").metadata.name.startswith("uccn")


def test_the_check_notices_a_field_that_is_not_there():
    pytest.importorskip("kubernetes.client", reason="the client of Kubernetes comes with Chroma")

    container = {"name": "a", "livenessProbe": {"periodSecond": 1}}
    held = {"spec": {"replica": 2, "template": {"spec": {"containers": [container]}}}}

    found = list(unknown_in(held, "V1Deployment", "it"))

    assert found == ["it.spec.replica", "it.spec.template.spec.containers.livenessProbe.periodSecond"]


def test_probes_ask_what_the_server_answers_from_any_address():
    (container,) = deployment()["containers"]
    probes = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    app = create_app(FakeAssistant(), Settings(public_url="https://assistant.example"))
    inside = TestClient(app, base_url="http://10.1.2.3:7860", client=("10.9.8.7", 40000))

    assert probes == {"startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
    assert {inside.get(path).status_code for path in probes.values()} == {200}
    assert inside.get("/").status_code == 421, "everything else answers at its public address only"


def test_a_pod_is_given_the_time_that_a_stop_takes():
    settings = Settings(stop_seconds=environments()["kubernetes.yaml"]["UCCN_STOP_SECONDS"])

    assert deployment()["terminationGracePeriodSeconds"] >= 5 + settings.stop_seconds + 5
    assert int(re.search(r"TimeoutStopSec=(\d+)", UNIT)[1]) >= Settings().stop_seconds + 5
    assert int(COMPOSE["services"]["app"]["stop_grace_period"].removesuffix("s")) >= Settings().stop_seconds + 5


def test_what_may_be_written_is_the_same_in_image_and_pod():
    (container,) = deployment()["containers"]

    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
    assert "USER 10001" in IMAGE
    assert deployment()["securityContext"]["runAsUser"] == 10001


# --- Compose, systemd, the image ---


def test_every_service_of_compose_is_watched_and_every_volume_declared():
    for name, service in COMPOSE["services"].items():
        assert name == "index" or "healthcheck" in service, name
        for other in service.get("depends_on", {}):
            assert other in COMPOSE["services"]
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
    hosts = re.findall(r"(?://|@)(\w+)[:/]", " ".join(map(str, COMPOSE["services"]["app"]["environment"].values())))
    assert set(hosts) >= {"chroma", "postgres", "redis"}
    assert set(hosts) - {"uccn"} <= set(COMPOSE["services"])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_reads_the_unit(tmp_path):
    program = tmp_path / "uccn"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "uccn.service"
    unit.write_text(UNIT.replace("/opt/uccn/.venv/bin/uccn", str(program)))

    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_image_is_built_from_is_there_and_not_left_out():
    left_out = {line for line in (ROOT / ".containerignore").read_text().splitlines() if line[:1] not in ("#", "")}
    copied = [name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", IMAGE, re.M) for name in line.split()]

    assert copied
    for name in copied:
        assert (ROOT / name).exists()
        assert name not in left_out
    assert (ROOT / ".dockerignore").resolve() == ROOT / ".containerignore"
    for name in re.findall(r"--from=build (?:--chown=\d+ )?(\S+)", IMAGE):
        assert name.startswith(("/venv", "/app/"))
