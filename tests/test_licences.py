"""What is known of the licences, and the lock."""

import re
from pathlib import Path

from typer.testing import CliRunner

from assistant.cli import app
from assistant.licences import PROJECT, UNNAMED, licences
from assistant.models import BUILT_IN

ROOT = Path(__file__).parent.parent


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line) for line in lines)
    return {plain(match[1]): match[2].partition("+")[0] for match in found if match}


def test_each_package_that_is_needed_is_listed_with_a_licence():
    listed = {plain(row.name): row for row in licences()}

    assert len(listed) > 80
    assert {"chromadb", "onnxruntime", "pydantic-core", "starlette"} <= listed.keys()
    assert PROJECT not in listed
    assert "pytest" not in listed, "what only the tests need is no part of the program"
    assert [name for name, row in listed.items() if row.licence == UNNAMED] == []


def test_the_models_are_listed_with_theirs():
    assert {model.name for model in BUILT_IN} <= {row.name for row in licences()}


def test_the_command_prints_a_line_each():
    done = CliRunner().invoke(app, ["licences"])

    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) >= len(licences())
    assert "bge-small-en-v1.5" in done.stdout


def test_the_lock_has_each_package_at_its_pinned_version_with_its_hashes():
    lock = ROOT / "requirements.lock"
    locked, constraints = pins(lock), pins(ROOT / "constraints.txt")
    entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())

    for row in licences():
        if row.version != "model":
            assert locked[plain(row.name)] == constraints.get(plain(row.name), locked[plain(row.name)])
            assert locked[plain(row.name)] == row.version.partition("+")[0]
    assert all("--hash=sha256:" in entry for entry in entries if not entry.startswith("#"))
    assert "://" not in lock.read_text(encoding="utf-8")
