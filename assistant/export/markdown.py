"""An outline as Markdown with footnotes."""

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.export.outline import Block, Note, Outline, Run

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_ESCAPED = r"\\\1"
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+](?=\s)|\d+(?=[.)]\s))")


def write_markdown(outline: Outline) -> bytes:
    """Return the file, UTF-8."""
    parts: list[str] = []
    before: Block | None = None
    for block in outline.blocks:
        joined = before is not None and before.kind == block.kind and block.kind in ("item", "row")
        parts.append("" if before is None else "\n" if joined else "\n\n")
        parts.append(_block(block, first=not joined))
        before = block
    if outline.notes:
        parts.append("\n\n" + "\n\n".join(_note(note) for note in outline.notes))
    return ("".join(parts).strip() + "\n").encode()


def _block(block: Block, *, first: bool) -> str:
    match block.kind:
        case "title":
            return f"# {_text(block.runs)}"
        case "heading":
            return f"## {_text(block.runs)}"
        case "about" | "remark":
            return f"*{_text(block.runs)}*" if not any(run.bold for run in block.runs) else _text(block.runs)
        case "item":
            mark = f"{block.number}." if block.number else "-"
            box = "" if block.ticked is None else f"[{'x' if block.ticked else ' '}] "
            return f"{'  ' * max(0, block.depth - 1)}{mark} {box}{_text(block.runs)}"
        case "row":
            return "\n".join(_row(block.cells, head=block.head, first=first))
        case _:
            return _LINE_START.sub(r"\1\\\2", _text(block.runs))


def _row(cells: Sequence[Sequence[Run]], *, head: bool, first: bool) -> Iterator[str]:
    if first and not head:
        yield "|" + "  |" * len(cells)  # a table of Markdown has a head, be it empty
        yield "|" + "---|" * len(cells)
    yield f"| {' | '.join(_text(cell) for cell in cells)} |"
    if head:
        yield "|" + "---|" * len(cells)


def _text(runs: Iterable[Run]) -> str:
    parts = []
    for run in runs:
        if run.note:
            parts.append(f"[^{run.note}]")
            continue
        core = run.text.strip()
        words = _SPECIAL.sub(_ESCAPED, core)
        mark = "**" if run.bold else "*" if run.italic else ""
        if core and mark:  # a mark touches the words that it is for
            before, _, after = run.text.partition(core)
            words = f"{before}{mark}{words}{mark}{after}"
        elif core:
            words = _SPECIAL.sub(_ESCAPED, run.text)
        else:
            words = run.text
        parts.append(words.replace("\n", "  \n"))
    return "".join(parts)


def _note(note: Note) -> str:
    quote = " / ".join(_SPECIAL.sub(_ESCAPED, line) for line in note.quote)
    said = [f"“{quote}”"] if quote else []
    said += [f"{_SPECIAL.sub(_ESCAPED, note.about)}."]
    said += [f"{_SPECIAL.sub(_ESCAPED, note.place)}."] if note.place else []
    said += [f"<{note.url}>"] if note.url else []
    return f"[^{note.number}]: " + " ".join((*said, note.unchecked)).strip()
