"""The one wiring place: settings to an Assistant that asks, streams and batches through one LCEL runnable."""

import datetime
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from threadpoolctl import threadpool_limits

from assistant.cities import Places
from assistant.clarify import Doubts, differ, folded, question_back
from assistant.compose import Span, Statement, compose
from assistant.conditions import asks_of_table_alone
from assistant.corpus import firmest_first
from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings, SentenceEmbeddings, Vectors, open_embeddings
from assistant.errors import QuestionError, SettingsError
from assistant.evidence import NOT_STATED, Scorer, named_in
from assistant.facts import DatedFacts
from assistant.followup import GOES_ON, carried_on, last_said, readings_behind, said_alone, standalone_question
from assistant.foreign import ForeignReader, Reading, Trust
from assistant.forms import SURE, EnglishForms, qualifiers, wordings
from assistant.index import BuildReport, Index, Progress, build_index, open_index, split_unit_id, stale_reason
from assistant.intakes import asked_of_intake
from assistant.known import Expectations, KnownQuestions
from assistant.llm import open_model
from assistant.phrases import phrases_of
from assistant.prepare import MODELS, form_vectors, prepare
from assistant.records import Answer, Citation, Question, Route, Source, Turn
from assistant.refuse import LEFT_OUT, OUT_OF_SCOPE, Refusals
from assistant.remember import LastAnswers
from assistant.rerank import Reranker
from assistant.retold import retold, tells_first
from assistant.retrieve import NOTHING, Found, Retriever
from assistant.reword import Outcome, Rewording, found_grounds, said_grounds
from assistant.scope import Scope, honest_part, names_network, tampers
from assistant.settings import BUILT_IN_RERANKER, Settings
from assistant.tabulate import CityTable
from assistant.terms import Glossary, read_glossaries, reading, stem
from assistant.translate import LANGUAGES, Translator
from assistant.understand import Query, understand
from assistant.values import dates, is_iso_date, years
from assistant.verify import supported
from assistant.vocabulary import STOP, Vocabulary, content_stems
from assistant.worded import worded
from assistant.wording import (
    BY_SIZE,
    LEAST,
    MAY_BE,
    REACHED,
    REFUSED,
    SO_MANY_EACH,
    as_written,
    events_in,
    is_negated,
    kind_of,
    one_each,
    parts_of,
)

_COUNTRIES = {stem(word) for word in "countries states nations".split()}
TRIAL = "What must a city send with its application?"  # goes through search and both models
MOST_GROUNDS = 12  # statements that a language model gets beside the answer
NOT_REWORDED = "This is the answer without a language model: {problem}."
REWORDED = "Worded by a language model; each sentence was checked against its quote."
REWORDED_ABROAD = (
    "Worded by a language model from the English quotes; figures, dates and names were checked, the wording was not."
)
# Cosines of a follow-up and the nearest expected question: from COMPLETE on, and by TURNED nearer without the talk
# before it, it asks about something else. Tuned on evals/datasets.
COMPLETE, TURNED = 0.78, 0.12
# From BEHIND on, and by MORE nearer behind what was said before, it is read there; by MORE_THAN_TABLE where facts or
# table answer it as it is carried on. What is by less than NEW nearer to it than to the question before is told.
BEHIND, MORE, MORE_THAN_TABLE, NEW = 0.84, 0.03, 0.09, 0.03
TURNED_PART = 0.03  # of a later question of a message, which says more itself
# A question that is so near to one expected of a statement, and by NEARER nearer than to any that facts and table
# answer, asks for the statement.
EXPECTED, NEARER = 0.88, 0.07
HISTORY_TURNS = 12  # earlier messages that a follow-up is read against
MOST_ORDERS = 4  # times that an answer is composed anew without text that gives orders to an assistant
NEVER = -99.0  # the score of such a text, far below any logit of the cross-encoder
NOTES = {
    "passed": "These dates have passed; the text of UNESCO's current call decides.",
    "dates": "Sources of different dates are shown, the newest first.",
    "open": "Not answered by the documents: {question}",
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
    likely: "_Part | None" = None  # what it may mean, with its answer, where no statement of a document is likelier
    rival: float = -99.0  # how likely that is, as a logit
    piece: str = ""  # of a message in another language, of which this is one reading; the first that answers counts
    unheard_of: bool = False  # that piece asks about what the corpus has not, whatever this reading says
    behind: str = ""  # of a later question of a message: the first one and it, as they were said


@dataclass(frozen=True, slots=True)
class _Work:
    """A message on its way through the stages."""

    question: Question
    said: str  # with what the history leaves unsaid
    standalone: str  # and spelt as in the corpus
    parts: tuple[_Part, ...]  # in another language: readings of one question, the first that answers counts
    language: str = "en"
    outside: bool = False  # nothing is asked but something else or another behaviour
    left_out: bool = False  # a part of the message asks for something else
    question_back: str = ""
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
        cached_answers: int = 0,
        multilingual: MultilingualEmbeddings | None = None,
        form_vectors: Callable[[], Vectors | None] = lambda: None,
    ) -> None:
        self.index = index
        self.retriever = retriever
        self.stale = stale  # why the index no longer matches the corpus; '' where it does
        self._scorer = scorer
        self._glossaries = glossaries
        self._max_question_chars = max_question_chars
        self._today = today
        self._last = LastAnswers(0 if model else cached_answers, index.fingerprint)
        self._vocabulary = Vocabulary(
            index.passages.values(), [name for city in index.tables.cities for name in (city.name, city.country)]
        )
        self._scope = Scope(retriever.embeddings)
        self._places = Places(index.tables, words=STOP | self._vocabulary.small, names=self._vocabulary.names)
        self._translator = Translator(glossaries, self._places, english=self._vocabulary.words)
        self._doubts = Doubts(index.tables, self._places)
        self._refusals = Refusals(index.tables, index.passages.values(), self._vocabulary)
        multilingual = multilingual or MultilingualEmbeddings()
        self._known = KnownQuestions(
            multilingual, lambda: Expectations(index.expected, index.meanings(), index.answered_by()), form_vectors
        )
        self._reader = ForeignReader(self._translator, self._known, self._places)
        self._forms = EnglishForms(
            retriever.question_embeddings or retriever.embeddings, scorer, self._places, self._wordings
        )
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
        asked, today = _question(question, history, as_of), self._day()
        if (answer := self._last.get(asked, today)) is None:
            answer = self.chain.invoke(asked)
            self._last.put(asked, today, answer)
        return answer

    def ask_and_search(self, question: Question) -> tuple[Answer, Callable[[], Found]]:
        """Answer one question; the function returns what its first part finds, and searches where that was not done."""
        asked = self._understand(question)
        work = self._compose(self._retrieve(self._tabulate(asked)))
        said = asked.parts[0].query.standalone if asked.parts else ""

        def found() -> Found:
            done = (part.found for part in work.parts if part.found.hits and part.query.standalone == said)
            return next(done, None) or self._retrieve(replace(asked, parts=asked.parts[:1])).parts[0].found

        return self._answer_at_last(work), found if asked.parts else lambda: NOTHING

    def warm(self) -> None:
        """Load the models now, so that the first question does not wait for them."""
        self.warm_english()
        self._translator.warm()
        self._reader.warm()

    def warm_english(self) -> None:
        """Load what a question in English needs."""
        self.retriever.search("warm")
        self._forms.meant("How many cities are members?")
        self._scorer("warm", ["warm"])

    def _wordings(self) -> dict[str, Sequence[float]]:
        """Read the vectors of the forms; the models that read them load while Chroma is imported for that."""
        encoder = self.retriever.question_embeddings or self.retriever.embeddings
        with ThreadPoolExecutor() as pool:  # what fails here fails again where it is used, and is told there
            pool.submit(encoder.embed_query, "warm")
            pool.submit(self._scorer, "warm", ["warm"])
            return self.index.wordings()

    def probe(self) -> Answer:
        """Answer a trial question through every stage but the language model; raises what fails."""
        work = self._retrieve(self._tabulate(self._understand(Question(TRIAL))))
        return self._answer(self._compose(work))

    def batch(self, questions: Sequence[Question], *, threads: int = 2) -> list[Answer]:
        """Answer many questions, in order."""
        config: RunnableConfig = {"max_concurrency": threads}
        return self.chain.batch(list(questions), config)

    def stream(self, question: str | Question, *, history: Sequence[Turn] = (), as_of: str = "") -> Iterator[Event]:
        """Answer one question in steps: what is being done, the answer line by line, then the whole object."""
        asked, today = _question(question, history, as_of), self._day()
        work = None
        if (answer := self._last.get(asked, today)) is None:
            work = self._tabulate(self._understand(asked))
            yield Event("status", f"Searching {len(self.index.sources)} documents")
            work = self._retrieve(work)
            read = sum(len(part.found.unit_ids) for part in work.parts)
            yield Event("status", f"Reading {read} statements" if read else "Checking")
            answer = self._answer(self._compose(work))
            self._last.put(asked, today, answer)
        for piece in re.findall(r"[^\n]*\n*", answer.answer):
            if piece:
                yield Event("delta", piece)
        if self._rewording and work and answer.status == "answered":
            yield Event("instant", answer=answer)
            yield from self._reworded(work, answer)
        else:
            yield Event("answer", answer=answer)

    def retrieve(self, question: str | Question) -> Found:
        """Return the passages and statements that an answer would be composed from, best first.

        A message of several questions is searched for its first.
        """
        parts = self._retrieve(self._understand(_question(question, (), ""))).parts
        return parts[0].found if parts else NOTHING

    def expected(self, question: str, k: int = 12) -> list[str]:
        """Return the questions that documents are known to answer, in English, nearest to one in any language first."""
        return [known.question for known in self._known.expected(question, k)]

    def language(self, text: str) -> str:
        """Return the language of a text, ISO 639-1."""
        return self._translator.language(text)

    def source(self, source_id: str) -> Source:
        """Return one source; raise QuestionError where there is none of that id."""
        try:
            return self.index.sources[source_id]
        except KeyError as error:
            raise QuestionError(f"There is no source {source_id!r}: `uccn sources` lists them") from error

    def sources(self) -> tuple[Source, ...]:
        """Return every source of the index, by id."""
        return tuple(self.index.sources[id_] for id_ in sorted(self.index.sources))

    def _day(self) -> datetime.date:
        return self._today or datetime.date.today()

    def _understand(self, question: Question) -> _Work:
        began = time.perf_counter()
        text = _clean(question.question)
        if not text:
            raise QuestionError("The question is empty: type one")
        if len(text) > self._max_question_chars:
            raise QuestionError(f"The question has {len(text)} characters: shorten it to {self._max_question_chars}")
        if question.as_of and not is_iso_date(question.as_of):
            raise QuestionError(f"{question.as_of!r} is not a date: write 2022, 2022-06 or 2022-06-24")
        asked = honest_part(text)
        (*history, last) = folded((*question.history[-HISTORY_TURNS:], Turn("user", asked)), self._settled)
        settled, asked = last.content != asked, last.content
        language = question.language if question.language in LANGUAGES else self._language(asked or text, history)
        left_out = not settled and asked != text
        named = self._places.mentions(asked) or names_network(self._in_english(asked, language), shared=1)
        if left_out and not named:
            asked = ""  # what is left asks nothing by itself: "... When did it close?"
        if not asked:
            return _Work(question, text, text, (), language, outside=True, timings_ms={"understand": _since(began)})
        if language != "en":
            work = self._understand_foreign(replace(question, history=tuple(history)), asked, language, began)
            return replace(work, left_out=left_out)
        history = [
            replace(turn, content=self._in_english(turn.content, self._translator.language(turn.content)))
            if turn.role == "user"
            else turn
            for turn in history
        ]
        said: list[str] = []
        parts: list[_Part] = []
        for piece in parts_of(one_each(as_written(asked))):
            behind = ""
            if not parts:
                carried = standalone_question(piece, history, self._vocabulary, self._places)
                piece = self._behind_talk(self._alone_or(carried, piece), piece, history)
            elif not self._places.mentions(piece):
                first = parts[0].query
                behind = f"{said[0].rstrip(' ?')}, and {piece}"
                carried = carried_on(piece, first.standalone, self._vocabulary, list(first.called))
                piece = self._alone_or(carried, piece, behind)
            said.append(piece)
            query = self._read(piece, question.as_of)
            of_intake = asked_of_intake(query, self.index.passages.values())
            queries = [self._read(text, question.as_of) for text in of_intake] or [query]
            parts += [_Part(query, behind=behind) for query in queries]
        asked_of = [part.query.standalone for part in parts]
        standalone = asked_of[0] if len(parts) == 1 else " ".join(f"{text.rstrip(' ?')}?" for text in asked_of)
        timings = {"understand": _since(began)}
        work = _Work(question, " ".join(said), standalone, tuple(parts), timings_ms=timings)
        return replace(work, left_out=left_out)

    def _alone_or(self, carried: str, question: str, behind: str = "") -> str:
        """Return a question that goes on from what was said as it is carried on, or alone where it turns elsewhere.

        "And the deadline?" does: it is clearly nearer to an expected question without the city talked about before.
        A later question of a message must be nearer alone than `behind` the first, too, and leave no year of it out.
        """
        bare = said_alone(question)
        dropped = behind and years(carried) != years(bare)
        if carried == question or not content_stems(bare) or dropped or self._places.mentions(bare):
            return carried
        near, *others = map(self._nearest_expected, filter(None, (bare, carried, behind)))
        turned = TURNED_PART if behind else TURNED
        return bare if near >= COMPLETE and near > max(others) + turned else carried

    def _behind_talk(self, carried: str, question: str, history: Sequence[Turn]) -> str:
        """Return a follow-up as it is carried on, or behind what was said before where that is clearly nearer.

        Nearer to a question expected of a statement, that is, and of one to which the question before is not as near:
        what answers that has been told.
        """
        if carried == question:
            return carried
        previous, reply = last_said(history, self._vocabulary, self._places)
        told = {id_: cosine for id_, (cosine, _) in self.retriever.alike(previous).items()}

        def near(text: str) -> float:
            found = self.retriever.alike(text).items()
            return max((cosine for id_, (cosine, _) in found if cosine >= told.get(id_, 0.0) + NEW), default=0.0)

        cosine, nearest = max((near(text), text) for text in readings_behind(question, previous, reply))
        margin = cosine - near(carried)
        if cosine < BEHIND or margin < MORE:
            return carried
        (part,) = self._tabulated([_Part(self._read(carried, ""))])
        return carried if part.route and margin < MORE_THAN_TABLE else nearest

    def _settled(self, asked: str, reply: str) -> str:
        """Return the question that a reply to a question back settles, or ''."""
        language = self._translator.language(asked)
        doubt = self._doubts.doubt(asked, language)
        return self._doubts.picked(doubt, reply, self._in_english(reply, language)) if doubt else ""

    def _in_english(self, text: str, language: str) -> str:
        return text if language == "en" else self._translator.in_english(text, language).text

    def _language(self, text: str, history: Sequence[Turn]) -> str:
        """Return the language of a message; one that only goes on ("e Paraty?") is in that of the one before."""
        asked = [turn.content for turn in history if turn.role == "user"]
        before = self._translator.language(asked[-1]) if asked else "en"
        goes_on = before != "en" and self._reader.carried(text, history, phrases_of(before))
        return before if goes_on else self._translator.language(text, before)

    def _understand_foreign(self, question: Question, text: str, language: str, began: float) -> _Work:
        """Read a question in another language as English ones, of which the first that is answered counts."""
        phrases = phrases_of(language)
        previous = [number for number, turn in enumerate(question.history) if turn.role == "user"]
        carried = self._reader.carried(text, question.history, phrases) if previous else ""
        standalone = text
        if carried:
            asked = question.history[previous[-1]].content
            before = replace(question, question=asked, history=question.history[: previous[-1]], language="")
            earlier = self._tabulate(self._understand(before)).parts
            first = earlier[0].query.standalone if earlier else ""
            full = standalone_question(carried, [Turn("user", first)], self._vocabulary, self._places)
            english = self._behind_talk(self._alone_or(full, carried), carried, [Turn("user", first)])
            readings, standalone = [Reading(english, "all")], english
            pieces = {text: readings}
        else:
            said, standalone = self._reader.pieces(text, phrases), text
            whole = text if len(said) > 1 else ""
            talk = question.history if previous and not whole else ()
            pieces = {piece: self._reader.readings(piece, phrases, whole=whole, talk=talk) for piece in said}
        parts: list[_Part] = []
        for piece, readings in pieces.items():
            unheard_of = self._refusals.unheard_of(self._read(self._in_english(piece, language), question.as_of))
            for read in readings:
                query = self._read(self._settled_in(text, read.text), question.as_of)
                parts.append(_Part(query, trust=read.trust, piece=piece, unheard_of=unheard_of))
        return _Work(question, text, standalone, tuple(parts), language, timings_ms={"understand": _since(began)})

    def _settled_in(self, text: str, english: str) -> str:
        """Return an English reading with the bearer of its name that the text itself names: "Granada de Nicaragua"."""
        doubt = self._doubts.doubt(english, "en")
        return (self._doubts.named_in(doubt, text, english) if doubt else "") or english

    def _read(self, text: str, as_of: str) -> Query:
        glossary, places = self._glossaries.get("en", Glossary()), self._places
        query = understand(text, self._vocabulary, glossary=glossary, places=places, as_of=as_of)
        return replace(query, qualifiers=qualifiers(query))

    def _tabulate(self, work: _Work) -> _Work:
        """Answer from facts and table what these answer."""
        began = time.perf_counter()
        parts = self._tabulated(work.parts)
        if back := self._question_back(work, parts):
            return replace(work, question_back=back)
        return replace(work, parts=parts, timings_ms={**work.timings_ms, "tabulate": _since(began)})

    def _tabulated(self, parts: Sequence[_Part]) -> tuple[_Part, ...]:
        done = []
        for part in parts:
            if part.trust == "documents" or self._unheard_of(part):
                pass
            elif statements := self._facts.answer(part.query):
                part = replace(part, statements=tuple(statements), route="facts")
            elif statements := self._table.answer(part.query):
                part = replace(part, statements=tuple(statements), route="cities")
            elif not part.piece:
                part = self._meant(part)
            done.append(part)
        return _first_answers(done)

    def _meant(self, part: _Part) -> _Part:
        """Return a part with the answer to the question of facts and table that it asks in other words, if it does."""

        def fits(form: str) -> bool:
            if part.query.of_what_is_not and not is_negated(form):
                return False
            if LEAST.search(part.query.core) and not LEAST.search(form):
                return False
            told = set(events_in(form))
            if told and part.query.events and told.isdisjoint(part.query.events):
                return False  # when a place was founded is not when it joined
            counts_it = not set(part.query.counted) & _COUNTRIES or bool(_COUNTRIES & set(content_stems(form)))
            return counts_it and all(named_in(part.query, form, name) for name in part.query.names)

        who = tells_first(part.query) and kind_of(part.query.asking) == "who"
        if who and not asks_of_table_alone(part.query):
            return part  # "Who is its mayor?" asks for a person
        others = (REFUSED, MAY_BE, SO_MANY_EACH, BY_SIZE, REACHED)
        if part.query.qualifiers or any(pattern.search(part.query.asking) for pattern in others):
            return part
        form, logit, cosine = self._forms.meant(part.query.standalone, fits)
        if not form or self._nearest_expected(part.query.standalone) >= max(EXPECTED, cosine + NEARER):
            return part
        surely = logit >= SURE
        (known,) = self._tabulated([_Part(self._read(form, part.query.as_of), piece=form)])
        none = any(statement.claim and statement.claim.kind == "none" for statement in known.statements)
        if not known.route or (none and not surely):
            return part
        return replace(known, piece="") if surely else replace(part, likely=known, rival=logit)

    def _nearest_expected(self, question: str) -> float:
        """Return the cosine of a question with the nearest one that a statement is expected to answer."""
        return max((cosine for cosine, _ in self.retriever.alike(question).values()), default=0.0)

    def _unheard_of(self, part: _Part) -> bool:
        """Say whether a part, or the piece of which it is a reading, asks about what the corpus has not."""
        return part.unheard_of or self._refusals.unheard_of(part.query)

    def _question_back(self, work: _Work, tabulated: Sequence[_Part]) -> str:
        """Return the question which bearer of a name is meant, where their answers differ, or ''."""
        if len({part.piece for part in work.parts}) != 1 or (work.language == "en" and len(work.parts) > 1):
            return ""
        part = next((part for part in tabulated if part.statements), work.parts[0])
        doubt = self._doubts.doubt(part.query.standalone, "en", query=part.query)
        if not doubt:
            return ""
        readings = [_Part(self._read(bearer.question, work.question.as_of)) for bearer in doubt.bearers]
        if not differ([part.statements for part in self._tabulated(readings)], part.query):
            return ""
        asked = doubt if work.language == "en" else self._doubts.doubt(work.said, work.language)
        return question_back(asked or doubt, work.language)

    def _retrieve(self, work: _Work) -> _Work:
        """Search for what is not answered yet."""
        if work.question_back or all(part.route for part in work.parts):
            return work
        began = time.perf_counter()
        parts = []
        for part in work.parts:
            if not part.route and part.trust != "tables" and not self._unheard_of(part):
                part = replace(part, found=self.retriever.search(part.query.core, asked=part.query.standalone))
            parts.append(part)
        return replace(work, parts=tuple(parts), timings_ms={**work.timings_ms, "retrieve": _since(began)})

    def _compose(self, work: _Work) -> _Work:
        """Compose from the passages what is not answered yet."""
        if not any(part.found.hits for part in work.parts):
            return work
        began, reranked = time.perf_counter(), 0.0
        parts: list[_Part] = []

        def score(question: str, texts: Sequence[str]) -> list[float]:
            nonlocal reranked
            asked = time.perf_counter()
            scores = self._scorer(question, texts)
            reranked += time.perf_counter() - asked
            return list(scores)

        alone = work.language == "en" and len(work.parts) == 1 and not work.question.history
        for part in work.parts:
            goes_on = bool(part.behind and GOES_ON.search(part.query.asking))
            if goes_on:
                part = self._behind(part, parts, score)
            if not part.route and part.found.hits:
                statements = self._composed(part, score)
                part = replace(part, statements=tuple(statements), route="passages" if statements else None)
            if not part.route and part.likely:
                part = replace(part.likely, piece=part.piece)
            if not part.route and alone and tells_first(part.query):
                part = self._retold(part)
            if not part.route and part.behind and not goes_on:
                part = self._behind(part, parts, score)
            parts.append(part)
        rerank = round(1000 * reranked)
        timings = {**work.timings_ms, "rerank": rerank, "compose": _since(began) - rerank}
        return replace(work, parts=_first_answers(parts), timings_ms=timings)

    def _retold(self, part: _Part) -> _Part:
        """Return a part with what facts and table answer to its asking sentence, where a story stands in front."""
        asked = retold(part.query, self._places, self._vocabulary)
        if asks_of_table_alone(part.query):
            asked.append(self._forms.nearest(part.query.standalone))
        for text in filter(None, asked):
            query = self._read(text, part.query.as_of)
            as_said = text if set(part.query.fields) - set(query.fields) else ""  # what it may mean leaves a field out
            (again,) = self._tabulated([_Part(query, piece=as_said)])
            if told := again if again.route else again.likely:
                return replace(told, piece="")
        return part

    def _behind(self, part: _Part, before: Sequence[_Part], scorer: Scorer) -> _Part:
        """Return a later question of a message with what answers it behind the first one, and is not shown yet.

        A question that is expected of it must be nearer to the two together than to the first one alone, and that no
        source says something is told of what was asked, not of what stands in front of it.
        """
        first, query = before[0].query, self._read(part.behind, part.query.as_of)
        found = self.retriever.search(query.core, asked=query.standalone)
        alone = self.retriever.alike(first.standalone)
        shown = [span for one in before for statement in one.statements for span in statement.spans]
        quotes = [self.index.sources[span.source_id].text[span.start : span.end] for span in shown]
        statements = self._composed(replace(part, query=query, found=found), scorer, without=map(reading, quotes))
        nearer = {
            (passage.source_id, passage.units[number].start)
            for passage, number in (
                (self.index.passages[passage_id], number)
                for id_, (cosine, _) in found.alike.items()
                if cosine > alone.get(id_, (0.0, ""))[0]
                for passage_id, number in (split_unit_id(id_),)
            )
        }
        told = {
            (span.source_id, span.start)
            for statement in statements[:1]
            for span in statement.spans
            if not NOT_STATED.search(" ".join(one.text for one in statements))
        }
        return replace(part, statements=tuple(statements), route="passages") if told & nearer else part

    def _composed(self, part: _Part, scorer: Scorer, *, without: Iterable[str] = ()) -> list[Statement]:
        """Compose from the passages of a part, without some units and those that give orders to an assistant."""
        orders = list(without)

        def score(question: str, texts: Sequence[str]) -> list[float]:
            scores = scorer(question, texts)
            return [
                NEVER if any(order in text for order in orders) else score
                for text, score in zip(texts, scores, strict=True)
            ]

        for _ in range(MOST_ORDERS):
            statements = compose(
                part.query,
                part.found,
                sources=self.index.sources,
                passages=self.index.passages,
                scorer=score if orders else scorer,
                rival=part.rival,
            )
            spans = [span for statement in statements for span in statement.spans]
            quotes = [self.index.sources[span.source_id].text[span.start : span.end] for span in spans]
            told = [reading(quote) for quote in quotes if tampers(quote)]
            if not told:
                return statements
            orders += told
        return []

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
                open_parts.append(
                    part.piece or part.query.standalone
                )  # without its first statement an answer is not an answer
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
            status="out_of_scope",
            answer=OUT_OF_SCOPE[work.language],
        )
        if work.question_back:
            answer = replace(answer, status="clarify", answer=work.question_back)
        elif kept:
            shown = kept
            if work.language != "en":
                shown = worded(kept, phrases_of(work.language), self.index.tables.countries)
            text, citations = _cited(shown, self.index)
            said = (NOTES if work.language == "en" else phrases_of(work.language).note)["open"]
            notes = [*self._notes(work, kept), *(said.format(question=part) for part in dict.fromkeys(open_parts))]
            notes += [LEFT_OUT[work.language]] if work.left_out else []
            answer = replace(
                answer,
                status="answered",
                answer=text,
                citations=citations,
                as_of=self._newest(citations),
                notes=tuple(notes),
                route=Counter(routes).most_common(1)[0][0],
            )
        elif not work.outside and not self._is_elsewhere(work):
            answer = replace(answer, status="no_answer", answer=self._refusal(work))
        timings = {**work.timings_ms, "verify": _since(began)}
        timings["total"] = sum(timings.values())
        return replace(answer, timings_ms=timings)

    def _is_elsewhere(self, work: _Work) -> bool:
        """Say whether a question that nothing answers is about something else than the Network."""
        if work.language == "en":
            return not self._names_member(work) and self._scope.outside(work.said)
        named = names_network(self._in_english(work.said, work.language), shared=1)
        return not named and self._reader.outside(work.said, phrases_of(work.language))

    def _refusal(self, work: _Work) -> str:
        part = work.parts[0]
        if work.language == "en":
            return self._refusals.refusal(part.query, hits=part.found.hits)
        translation = self._translator.in_english(work.said, work.language)
        query = self._read(translation.text, work.question.as_of)
        return self._refusals.refusal(query, work.language, translation=translation)

    def _names_member(self, work: _Work) -> bool:
        """Say whether a question asks for a value of a member city: how many, who, when, where, how much."""
        return any(
            part.query.kind not in ("other", "process", "list", "definition")
            and any(mention.cities for mention in part.query.mentions)
            for part in work.parts
        )

    def _notes(self, work: _Work, statements: Sequence[Statement]) -> Iterator[str]:
        said = NOTES if work.language == "en" else phrases_of(work.language).note
        today = self._day().isoformat()
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
    threadpool_limits(1, user_api="blas")  # two threads at one product wait for each other with busy cores
    kept = settings.index / MODELS
    with ThreadPoolExecutor() as pool:  # the checksums of an encoder take as long as the texts of the index
        opening = pool.submit(open_embeddings, settings.embedding, kept)
        index = open_index(settings.index, settings.embedding, settings.chroma_url, lazily=True)
        embeddings = opening.result()
    return Assistant(
        index,
        Retriever(index=index, embeddings=embeddings, question_embeddings=QuestionEmbeddings(threads=1, kept=kept)),
        Reranker(threads=settings.threads, kept=kept).scores,
        glossaries=read_glossaries(settings.glossary, ("en", *LANGUAGES)),
        max_question_chars=settings.max_question_chars,
        stale=stale_reason(settings.index, settings.corpus, settings.passage_words),
        model=open_model(settings),
        model_timeout_seconds=settings.llm_timeout_seconds,
        cached_answers=settings.cached_answers,
        multilingual=MultilingualEmbeddings(kept=kept),
        form_vectors=partial(form_vectors, kept),
    )


def build(settings: Settings, *, rebuild: bool = False, progress: Progress | None = None) -> BuildReport:
    """Bring the index of the settings, and what serving needs beside it, up to date with their corpus.

    `build_index` tells of the errors.
    """
    embeddings = SentenceEmbeddings(settings.embedding, threads=settings.threads)
    report = build_index(
        settings.corpus,
        settings.index,
        embeddings=embeddings,
        question_embeddings=QuestionEmbeddings(threads=settings.threads),
        meanings=MultilingualEmbeddings(threads=settings.threads),
        wordings=wordings(),
        model=settings.embedding,
        passage_words=settings.passage_words,
        rebuild=rebuild,
        progress=progress,
        chroma_url=settings.chroma_url,
    )
    return replace(report, note=prepare(embeddings, settings.index))


def _first_answers(parts: Sequence[_Part]) -> tuple[_Part, ...]:
    """Return the parts without the readings of a piece that another reading of it answers."""
    answered: dict[str, _Part] = {}
    for part in parts:
        if part.route and part.piece:
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
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return "".join(" " if unicodedata.category(char) == "Cc" else char for char in text).strip()


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
