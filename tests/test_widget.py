import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from html import escape
from pathlib import Path

import brotli
import pytest
from fakes import FakeAssistant, answered, running
from fastapi.testclient import TestClient

from assistant.api import create_app
from assistant.pages import read_static
from assistant.settings import Settings
from assistant.widget import DEMO_POLICY, OPTIONS, render_frame, script

DOCS = (Path(__file__).parent.parent / "docs" / "embed.md").read_text(encoding="utf-8")
WORDS = json.loads(read_static("widget.json"))


@pytest.fixture(scope="module")
def client():
    return TestClient(create_app(FakeAssistant(), Settings()), base_url="https://assistant.example")


def test_it_is_small():
    assert len(gzip.compress(script().text, mtime=0)) <= 15_000
    assert len(script().packed["br"]) <= 13_000


def test_every_language_has_every_word_and_no_other():
    assert set(WORDS) == {"en", "fr", "es", "pt", "zh", "ar", "ru", "de"}
    for language, row in WORDS.items():
        assert set(row) == set(WORDS["en"]), language
        for name, text in row.items():
            english = WORDS["en"][name]
            assert type(text) is type(english), (language, name)
            assert text, (language, name)
            assert re.findall(r"\{\w+\}", str(text)) == re.findall(r"\{\w+\}", str(english)), (language, name)


def test_every_word_is_used_and_every_used_word_is_there():
    source = read_static("widget.js")
    used = set(re.findall(r"words\.(\w+)", source)) | set(re.findall(r'tool\("(\w+)"', source))
    by_status = {"no_answer", "out_of_scope", "clarify", "error"}
    by_firmness = {"official", "member city", "press", "unofficial"}

    assert used - {"call"} <= set(WORDS["en"])
    assert set(WORDS["en"]) <= used | by_status | by_firmness


def test_it_never_sets_markup_and_names_no_host():
    source = read_static("widget.js")

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", source)
    assert not re.search(r"document\.cookie|localStorage|indexedDB", source)
    assert re.findall(r"https?://[\w.]+", source) == ["http://www.w3.org"] * 2  # the namespace of SVG


def test_the_floating_script_is_fresh_and_the_versioned_one_stays(client):
    floating = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    described = client.get("/widget.json").json()
    versioned = client.get(described["versioned"], headers={"Accept-Encoding": "identity"})

    assert floating.content == versioned.content == script().text
    assert "immutable" in versioned.headers["cache-control"]
    assert "immutable" not in floating.headers["cache-control"]
    assert versioned.headers["access-control-allow-origin"] == "*"
    assert versioned.headers["cross-origin-resource-policy"] == "cross-origin"
    assert versioned.headers["content-type"].startswith("text/javascript")
    digest = base64.b64encode(hashlib.sha384(versioned.content).digest()).decode()
    assert described["integrity"] == f"sha384-{digest}"
    assert described["floating"] == "https://assistant.example/widget.js"
    assert client.get("/widget/000000000000.js").status_code == 404


def test_the_script_is_packed_as_the_browser_takes_it(client):
    with client.stream("GET", "/widget.js", headers={"Accept-Encoding": "gzip, br"}) as packed:
        assert packed.headers["content-encoding"] == "br"
        assert brotli.decompress(b"".join(packed.iter_raw())) == script().text
    with client.stream("GET", "/widget.js", headers={"Accept-Encoding": "gzip"}) as packed:
        assert gzip.decompress(b"".join(packed.iter_raw())) == script().text


def test_an_unchanged_script_is_not_sent_again(client):
    tag = client.get("/widget.js").headers["etag"]

    again = client.get("/widget.js", headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")


def test_the_frame_holds_the_widget_alone_and_takes_its_options(client):
    page = client.get("/embed?language=fr&heading=A%22B&unknown=x&mode=bubble")

    assert (
        '<script src="widget.js" async data-language="fr" data-heading="A&quot;B" data-mode="full"></script>'
        in page.text
    )
    assert "unknown" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert render_frame({}).count("data-") == 1


def test_the_demo_page_shows_lines_that_work(client):
    page = client.get("/embed/demo").text

    assert "https://assistant.example/widget.js" in page
    assert script().integrity in page
    assert escape(DEMO_POLICY) in page
    assert "style=" not in page
    assert page.count("<script") == 1


def test_every_option_is_read_by_the_script_and_told_in_the_docs():
    source = read_static("widget.js")
    (listed,) = re.findall(r"const OPTIONS = (\[.*?\]);", source)

    assert tuple(json.loads(listed)) == OPTIONS
    for name in OPTIONS:
        assert f"| `data-{name}` |" in DOCS


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", DOCS, re.S))
def test_the_programs_of_the_docs_run(block):
    with running(FakeAssistant()) as url:
        program = block.replace("http://127.0.0.1:7860", url)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert answered().answer in done.stdout


def test_the_directives_of_the_docs_are_those_of_the_browser_test():
    for directive in ("script-src 'nonce-", "connect-src https://HOST", "require-trusted-types-for 'script'"):
        assert directive in DOCS
