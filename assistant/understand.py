"""A question as the rest of the pipeline needs it: kind, names, years, and the time it asks of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from assistant.cities import Mention, Places
from assistant.followup import standalone_question
from assistant.moments import with_dates
from assistant.records import Turn
from assistant.terms import NETWORK, Glossary, stem
from assistant.values import numbers, years
from assistant.vocabulary import WORD, Vocabulary, content_stems, fields_in, names_in, spelt
from assistant.wording import (
    ASSERTED,
    ATTRIBUTE,
    FOUNDED_BY,
    FOUNDED_IN,
    FUTURE,
    IN_DOCUMENT,
    LINE_OF_CHANGE,
    LIST,
    PURPOSE,
    YES_OR_NO,
    Kind,
    Value,
    asked_claim,
    asking_part,
    city_of_field,
    core_of,
    counted_stems,
    counted_words,
    events_in,
    exactness,
    is_negated,
    kind_of,
    needs_of,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the rest of the pipeline needs it."""

    question: str  # as asked
    standalone: str  # with what the history leaves unsaid, and names spelt as in the corpus
    core: str  # standalone without greetings and politeness; what retrieval and reranking read
    readings: tuple[str, ...]  # core, and core without the document that it points to; the better one counts
    kind: Kind
    asking: str = ""  # the sentences and clauses of the core that ask
    needs: tuple[Value, ...] = ()  # at least one of these must stand in a unit that answers
    wants_list: bool = False
    wants_change: bool = False  # asks how a value changed over time
    asserted: bool = False  # states something and asks whether it holds
    terms: tuple[str, ...] = ()  # stems of the words that carry the topic
    weights: tuple[float, ...] = ()  # of the terms: how rare each is in the corpus
    about: str = ""  # stem of the noun in "what was the THEME of ...", where it is not of a general kind
    future: bool = False  # asks for a plan or target
    names: tuple[str, ...] = ()  # proper names, without those that every question may use
    called: Mapping[str, re.Pattern[str]] = field(default_factory=dict)  # of the names, what a place is called too
    mentions: tuple[Mention, ...] = ()  # places of the tables that the core names
    fields: tuple[str, ...] = ()  # creative fields, in the spelling of FIELDS
    counted_words: tuple[str, ...] = ()  # the noun phrase that a count is asked of
    counted: tuple[str, ...] = ()  # stems of the noun that a count is asked of
    qualifiers: tuple[str, ...] = ()  # stems that narrow a count to what facts and table do not tell, as `forms` says
    years: tuple[str, ...] = ()
    exact: int = 0  # characters of the ISO dates that it asks for: 7 where it wants the month, 10 the day
    ordinals: tuple[int, ...] = ()
    events: tuple[int, ...] = ()  # by `events_in`, of what a question that asks "when" tells of
    as_of: str = ""  # ISO date: answer from what was known then

    @property
    def of_what_is_not(self) -> bool:
        """Whether it asks which or how many are not so."""
        return self.kind in ("how_many", "list") and is_negated(self.asking)


def understand(
    question: str,
    vocabulary: Vocabulary,
    *,
    glossary: Glossary = Glossary(),
    places: Places | None = None,
    history: Sequence[Turn] = (),
    as_of: str = "",
) -> Query:
    """Read a question in the light of what was said before it."""
    question = _SMALL_MONTH.sub(lambda month: month[0].capitalize(), question)
    known = _both(glossary.words, places.words) if places else glossary.words
    standalone = spelt(standalone_question(question, history, vocabulary, places), vocabulary, known)
    standalone = with_dates(standalone, places)
    plain = core_of(standalone, vocabulary, places)
    defines = kind_of(plain) == "definition"  # then the short name itself is asked for
    named = [(mention.start, mention.end) for mention in places.mentions(plain)] if places else []
    core = plain if defines else city_of_field(glossary.canonical(plain, named))
    stated = bool(ASSERTED.search(standalone)) and not _EVER.match(core)
    claim = _claim(core, asserted=stated)
    core = claim or core
    asserted = bool(claim) or stated
    asking = asking_part(core)
    kind = kind_of(asking if YES_OR_NO.match(asking) else core)
    if kind == "money" and YES_OR_NO.match(asking) and not _AMOUNT.search(asking):
        kind = "other"  # "Must the money be there already?" is answered without an amount
    if purpose := PURPOSE.search(core):
        core, kind = f"What is the purpose of {purpose['subject']}?", "definition"
    wants_change = bool(LINE_OF_CHANGE.search(core)) and bool(re.search(r"\bnumbers? of\b|\bhow many\b", core, re.I))
    counted = counted_stems(core, vocabulary) if kind == "how_many" else ()
    if wants_change and counted:
        core, kind = f"How many {' '.join(counted_words(core))}?", "how_many"
    bare = IN_DOCUMENT.sub("", core).strip(" ,")
    if kind == "how_many" and not counted and NETWORK in core:
        counted = (stem("cities"),)  # "how big is the Network"
    if kind == "how_many" and not content_stems(core) and NETWORK not in core:
        core = f"{core.rstrip(' ?')} in the {NETWORK}?"
    terms = content_stems(core)
    asks_event = kind in ("when", "who") or bool(re.match(r"\W*(?:for which reason|why)\b", core, re.I))
    if asks_event:  # what happened is tested by `events_in`, whatever the word for it
        happening = {stem(word.lower()) for word in WORD.findall(core) if events_in(word)}
        terms = tuple(term for term in terms if term not in happening)
    mentions = tuple(places.mentions(core)) if places else ()
    names = (
        tuple(_ACRONYM.findall(plain))
        if defines and _ACRONYM.search(plain)
        else names_in(_SEAT.sub("UNESCO", standalone if claim else core), vocabulary)
    )
    called = places.called(mentions) if places else {}
    spoken = {word.casefold() for m in mentions for word in WORD.findall(core[m.start : m.end])}
    names = (*called, *(name for name in names if name.casefold() not in spoken))
    return Query(
        question=question,
        standalone=standalone,
        core=core,
        readings=(core, bare) if bare != core and len(content_stems(bare)) >= 2 else (core,),
        kind=kind,
        asking=asking_part(core),
        needs=needs_of(kind, core),
        wants_list=kind in ("list", "process") or (kind in ("other", "who") and bool(LIST.search(core))),
        wants_change=wants_change,
        asserted=asserted,
        terms=terms,
        weights=tuple(vocabulary.weight(term) for term in terms),
        about=_attribute(core),
        future=bool(FUTURE.search(core)),
        names=names,
        called=called,
        mentions=mentions,
        fields=fields_in(core),
        counted_words=tuple(counted_words(core)) if counted else (),
        counted=counted,
        years=years(core if claim and kind == "when" else standalone),
        exact=exactness(asking) if kind == "when" else 0,
        ordinals=() if asserted else tuple(int(number.value) for number in numbers(core) if number.ordinal),
        events=events_in(f"{standalone} {core}") if asks_event else (0,) * bool(_LEAVING.search(core)),
        as_of=as_of,
    )


_both = lru_cache(maxsize=8)(frozenset[str].union)  # each question knows the same words


# UNESCO by the city where it has its seat: what is sent there is sent to UNESCO.
_SEAT = re.compile(
    r"(?:(?<=\bto )|(?<=\bfor )|(?<=\breach )|(?<=\btell )|(?<=\bask )"
    r"|(?<=\bdue in )|(?<=\bsecretariat in )|(?<=\bheadquarters in )|(?<=\bteam in )|(?<=\boffice in )"
    r")Paris(?![-\w]|['’]s\b)"
)

_WHAT_OF_IT = re.compile(r"\W*what (?P<attribute>[a-z]+) (?:does|do|did|has|have|gets?) ", re.I)
_EVER = re.compile(r"\W*(?:has|have|had|was|were|did|is) [^.?!]*\bever\b", re.I)  # it asks, and claims nothing
_AMOUNT = re.compile(r"\b(?:how much|fees?|costs?|charged?)\b", re.I)
_LEAVING = re.compile(r"\b(?:expel|remov|withdr|lost (?:the|its|their) title)", re.I)


def _claim(core: str, *, asserted: bool) -> str:
    """Return the question that a stated value answers, where a question states one to have it confirmed, else ''."""
    if told := FOUNDED_BY.search(core):
        return f"When did {told['who']} {told['verb']} {told['subject']}?"
    if told := FOUNDED_IN.search(core):
        return f"When was {told['subject']} {told['verb']}?"
    return asked_claim(core) if asserted and kind_of(core) in ("other", "definition", "list") else ""


def _attribute(core: str) -> str:
    """Return the stem of what is asked of something: "what was the theme of the summit" asks for its theme."""
    match = ATTRIBUTE.match(core) or _WHAT_OF_IT.match(core)
    words = content_stems(match["attribute"]) if match else ()
    return words[-1] if words and words[-1] not in _GENERAL else ""


# Months as they are typed in a hurry; "may" and "march" only beside a number.
_SMALL_MONTH = re.compile(
    r"\b(?:january|february|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:march|may)\b(?= \d)|(?<=\d )(?:march|may)\b"
)
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")
_GENERAL = {stem(word) for word in "number name date day year purpose list field kind role part share total".split()}
