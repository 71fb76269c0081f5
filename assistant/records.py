"""The frozen records that cross module boundaries, from a source document to a cited answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

UnitKind = Literal["sentence", "item", "row"]
Status = Literal["answered", "no_answer", "out_of_scope", "clarify", "error"]
Route = Literal["cities", "facts", "passages", "llm"]


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

    @property
    def date(self) -> str:
        """The date to show: what the statements speak of, else the day of publication."""
        return self.as_of or self.published


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
