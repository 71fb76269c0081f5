"""The one wiring place: settings to an Assistant that asks, streams and batches through one LCEL runnable."""

import datetime
import re
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from assistant.clean import guess_language
from assistant.compose import Statement, compose
from assistant.embed import SentenceEmbeddings
from assistant.errors import QuestionError, SettingsError
from assistant.evidence import Scorer
from assistant.index import Index, open_index, stale_reason
from assistant.records import Answer, Citation, Hit, Question, Source, Turn
from assistant.rerank import Reranker
from assistant.retrieve import Retriever
from assistant.scope import NO_ANSWER, NOT_ENGLISH, OUT_OF_SCOPE, Scope, tampers
from assistant.settings import BUILT_IN_RERANKER, Settings
from assistant.terms import Glossary, read_glossary
from assistant.understand import Query, understand
from assistant.values import dates, is_iso_date
from assistant.verify import supported
from assistant.vocabulary import Vocabulary

HISTORY_TURNS = 12  # earlier messages that a follow-up is read against
_OWN_MARKER = re.compile(r"\[(\d+)\]")
_ESCAPED = r"\\[\1\\]"
_TERMINAL_CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CALLS = re.compile(r"\bdeadlines?\b|\bclos\w+\b|\bapply\b|\bapplications?\b|\bcalls?\b|\bsubmit\b", re.I)


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a streamed answer; `answer` comes last and holds the whole object."""

    name: Literal["status", "delta", "answer"]
    text: str = ""
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """What is known of a question so far, passed from stage to stage."""

    question: Question
    query: Query | None = None
    hits: tuple[Hit, ...] = ()
    unit_ids: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    timings_ms: Mapping[str, int] = field(default_factory=dict)


class Assistant:
    """An opened index and its models; opened once, used by many threads."""

    def __init__(
        self,
        index: Index,
        retriever: Retriever,
        scorer: Scorer,
        *,
        glossary: Glossary = Glossary(),
        max_question_chars: int = 2000,
        today: datetime.date | None = None,
        stale: str = "",
    ) -> None:
        self.index = index
        self.retriever = retriever
        self.stale = stale  # why the index no longer matches the corpus; '' where it does
        self._scorer = scorer
        self._glossary = glossary
        self._max_question_chars = max_question_chars
        self._today = today
        self._vocabulary = Vocabulary(index.passages.values())
        self._scope = Scope(retriever.embeddings)
        self.chain: Runnable[Question, Answer] = (
            RunnableLambda(self._understand)
            | RunnableLambda(self._retrieve)
            | RunnableLambda(self._compose)
            | RunnableLambda(self._answer)
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
        work = self._understand(_question(question, history, as_of))
        yield Event("status", f"Searching {len(self.index.sources)} documents")
        work = self._retrieve(work)
        yield Event("status", f"Reading {len(work.unit_ids)} statements" if work.unit_ids else "Checking")
        answer = self._answer(self._compose(work))
        for piece in re.findall(r"[^\n]*\n*", answer.answer):
            if piece:
                yield Event("delta", piece)
        yield Event("answer", answer=answer)

    def retrieve(self, question: str | Question) -> list[Hit]:
        """Return the passages that an answer would be composed from, best first."""
        return list(self._retrieve(self._understand(_question(question, (), ""))).hits)

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
        query = understand(
            text,
            self._vocabulary,
            glossary=self._glossary,
            history=question.history[-HISTORY_TURNS:],
            as_of=question.as_of,
        )
        return _Work(question, query, timings_ms={"understand": _since(began)})

    def _retrieve(self, work: _Work) -> _Work:
        began = time.perf_counter()
        assert work.query is not None
        if tampers(work.query.standalone):
            return work
        hits, unit_ids = self.retriever.search(work.query.core)
        timings = {**work.timings_ms, "retrieve": _since(began)}
        return replace(work, hits=tuple(hits), unit_ids=tuple(unit_ids), timings_ms=timings)

    def _compose(self, work: _Work) -> _Work:
        began = time.perf_counter()
        assert work.query is not None
        statements = (
            compose(
                work.query,
                work.hits,
                work.unit_ids,
                sources=self.index.sources,
                passages=self.index.passages,
                scorer=self._scorer,
            )
            if work.hits
            else []
        )
        return replace(work, statements=tuple(statements), timings_ms={**work.timings_ms, "compose": _since(began)})

    def _answer(self, work: _Work) -> Answer:
        began = time.perf_counter()
        query = work.query
        assert query is not None
        kept = [statement for statement in work.statements if supported(statement, self.index.sources)]
        blank = Answer(
            id=work.question.id,
            question=query.question,
            standalone_question=query.standalone,
            status="no_answer",
            answer=NO_ANSWER,
        )
        if len(kept) < len(work.statements) and (not kept or kept[0] != work.statements[0]):
            kept = []  # without its first statement an answer is not an answer
        if kept:
            text, citations = _cited(kept, self.index.sources)
            days = [citation.date for citation in citations if citation.date]
            answer = replace(
                blank,
                status="answered",
                answer=text,
                citations=citations,
                as_of=max(days, default=""),
                notes=tuple(self._notes(query, kept)),
                route="passages",
            )
        elif work.hits and guess_language(query.standalone) != "en":
            answer = replace(blank, answer=NOT_ENGLISH)
        elif not work.hits or self._scope.outside(query.standalone):
            answer = replace(blank, status="out_of_scope", answer=OUT_OF_SCOPE)
        else:
            answer = blank
        timings = {**work.timings_ms, "verify": _since(began)}
        timings["total"] = sum(timings.values())
        return replace(answer, timings_ms=timings)

    def _notes(self, query: Query, statements: Sequence[Statement]) -> Iterator[str]:
        today = (self._today or datetime.date.today()).isoformat()
        days = [date.iso for statement in statements for date in dates(statement.text) if not date.as_of]
        full = [day for day in days if len(day) == 10 and day[0] != "-"]
        if query.kind in ("when", "process") and _CALLS.search(query.core) and full and max(full) < today:
            yield "These dates have passed; the text of UNESCO's current call decides."
        if len({span.source_id for statement in statements for span in statement.spans}) > 1:
            yield "Sources of different dates are shown, the newest first."


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
        Retriever(index=index, embeddings=embeddings),
        Reranker(threads=settings.threads).scores,
        glossary=read_glossary(settings.glossary),
        max_question_chars=settings.max_question_chars,
        stale=stale_reason(settings.index, settings.corpus),
    )


def _question(question: str | Question, history: Sequence[Turn], as_of: str) -> Question:
    if isinstance(question, Question):
        return question
    return Question(question, history=tuple(history), as_of=as_of)


def _cited(statements: Sequence[Statement], sources: Mapping[str, Source]) -> tuple[str, tuple[Citation, ...]]:
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
                source = sources[span.source_id]
                citations.append(
                    Citation(
                        n=numbers[key],
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
                )
            marks += f"[{numbers[key]}]"
        # A source's own "[7]" must not pass for a marker.
        lines.append(f"{_OWN_MARKER.sub(_ESCAPED, statement.text)} {marks}")
    text = ""
    for line in lines:
        joint = "" if not text else "\n" if line.startswith("- ") and "\n- " in f"\n{text}" else "\n\n"
        text += joint + line
    return text, tuple(citations)


def _clean(text: str) -> str:
    """Return a question without terminal codes, control and direction characters, and halves of characters."""
    text = _TERMINAL_CODE.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text).strip()


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
