"""The one wiring place: settings to an Assistant that asks, streams and batches through one LCEL runnable."""

import datetime
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from assistant.cities import Places
from assistant.compose import Span, Statement, compose
from assistant.corpus import firmest_first
from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings, SentenceEmbeddings
from assistant.errors import QuestionError, SettingsError
from assistant.evidence import Scorer
from assistant.facts import DatedFacts
from assistant.followup import carried_on, standalone_question
from assistant.foreign import ForeignReader, Reading, Trust
from assistant.index import Index, open_index, stale_reason
from assistant.known import KnownQuestions
from assistant.llm import open_model
from assistant.phrases import phrases_of
from assistant.records import Answer, Citation, Hit, Question, Route, Source, Turn
from assistant.rerank import Reranker
from assistant.retrieve import NOTHING, Found, Retriever
from assistant.reword import Outcome, Rewording, found_grounds, said_grounds
from assistant.scope import CONTACT, NO_ANSWER, NO_ANSWER_IN, OUT_OF_SCOPE, OUT_OF_SCOPE_IN, Scope, tampers
from assistant.settings import BUILT_IN_RERANKER, Settings
from assistant.tabulate import CityTable
from assistant.terms import Glossary, read_glossary
from assistant.translate import LANGUAGES, Translator
from assistant.understand import Query, understand
from assistant.values import dates, is_iso_date
from assistant.verify import supported
from assistant.vocabulary import STOP, Vocabulary
from assistant.worded import worded
from assistant.wording import parts_of

MOST_GROUNDS = 12  # statements that a language model gets beside the answer
NOT_REWORDED = "This is the answer without a language model: {problem}."
REWORDED = "Worded by a language model; each sentence was checked against its quote."
REWORDED_ABROAD = (
    "Worded by a language model from the English quotes; figures, dates and names were checked, the wording was not."
)
HISTORY_TURNS = 12  # earlier messages that a follow-up is read against
NOTES = {
    "passed": "These dates have passed; the text of UNESCO's current call decides.",
    "dates": "Sources of different dates are shown, the newest first.",
}
_OWN_MARKER = re.compile(r"\[(\d+)\]")
_ESCAPED = r"\\[\1\\]"
_TERMINAL_CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CALLS = re.compile(r"\bdeadlines?\b|\bclos\w+\b|\bapply\b|\bapplications?\b|\bcalls?\b|\bsubmit\b", re.I)


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a streamed answer; `answer` comes last and holds the whole object.

    Where a language model is set, `instant` holds the answer without it, and a `sentence` is one of the model's
    that has passed the check; the `answer` then has all of them, or is the instant one with a note.
    """

    name: Literal["status", "delta", "instant", "sentence", "answer"]
    text: str = ""
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One question of a message and what is known of its answer so far."""

    query: Query
    found: Found = NOTHING
    statements: tuple[Statement, ...] = ()
    route: Route | None = None
    trust: Trust = "all"  # which routes may answer
    piece: int | None = None  # of a message in another language; its readings share a number, the first answer counts


@dataclass(frozen=True, slots=True)
class _Work:
    """A message on its way through the stages."""

    question: Question
    said: str  # with what the history leaves unsaid
    standalone: str  # and spelt as in the corpus
    parts: tuple[
        _Part, ...
    ]  # in another language than English: readings of one question, the first that answers counts
    language: str = "en"
    timings_ms: Mapping[str, int] = field(default_factory=dict)


class Assistant:
    """An opened index and its models; opened once, used by many threads."""

    def __init__(
        self,
        index: Index,
        retriever: Retriever,
        scorer: Scorer,
        *,
        glossaries: Mapping[str, Glossary] = MappingProxyType({}),
        max_question_chars: int = 2000,
        today: datetime.date | None = None,
        stale: str = "",
        model: BaseChatModel | None = None,
        model_timeout_seconds: float = 30.0,
    ) -> None:
        self.index = index
        self.retriever = retriever
        self.stale = stale  # why the index no longer matches the corpus; '' where it does
        self._scorer = scorer
        self._glossaries = glossaries
        self._max_question_chars = max_question_chars
        self._today = today
        self._vocabulary = Vocabulary(index.passages.values())
        self._scope = Scope(retriever.embeddings)
        self._places = Places(index.tables, words=STOP | self._vocabulary.small)
        self._translator = Translator(glossaries, self._places, english=self._vocabulary.words)
        multilingual = MultilingualEmbeddings()
        self._reader = ForeignReader(self._translator, KnownQuestions(multilingual), self._places)
        self._table = CityTable(index.tables, index.sources)
        self._facts = DatedFacts(index.tables, index.sources)
        self._rewording = model and Rewording(
            model,
            tables=index.tables,
            places=self._places,
            translator=self._translator,
            timeout_seconds=model_timeout_seconds,
        )
        self.chain: Runnable[Question, Answer] = (
            RunnableLambda(self._understand)
            | RunnableLambda(self._tabulate)
            | RunnableLambda(self._retrieve)
            | RunnableLambda(self._compose)
            | RunnableLambda(self._answer_at_last)
        ).with_config(run_name="uccn-assistant")

    def ask(self, question: str | Question, *, history: Sequence[Turn] = (), as_of: str = "") -> Answer:
        """Answer one question.

        Raises QuestionError where it is empty or too long, or `as_of` is not an ISO date.
        """
        return self.chain.invoke(_question(question, history, as_of))

    def warm(self) -> None:
        """Load the models now, so that the first question does not wait for them."""
        self.retriever.embeddings.embed_query("warm")
        self._scorer("warm", ["warm"])

    def batch(self, questions: Sequence[Question], *, threads: int = 2) -> list[Answer]:
        """Answer many questions, in order."""
        config: RunnableConfig = {"max_concurrency": threads}
        return self.chain.batch(list(questions), config)

    def stream(self, question: str | Question, *, history: Sequence[Turn] = (), as_of: str = "") -> Iterator[Event]:
        """Answer one question in steps: what is being done, the answer line by line, then the whole object."""
        work = self._tabulate(self._understand(_question(question, history, as_of)))
        yield Event("status", f"Searching {len(self.index.sources)} documents")
        work = self._retrieve(work)
        read = sum(len(part.found.unit_ids) for part in work.parts)
        yield Event("status", f"Reading {read} statements" if read else "Checking")
        answer = self._answer(self._compose(work))
        for piece in re.findall(r"[^\n]*\n*", answer.answer):
            if piece:
                yield Event("delta", piece)
        if self._rewording and answer.status == "answered":
            yield Event("instant", answer=answer)
            yield from self._reworded(work, answer)
        else:
            yield Event("answer", answer=answer)

    def retrieve(self, question: str | Question) -> list[Hit]:
        """Return the passages that an answer would be composed from, best first."""
        return list(self._retrieve(self._understand(_question(question, (), ""))).parts[0].found.hits)

    def source(self, source_id: str) -> Source:
        """Return one source; raise QuestionError where there is none of that id."""
        try:
            return self.index.sources[source_id]
        except KeyError as error:
            raise QuestionError(f"There is no source {source_id!r}: `uccn sources` lists them") from error

    def sources(self) -> tuple[Source, ...]:
        """Return every source of the index, by id."""
        return tuple(self.index.sources[id_] for id_ in sorted(self.index.sources))

    def _understand(self, question: Question) -> _Work:
        began = time.perf_counter()
        text = _clean(question.question)
        if not text:
            raise QuestionError("The question is empty: type one")
        if len(text) > self._max_question_chars:
            raise QuestionError(f"The question has {len(text)} characters: shorten it to {self._max_question_chars}")
        if question.as_of and not is_iso_date(question.as_of):
            raise QuestionError(f"{question.as_of!r} is not a date: write 2022, 2022-06 or 2022-06-24")
        language = question.language if question.language in LANGUAGES else self._language(text, question.history)
        if language != "en" and not tampers(text):
            return self._understand_foreign(question, text, language, began)
        history = question.history[-HISTORY_TURNS:]
        said: list[str] = []
        parts: list[Query] = []
        for piece in [text] if tampers(text) else parts_of(text):
            if not parts:
                piece = standalone_question(piece, history, self._vocabulary)
            elif not self._places.mentions(piece):
                first = parts[0]
                piece = carried_on(piece, first.standalone, self._vocabulary, list(first.called))
            said.append(piece)
            parts.append(self._read(piece, question))
        standalone = (
            parts[0].standalone if len(parts) == 1 else " ".join(f"{p.standalone.rstrip(' ?')}?" for p in parts)
        )
        timings = {"understand": _since(began)}
        return _Work(question, " ".join(said), standalone, tuple(map(_Part, parts)), timings_ms=timings)

    def _language(self, text: str, history: Sequence[Turn]) -> str:
        """Return the language of a message; one that only goes on ("e Paraty?") is in that of the one before."""
        asked = [turn.content for turn in history if turn.role == "user"]
        before = self._translator.language(asked[-1]) if asked else "en"
        goes_on = before != "en" and self._reader.carried(text, phrases_of(before))
        return before if goes_on else self._translator.language(text)

    def _understand_foreign(self, question: Question, text: str, language: str, began: float) -> _Work:
        """Read a question in another language as English ones, of which the first that is answered counts."""
        phrases = phrases_of(language)
        previous = [number for number, turn in enumerate(question.history) if turn.role == "user"]
        carried = self._reader.carried(text, phrases) if previous else ""
        if carried:
            asked = question.history[previous[-1]].content
            before = replace(question, question=asked, history=question.history[: previous[-1]], language="")
            first = self._tabulate(self._understand(before)).parts[0].query.standalone
            english = standalone_question(carried, [Turn("user", first)], self._vocabulary)
            readings, standalone = [Reading(english, "all")], english
            pieces = [readings]
        else:
            said, standalone = self._reader.pieces(text, phrases), text
            whole = text if len(said) > 1 else ""
            pieces = [self._reader.readings(piece, phrases, whole=whole) for piece in said]
        parts = tuple(
            _Part(self._read(reading.text, question), trust=reading.trust, piece=number)
            for number, readings in enumerate(pieces)
            for reading in readings
        )
        return _Work(question, text, standalone, parts, language, {"understand": _since(began)})

    def _read(self, text: str, question: Question) -> Query:
        glossary, places = self._glossaries.get("en", Glossary()), self._places
        return understand(text, self._vocabulary, glossary=glossary, places=places, as_of=question.as_of)

    def _tabulate(self, work: _Work) -> _Work:
        """Answer from facts and table what these answer."""
        began = time.perf_counter()
        parts = []
        for part in work.parts if not tampers(work.standalone) else ():
            if statements := self._facts.answer(part.query):
                part = replace(part, statements=tuple(statements), route="facts")
            elif statements := self._table.answer(part.query):
                part = replace(part, statements=tuple(statements), route="cities")
            parts.append(part)
        return replace(work, parts=_first_answers(parts), timings_ms={**work.timings_ms, "tabulate": _since(began)})

    def _retrieve(self, work: _Work) -> _Work:
        """Search for what is not answered yet."""
        if all(part.route for part in work.parts):
            return work
        began = time.perf_counter()
        parts = []
        for part in work.parts:
            if not part.route and part.trust == "all":
                part = replace(part, found=self.retriever.search(part.query.core, asked=part.query.standalone))
            parts.append(part)
        return replace(work, parts=tuple(parts), timings_ms={**work.timings_ms, "retrieve": _since(began)})

    def _compose(self, work: _Work) -> _Work:
        """Compose from the passages what is not answered yet."""
        if not any(part.found.hits for part in work.parts):
            return work
        began = time.perf_counter()
        parts = []
        for part in work.parts:
            if not part.route and part.found.hits:
                statements = compose(
                    part.query,
                    part.found,
                    sources=self.index.sources,
                    passages=self.index.passages,
                    scorer=self._scorer,
                )
                part = replace(part, statements=tuple(statements), route="passages" if statements else None)
            parts.append(part)
        return replace(work, parts=_first_answers(parts), timings_ms={**work.timings_ms, "compose": _since(began)})

    def _answer_at_last(self, work: _Work) -> Answer:
        """Answer, in the words of the language model where one is set and its words pass."""
        answer = self._answer(work)
        if self._rewording and answer.status == "answered":
            *_, last = self._reworded(work, answer)
            assert last.answer
            return last.answer
        return answer

    def _reworded(self, work: _Work, answer: Answer) -> Iterator[Event]:
        """Yield the sentences of the language model that pass, then the answer made of them, or as it was."""
        assert self._rewording
        began = time.perf_counter()
        said, _, routes = self._kept(work.parts)
        if any(statement.text.startswith("- ") or tampers(statement.text) for statement in said):
            yield Event("answer", answer=answer)  # prose could only lose lines of a list that is complete
            return
        needed = 1 if routes == ["passages"] else len(said)
        grounds = said_grounds(said, self.index.sources)
        for part in work.parts:
            grounds += found_grounds(part.query, part.found.unit_ids, self.index)
        shown: list[Statement] = []
        written = ""
        outcome = Outcome()
        for piece in self._rewording.reword(
            work.standalone,
            said,
            list(dict.fromkeys(grounds))[: len(said) + MOST_GROUNDS],
            needed=needed,
            language=work.language,
        ):
            if isinstance(piece, Outcome):
                outcome = piece
            else:
                shown.append(piece)
                text, _ = _cited(shown, self.index, joint=" ")
                yield Event("sentence", text[len(written) :])
                written = text
        if outcome.problem:
            note = NOT_REWORDED.format(problem=outcome.problem[0].lower() + outcome.problem[1:])
            answer = replace(answer, notes=(*answer.notes, note))
        else:
            text, citations = _cited(outcome.statements, self.index, joint=" ")
            note = REWORDED if work.language == "en" else REWORDED_ABROAD
            answer = replace(
                answer,
                answer=text,
                citations=citations,
                as_of=self._newest(citations),
                notes=(*answer.notes, note),
                route="llm",
            )
        timings = {**answer.timings_ms, "llm": _since(began)}
        timings["total"] += timings["llm"]
        yield Event("answer", answer=replace(answer, timings_ms=timings))

    def _newest(self, citations: Sequence[Citation]) -> str:
        """Return the newest date among citations."""
        days = (self.index.sources[cited.source_id].dates_in(cited.start, cited.end)[-1] for cited in citations)
        return max(days, default="")

    def _kept(self, parts: Sequence[_Part]) -> tuple[list[Statement], list[str], list[Route]]:
        """Return the statements that stand the check, the questions that none answers, and the routes of the others."""
        kept: list[Statement] = []
        open_parts: list[str] = []
        routes: list[Route] = []
        for part in parts:
            statements = [statement for statement in part.statements if supported(statement, self.index.sources)]
            if not statements or statements[0] != part.statements[0]:
                open_parts.append(part.query.standalone)  # without its first statement an answer is not an answer
                continue
            known = {(statement.spans, statement.text.replace("**", "")) for statement in kept}
            kept += [one for one in statements if (one.spans, one.text.replace("**", "")) not in known]
            routes += [part.route] if part.route else []
        return kept, open_parts, routes

    def _answer(self, work: _Work) -> Answer:
        """Write what stands the check, or why there is no answer."""
        began = time.perf_counter()
        kept, open_parts, routes = self._kept(work.parts)
        answer = Answer(
            id=work.question.id,
            question=_clean(work.question.question),
            standalone_question=work.standalone,
            language=work.language,
            status="no_answer",
            answer=NO_ANSWER if work.language == "en" else NO_ANSWER_IN[work.language] + CONTACT,
        )
        if kept:
            said = kept
            if work.language != "en":
                said = worded(kept, phrases_of(work.language), self.index.tables.countries)
            text, citations = _cited(said, self.index)
            notes = list(self._notes(work, kept))
            if work.language == "en":
                notes += [f"Not answered by the documents: {said}" for said in open_parts]
            answer = replace(
                answer,
                status="answered",
                answer=text,
                citations=citations,
                as_of=self._newest(citations),
                notes=tuple(notes),
                route=Counter(routes).most_common(1)[0][0],
            )
        elif tampers(work.standalone):
            answer = replace(answer, status="out_of_scope", answer=OUT_OF_SCOPE)
        elif work.language != "en":
            if self._reader.outside(work.said, phrases_of(work.language)):
                answer = replace(answer, status="out_of_scope", answer=OUT_OF_SCOPE_IN[work.language])
        elif self._scope.outside(work.said):
            answer = replace(answer, status="out_of_scope", answer=OUT_OF_SCOPE)
        timings = {**work.timings_ms, "verify": _since(began)}
        timings["total"] = sum(timings.values())
        return replace(answer, timings_ms=timings)

    def _notes(self, work: _Work, statements: Sequence[Statement]) -> Iterator[str]:
        said = NOTES if work.language == "en" else phrases_of(work.language).note
        today = (self._today or datetime.date.today()).isoformat()
        days = [date.iso for statement in statements for date in dates(statement.text) if not date.as_of]
        full = [day for day in days if len(day) == 10 and day[0] != "-"]
        calls = any(part.query.kind in ("when", "process") and _CALLS.search(part.query.core) for part in work.parts)
        if calls and full and max(full) < today:
            yield said["passed"]
        days_of_sources = {
            self.index.sources[span.source_id].dates_in(span.start, span.end)
            for statement in statements
            for span in statement.spans
        }
        if len(days_of_sources) > 1 and not any(part.route == "cities" for part in work.parts):
            yield said["dates"]


def open_assistant(settings: Settings) -> Assistant:
    """Open index and models as the settings say.

    Raises IndexMissing, IndexStale or ModelError, each with the command that mends it.
    """
    if settings.reranker != BUILT_IN_RERANKER:
        raise SettingsError(f"UCCN_RERANKER={settings.reranker!r} is not known: unset it to use {BUILT_IN_RERANKER}")
    if settings.glossary != Settings.model_fields["glossary"].default and not settings.glossary.is_file():
        raise SettingsError(f"UCCN_GLOSSARY={str(settings.glossary)!r} is not a file: give one, or unset it")
    index = open_index(settings.index, settings.embedding)
    # One thread for single questions: two that wait for each other are slower on a busy machine.
    embeddings = SentenceEmbeddings(settings.embedding, threads=1)
    return Assistant(
        index,
        Retriever(index=index, embeddings=embeddings, question_embeddings=QuestionEmbeddings(threads=1)),
        Reranker(threads=settings.threads).scores,
        glossaries={language: read_glossary(settings.glossary, language) for language in ("en", *LANGUAGES)},
        max_question_chars=settings.max_question_chars,
        stale=stale_reason(settings.index, settings.corpus),
        model=open_model(settings),
        model_timeout_seconds=settings.llm_timeout_seconds,
    )


def _first_answers(parts: Sequence[_Part]) -> tuple[_Part, ...]:
    """Return the parts without the readings of a piece that another reading of it answers."""
    answered: dict[int, _Part] = {}
    for part in parts:
        if part.route and part.piece is not None:
            answered.setdefault(part.piece, part)
    return tuple(part for part in parts if part.piece not in answered or answered[part.piece] is part)


def _question(question: str | Question, history: Sequence[Turn], as_of: str) -> Question:
    if isinstance(question, Question):
        return question
    return Question(question, history=tuple(history), as_of=as_of)


def _citation(n: int, span: Span, index: Index) -> Citation:
    """Return the citation of a span: of what the text itself names there, firmest first, else of its source."""
    source = index.sources[span.source_id]
    cited = Citation(
        n=n,
        source_id=source.id,
        title=source.title,
        publisher=source.publisher,
        date=source.date,
        url=source.url,
        section=span.section,
        quote=source.text[span.start : span.end],
        start=span.start,
        end=span.end,
        verified=True,
    )
    attributions = source.attributed(span.start, span.end)
    ids = dict.fromkeys(id_ for held in attributions for id_ in held.origins)
    if not ids:
        return cited
    origins = firmest_first(list(ids), index.tables.origins)
    if source.kind == "view" and len(attributions) > 1:
        return replace(cited, document=source.title, origins=origins)  # rows of several origins: the table is cited
    first = origins[0]
    return replace(
        cited,
        title=first.title,
        publisher=first.publisher,
        date=first.date,
        url=first.url,
        document=source.title,
        origins=origins,
    )


def _cited(statements: Sequence[Statement], index: Index, *, joint: str = "\n\n") -> tuple[str, tuple[Citation, ...]]:
    """Write the answer with its markers, and number the citations in the order of their first use."""
    numbers: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    lines: list[str] = []
    for statement in statements:
        marks = ""
        for span in statement.spans:
            key = (span.source_id, span.start, span.end)
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                citations.append(_citation(numbers[key], span, index))
            marks += f"[{numbers[key]}]"
        # A source's own "[7]" must not pass for a marker.
        lines.append(f"{_OWN_MARKER.sub(_ESCAPED, statement.text)} {marks}")
    text = ""
    for line in lines:
        within = line.startswith("- ") and "\n- " in f"\n{text}"
        text += ("" if not text else "\n" if within else joint) + line
    return text, tuple(citations)


def _clean(text: str) -> str:
    """Return a question without terminal codes, control and direction characters, and halves of characters."""
    text = _TERMINAL_CODE.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text).strip()


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
