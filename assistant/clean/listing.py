"""Tells which paragraphs of plain text are the items of a list: numbered, dated, after a colon, or line by line."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.clean.dates import is_date_line
from assistant.clean.unwrap import Paragraph, ends_sentence

_LABEL = re.compile(r"[^\W_a-z][^:：,;.!?]{0,58}\s?[:：]+")
_MOST_LABEL_WORDS = 6
_LONGEST_NUMBERED_HEADING = 110
_LONGEST_LINE_ITEM = 300
_SHORT_ITEM_WORDS = 15
_MOST_ITEM_WORDS = 60


def with_items(paragraphs: Sequence[Paragraph], *, roomy: bool) -> list[Paragraph]:
    """Return the paragraphs with the items of each list marked, and a number alone above a text as a heading."""
    found = _with_time_lines(_with_dates_above(_with_numbers(paragraphs)))
    found = _with_lists_below_colons(found)
    return _with_line_lists(found) if roomy else found


def ends_as_label(text: str) -> bool:
    """Say whether a line is a label: a few words and a colon."""
    return len(text) <= 62 and len(text.split()) <= _MOST_LABEL_WORDS and bool(_LABEL.fullmatch(text))


def _with_numbers(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return numbers that follow each other as items, and a number alone above a text as a heading."""
    numbers = [int(paragraph.mark) if paragraph.kind == "number" else None for paragraph in paragraphs]
    found = []
    for place, (paragraph, number) in enumerate(zip(paragraphs, numbers, strict=True)):
        if number is None:
            found.append(paragraph)
            continue
        beside = (*numbers[max(place - 1, 0) : place], *numbers[place + 1 : place + 2])
        in_list = number - 1 in beside or number + 1 in beside or place + 1 == len(paragraphs)
        if in_list or not _reads_as_title(paragraph.text):
            found.append(replace(paragraph, kind="item", mark=f"{number}."))
        else:
            found.append(replace(paragraph, kind="heading", mark="##", text=f"{number}. {paragraph.text}"))
    return found


def _reads_as_title(text: str) -> bool:
    return len(text) <= _LONGEST_NUMBERED_HEADING and not ends_sentence(text) and not text[0].islower()


def _with_dates_above(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return a date alone on its line together with what stands below, where two or more such pairs follow."""
    found: list[Paragraph] = []
    place = 0
    while place < len(paragraphs):
        pairs = 0
        while _is_dated_pair(paragraphs[place + 2 * pairs : place + 2 * pairs + 2]):
            pairs += 1
        if pairs < 2:
            found.append(paragraphs[place])
            place += 1
            continue
        for day, what in pairwise(paragraphs[place : place + 2 * pairs]):
            if is_date_line(day.text):
                found.append(replace(day, text=f"{day.text}: {what.text}", kind="item", mark="-"))
        place += 2 * pairs
    return found


def _is_dated_pair(paragraphs: Sequence[Paragraph]) -> bool:
    if len(paragraphs) < 2:
        return False
    day, what = paragraphs
    if any(paragraph.kind not in ("text", "entry") or paragraph.mark for paragraph in (day, what)):
        return False
    return is_date_line(day.text) and not is_date_line(what.text) and len(what.text) <= _LONGEST_LINE_ITEM


def _with_time_lines(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return dated lines and phases that follow each other as items; one alone stays text."""
    found = []
    for place, paragraph in enumerate(paragraphs):
        if paragraph.kind == "entry" and not paragraph.mark:
            beside = paragraphs[max(place - 1, 0) : place + 2]
            in_line = sum(other.kind == "entry" and not other.mark for other in beside) > 1
            paragraph = replace(paragraph, kind="item", mark="-") if in_line else replace(paragraph, kind="text")
        found.append(paragraph)
    return found


def _with_lists_below_colons(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    found = list(paragraphs)
    place = 0
    while place < len(found):
        if found[place].kind == "text" and found[place].text[-1] in ":：":
            end = _end_of_list(found, place + 1)
            if end - place > 2:
                for number in range(place + 1, end):
                    found[number] = replace(found[number], kind="item", mark="-")
            place = max(end, place + 1)
        else:
            place += 1
    return found


def _end_of_list(paragraphs: Sequence[Paragraph], start: int) -> int:
    """Return where the list ends that begins at `start`: its items are alike, and as far apart as the first two."""
    end = start
    while end < len(paragraphs) and _goes_on(paragraphs, start, end):
        end += 1
        if paragraphs[end - 1].text[-1] == "." and end - start > 1 and paragraphs[end - 2].text[-1] in ";,":
            break
    return end


def _goes_on(paragraphs: Sequence[Paragraph], start: int, place: int) -> bool:
    first, paragraph = paragraphs[start], paragraphs[place]
    words = len(paragraph.text.split())
    if paragraph.kind != "text" or paragraph.mark or paragraph.text[-1] in ":：" or words > _MOST_ITEM_WORDS:
        return False
    if place > start + 1 and paragraph.gap > paragraphs[start + 1].gap:
        return False
    if first.text[0].islower():
        return paragraph.text[0].islower()
    if paragraph.text[0].islower():
        return False
    # Longer items are told by the word that they share: "The opportunities ...", "The city's ...".
    other = paragraphs[place + 1 : place + 2] if place == start else [first]
    same_word = any(_first_word(paragraph) == _first_word(above_or_below) for above_or_below in other)
    return words <= _SHORT_ITEM_WORDS or same_word


def _first_word(paragraph: Paragraph) -> str:
    return paragraph.text.split(" ", 1)[0]


def _with_line_lists(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return lines with no empty line between them as items where most of them do not end as sentences."""
    found = list(paragraphs)
    start = 0
    while start < len(found):
        end = start + 1
        while end < len(found) and not found[end].gap and _may_be_line_item(found[end]):
            end += 1
        lines = found[start:end]
        ended = sum(ends_sentence(line.text) for line in lines)
        if len(lines) > 1 and _may_be_line_item(lines[0]) and ended * 2 < len(lines):
            found[start:end] = [replace(line, kind="item", mark="-") for line in lines]
        start = end
    return found


def _may_be_line_item(paragraph: Paragraph) -> bool:
    text = paragraph.text
    may = paragraph.kind == "text" and not paragraph.mark
    return may and len(text) <= _LONGEST_LINE_ITEM and text[-1] not in ":："
