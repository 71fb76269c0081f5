"""Asks the expected questions that read well and keeps those that their statement answers, for the chat to offer.

`python -m evals.offer` writes assistant/languages/offered.txt; about half an hour. Where it was broken off it goes on.
"""

from collections.abc import Iterator
from pathlib import Path

from assistant.chain import Assistant, open_assistant
from assistant.exhibits import OFFERED, plainest, reads_well
from assistant.records import Unit
from assistant.settings import Settings

STATEMENTS = 3  # of a passage that are asked about
TRIES = 2  # English questions of a statement that are asked until one is answered
DONE = Path("evals/runs/offered-tried.txt")  # removed at the end


def main() -> None:
    """Ask, and write after each statement."""
    assistant = open_assistant(Settings(threads=1))
    DONE.parent.mkdir(exist_ok=True)
    tried = set(DONE.read_text(encoding="utf-8").splitlines()) if DONE.exists() else set()
    kept = set(OFFERED.read_text(encoding="utf-8").splitlines()) if tried else set()
    with DONE.open("a", encoding="utf-8") as done:
        for source_id, unit, questions in _candidates(assistant):
            if tried.issuperset(questions):
                continue
            kept |= {next((one for one in questions if _answered(assistant, one, source_id, unit)), "")} - {""}
            print(*questions, sep="\n", file=done, flush=True)
            OFFERED.write_text("".join(f"{question}\n" for question in sorted(kept)), encoding="utf-8")
    DONE.unlink()


def _candidates(assistant: Assistant) -> Iterator[tuple[str, Unit, list[str]]]:
    """Yield what may be offered for a first statement of each passage in each language, then for a second, a third."""
    translated: dict[str, list[str]] = {}
    for asked, reading in assistant.index.expected:
        if asked != reading and reads_well(asked):
            translated.setdefault(reading, []).append(asked)
    passages = assistant.index.passages.values()
    asked_of = [(passage.source_id, [unit for unit in passage.units if unit.expected]) for passage in passages]
    for rank in range(STATEMENTS):
        held = [(source_id, units[rank]) for source_id, units in asked_of if len(units) > rank]
        for source_id, unit in held:
            yield source_id, unit, [one for one in plainest(unit.expected) if reads_well(one, "en")][:TRIES]
        for source_id, unit in held:
            for question in translated.get(unit.expected[0], ()):
                yield source_id, unit, [question]


def _answered(assistant: Assistant, question: str, source_id: str, unit: Unit) -> bool:
    """Say whether a question is answered from the table, from dated facts, or with the statement quoted."""
    answer = assistant.ask(question)
    if answer.status != "answered":
        return False
    quoted = ((one.source_id, one.start, one.end) for one in answer.citations)
    return answer.route in ("cities", "facts") or any(
        id_ == source_id and start < unit.end and unit.start < end for id_, start, end in quoted
    )


if __name__ == "__main__":
    main()
