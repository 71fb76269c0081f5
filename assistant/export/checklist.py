"""The outline of the application path as a checklist, and the days ahead that its statements name."""

import datetime
from collections.abc import Collection, Iterator

from assistant.captions import Captions
from assistant.export.ahead import Ahead, days_of
from assistant.export.outline import Block, Note, Outline, Run, english_date, from_left
from assistant.pages import show_firmness
from assistant.path import ApplicationPath, Line, Step


def outline_of_path(path: ApplicationPath, captions: Captions, *, done: Collection[str], today: str) -> Outline:
    """Return the path with a box for each task, ticked where it is `done`."""
    say = captions.say
    title = say("path.title", call=path.call)
    notes = _Notes(captions)
    blocks = [
        Block("title", (Run(title),)),
        Block("about", (Run(say("export.made", date=captions.date(today))),)),
        Block("about", (Run(say("export.decides")),)),
    ]
    if captions.language != "en":
        blocks.append(Block("about", (Run(say("path.english_lines")),)))
    blocks += [
        Block("heading", (Run(say("path.next")),)),
        Block("paragraph", (Run(say("path.next_intro"), bold=True),)),
    ]
    for step in path.next:
        blocks += _lines(step, captions, notes)
    for number, step in enumerate(path.steps, 1):
        blocks.append(Block("heading", (Run(f"{number}. {say(f'step.{step.id}')}"),)))
        for task in step.tasks:
            who = f" ({say(f'who.{task.who}')})" if task.who else ""
            words = (Run(say(f"task.{task.id}"), bold=True), Run(who))
            blocks.append(Block("item", words, depth=1, ticked=task.id in done))
            blocks += [_item(line, captions, notes, path.call) for line in task.lines]
    blocks.append(Block("heading", (Run(say("path.changes")),)))
    for step in path.changes:
        blocks.append(Block("paragraph", (Run(say(f"step.{step.id}"), bold=True),)))
        blocks += _lines(step, captions, notes)
    return Outline(title, captions.language, tuple(blocks), tuple(notes.listed), captions=captions)


def days_of_path(path: ApplicationPath, today: datetime.date) -> list[Ahead]:
    """Return the days from today on that statements of the path name, soonest first."""
    found: dict[tuple[datetime.date, str], Ahead] = {}
    for steps in (path.next, path.steps, path.changes):
        for line in path.lines(steps):
            first = line.origins[0] if line.origins else None
            source = ", ".join(filter(None, (first.title, first.publisher, first.date))) if first else line.document
            for one in days_of(line.text, source, today=today, url=first.url if first else ""):
                found.setdefault((one.day, one.statement), one)
    return sorted(found.values(), key=lambda one: (one.day, one.statement))


class _Notes:
    """Numbers the sources of lines; lines that rest on the same ones share a note."""

    def __init__(self, captions: Captions) -> None:
        self._captions = captions
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = {}
        self.listed: list[Note] = []

    def number(self, line: Line) -> int:
        key = line.document, tuple(origin.id for origin in line.origins)
        if key not in self._numbers:
            self._numbers[key] = len(self.listed) + 1
            self.listed.append(self._note(line, self._numbers[key]))
        return self._numbers[key]

    def _note(self, line: Line, number: int) -> Note:
        place = [self._captions.say("export.quoted_from", document=line.document)]
        if not line.origins:
            return Note(number, (), line.document)
        first = line.origins[0]
        if further := len(line.origins) - 1:
            place.append(self._captions.say("export.further", count=further))
        about = (first.title, first.publisher, english_date(first.date) or "undated", show_firmness(first))
        return Note(number, (), ", ".join(about), "; ".join(place), first.url)


def _lines(step: Step, captions: Captions, notes: _Notes) -> Iterator[Block]:
    for task in step.tasks:
        for line in task.lines:
            yield _item(line, captions, notes, "", depth=1)


def _item(line: Line, captions: Captions, notes: _Notes, call: str, *, depth: int = 2) -> Block:
    other = call and line.call and line.call != call
    badge = (Run(f"{captions.say('path.of_call', call=line.call)}: ", italic=True),) if other else ()
    text = ": ".join(line.cells) if len(line.cells) > 1 else line.text
    words = Run(from_left(text, captions.direction == "rtl"))
    return Block("item", (*badge, words, Run("", note=notes.number(line))), depth=depth, language="en")
