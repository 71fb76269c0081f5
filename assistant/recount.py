"""Counts again, from the words of the sources alone, what a sentence says that the program worded over table rows."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast, get_args

from assistant.claims import ANY_FIELD_BUT, ONE_SUBDIVISION, SUBDIVISIONS, Bound, Limit
from assistant.compose import CORRECTION, YES, Span, Statement
from assistant.quoted import Held, Row, counts_all, held_by, is_whole
from assistant.records import Source
from assistant.spoken import Said, is_partly_known, names_of, period_of, rows_in, scope_of, value_of, words_of
from assistant.values import dates, speak_date
from assistant.vocabulary import FIELDS

BEFORE_THAT = "Before that: "

_FIELD = "|".join(FIELDS)
_OF = rf"(?P<fields>(?:{ANY_FIELD_BUT})?(?:{_FIELD})(?: or (?:{_FIELD}))*)"
_NOUN = rf"(?:member (?:city|cities)|(?:City|Cities) of {_OF})"
_WHERE = r"(?: (?:in )?(?P<where>(?:(?<=in )|(?=besides ))[^:\d]+?))?"
_WHEN = (
    r"(?P<when>, as of [^,]+?| designated (?:in|since|after) \d{4}| designated from \d{4} to \d{4}"
    r"| before \d{4}| by the end of \d{4})?"
)
_DESIGNATED = (
    r"(?P<{}> designated (?:in|since|after) \d{{4}}| designated from \d{{4}} to \d{{4}}"
    r"| before \d{{4}}| by the end of \d{{4}})?"
)
_NOUN2 = rf"(?: (?:member cities|Cities of (?P<fields2>(?:{_FIELD}))))?"
_WHERE2 = r"(?: in (?P<where2>[^:\d]+?))?"
_WHEN1, _WHEN2 = _DESIGNATED.format("when"), _DESIGNATED.format("when2")
_COUNT = r"(?P<count>[\w-]+)"
_ITEM = r"[^()]+ \((?:[^()]+, )?\d{4}\)"
_SHARE = r"[^()]+(?: \([^()\d]+\))? \(\d+\)"

Check = Callable[[Said, Held], bool]


def recounted(statement: Statement, sources: Mapping[str, Source]) -> bool:
    """Say whether a computed statement has one of the known forms and holds over the rows that it quotes.

    Claims about all of the table (most, first, no entry, a whole country) are counted again over all its rows.
    """
    text = statement.text.replace("**", "")
    if not statement.spans:
        return False
    if text.startswith(BEFORE_THAT):
        return _holds_earlier(text.removeprefix(BEFORE_THAT), statement.spans, sources)
    held = held_by(statement, sources)
    if held is None:
        return False
    if any((said := form.fullmatch(text)) is not None and check(said, held) for form, check in _OWN_ROWS):
        return True
    if not is_whole(held):
        return False
    return any((said := form.fullmatch(text)) is not None and check(said, held) for form, check in _FORMS)


def _is_count(said: Said, held: Held) -> bool:
    """5 member cities in Norland; "Yes" and "Correction" by the count that the question claims."""
    if said["opening"] and (held.stated is None or (held.stated == len(held.rows)) != (said["opening"] == YES)):
        return False
    return value_of(said["count"]) == len(held.rows) and held.rows == scope_of(said, held)


def _is_order(said: Said, held: Held) -> bool:
    """Ardmouth (2006) was designated before Torbeck (2014) and no earlier one stands behind a later."""
    known = {row.name for row in held.rows}
    parts = [
        re.fullmatch(r"(.+) \((\d{4})\)", part) for part in f"{said['first']} before {said['later']}".split(" before ")
    ]
    told = [(name, int(part[2])) for part in parts if part for name in names_of(part[1], known)]
    years = [int(part[2]) for part in parts if part]
    in_order = None not in parts and years == sorted(set(years))
    return in_order and sorted(told) == sorted((row.name, row.year) for row in held.rows)


def _is_same_year(said: Said, held: Held) -> bool:
    """Torbeck and Wessmark were designated in the same year, 2014."""
    named = names_of(said["names"], {row.name for row in held.rows})
    return sorted(named) == sorted(row.name for row in held.rows) and {row.year for row in held.rows} == {
        int(said["year"])
    }


def _is_more(said: Said, held: Held) -> bool:
    """More member cities in Norland than in Osterland: 5 and 4; as many where one count is told."""
    held = replace(held, regions={})  # the rows are of two scopes
    first = scope_of(said, held)
    other = rows_in(said["where2"] or "", said["fields2"] or said["fields"] or "", said["when2"] or "", held)
    if first is None or other is None or held.rows != first | other or first & other:
        return False
    if said["state"] and period_of(said["state"], held) is None:
        return False
    counts = (value_of(said["count"]), value_of(said["count2"] or said["count"]))
    right = counts == (len(first), len(other))
    return right and (
        counts[0] > counts[1] if said["more"] == "more" else counts[0] == counts[1] and not said["count2"]
    )


def _is_most_of_years(said: Said, held: Held) -> bool:
    """The most member cities were designated in 2014, 5."""
    scope, count = scope_of(said, held), value_of(said["count"])
    if scope is None or not held.rows <= scope:
        return False
    years = {int(year) for year in re.findall(r"\d{4}", said["years"])}
    by_year = Counter(row.year for row in scope)
    if {row for row in scope if row.year in years} != held.rows or {by_year[year] for year in years} != {count}:
        return False
    others = [number for year, number in by_year.items() if year not in years]
    return all(number < count if said["end"] == "most" else number > count for number in others)


def _is_count_of_countries(said: Said, held: Held) -> bool:
    """3 countries have a City of Music."""
    return value_of(said["count"]) == len({row.country for row in held.rows}) and held.rows == scope_of(said, held)


def _is_count_of_limited(said: Said, held: Held) -> bool:
    """9 countries have more than 10 member cities, and the quoted rows are all those of these countries."""
    scope, number = scope_of(said, held), value_of(said["number"])
    if scope is None or number < 0:
        return False
    counts = Counter(row.country for row in scope)
    bound = Bound(cast(Limit, said["limit"]), number)
    inside = {country for country, count in counts.items() if bound.holds(count)}
    return value_of(said["count"]) == len(inside) and held.rows == {row for row in scope if row.country in inside}


def _is_count_of_each(said: Said, held: Held) -> bool:
    """4 countries have a City of Music and a City of Film and no City of Design."""
    wanted = re.findall(rf"a City of ({_FIELD})", said["all"])
    lacking = set(re.findall(rf"no City of ({_FIELD})", said["all"]))
    scope = rows_in(said["where"] or "", "", said["when"] or "", held)
    if scope is None:
        return False
    fields = {country: {row.field for row in scope if row.country == country} for country in {r.country for r in scope}}
    inside = {name for name, own in fields.items() if own >= set(wanted) and not own & lacking}
    rows = {row for row in scope if row.country in inside and row.field in wanted}
    return value_of(said["count"]) == len(inside) and held.rows == rows


def _is_count_of_new_countries(said: Said, held: Held) -> bool:
    """2 countries had their first member city designated in 2014: no earlier one of them is in the scope."""
    inside = scope_of(said, held)
    scope = rows_in((said["where"] or "").strip(), said["fields"] or "", "", held)
    if inside is None or scope is None:
        return False
    year = int(re.findall(r"\d{4}", said["when"])[0])
    before = {row.country for row in scope if row.year < year}
    rows = {row for row in inside if row.country not in before}
    return value_of(said["count"]) == len({row.country for row in rows}) and held.rows == rows


def _is_count_of_subdivisions(said: Said, held: Held) -> bool:
    """3 states, provinces or regions of Norland have a City of Music."""
    names = {_value(row, "subdivision", held) for row in held.rows}
    return value_of(said["count"]) == len(names) and "" not in names and held.rows == scope_of(said, held)


def _is_most(said: Said, held: Held) -> bool:
    """Norland has the most member cities, 5: the names, and no others, have that many."""
    scope, count = scope_of(said, held), value_of(said["count"])
    known = {name for row in held.rows for name in (row.country, row.field)} | held.subdivisions.keys()
    names = names_of(said["names"], known)
    kind = _kind(names, held)
    if (
        scope is None
        or not kind
        or Counter(_value(row, kind, held) for row in held.rows) != dict.fromkeys(names, count)
    ):
        return False
    if held.rows != {row for row in scope if _value(row, kind, held) in names}:
        return False
    others = Counter(_value(row, kind, held) for row in scope - held.rows).values()
    if said["end"] == "most":
        return all(other < count for other in others)
    in_part = kind == "field" and is_partly_known(said["where"] or "", held)
    return in_part or all(other > count for other in others)


def _is_extreme(said: Said, held: Held) -> bool:
    """The first City of Film is Ardmouth (Norland), Film, designated in 2006."""
    named = Row(said["name"], said["country"], said["field"], int(said["year"]))
    return held.rows == {named} and held.rows == _at_the_end(said, held)


def _are_extreme(said: Said, held: Held) -> bool:
    """The first Cities of Design are 2 of 2014."""
    right = value_of(said["count"]) == len(held.rows) and {row.year for row in held.rows} == {int(said["year"])}
    return right and held.rows == _at_the_end(said, held)


def _at_the_end(said: Said, held: Held) -> frozenset[Row]:
    """Return the rows of the first or the latest year of a scope."""
    scope = scope_of(said, held) or frozenset()
    end = (min if said["end"] == "first" else max)((row.year for row in scope), default=0)
    return frozenset(row for row in scope if row.year == end)


def _is_none(said: Said, held: Held) -> bool:
    """There is no City of Film in Osterland: the sentence that opens the table is quoted, and counts its rows."""
    dated = period_of(said["state"] or "", held) is not None
    return dated and not held.rows and counts_all(held) and scope_of(said, held) == frozenset()


def _has_no_entry(said: Said, held: Held) -> bool:
    """The table of all 12 member cities has no entry "Xanadu"."""
    names = {name for row in held.table for name in (row.name, row.country)} | held.subdivisions.keys()
    known = any(words_of(said["name"]) in words_of(name) for name in names)
    total = value_of(said["count"]) == len(held.table) and counts_all(held)
    return not held.rows and total and not known and period_of(said["when"] or "", held) is not None


def _is_group(said: Said, held: Held) -> bool:
    """- Film (2): Ardmouth (2006), Torbeck (2014)."""
    counted = said["count"] is None or value_of(said["count"]) == len(held.rows)
    of_group = said["group"] is None or _kind([said["group"]], held) != ""
    if not (held.rows and counted and of_group):
        return False
    items = sorted(re.split(r"(?<=\)), ", said["items"]))
    if items == sorted(f"{row.name} ({row.country}, {row.year})" for row in held.rows):
        return True
    one_country = len({row.country for row in held.rows}) == 1
    return one_country and items == sorted(f"{row.name} ({row.year})" for row in held.rows)


def _are_shares(said: Said, held: Held) -> bool:
    """- Norland (1), Osterland (2); in "After that come ..." from the most down, or from the fewest up."""
    shares = [(item[1], int(item[2])) for item in re.finditer(r"(.+?) \((\d+)\)(?:, |$)", said["items"])]
    kind = _kind([name for name, _ in shares], held)
    if (
        not kind
        or Counter(_value(row, kind, held) for row in held.rows) != dict(shares)
        or len(dict(shares)) < len(shares)
    ):
        return False
    counts = [count for _, count in shares]
    return not said["after"] or counts in (sorted(counts), sorted(counts, reverse=True))


def _kind(names: Iterable[str], held: Held) -> str:
    """Return whether names are all the countries, fields, years or subdivisions of the rows; '' where they are none."""
    kinds = ("country", "field", "year", "subdivision")
    return next((kind for kind in kinds if set(names) == {_value(row, kind, held) for row in held.rows}), "")


def _value(row: Row, kind: str, held: Held) -> str:
    """Return what a row has of a kind; the subdivision is '' where the row stands under none."""
    if kind == "subdivision":
        return next((name for name, rows in held.subdivisions.items() if row in rows), "")
    return str(getattr(row, kind))


def _holds_earlier(line: str, spans: Iterable[Span], sources: Mapping[str, Source]) -> bool:
    """Say whether each value of a line of change stands in its own quote, beside the time or the round of that."""
    attributes: set[str] = set()
    subjects: set[str] = set()
    by_round: set[bool] = set()
    for span in spans:
        source = sources[span.source_id]
        subject, _, attribute = _heading(source.text, span.start).partition(": ")
        days = [speak_date(day) for day in source.dates_in(span.start, span.end) if day]
        times = "|".join(re.escape(time) for time in (subject, *days[:1]) if time and len(days) == 1)
        said = re.match(rf"(?P<value>.+?) \((?P<time>{times})\)(?:, |\.$)", line) if times else None
        if said is None or not _stands_in(said["value"], source.text[span.start : span.end]):
            return False
        line = line[said.end() :]
        attributes.add(attribute)
        by_round.add(said["time"] == subject)
        subjects |= set() if said["time"] == subject else {subject}
    return not line and len(attributes) == len(by_round) == 1 and len(subjects) <= 1


def _heading(text: str, start: int) -> str:
    """Return the heading that stands over a place."""
    above = [line for line in text[:start].split("\n") if line.startswith("## ")]
    return above[-1].removeprefix("## ") if above else ""


def _stands_in(value: str, quote: str) -> bool:
    """Say whether a quote holds a value as whole words, and not as a part of a date or of a longer number."""
    inside = [(date.start, date.end) for date in dates(quote)]
    found = re.finditer(rf"(?<!\w)(?<!\d[.,]){re.escape(value)}(?!\w)(?![.,]\d)", quote)
    return any(
        not any(start <= match.start() < end and match.end() - match.start() < end - start for start, end in inside)
        for match in found
    )


# Sentences that name the very rows or scopes that they tell of: between these others may lie.
_OWN_ROWS: tuple[tuple[re.Pattern[str], Check], ...] = (
    (re.compile(r"By our table (?P<first>.+ \(\d{4}\)) (?:was|were) designated before (?P<later>.+)\."), _is_order),
    (re.compile(r"By our table (?P<names>.+) were designated in the same year, (?P<year>\d{4})\."), _is_same_year),
    (
        re.compile(
            rf"By our count there (?:are|were) (?P<more>more|as many) {_NOUN}{_WHERE}{_WHEN1} (?:than|as)"
            rf"{_NOUN2}{_WHERE2}{_WHEN2}: {_COUNT}(?: and (?P<count2>\d+))?(?P<state>, as of [^,]+)?\."
        ),
        _is_more,
    ),
    (
        re.compile(
            rf"By our count the (?P<end>most|fewest) {_NOUN}{_WHERE} were designated in (?P<years>[\d, and]+)"
            rf", {_COUNT}{_WHEN}\."
        ),
        _is_most_of_years,
    ),
)  # fmt: skip

_FORMS: tuple[tuple[re.Pattern[str], Check], ...] = (
    (
        re.compile(
            rf"(?P<opening>{YES}|{CORRECTION})?By our count there (?:is|are|was|were) {_COUNT} "
            rf"{_NOUN}{_WHERE}{_WHEN}[.:]"
        ),
        _is_count,
    ),
    (
        re.compile(rf"By our count {_COUNT} countr(?:y|ies){_WHERE} (?:has|have) a {_NOUN}{_WHEN}[.:]"),
        _is_count_of_countries,
    ),
    (
        re.compile(
            rf"By our count {_COUNT} countr(?:y|ies){_WHERE} (?:has|have) "
            rf"(?P<limit>{'|'.join(get_args(Limit))}) (?P<number>\d+) {_NOUN}{_WHEN}[.:]"
        ),
        _is_count_of_limited,
    ),
    (
        re.compile(
            rf"By our count {_COUNT} countr(?:y|ies){_WHERE} (?:has|have) "
            rf"(?P<all>a City of (?:{_FIELD})(?: and (?:a|no) City of (?:{_FIELD}))+){_WHEN}[.:]"
        ),
        _is_count_of_each,
    ),
    (
        re.compile(rf"By our count {_COUNT} countr(?:y|ies){_WHERE} had (?:its|their) first {_NOUN}{_WHEN}[.:]"),
        _is_count_of_new_countries,
    ),
    (
        re.compile(
            rf"By our count {_COUNT} (?:{ONE_SUBDIVISION}|{SUBDIVISIONS}){_WHERE} (?:has|have) a {_NOUN}{_WHEN}[.:]"
        ),
        _is_count_of_subdivisions,
    ),
    (
        re.compile(
            rf"By our count (?P<names>[^:]+) (?:has|each have) the (?P<end>most|fewest) {_NOUN}{_WHERE}"
            rf", {_COUNT}{_WHEN}\."
        ),
        _is_most,
    ),
    (
        re.compile(
            rf"By our table the (?P<end>first|latest) {_NOUN}{_WHERE}{_WHEN} is (?P<name>.+) "
            r"\((?P<country>[^()]+)\), (?P<field>[^,]+), designated in (?P<year>\d{4})\."
        ),
        _is_extreme,
    ),
    (
        re.compile(
            rf"By our table the (?P<end>first|latest) {_NOUN}{_WHERE}{_WHEN} are {_COUNT} of (?P<year>\d{{4}})[.:]"
        ),
        _are_extreme,
    ),
    (re.compile(rf"By our table there (?:is|was) no {_NOUN}{_WHERE}{_WHEN}(?P<state>, as of [^,]+)?\."), _is_none),
    (
        re.compile(
            rf"The table of all {_COUNT} member cities has no entry “(?P<name>[^”]+)”(?P<when>, as of [^,]+)?\."
        ),
        _has_no_entry,
    ),
    (re.compile(rf"- (?:(?P<group>[^():]+) \((?P<count>\d+)\): )?(?P<items>{_ITEM}(?:, {_ITEM})*)"), _is_group),
    (re.compile(rf"(?:- |(?P<after>After that come ))(?P<items>{_SHARE}(?:, {_SHARE})*)\.?"), _are_shares),
)  # fmt: skip
