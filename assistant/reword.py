"""An answer in the words of a language model: each sentence as it passes the check, with citations of the program."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from assistant.abroad import AbroadCheck
from assistant.cities import Places
from assistant.compose import OPENINGS, Span, Statement
from assistant.corpus import Tables
from assistant.errors import ModelError
from assistant.evidence import REMARKS, Candidate, loss_of, sentence_before
from assistant.index import Index, split_unit_id
from assistant.prompts import prose_messages
from assistant.prose import written
from assistant.records import Source
from assistant.refute import Records
from assistant.restate import Ground, dated, fault
from assistant.scope import tampers
from assistant.translate import Translator
from assistant.understand import Query
from assistant.values import dates, numbers

MOST_SENTENCES = 8
# Of what a model writes this share must pass; where most of it falls, the rest is not worth showing either.
LEAST_SHARE = 0.5

_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking the model: sentences to show, or why there are none."""

    statements: tuple[Statement, ...] = ()
    problem: str = ""


class Rewording:
    """A language model and all that its sentences are held against."""

    def __init__(
        self,
        model: BaseChatModel,
        *,
        tables: Tables,
        places: Places,
        translator: Translator,
        timeout_seconds: float,
    ) -> None:
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._records = Records(tables, places)
        self._abroad = AbroadCheck(translator, places)

    def reword(
        self, question: str, said: Sequence[Statement], grounds: Sequence[Ground], *, needed: int, language: str
    ) -> Iterator[Statement | Outcome]:
        """Yield each sentence that passes, then the outcome.

        `said` is the answer as it stands; a sentence may rest on any of the grounds, the first `needed` of which
        must each carry one. An outcome with a problem takes back what was yielded before it.
        """
        messages = prose_messages(
            question, "\n".join(one.text for one in said), [_shown(ground) for ground in grounds], language=language
        )
        kept: dict[str, tuple[Statement, Ground]] = {}
        fallen = 0
        before: Ground | None = None
        try:
            for sentence in written(self._model, messages, timeout_seconds=self._timeout_seconds):
                key = re.sub(r"\W+", " ", sentence.casefold()).strip()
                if not key or key in kept:
                    continue
                before = self._ground_of(sentence, grounds, before, language)
                if before is None or len(kept) == MOST_SENTENCES:
                    fallen += 1
                    continue
                statement = Statement(dated(sentence, before, language=language), before.spans)
                kept[key] = (statement, before)
                yield statement
        except ModelError as error:
            yield Outcome(problem=str(error))
            return
        yield self._outcome(list(kept.values()), fallen, said, grounds[:needed])

    def _ground_of(
        self, sentence: str, grounds: Sequence[Ground], before: Ground | None, language: str
    ) -> Ground | None:
        """Return the first ground that carries a sentence; the one of the sentence before it is tried first."""
        tried = [before, *(ground for ground in grounds if ground != before)] if before else grounds
        for ground in filter(None, tried):
            if not fault(sentence, ground, before=before) and not self._records.refute(sentence):
                return ground
            if language != "en" and not self._abroad.fault(sentence, ground, language):
                return ground
        return None

    def _outcome(
        self,
        kept: Sequence[tuple[Statement, Ground]],
        fallen: int,
        said: Sequence[Statement],
        needed: Sequence[Ground],
    ) -> Outcome:
        """Return what is shown: enough of the model's sentences, with all that the direct answer says."""
        if not kept:
            return Outcome(problem="No sentence of the language model passed the check")
        if len(kept) < LEAST_SHARE * (len(kept) + fallen):
            return Outcome(problem="Most sentences of the language model did not pass the check")
        text = " ".join(statement.text for statement, _ in kept)
        lost = [ground for ground in needed if all(ground.spans != one.spans for _, one in kept)]
        values = {value for one in said[: len(needed)] for bold in _BOLD.findall(one.text) for value in _values(bold)}
        if lost or not values <= _values(text):
            return Outcome(problem="The language model left out a part of the answer")
        return Outcome(tuple(statement for statement, _ in kept))


def said_grounds(statements: Sequence[Statement], sources: Mapping[str, Source]) -> list[Ground]:
    """Return the statements of an answer as grounds: each has been checked against its quotes already."""
    grounds = []
    for statement in statements:
        text = statement.text.replace("**", "").removeprefix("- ")
        for opening in OPENINGS:
            text = text.removeprefix(opening)
        days = {day for span in statement.spans for day in sources[span.source_id].dates_in(span.start, span.end)}
        grounds.append(Ground(text, statement.spans, days=tuple(sorted(days))))
    return grounds


def found_grounds(query: Query, unit_ids: Sequence[str], index: Index) -> Iterator[Ground]:
    """Yield the statements that were found and may answer; those that read like orders to a machine are left out."""
    for passage_id, number in map(split_unit_id, unit_ids):
        candidate = Candidate(index.passages[passage_id], number)
        passage, unit, source = candidate.passage, candidate.unit, index.sources[candidate.passage.source_id]
        if REMARKS in passage.headings or tampers(unit.text) or unit.text.endswith(":"):
            continue
        if loss_of(query, candidate, index.sources) is None:
            continue
        near = sentence_before(candidate) if unit.kind == "sentence" else unit.label
        span = Span(source.id, unit.start, unit.end, " > ".join(passage.headings))
        yield Ground(unit.text, (span,), near, source.dates_in(unit.start, unit.end))


def _shown(ground: Ground) -> str:
    return f"{ground.near.rstrip(':：. ')}: {ground.text}" if ground.near else ground.text


def _values(text: str) -> set[str]:
    return {date.iso for date in dates(text)} | {f"{number.value:g}" for number in numbers(text)}
