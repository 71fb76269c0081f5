"""The README tells the truth: each command in it exists, and its table of settings is the one of the code."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from assistant.cli import app
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.is_file() else ""
needs_readme = pytest.mark.skipif(not TEXT, reason="there is no README.md")


def commands(tool):
    """Lines of code blocks and code spans that begin with a tool, without what follows a pipe or a comment."""
    blocks = re.findall(r"^```(?:sh|bash|shell|console|text)?\n(.*?)^```", TEXT, re.M | re.S)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```", "", TEXT, flags=re.M | re.S))
    found = []
    for line in (*lines, *spans):
        words = re.split(r"\s(?:#|\||&&|>|<)\s?", line)[0]
        words = re.sub(r"^(?:[A-Z_]+=\S+\s+)+", "", words)
        if re.match(rf"(?:\.venv/bin/)?{tool}(?:\s|$)", words):
            found.append(words.removeprefix(".venv/bin/").strip())
    return sorted(set(found) - {tool})


def unknown(line):
    """Say what a `uccn` command line names that is not there, or return ''."""
    words = shlex.split(line.replace("...", ""))[1:]
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    options |= {"--help", "-h"}
    for word in words:
        if word.startswith("-") and word.split("=")[0] not in options:
            return f"no option {word}"
    return ""


@needs_readme
@pytest.mark.parametrize("line", commands("uccn"))
def test_every_uccn_command_of_the_readme_exists(line):
    assert not unknown(line)


@needs_readme
@pytest.mark.parametrize("line", commands("make"))
def test_every_make_command_of_the_readme_exists(line):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    words = [word for word in line.split()[1:] if "=" not in word and not word.startswith("-")]

    assert words
    assert set(words) <= set(targets)


@needs_readme
def test_the_readme_names_the_commands_that_matter():
    assert {"make run", "make test"} <= set(commands("make"))
    assert any(line.startswith("uccn ask") for line in commands("uccn"))


@needs_readme
def test_the_table_of_settings_is_that_of_the_code():
    rows = re.findall(r"^\|\s*`(UCCN_[A-Z_]+)`\s*\|", TEXT, re.M)

    assert sorted(rows) == sorted(f"UCCN_{name.upper()}" for name in Settings.model_fields)


@needs_readme
def test_every_default_in_the_table_is_that_of_the_code():
    for name, field in Settings.model_fields.items():
        (row,) = re.findall(rf"^\|\s*`UCCN_{name.upper()}`\s*\|.*$", TEXT, re.M)
        default = field.default
        if default not in ((), "", None):
            assert str(default) in row


@needs_readme
def test_every_link_to_a_file_leads_somewhere():
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", TEXT):
        assert (ROOT / target).exists(), target


def test_the_check_notices_a_command_or_an_option_that_is_not_there():
    assert unknown("uccn index --corpus FOLDER") == ""
    assert unknown("uccn eval run dev --failures") == ""
    assert unknown('uccn ask "Where?" --json') == ""
    assert "nothing" in unknown("uccn nothing")
    assert "--no-such" in unknown("uccn ask --no-such")
