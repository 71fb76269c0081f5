"""The one form of text that the program knows: tidy characters and light Markdown blocks.

Light Markdown is `#` headings, paragraphs on one line, `- ` or `1. ` items, `| a | b |` rows; nothing else.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row"]

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n(?:[ ]*\n){3,}")
_SOFT_HYPHEN_AT_LINE_END = re.compile(r"\u00ad[ \t]*\n[ \t]*")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"}
# What word processors and PDF writers leave of a bullet: a private character, or a lost control character.
_LOST_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf076\uf02d\uf0fc\x7f", "•")
_NO_GLYPH = "\ufffd\ufffe\uffff"

_HEADING = re.compile(r"(#{1,6})[ ]+(\S.*)")
_CLOSING_MARKS = re.compile(r"(?:^|[ ])#+$")
_ITEM = re.compile(r"(-|\d{1,3}[.)])[ ]+(\S.*)")
_LONE_MARK = re.compile(r"#{1,6}|-|\d{1,3}[.)]")
_RULE = re.compile(r"[-*_=~+ .]*")
_RULE_CELL = re.compile(r":?-+:?")
_SPACES = re.compile(r"[ \t]+")
_HYPHENATED_END = re.compile(r"[^\W\d_]{2,}-$")
_LAST_WORD = re.compile(r"([\w-]+)-$")
_IDEOGRAPH = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uff00-\uff64]")
_LONGEST_WORD = 60
_FIRST_WORD = re.compile(r"\w+")
# First halves that keep their hyphen where a line ends in it.
_COMPOUND_STARTS = (
    "all co cross decision ex half high long low mid multi near non peer policy post pre public self short so "
    "socio state sub well world"
)


@dataclass(frozen=True, slots=True)
class Block:
    """One line of light Markdown, without its mark."""

    kind: BlockKind
    text: str
    mark: str = ""  # `##` of a heading, `-` or `1.` of an item, `first` of the first row of a table


def tidy(text: str) -> str:
    """Return the text in NFC without control, zero-width and direction characters, with plain spaces.

    Runs of spaces stay, since a wide gap can be a column, and up to two empty lines; a tab becomes a gap of four.
    """
    text = _SOFT_HYPHEN_AT_LINE_END.sub("", _LINE_ENDS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    plain = {char: _plain(char) for char in set(text)}
    odd = "".join(char for char, replacement in plain.items() if char != replacement)
    if odd:
        text = re.sub(f"[{re.escape(odd)}]", lambda match: plain[match.group()], text)
        text = unicodedata.normalize("NFC", text)
    return _EMPTY_LINES.sub("\n\n\n", text)


def decode_entities(text: str) -> str:
    """Return the text with `&amp;` and the like resolved, also where they were escaped twice."""
    for _ in range(4):
        again = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
        if again == text:
            break
        text = again
    return text


def without_comments(text: str) -> str:
    """Return the text without `<!-- ... -->`; one that never ends is kept."""
    parts = []
    done = 0
    while (start := text.find("<!--", done)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[done:start])
        done = end + 3
    return "".join([*parts, text[done:]])


def normalise(text: str) -> str:
    """Return light Markdown in its final form: `normalise(normalise(text)) == normalise(text)`."""
    text = tidy(text)
    for _ in range(8):  # a join can make a new mark, as `-` alone above a word does
        again = render(parse(text))
        if again == text:
            break
        text = again
    return text


def parse(text: str) -> list[Block]:
    """Return the blocks of tidy light Markdown; lines without a blank line between them are one paragraph."""
    known = vocabulary(text) if "-\n" in text else frozenset()
    groups: list[tuple[Block, list[str]]] = []
    touching = False  # no blank line since the last group
    pending = ""  # a mark alone on its line, which belongs to the next line
    for raw in text.split("\n"):
        line = _SPACES.sub(" ", raw).strip()
        if _LONE_MARK.fullmatch(line) and not touching:
            pending = f"{line} "
        elif not line or _is_rule(line):
            touching = False
        else:
            block = _block(pending + line)
            above = groups[-1] if touching else None
            pending = ""
            if above and block.kind == "paragraph" and above[0].kind in ("paragraph", "item"):
                above[1].append(block.text)
            elif block.text:
                if above and above[0].kind == block.kind == "row":
                    block = Block("row", block.text)
                groups.append((block, [block.text]))
                touching = block.kind != "heading"
    return [Block(block.kind, join_lines(lines, known), block.mark) for block, lines in groups]


def render(blocks: Iterable[Block]) -> str:
    """Return light Markdown: blocks parted by a blank line, the lines of one list or table not."""
    lines: list[str] = []
    last: Block | None = None
    for block in blocks:
        same_list = last is not None and last.kind == block.kind == "item"
        same_table = last is not None and last.kind == block.kind == "row" and block.mark != "first"
        if last is not None and not same_list and not same_table:
            lines.append("")
        lines.append(f"{block.mark} {block.text}" if block.kind in ("heading", "item") else block.text)
        last = block
    return "\n".join(lines)


def row(cells: Sequence[str]) -> str:
    """Return one line of a table; a bar inside a cell becomes a stroke."""
    return "| " + " | ".join(_SPACES.sub(" ", cell.replace("|", "/")).strip() for cell in cells) + " |"


def rule_row(columns: int) -> str:
    """Return the line that stands under a table's header row."""
    return row(["---"] * columns)


def join_lines(lines: Sequence[str], known: frozenset[str] = frozenset()) -> str:
    """Return the lines of one paragraph as one line, with each word mended that a line end had cut.

    `known` are words of the text in lower case: they tell `inter-city` from `sustain-able`.
    """
    parts = [lines[0]]
    for below in lines[1:]:
        above = parts[-1]
        if is_ideographic(above[-1:]) and is_ideographic(below[:1]):
            parts += ["", below]
        elif below[:1].islower() and _HYPHENATED_END.search(above[-_LONGEST_WORD:]):
            parts[-1] = above if _keeps_hyphen(above, below, known) else above[:-1]
            parts += ["", below]
        else:
            parts += [" ", below]
    return "".join(parts)


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, compounds with their hyphen as well."""
    return frozenset(re.findall(r"\w+(?:-\w+)*", text.lower()))


def is_ideographic(char: str) -> bool:
    """Say whether a character belongs to a script that is written without spaces: Chinese or Japanese."""
    return bool(_IDEOGRAPH.match(char))


def _keeps_hyphen(above: str, below: str, known: frozenset[str]) -> bool:
    half, rest = _LAST_WORD.search(above[-_LONGEST_WORD:]), _FIRST_WORD.match(below)
    if half is None or rest is None:
        return True
    first, second = half.group(1).lower(), rest.group().lower()
    if first + second in known:
        return False
    return f"{first}-{second}" in known or first.rpartition("-")[2] in _COMPOUND_STARTS.split()


def _block(line: str) -> Block:
    if heading := _HEADING.fullmatch(line):
        return Block("heading", _CLOSING_MARKS.sub("", heading.group(2)).strip(), heading.group(1))
    if item := _ITEM.fullmatch(line):
        return Block("item", item.group(2), item.group(1).replace(")", "."))
    if len(line) > 2 and line[0] == line[-1] == "|":
        return Block("row", _row(line), "first")
    return Block("paragraph", line)


def _row(line: str) -> str:
    cells = [cell.strip() for cell in line[1:-1].split("|")]
    if all(_RULE_CELL.fullmatch(cell) for cell in cells):
        return rule_row(len(cells))
    return row(cells) if any(cells) else ""


def _is_rule(line: str) -> bool:
    """Say whether a line only draws: `-----`, `* * *`, a row of dots."""
    return len(line) > 1 and bool(_RULE.fullmatch(line)) and not line.isdigit()


def _plain(char: str) -> str:
    if char == "\n" or " " <= char <= "~":
        return char
    if char in _LIGATURES:
        return _LIGATURES[char]
    if char in _LOST_BULLETS:
        return _LOST_BULLETS[char]
    if char == "\t":
        return "    "
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    return "" if category in ("Cc", "Cf", "Co", "Cs") or char in _NO_GLYPH else char
