"""Answers from dated facts: the newest value first, then how it changed, or the value of the time asked for."""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assistant.attributes import ATTRIBUTES, GENERAL, Asked
from assistant.cities import Mention
from assistant.claims import Claim, Opening
from assistant.compose import OPENING_OF, Span, Statement
from assistant.corpus import FACTS_ID, NETWORK_SUBJECT, Tables
from assistant.records import Fact, Source
from assistant.understand import Query
from assistant.values import date_reached, dates, numbers, speak_date
from assistant.vocabulary import content_stems
from assistant.wording import CITIES_AND_COUNTRIES, REACHED, SO_MANY_EACH, SUMMED, years_between

MOST_EARLIER = 5  # earlier values that the line of change names
MOST_DIFFERING = 4  # statements of one thing that are shown where they differ
FIRM = 2  # rank of an origin up to which it may lead: UNESCO, national bodies, copies of their texts, member cities
UNKNOWN = "not stated"  # unit of a fact that tells that no source states the value
_BY_ROUND = ("call", "country call", "meeting")  # kinds of subject that come again and again


_COMPARES = re.compile(r"(?<!at )\b(?:most|least|fewest|smallest|largest|biggest|highest|lowest|top)\b", re.I)
_COUNTED_TOGETHER = (
    "new cities",
    "countries of the new cities",
    "countries",
    "member cities",
)  # "how many cities and countries" asks for two
_OF_ONE_YEAR = (
    "new cities",
    "new countries",
    "countries of the new cities",
)  # what happened in a year did not happen in the next
_SAMENESS = re.compile(r"\b(?:same|different|each|any|every|only|alone)\b", re.I)
_NEXT = re.compile(r"\bnext\b|\bupcoming\b|\bcoming\b", re.I)
_CONFERENCE = re.compile(r"\bconferences?\b|\bannual meeting", re.I)
_HELD = re.compile(r"\b(?:held|hosted|organi[sz]ed|took place|ran)\b", re.I)
_SUMMIT = re.compile(r"\bsummits?\b", re.I)
_CALL = re.compile(r"20\d\d call")
_BEFORE_YEAR = re.compile(r"\b(?:before|prior to)\W+(?P<year>20\d\d)\b", re.I)
_YEAR = re.compile(r"20\d\d")
# "How many more members than in 2015?"
_GROWN_SINCE = re.compile(
    r"\b(?:(?:more|fewer)\b[^?]*\bthan (?:in|at the end of)|(?:grown|grow|changed?|increased?)\b[^?]*\bsince)"
    r" (?P<year>20\d\d)\b",
    re.I,
)
_OF_MEMBERS = set(content_stems("member members city cities town towns mark"))
_ROUNDED = re.compile(r"[^\d]")  # "more than 100" does not contradict 108


class DatedFacts:
    """The facts of an index by subject and attribute, with the places where they can be quoted."""

    def __init__(self, tables: Tables, sources: Mapping[str, Source]) -> None:
        self._facts = tables.facts
        self._source = sources.get(FACTS_ID)
        self._origins = tables.origins

    def answer(self, query: Query) -> list[Statement]:
        """Return the statements that answer from dated facts; none where the question asks for anything else."""
        if not self._facts or query.fields or query.of_what_is_not:
            return []
        if _COMPARES.search(query.core) or SUMMED.search(query.core) or SO_MANY_EACH.search(query.core):
            return []
        mentions = query.mentions
        countries = tuple(dict.fromkeys(m.country for m in mentions if m.country))
        if any(mention.cities for mention in mentions):
            return self._of_conference(query, mentions)
        if any(mention.region or mention.group for mention in mentions) or len(countries) > 1:
            return []
        if query.kind == "when" and not mentions and (mark := REACHED.search(query.standalone)):
            of_members = set(content_stems(mark["of"])) <= _OF_MEMBERS  # not of countries, nor of anything else
            return self._reached(int(mark["number"])) if of_members else []
        statements: list[Statement] = []
        for asked in ATTRIBUTES:
            if statements and asked.attribute not in _COUNTED_TOGETHER:
                continue
            if (asked.kinds and query.kind not in asked.kinds) or not asked.words.search(query.core):
                continue
            if _left_over(query, mentions, asked) or (asked.attribute == "founded" and query.future):
                continue
            of_one_round = asked.of in _BY_ROUND or asked.attribute in _OF_ONE_YEAR
            if of_one_round and query.kind == "how_many" and years_between(query.standalone):
                break  # of several rounds together the table has the count
            facts = self._known(asked, query, countries)
            if not facts and asked.attribute == "number of applications":
                break  # those who applied are not those who joined
            if facts:
                statements += self._said(query, asked, facts)
                if asked.attribute == "countries of the new cities":
                    break  # not those of all members
                if asked.attribute not in _COUNTED_TOGETHER or not CITIES_AND_COUNTRIES.search(query.core):
                    break
        return statements

    def _reached(self, number: int) -> list[Statement]:
        """Return the first total of member cities not below a number, and the one before it; else the newest."""
        totals = [fact for fact in self._facts if fact.attribute == "member cities" and fact.subject == NETWORK_SUBJECT]
        firm = [fact for fact in totals if fact.value.isdigit() and self._rank(fact) <= FIRM]
        firm.sort(key=lambda fact: (fact.as_of, fact.id))
        if not firm:
            return []
        at = next((place for place, fact in enumerate(firm) if int(fact.value) >= number), len(firm) - 1)
        line = self._line_of_change(firm[at - 1 : at], firm[at].value) if at and int(firm[at].value) >= number else None
        return [self._statement(firm[at]), *([line] if line else [])]

    def _of_conference(self, query: Query, mentions: Sequence[Mention]) -> list[Statement]:
        """Return what is asked of an annual conference that a city hosted; where another did that year, who did."""
        if not _CONFERENCE.search(query.core) or _SUMMIT.search(query.core):
            return []
        names = {city.name for mention in mentions for city in mention.cities}
        hosts = [fact for fact in self._facts if fact.attribute == "host" and _CONFERENCE.search(fact.subject)]
        own = [fact for fact in hosts if any(name in fact.value for name in names)]
        then = [fact for fact in hosts if _year_of(fact.subject) in query.years]
        if own and then and not set(own) & set(then):
            first, *others = (self._statement(fact) for fact in (*then, *own))
            claim = Claim("fact", facts=(then[0],), opening="correction")
            return [replace(first, text=OPENING_OF["correction"] + first.text, claim=claim), *others]
        for asked in ATTRIBUTES:
            fits = asked.of == "meeting" and asked.words.search(query.core)
            if not fits or (asked.kinds and query.kind not in asked.kinds) or _left_over(query, mentions, asked):
                continue
            held = {fact.subject for fact in own}
            facts = [fact for fact in self._facts if fact.subject in held and fact.attribute == asked.attribute]
            facts.sort(key=lambda fact: _year_of(fact.subject), reverse=True)
            at_the_time = [fact for fact in facts if not query.years or _year_of(fact.subject) in query.years]
            if at_the_time:
                return self._said(query, asked, at_the_time)
            return [self._statement(fact) for fact in (*then, *facts)] if then else []
        return [self._statement(fact) for fact in then if fact in own] if _HELD.search(query.core) else []

    def _known(self, asked: Asked, query: Query, countries: Sequence[str]) -> list[Fact]:
        """Return the facts of an attribute for the subjects that a question means, newest first."""
        facts = [fact for fact in self._facts if fact.attribute == asked.attribute]
        if query.as_of:
            facts = [fact for fact in facts if date_reached(fact.as_of, query.as_of)]
        conference, summit = bool(_CONFERENCE.search(query.core)), bool(_SUMMIT.search(query.core))
        if bool(countries) != (asked.of in ("country call", "country")):
            return []
        if (conference or summit) != (asked.of == "meeting" or asked.attribute == "annual conference duty"):
            return []
        if asked.of == "call":
            facts = [fact for fact in facts if _CALL.fullmatch(fact.subject) or fact.subject.startswith("rules of")]
        elif asked.of == "country call":
            facts = [fact for fact in facts if fact.subject.startswith(f"{countries[0]}, ")]
        elif asked.of == "meeting":
            kind = "Beijing Summit" if summit else "annual conference"
            facts = [fact for fact in facts if fact.subject.startswith(kind)]
        elif asked.of == "network":
            facts = [fact for fact in facts if fact.subject == NETWORK_SUBJECT]
        elif asked.of == "country":
            facts = [fact for fact in facts if fact.subject == countries[0]]
        if asked.of in _BY_ROUND and (before := _BEFORE_YEAR.search(query.standalone)):
            facts = [fact for fact in facts if _year_of(fact.subject) < before["year"] and fact.unit != UNKNOWN]
        elif asked.of in _BY_ROUND and query.years:
            facts = [fact for fact in facts if set(_YEAR.findall(fact.subject)) & set(query.years)]
        return sorted(facts, key=lambda fact: (_year_of(fact.subject), fact.as_of, fact.id), reverse=True)

    def _said(self, query: Query, asked: Asked, facts: Sequence[Fact]) -> list[Statement]:
        shown, earlier = self._rounds(query, facts) if asked.of in _BY_ROUND else self._times(query, facts)
        if not shown:
            return []
        if asked.attribute == "founded":
            shown, earlier = shown[:1], []
        verdict = _verdict(query, shown)
        statements = [self._statement(fact) for fact in shown[:MOST_DIFFERING]]
        statements[0] = replace(
            statements[0],
            text=OPENING_OF[verdict] + statements[0].text,
            claim=Claim("fact", facts=(shown[0],), opening=verdict),
        )
        if line := self._line_of_change(earlier, "" if asked.of in _BY_ROUND else shown[0].value):
            statements.append(line)
        return statements

    def _rounds(self, query: Query, facts: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
        """Return the facts of the call or meeting asked for, and those of the rounds before it.

        Where the question names none: the latest of which the value is known; what is known of later ones follows.
        """
        subjects = list(dict.fromkeys(fact.subject for fact in facts))
        if _NEXT.search(query.core) and not query.years:
            chosen = subjects[0]
        else:
            documented = [fact.subject for fact in facts if fact.unit != UNKNOWN and self._has_closed(fact.subject)]
            chosen = documented[0] if documented and not query.years else subjects[0]
        shown = [fact for fact in facts if fact.subject == chosen]
        if query.years:
            return shown, []
        later = [fact for fact in facts if subjects.index(fact.subject) < subjects.index(chosen)]
        earlier = [fact for fact in facts if subjects.index(fact.subject) > subjects.index(chosen)]
        return shown + later, _firmest_of_each(earlier)

    def _has_closed(self, subject: str) -> bool:
        """Say whether a call is documented with its closing day; other rounds are always taken as they are."""
        if not _CALL.fullmatch(subject):
            return True
        return any(f.subject == subject and f.attribute == "closing day" and f.unit != UNKNOWN for f in self._facts)

    def _times(self, query: Query, facts: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
        """Return the newest fact of the time asked for, with what differs from it then, and the facts before it.

        Of a range of years, the facts before it are those of the range. Less firm ones do not lead where there is a
        firm one, and do not stand in the line of change.
        """
        grown = _GROWN_SINCE.search(query.standalone)
        span = (int(grown["year"]), datetime.MAXYEAR) if grown else years_between(query.standalone)
        if span:
            facts = [fact for fact in facts if span[0] <= int(fact.as_of[:4]) <= span[1]]
        elif query.years and facts:
            facts = _of_time(_moment(query), facts, exactly=facts[0].attribute in _OF_ONE_YEAR)
        if not facts:
            return [], []
        best = min(map(self._rank, facts))
        firm = [fact for fact in facts if self._rank(fact) <= max(best, FIRM)]
        newest = firm[0]
        differing = [
            fact
            for fact in facts
            if fact is not newest
            and fact.value != newest.value
            and fact.as_of[:7] >= newest.as_of[:7]
            and not _ROUNDED.search(fact.value)
        ]
        earlier = [fact for fact in firm if fact.as_of[:7] < newest.as_of[:7]]
        return [newest, *differing], [] if query.years and not span else earlier

    def _rank(self, fact: Fact) -> int:
        return min(self._origins[id_].rank for id_ in fact.origins)

    def _statement(self, fact: Fact) -> Statement:
        start, end = value_span(fact)
        text = fact.statement
        if end > start:
            text = f"{text[:start]}**{text[start:end]}**{text[end:]}"
        return Statement(text, (self._span(fact),), claim=Claim("fact", facts=(fact,)))

    def _span(self, fact: Fact) -> Span:
        assert self._source is not None
        start = self._source.text.index(f"\n{fact.statement}") + 1
        return Span(FACTS_ID, start, start + len(fact.statement), f"{fact.subject}: {fact.attribute}")

    def _line_of_change(self, facts: Iterable[Fact], newest: str) -> Statement | None:
        """Return the earlier values in one line, each with its time and its quote; of a run of one value the first.

        Without a `newest` value the facts are of rounds, and each round is named.
        """
        held: list[Fact] = []
        for fact in facts:
            start, end = value_span(fact)
            if end == start or (newest and not held and fact.value == newest):
                continue  # the value stands in other words in its statement, or has not changed since
            if newest and held and held[-1].value == fact.value:
                held.pop()
            held.append(fact)
        held = held[:MOST_EARLIER]
        if not held:
            return None
        parts = []
        for fact in held:
            start, end = value_span(fact)
            parts.append(f"{fact.statement[start:end]} ({speak_date(fact.as_of) if newest else fact.subject})")
        return Statement(
            f"Before that: {', '.join(parts)}.",
            tuple(map(self._span, held)),
            computed=True,
            claim=Claim("earlier", facts=tuple(held), of_rounds=not newest),
        )


def _left_over(query: Query, mentions: Sequence[Mention], asked: Asked) -> list[str]:
    blank = list(query.core)
    spans = [(mention.start, mention.end) for mention in mentions]
    spans += [(date.start, date.end) for date in dates(query.core)]
    spans += [match.span() for match in asked.words.finditer(query.core) if match.end() - match.start() < 20]
    for start, end in spans:
        blank[start:end] = " " * (end - start)
    return [word for word in content_stems("".join(blank)) if word not in GENERAL[asked.of]]


def _moment(query: Query) -> str:
    """Return the time that a question asks of, as exactly as it says it."""
    if before := _BEFORE_YEAR.search(query.standalone):
        return f"{int(before['year']) - 1}-12"
    stated = [date.iso for date in dates(query.standalone) if date.iso[0] != "-"]
    return stated[0] if stated else query.years[0]


def _of_time(moment: str, facts: Sequence[Fact], *, exactly: bool) -> list[Fact]:
    """Return the facts of a year, or, of what lasts, the newest before it; of a day or month what was known by then."""
    if len(moment) > 4 and not exactly:
        known = [fact for fact in facts if date_reached(fact.as_of, moment)]
        in_doubt = () if moment[5:7] == "12" else (moment[:4],)  # of that year, before or after
        return [fact for fact in known if fact.as_of not in in_doubt]
    inside = [fact for fact in facts if fact.as_of.startswith(moment[:4])]
    return inside if inside or exactly else [fact for fact in facts if fact.as_of < moment[:4]][:1]


def _firmest_of_each(facts: Iterable[Fact]) -> list[Fact]:
    """Return one fact a subject, the first of each; facts come newest first."""
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(fact.subject, fact)
    return list(first.values())


def _year_of(subject: str) -> str:
    years = _YEAR.findall(subject)
    return str(years[-1]) if years else ""


def value_span(fact: Fact) -> tuple[int, int]:
    """Return where the value stands in its statement, "7" as seven too; (0, 0) where it stands in other words."""
    text = fact.statement
    if fact.value.isdigit() and fact.unit != "year":
        spots = [(n.start, n.end) for n in numbers(text) if n.value == int(fact.value) and not n.ordinal]
        return spots[0] if spots else (0, 0)
    spoken = speak_date(fact.value) if fact.unit in ("date", "month", "year") else fact.value
    found = re.search(rf"(?<!\w){re.escape(spoken)}(?!\w)", text, re.I)
    return found.span() if found else (0, 0)


def _verdict(query: Query, shown: Sequence[Fact]) -> Opening:
    """Return the opening of an answer to a question that states a value: whether it is the one of the facts.

    Where sources differ and the first does not bear it out but another does, there is no opening.
    """
    if not query.asserted:
        return ""
    stated = {date.iso for date in dates(query.question) if date.iso not in query.years or len(date.iso) > 4}
    stated |= {str(int(n.value)) for n in numbers(query.question) if n.value == int(n.value) and not n.ordinal}
    if not stated:
        return ""
    borne_out = [any(_same_value(fact.value, said) for said in stated) for fact in shown]
    if borne_out[0]:
        return "" if _SAMENESS.search(query.question) else "yes"  # the value alone does not bear that out
    return "" if any(borne_out) else "correction"


def _same_value(value: str, said: str) -> bool:
    """Say whether a value is the one that is said, a date as exactly as it is said: June 2021, 30 June."""
    if said.startswith("--"):
        return value.endswith(said[1:])
    return value == said or (len(said) == 7 and value.startswith(f"{said}-"))
