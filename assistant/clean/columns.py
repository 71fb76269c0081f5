"""Keeps columns of print apart where a page was read straight across them.

Columns with a white gutter between them are read down again. Where the gutter is lost too, the words alone do not tell
where a line is to be cut: on 150 made-up blocks, cut by word-pair statistics, half of the columns put together were
wrong. So such lines stay as they are, each by itself, and no sentence is made of them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.clean.unwrap import ends_sentence

_GUTTER = 3  # spaces; two can stand behind a full stop
_NARROWEST = 12  # characters of a column of prose
_FEWEST_LINES = 3
_START = re.compile(r"[A-Z][a-z]{3,}")
_EDGES = ",;:.()'’\"“”"
_MOST_WORDS = 20  # in a line of a leaflet
_NAME_LEADERS = re.compile("a|an|and|as|at|between|by|for|from|in|into|its|of|on|or|that|the|their|to|with")
_APART = ("", "")  # two empty lines: what stands below begins a paragraph


def part_columns(lines: Sequence[str]) -> list[str]:
    """Return the lines with columns read down, and lines that run across lost columns parted by empty lines."""
    down = [line for run in _runs(lines) for line in _read_down(run)]
    if not any(_may_begin(down, number, frozenset()) for number in range(len(down))):
        return down
    names = _names(down)
    parted: list[str] = []
    done = 0
    while done < len(down):
        end = _end_of_lost_columns(down, done, names)
        if end == done:
            parted.append(down[done])
            done += 1
            continue
        for line in down[done:end]:
            if line.strip():
                parted += [*_APART, line]
        parted += _APART
        done = end
    return parted


def _runs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines between empty lines, and each empty line by itself."""
    run: list[str] = []
    for line in lines:
        if line.strip():
            run.append(line)
            continue
        if run:
            yield run
            run = []
        yield [line]
    if run:
        yield run


def _read_down(lines: Sequence[str]) -> list[str]:
    """Return the lines of a run column by column, where a gutter parts all of them and prose stands on both sides."""
    if len(lines) < _FEWEST_LINES or not all(" " * _GUTTER in line.rstrip() for line in lines[:-1]):
        return list(lines)
    cut = _gutter(lines)
    left, right = [line[:cut].rstrip() for line in lines], [line[cut:].strip() for line in lines]
    if not cut or not _is_prose(left) or not _is_prose(right):
        return list(lines)
    return [*(line for line in left if line), "", *_read_down([line for line in right if line])]


def _gutter(lines: Sequence[str]) -> int:
    """Return the place behind the first gutter, 0 where there is none."""
    width = max(map(len, lines))
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    blank = 0
    filled = {place for line in lines for place, char in enumerate(line) if char != " "}
    for place in range(indent + _NARROWEST, width):
        if place in filled:
            if blank >= _GUTTER:
                return place
            blank = 0
        else:
            blank += 1
    return 0


def _is_prose(lines: Sequence[str]) -> bool:
    """Say whether sentences run on from line to line, as they do not in the cells of a table."""
    full = [line.strip() for line in lines if line.strip()]
    running = sum(below[0].islower() for below in full[1:])
    return len(full) >= _FEWEST_LINES and running * 2 >= len(full) - 1


def _end_of_lost_columns(lines: Sequence[str], start: int, names: frozenset[str]) -> int:
    """Return where a block of lines that run across columns ends, or `start` where none begins.

    It begins below an empty line with a line that has two beginnings in it and does not end as a sentence, and goes on
    over empty lines as long as no sentence ends.
    """
    if not _may_begin(lines, start, names):
        return start
    end = start
    while end < len(lines) and not _ends_above(lines, end, names):
        end += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end if sum(bool(line.strip()) for line in lines[start:end]) >= _FEWEST_LINES else start


def _may_begin(lines: Sequence[str], start: int, names: frozenset[str]) -> bool:
    line = lines[start].strip()
    if not line or (start and lines[start - 1].strip()) or _beginnings(line, names) < 2 or ends_sentence(line):
        return False
    below = next((text.strip() for text in lines[start + 1 : start + 3] if text.strip()), "")
    return below[:1].islower()


def _ends_above(lines: Sequence[str], number: int, names: frozenset[str]) -> bool:
    line = lines[number].strip()
    if line:
        words = line.split()
        return len(words) > _MOST_WORDS or "@" in line or any(word[-1] in ".:?!" for word in words)
    below = next((text.strip() for text in lines[number + 1 : number + 3] if text.strip()), "")
    return not below or (below[0].isupper() and _beginnings(below, names) < 2)


def _beginnings(line: str, names: frozenset[str]) -> int:
    """Return how many texts begin in a line: words with a capital, no names, behind a word without one."""
    words = line.split()
    if len(words) > _MOST_WORDS or not words:
        return 0
    inside = sum(
        bool(_START.fullmatch(word)) and word not in names and above[0].islower() and above[-1].isalpha()
        for above, word in pairwise(words)
    )
    return inside + bool(_START.fullmatch(words[0]))


def _names(lines: Sequence[str]) -> frozenset[str]:
    """Return names, which begin no text: words with a capital behind a joining word or beside another capital."""
    names: set[str] = set()
    for line in lines:
        for first, second in pairwise(line.split()):
            if second[0].isupper() and (_NAME_LEADERS.fullmatch(first) or first[0].isupper()):
                names.update((first.strip(_EDGES), second.strip(_EDGES)))
    return frozenset(names)
