"""The frozen records that cross module boundaries, from a source document to a cited answer."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

UnitKind = Literal["sentence", "item", "row"]
Status = Literal["answered", "no_answer", "out_of_scope", "clarify", "error"]
Route = Literal["cities", "facts", "passages", "llm"]
Firmness = Literal["official", "member city", "press", "unofficial"]

FIRMEST_FIRST: tuple[Firmness, ...] = ("official", "member city", "press", "unofficial")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who said something, and where: a row of `sources.csv`, which documents and tables name by its id."""

    id: str
    title: str
    publisher: str
    url: str
    date: str  # ISO; empty where the original carries none
    language: str  # ISO 639-1, of the original
    kind: str  # who speaks: unesco, national commission, government, member city, network, organisation, press, ...
    firmness: Firmness
    note: str = ""

    @property
    def rank(self) -> int:
        """How far one may rely on it, 0 best: a copy of a text of UNESCO comes right behind UNESCO itself."""
        if self.firmness == "official":
            return 0
        return 1 if self.kind == "unesco" else 1 + FIRMEST_FIRST.index(self.firmness)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A stretch of a source's text and the origins that it rests on."""

    start: int
    end: int
    origins: tuple[str, ...]  # ids, as they are named in the text
    date: str = ""  # ISO date that the stretch speaks of; empty where unknown


@dataclass(frozen=True, slots=True)
class City:
    """A member city: a row of `cities.csv`."""

    name: str
    country: str
    region: str  # of UNESCO
    field: str
    year: int  # of designation
    origins: tuple[str, ...]
    firm: bool  # known from more than one list, or from UNESCO itself
    aliases: tuple[str, ...] = ()
    latitude: float | None = None  # degrees
    longitude: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """A country and what it is called: a row of `countries.csv`."""

    name: str
    code: str  # ISO 3166-1 alpha-2
    region: str  # of UNESCO
    adjectives: tuple[str, ...] = ()  # English
    aliases: tuple[str, ...] = ()  # English
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by ISO 639-1 language


@dataclass(frozen=True, slots=True)
class Group:
    """A named group of countries, or a state, province or region of one: a row of `groups.csv`, `subdivisions.csv`."""

    name: str  # as a sentence says it: "the Nordic countries"
    aliases: tuple[str, ...]
    countries: tuple[str, ...]
    note: str = ""  # by which definition
    cities: tuple[str, ...] | None = None  # the member cities of a subdivision; None: all of the countries


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing as it was stated at one time: a row of `facts.csv`."""

    id: str
    subject: str
    attribute: str
    value: str
    unit: str
    as_of: str  # ISO
    origins: tuple[str, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class Expected:
    """Questions that people may ask and that one statement of a document answers: a row of `questions.csv`."""

    document: str  # id of its source
    statement: str  # the whole unit, as it stands in the source's text
    questions: tuple[str, ...]
    language: str = "en"  # ISO 639-1


@dataclass(frozen=True, slots=True)
class Source:
    """One document as it is read and cleaned; every offset in the project points into `text`."""

    id: str  # unique in a corpus; letters, digits, `-`, `_` and `.` only
    title: str
    text: str  # cleaned, light Markdown: `#` headings, `- ` items, `| a | b |` rows, one line a paragraph
    publisher: str = ""
    source_title: str = ""  # the title of the original that the document restates
    url: str = ""
    published: str = ""  # ISO date of publication: 2022, 2022-06 or 2022-06-24; empty where unknown
    as_of: str = ""  # ISO date that the statements speak of; empty where unknown
    language: str = "en"  # ISO 639-1
    kind: str = ""  # official, press, organisation, ...
    original: str = ""  # file name of the original that the document restates, where there is one
    path: str = ""  # relative to the corpus folder
    attributions: tuple[Attribution, ...] = ()  # by start; empty where the whole text is of one origin

    @property
    def date(self) -> str:
        """The date to show: what the statements speak of, else the day of publication."""
        return self.as_of or self.published

    def attributed(self, start: int, end: int) -> tuple[Attribution, ...]:
        """Return what a stretch of the text rests on, where the text itself names it."""
        place = max(0, bisect_right(self.attributions, start, key=lambda held: held.start) - 1)
        reach = bisect_right(self.attributions, end - 1, key=lambda held: held.start)
        return tuple(held for held in self.attributions[place:reach] if held.end > start)

    def dates_in(self, start: int, end: int) -> tuple[str, ...]:
        """Return the dates that a stretch speaks of: of what it rests on, else of the whole source; oldest first."""
        held = self.attributed(start, end)
        return tuple(sorted({one.date for one in held})) if held else (self.date,)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not become a source, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest text that is quoted: a sentence, a list item or a table row."""

    text: str  # without its list marker
    start: int  # offsets in the source's text: source.text[start:end] == text
    end: int
    kind: UnitKind = "sentence"
    group: int = -1  # units of one list or table in a passage share a number; -1 outside lists
    label: str = ""  # what introduces the group: the line or heading above a list, a table's header row
    date: str = ""  # ISO date that the unit speaks of
    expected: tuple[str, ...] = ()  # questions that it is known to answer


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one source that is retrieved as a whole, with its heading path and its units."""

    id: str
    source_id: str
    title: str
    headings: tuple[str, ...]  # outermost first, without the title
    text: str
    start: int
    end: int
    units: tuple[Unit, ...] = ()
    date: str = ""
    language: str = "en"

    @property
    def context(self) -> str:
        """Title and headings on one line, as they stand in front of the text for search."""
        return " > ".join(dict.fromkeys((self.title, *self.headings)))


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and how well it matched, higher is better."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Exact words of a source behind one marker: `quote == source.text[start:end]`."""

    n: int
    source_id: str
    title: str
    publisher: str
    date: str
    url: str
    section: str
    quote: str
    start: int
    end: int
    verified: bool = False
    document: str = ""  # title of the document in which the quote stands, where that names its sources itself
    origins: tuple[Origin, ...] = ()  # all that the quote rests on, firmest first; the fields above are the first's


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says to a question, the same on the command line, over HTTP and in evals."""

    question: str
    status: Status
    answer: str  # Markdown; a sentence that states a fact ends with its markers: [1][2]
    id: str = ""
    standalone_question: str = ""
    language: str = "en"
    as_of: str = ""  # newest date among the citations
    notes: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    route: Route | None = None
    timings_ms: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as the JSON object of every interface."""
        order = (
            "id",
            "question",
            "standalone_question",
            "language",
            "status",
            "answer",
            "as_of",
            "notes",
            "citations",
            "route",
            "timings_ms",
        )
        plain = asdict(self)
        return {name: plain[name] for name in order}


@dataclass(frozen=True, slots=True)
class Question:
    """What a visitor asks, with what was said before it."""

    question: str
    id: str = ""
    history: Sequence[Turn] = ()
    as_of: str = ""  # ISO date: answer from what was known then
    language: str = ""  # ISO 639-1 where the visitor's language is known
