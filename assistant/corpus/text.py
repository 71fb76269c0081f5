"""Reads plain text and Markdown, in whatever encoding they are, with or without YAML front matter."""

import logging
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from assistant.clean import (
    Block,
    clean_plain,
    find_date,
    join_lines,
    normalise,
    render,
    row,
    rule_row,
    tidy,
    without_comments,
)
from assistant.corpus.draft import Draft
from assistant.errors import CorpusError

if TYPE_CHECKING:
    from markdown_it.token import Token

logger = logging.getLogger(__name__)

_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?^---[ \t]*$", re.S | re.M)
_OPENS_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*[A-Za-z_]+[ \t]*:")
_NAMES = re.compile("id|title|publisher|source_title|url|published|as_of|language|kind|original")
_OTHER_NAMES = {"date": "published", "lang": "language", "source": "url"}
_ISO_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
# The encodings of documents that are not UTF-8; with more of them a short text is guessed wrong more often.
_ENCODINGS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "gb18030", "big5", "shift_jis", "euc_kr"]
_LATIN_ENCODINGS = ("cp1250", "cp1252", "cp1254")
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[¡-©¬-´¶-¹¼-¿×÷ƒˆ˜†‡]|[¡-©¬-´¶-¹¼-¿×÷ƒˆ˜†‡](?=[^\W\d_])")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_TAG = re.compile(r"<[^<>]{1,500}>")


def read_text(data: bytes) -> Draft:
    """Read a plain text file; its structure is recovered from its lines."""
    stated, body = _front_matter(decode(data))
    return Draft(clean_plain(body), stated or {}, complete=stated is not None)


def read_markdown(data: bytes) -> Draft:
    """Read a Markdown file; its structure is kept and its inline marks are taken off."""
    from markdown_it import MarkdownIt

    stated, body = _front_matter(decode(data))
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    return Draft(normalise(render(_blocks(tokens))), stated or {}, complete=stated is not None)


def decode(data: bytes) -> str:
    """Return bytes as text: UTF-8, UTF-16 with its mark, else the likeliest older encoding.

    Raise CorpusError where they are no text.
    """
    found = _decode_as(data, "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    text = _decode_by_guess(data) if found is None else found
    if "\x00" in text or len(_CONTROL.findall(text[:100_000])) * 20 > len(text[:100_000]):
        raise CorpusError("it holds binary data, not text; save it again as UTF-8 text")
    if not text.strip():
        raise CorpusError("it is empty; put text into it or remove it")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode_as(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _decode_by_guess(data: bytes) -> str:
    if b"\x00" in data[:100_000]:
        return "\x00"
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_ENCODINGS).best()
    if best is None:
        raise CorpusError("its encoding is unknown; save it again as UTF-8 text")
    if best.encoding in _LATIN_ENCODINGS:  # which of them it is, is a toss-up in a short text; Western is the commonest
        western = _decode_as(data, "cp1252")
        if western and not _SIGN_IN_WORD.search(western):
            return western
    return str(best)


def _front_matter(text: str) -> tuple[dict[str, str] | None, str]:
    """Return the fields of the front matter, `None` where there is none, and the text below it."""
    import frontmatter
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    start = text.lstrip("\n")
    if not _OPENS_FRONT_MATTER.match(start):
        return None, text
    if not _FRONT_MATTER.match(start):
        raise CorpusError("line 1: the front matter has no end; close it with a line `---`")
    try:
        found, body = frontmatter.parse(start, handler=YAMLHandler())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        problem = f"{line}the front matter is no valid YAML ({_problem(error)})"
        raise CorpusError(f"{problem}; put the value in quotes") from error
    return _fields(found, start), body


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).splitlines()[0]


def _fields(found: dict[str, object], text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for key, value in found.items():
        name = key if _NAMES.fullmatch(str(key)) else _OTHER_NAMES.get(str(key), "")
        if not name or value is None or (name in fields and key != name):
            continue
        if not isinstance(value, str | int | float | date):
            raise CorpusError(f"line {_line_of(key, text)}: `{key}` is no single value; write it as one text")
        fields[name] = tidy(value.isoformat() if isinstance(value, date) else str(value)).strip()
    for name in ("published", "as_of"):
        fields[name] = _iso_date(fields.get(name, ""))
    fields["language"] = fields.get("language", "").lower()[:2]
    return {name: value for name, value in fields.items() if value}


def _line_of(key: str, text: str) -> int:
    lines = text.split("\n")
    return next((number for number, line in enumerate(lines, 1) if line.lstrip().startswith(f"{key}:")), 1)


def _iso_date(stated: str) -> str:
    if _ISO_DATE.fullmatch(stated) or not stated:
        return stated
    found = find_date(stated)
    if not found:
        logger.warning("No date in %r; write 2022, 2022-06 or 2022-06-24", stated)
    return found


def _blocks(tokens: Sequence["Token"]) -> Iterator[Block]:
    """Yield the blocks of parsed Markdown; lists inside lists come in line, and each item is one block."""
    lists: list[int] = []  # the next number of each open list, 0 for bullets
    item: list[str] | None = None  # the texts of the item in progress
    cells: list[str] = []
    kind = ""
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if item:
                yield _item(item, lists)
                item = None
            lists.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else 0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            item = []
        elif token.type == "list_item_close":
            if item:
                yield _item(item, lists)
            item = None
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            yield Block("row", row(cells), "first" if kind == "th_open" else "")
            if kind == "th_open":
                yield Block("row", rule_row(len(cells)))
        elif token.type == "inline":
            text = join_lines(_inline(token).split("\n"))
            if kind in ("th_open", "td_open"):
                cells.append(text)
            elif item is not None:
                item.append(text)
            elif text.strip():
                yield Block("heading", text, kind) if kind.startswith("#") else Block("paragraph", text)
        elif token.type in ("fence", "code_block", "html_block"):
            code = token.content
            if token.type == "html_block":
                code = _TAG.sub(" ", without_comments(code))
            yield from (Block("paragraph", line.strip()) for line in code.split("\n") if line.strip())
        if token.type.endswith("_open"):
            kind = "#" * int(token.tag[1]) if token.type == "heading_open" else token.type


def _item(texts: Sequence[str], lists: list[int]) -> Block:
    number = lists[-1] if lists else 0
    if number:
        lists[-1] += 1
    return Block("item", " ".join(text for text in texts if text), f"{number}." if number else "-")


def _inline(token: "Token") -> str:
    """Return the words of an inline token: the text of links, no images, no tags."""
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or child.content.lower().startswith("<br"):
            parts.append("\n")
    return "".join(parts).strip()
