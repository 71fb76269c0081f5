"""A fake assistant for the tests of the web side, and a server that runs it in a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import uvicorn

from assistant.api import create_app
from assistant.chain import Event
from assistant.corpus import Tables
from assistant.corpus.tables import table_sources
from assistant.errors import QuestionError
from assistant.exhibits import read_offered
from assistant.records import Answer, Attribution, Citation, City, Country, Fact, Origin, Question, Source
from assistant.settings import Settings

TEXT = """# Calls

The 2021 call closed on 30 June 2021. Another sentence follows.

| Field | Cities |
|---|---|
| Design | Shenzhen, Wuhan |

- First <b>aim</b>
- Second aim
"""
QUOTE = "The 2021 call closed on 30 June 2021."
SOURCE = Source(
    id="calls",
    title="Calls & dates",
    text=TEXT,
    publisher="Office <of> calls",
    source_title="The call of 2021",
    url="https://example.org/call",
    published="2021-03-16",
    as_of="2021-06-30",
)
P1 = Origin(
    "P1", "News <of> the port", "Post & Sons", "https://example.org/p1?a=1&b=2", "2021-11", "fr", "press", "press"
)
U1 = Origin("U1", "List of members", "UNESCO", "https://example.org/u1", "2022-06-24", "en", "unesco", "official")
C1 = Origin(
    "C1", "Copy of a release", "Guild", "javascript:bad()", "", "en", "unesco", "unofficial", "undated; read in 2023"
)
ORIGINS = {origin.id: origin for origin in (P1, U1, C1)}
COMPILED_TEXT = """## Lisvale

Lisvale joined in 2011. Lisvale has two halls.

| Field | City |
| --- | --- |
| Music | Lisvale |

- Lisvale lends instruments.
"""
STATEMENTS = {
    "Lisvale joined in 2011.": ("P1", "U1"),
    "Lisvale has two halls.": ("C1",),
    "| Music | Lisvale |": ("U1",),
    "- Lisvale lends instruments.": ("P1", "C1", "U1"),
}
COMPILED = Source(
    id="lisvale",
    title="Lisvale & the Network",
    text=COMPILED_TEXT,
    publisher="Our project",
    source_title="Compiled from its sources",
    as_of="2023-01-05",
    attributions=tuple(
        Attribution(COMPILED_TEXT.index(words), COMPILED_TEXT.index(words) + len(words), ids)
        for words, ids in STATEMENTS.items()
    ),
)


def cite(quote: str = QUOTE, *, n: int = 1, source: Source = SOURCE) -> Citation:
    """Return a citation of words that stand in a source."""
    start = source.text.index(quote)
    return Citation(
        n=n,
        source_id=source.id,
        title=source.title,
        publisher=source.publisher,
        date=source.date,
        url=source.url,
        section="Calls",
        quote=quote,
        start=start,
        end=start + len(quote),
        verified=True,
    )


def cite_compiled(*ids: str, n: int = 1, quote: str = "Lisvale joined in 2011.") -> Citation:
    """Return a citation of the compiled document that rests on these origins, firmest first."""
    origins = tuple(ORIGINS[id_] for id_ in ids)
    first = {name: getattr(origins[0], name) for name in ("title", "publisher", "date", "url")}
    return replace(cite(quote, n=n, source=COMPILED), document=COMPILED.title, origins=origins, **first)


def answered(text: str = "It closed on **30 June 2021**. [1]", **changes: object) -> Answer:
    """Return an answer with one citation."""
    fields: dict = {"question": "When?", "status": "answered", "citations": (cite(),), "as_of": "2021-06-30"}
    return Answer(answer=text, **(fields | changes))


CITIES = tuple(
    City(name, country, region, field, year, ("U1",), True, latitude=latitude, longitude=longitude)
    for name, country, region, field, year, latitude, longitude in (
        ("Lisvale", "Norland", "Europe and North America", "Music", 2011, 60.25, -10.5),
        ("Ardmouth", "Norland", "Europe and North America", "Film", 2021, 58.0, 8.0),
        ("Zorbeck", "Osterland", "Asia and the Pacific", "Music", 2021, -12.0, 120.0),
        ('=Evil, "Town"', "Osterland", "Africa", "Literature", 2023, None, None),
    )
)
FACTS = tuple(
    Fact(f"uccn-{year}", "UCCN", "member cities", value, "cities", f"{year}-10-31", ("U1",), f"{year}: {value} cities.")
    for year, value in (("2021", "295"), ("2023", "350"))
)
TABLES = Tables(
    origins=ORIGINS,
    cities=CITIES,
    countries=tuple(
        Country(name, code, "", names={"fr": (french,)})
        for name, code, french in (("Norland", "XN", "Norlande"), ("Osterland", "XO", "Osterlande"))
    ),
    facts=FACTS,
)
TABLE_SOURCES = table_sources(TABLES)


def cite_table(words: str, *, n: int = 1) -> Citation:
    """Return a citation of the line of a table that begins with these words."""
    source = next(source for source in TABLE_SOURCES if f"\n{words}" in source.text)
    start = source.text.index(f"\n{words}") + 1
    return cite(source.text[start:].partition("\n")[0], n=n, source=source)


NO_ANSWER = Answer(question="What does it cost?", status="no_answer", answer="No source says what it costs.")


class FakeAssistant:
    """Answers every question with `answer`, or raises it where it is an error.

    `go` holds `ask` and each step of `stream` while it is cleared; `left` is set once a stream has ended.
    """

    def __init__(
        self,
        answer: Answer | Exception | None = None,
        *,
        sources: tuple[Source, ...] = (SOURCE,),
        tables: bool = False,
    ):
        self.answer = answered() if answer is None else answer
        self.asked: list[Question] = []
        self.go = threading.Event()
        self.go.set()
        self.left = threading.Event()
        self.stale = ""
        self._sources = (*sources, *TABLE_SOURCES) if tables else sources
        self.index = SimpleNamespace(
            tables=TABLES if tables else Tables(origins=ORIGINS),
            sources={source.id: source for source in self._sources},
            passages={},
            expected=[],
            fingerprint="0123abcd" * 8,
            version="1-0123abcd",
            check=lambda: None,
            manifest={"built": "2026-11-01T08:00:00+00:00", "build_seconds": 90, "documents": {"calls": ""}},
        )

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def expected(self, question, k=12) -> list[str]:
        return sorted(read_offered())[:1]

    def warm(self) -> None:
        pass

    def warm_english(self) -> None:
        pass

    def probe(self) -> Answer:
        return self.ask("May I try?")

    def language(self, text) -> str:
        return "en"

    def source(self, source_id: str) -> Source:
        for source in self._sources:
            if source.id == source_id:
                return source
        raise QuestionError(f"There is no document `{source_id}`")

    def ask(self, question, *, history=(), as_of="") -> Answer:
        asked = question if isinstance(question, Question) else Question(question, history=history, as_of=as_of)
        self._refuse(asked.question)
        self.asked.append(asked)
        assert self.go.wait(30)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def stream(self, question, *, history=(), as_of="") -> Iterator[Event]:
        try:
            self._refuse(question.question if isinstance(question, Question) else question)
            yield Event("status", f"Searching {len(self._sources)} documents")
            answer = self.ask(question, history=history, as_of=as_of)
            for word in answer.answer.split(" "):
                yield Event("delta", word + " ")
                assert self.go.wait(30)
            yield Event("answer", answer=answer)
        finally:
            self.left.set()

    def _refuse(self, question: str) -> None:
        if isinstance(self.answer, QuestionError):
            raise self.answer
        if not question.strip():
            raise QuestionError("The question is empty")


class RewordingAssistant(FakeAssistant):
    """Gives an instant answer and then the words of a language model."""

    def stream(self, question, *, history=(), as_of=""):
        yield Event("delta", "It closed on **30 June 2021**. [1]")
        yield Event("instant", answer=self.answer)
        yield Event("sentence", "The call closed in June. [1]")
        assert self.go.wait(30)
        yield Event("answer", answer=answered("The call closed in June. [1]", route="llm"))


@contextmanager
def running(assistant, **settings):
    """Serve in a thread, for what a test client cannot show; yield the address."""
    started = threading.Event()
    app = create_app(assistant, Settings(**settings))
    options = {"log_config": None, "access_log": False, "proxy_headers": False, "http": "h11"}  # as `serve` has them
    config = uvicorn.Config(app, port=0, timeout_graceful_shutdown=1, **options)
    server = uvicorn.Server(config)
    startup = server.startup

    async def announced(*args, **kwargs):
        await startup(*args, **kwargs)
        started.set()

    server.startup = announced
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(30)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
