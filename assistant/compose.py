"""The built-in answerer: the best units of the best passages, with their dates, and nothing else."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.chunk import count_words
from assistant.claims import Claim, Opening
from assistant.evidence import (
    ALIKE_FROM,
    ENOUGH,
    POINTS_BACK,
    REMARKS,
    Candidate,
    Scorer,
    best_reading,
    group_below,
    loss_of,
    names_it,
    proper_names,
    rank,
    seen,
    sentence_before,
    weighed,
)
from assistant.records import City, Hit, Passage, Source, Unit
from assistant.retrieve import Found
from assistant.terms import reading, stem
from assistant.understand import Query
from assistant.values import dates, emails, money, numbers, phones, speak_date, urls, years
from assistant.vocabulary import WORD, content_stems, fields_in, same_name

VOTERS, MAJORITY = 5, 3  # where so many of the best units stand in one list, the list is what is asked for

AGREED_BONUS = 5.0  # and may score so much less

GROUPS = 6  # lists and tables whose first line is read, for questions that ask for one

READ_WHOLE = 2  # of these, by their first lines, that are read with their items too

MOST_BESIDE = 3  # statements from which on no list is added
NEAR = 2.5  # how far below the best another unit may stand and still be shown beside it

CLEARLY = 6.0  # by so much a unit must score higher than a list, its lead and its items, so that it alone is shown

REACH = 8.0  # the same for counts of other dates, which must count the same thing in so many words

FAINT = -2.0  # a logit below which nothing is shown that no question like the visitor's is expected of

MANY_SENTENCES = 4

# A statement behind the best one is shown too where a question as near as this is expected of it.
ALSO_ASKED, ALSO_NEAR, MANY_ALIKE = 0.86, 9.0, 1
NEXT_ASKED, NEXT_NEAR = 0.76, 3.0  # the same for the sentence before or behind it

SHORT_ITEM = 14  # words; a list item up to this length is a name, a longer one is a statement of its own

WHOLE_ITEMS = 12

CORRECTION = "Correction: "

JUST_BEFORE = "The sentence before it: "

YES = "Yes: "

OPENINGS = (CORRECTION, JUST_BEFORE, YES)

OPENING_OF: Mapping[Opening, str] = {"": "", "yes": YES, "correction": CORRECTION}

_POINTS_TO_TIME = re.compile(r"^(?:In|At|Since|During) (?:the same|that) (?:year|month|day|time)\b|^Then\b")

_VERDICT = re.compile(r"\bfirm(?:er|est)?\b|\bis right\b|\bis the later one\b", re.I)
_VALUES = re.compile(r"\bvalues?\b|\bdiffer\w*\b|\bsources say\b", re.I)
_RESTRICTS = re.compile(r"\b(?:new|newly|join\w*|admitted|added|accepted|taken in|entered|national|municipal)\b", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one source's text that is quoted, with the section that it stands in."""

    source_id: str
    start: int
    end: int
    section: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or list line of an answer and the spans that it rests on."""

    text: str  # Markdown without markers
    spans: tuple[Span, ...]
    cities: tuple[City, ...] = ()  # rows of the table that the statement counts or lists
    computed: bool = False  # worded by the program over those rows, not taken from a source
    asked: str = ""  # words of the question that a computed statement repeats
    claim: Claim | None = None  # what it says, in slots, where it may be worded in other languages


def compose(
    query: Query,
    found: Found,
    *,
    sources: Mapping[str, Source],
    passages: Mapping[str, Passage],
    scorer: Scorer,
    rival: float = -99.0,
) -> list[Statement]:
    """Return the statements that answer, the direct answer first; an empty list where no unit answers.

    `rival` is the logit of another answer, which the best unit must reach.
    """
    ranked = rank(query, found, sources=sources, passages=passages, scorer=scorer)
    if ranked and max(candidate.logit for candidate in ranked) < rival:
        return []
    statements = _composed(query, found, ranked, sources=sources, passages=passages, scorer=scorer)
    told = {(span.source_id, span.start) for statement in statements for span in statement.spans}
    shown = [candidate for candidate in ranked if (candidate.passage.source_id, candidate.unit.start) in told]
    doubtful = found.alike and all(_is_doubtful(query, candidate) for candidate in shown)
    return [] if shown and doubtful else statements


def _is_doubtful(query: Query, candidate: Candidate) -> bool:
    """Say whether no question like the visitor's is expected of a unit, and it is no row of what the visitor names."""
    faint = candidate.logit < FAINT and candidate.alike < ALIKE_FROM
    return faint or (not candidate.alike and not (candidate.unit.kind == "row" and query.names))


def _composed(
    query: Query,
    found: Found,
    ranked: list[Candidate],
    *,
    sources: Mapping[str, Source],
    passages: Mapping[str, Passage],
    scorer: Scorer,
) -> list[Statement]:
    """Return the statements of the best list, of the best unit, or of those that answer beside it."""
    if query.fields and stem("cities") in query.counted:  # the cities of a field, and of no other
        ranked = [candidate for candidate in ranked if _counts_it(query, candidate)]
    agreed = _agreed(ranked) if not query.needs else None
    groups = _groups(query, found.hits, ranked, scorer) if query.wants_list or agreed else []
    if wrong := _wrong_field(query, seen(ranked, found, passages)):
        return [_statement(wrong, query, sources, opening=CORRECTION)]
    chosen = _best_group(query, ranked, groups, sources, agreed)
    if chosen:
        return chosen
    if not ranked or ranked[0].score < ENOUGH:
        return []
    best = ranked[0]
    if best.unit.text.endswith((":", "：")) and (below := group_below(best)):
        return _list_statements(best.passage, below[0].group, query, sources)
    if _part_of_a_whole(query, ranked):
        return _list_statements(best.passage, best.unit.group, query, sources)
    shown = [one for one in _over_time(query, ranked, sources) if not one.unit.text.endswith((":", "："))]
    if not shown:
        return []
    if query.wants_list and len(shown) == 1:
        shown = _beside(query, ranked)
    if len(shown) == 1:
        shown = [*shown, *_asked_alike(shown[0], ranked)]
    statements = []
    for candidate in shown:
        statements.append(_statement(candidate, query, sources))
        if _POINTS_TO_TIME.match(candidate.unit.text) and sentence_before(candidate):
            before = replace(candidate, number=candidate.number - 1)
            statements.append(_statement(before, query, sources, opening=JUST_BEFORE))
    if query.asserted and not _confirms(query, shown[0]):
        statements[0] = replace(statements[0], text=CORRECTION + statements[0].text)
    if len(shown) < MOST_BESIDE and (
        values := list(filter(None, (_values_behind(c, passages.values()) for c in shown)))
    ):
        statements += _list_statements(*values[0], query, sources)
    return statements


def _values_behind(verdict: Candidate, passages: Iterable[Passage]) -> tuple[Passage, int] | None:
    """Return the list of the values that differ, where a unit only says which of them is the firmer one."""
    if verdict.unit.group >= 0 or not _VERDICT.search(verdict.unit.text):
        return None
    section = (verdict.passage.source_id, verdict.passage.headings)
    above = [
        (unit.start, passage, unit.group)
        for passage in passages
        if (passage.source_id, passage.headings) == section
        for unit in passage.units
        if unit.group >= 0 and unit.start < verdict.unit.start
    ]
    _, passage, group = max(above, key=lambda row: row[0], default=(0, verdict.passage, -1))
    lead = _lead(passage, group) if above else None
    return (passage, group) if lead and _VALUES.search(lead.text) else None


def _wrong_field(query: Query, candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the unit that names another field for the city of the question than the question itself does."""
    claims = re.search(
        r"\b(?:is|was|as|are|represents?|become|became|join|joined|named|receive\w*|get|got|holds?|has|have|given)\b|['’]s\b",
        query.standalone,
        re.I,
    )
    cities = [name for name in query.names if not any(same_name(name, other) for other in ("China", "UNESCO"))]
    if len(query.fields) != 1 or len(cities) != 1 or not claims:
        return None
    held: dict[Candidate, tuple[str, ...]] = {}
    for candidate in candidates:
        text = candidate.unit.text
        about = names_it(text, cities[0]) or (POINTS_BACK.match(text) and names_it(candidate.passage.title, cities[0]))
        if about and (fields := _field_of(text)):
            held[candidate] = fields
    if not held or any(query.fields[0] in fields for fields in held.values()):
        return None
    return max(held, key=lambda candidate: (candidate.unit.kind == "sentence", candidate.score, candidate.passage.id))


def _field_of(text: str) -> tuple[str, ...]:
    """Return the fields that a unit gives to its cities: "City of Design", or a table row of one field."""
    titles = re.findall(r"\bCit(?:y|ies) of ((?:[A-Z][\w]*(?: and)? ?){1,4})", text)
    if titles:
        return fields_in(" ; ".join(titles))
    return fields_in(text.split("|")[0]) if "|" in text else ()


def _confirms(query: Query, candidate: Candidate) -> bool:
    """Say whether a unit holds the value that the question states."""
    stated = {number.value for number in numbers(query.question) if not (number.ordinal and number.value == 1)}
    held = {number.value for number in numbers(candidate.unit.text)}
    spoken = set(years(query.question))
    if stated:
        return bool(stated & held)
    return not spoken or bool(spoken & set(years(candidate.unit.text)))


def _groups(
    query: Query, hits: Sequence[Hit], ranked: Sequence[Candidate], scorer: Scorer
) -> list[tuple[float, Passage, int]]:
    """Return the lists and tables of the best passages with the score of each as a whole, best first."""
    keys: dict[tuple[str, int], Passage] = {}
    for candidate in ranked[:6]:
        if candidate.unit.group >= 0:
            keys.setdefault((candidate.passage.id, candidate.unit.group), candidate.passage)
    for hit in hits[: GROUPS + 2]:
        for unit in hit.passage.units:
            if unit.group >= 0:
                keys.setdefault((hit.passage.id, unit.group), hit.passage)
    chosen = list(keys.items())[:GROUPS]
    openings = []
    for (_, group), passage in chosen:
        lead = _lead(passage, group)
        openings.append(reading(f"{passage.context}: {lead.text if lead else ''}"))
    scores = best_reading(query, openings, scorer)
    likeliest = sorted(range(len(scores)), key=lambda n: -scores[n])[:READ_WHOLE]
    wholes = []
    for n in likeliest:
        (_, group), passage = chosen[n]
        items = "; ".join(unit.text for unit in passage.units if unit.group == group)
        wholes.append(reading(f"{openings[n]} {items}"))
    for n, score in zip(likeliest, best_reading(query, wholes, scorer), strict=True):
        scores[n] = max(scores[n], score)
    best = [weighed(score) for score in scores]
    bonus = {(c.passage.id, c.unit.text): c.bonus for c in ranked}
    found = []
    for score, ((_, group), passage) in zip(best, chosen, strict=True):
        lead = _lead(passage, group)
        found.append((score + (bonus.get((passage.id, lead.text), 0.0) if lead else 0.0), passage, group))
    return sorted(found, key=lambda row: (-row[0], row[1].id, row[2]))


def _agreed(ranked: Sequence[Candidate]) -> tuple[str, int] | None:
    """Return the list to which most of the best units belong, with its lead: together they say what it is about."""
    votes: Counter[tuple[str, int]] = Counter()
    for candidate in ranked[:VOTERS]:
        group = candidate.unit.group
        if group < 0 and candidate.unit.text.endswith((":", "：")) and (below := group_below(candidate)):
            group = below[0].group
        if group >= 0:
            votes[candidate.passage.id, group] += 1
    key, most = votes.most_common(1)[0] if votes else (None, 0)
    return key if most >= MAJORITY else None


def _best_group(
    query: Query,
    ranked: Sequence[Candidate],
    groups: Sequence[tuple[float, Passage, int]],
    sources: Mapping[str, Source],
    agreed: tuple[str, int] | None = None,
) -> list[Statement]:
    """Return a whole list where it answers better than single units, or several of the best units are in it."""
    best = ranked[0] if ranked else None
    reach = best.score if best else -99.0
    able: list[tuple[float, Passage, int]] = []
    close: list[tuple[float, Passage, int]] = []  # whose lead answers nearly as well as the best unit
    for score, passage, group in groups:
        first = next(i for i, unit in enumerate(passage.units) if unit.group == group)
        loss = loss_of(replace(query, needs=(), counted=(), events=()), Candidate(passage, first), sources)
        if loss is None:
            continue
        value = score - loss
        items = [c.score for c in ranked if c.passage.id == passage.id and c.unit.group == group]
        inside = [item for item in items if item >= ranked[:4][-1].score]
        if not _lead(passage, group) and passage.units[first].kind != "row":
            value, inside = value - 2.0, []
        short = count_words(passage.units[first].text) <= SHORT_ITEM
        if best and not short and items[:1] == [best.score] and (len(items) < 2 or items[1] < best.score - NEAR):
            continue  # one item of the list answers, and the others do not
        if best and best.unit.kind == "sentence" and best.unit.text.count(",") >= 3 and reach > max(value, *items, -99):
            continue  # a sentence that is a list itself answers better
        around = [
            c.score for c in ranked if c.passage.id == passage.id and passage.units[c.number] == _lead(passage, group)
        ]
        if best and reach > max(value, *items, *around, -99.0) + CLEARLY:
            continue  # another unit answers, and this list does not
        if agreed == (passage.id, group) and _lead(passage, group) and max(value, reach) >= ENOUGH - AGREED_BONUS:
            return _list_statements(passage, group, query, sources)
        if (len(inside) >= 2 and max(value, reach) >= ENOUGH and value >= reach - 4.0) or (
            value >= ENOUGH and value >= reach - 1.0
        ):
            able.append((value, passage, group))
        elif query.wants_list and max(around, default=-99.0) >= max(ENOUGH, reach - NEAR):
            close.append((max(around), passage, group))
    if not (able or close):
        return []
    best_value, passage, group = (able or sorted(close, key=lambda row: -row[0]))[0]
    for score, other, number in groups:
        # The same list in a newer source is the one to show.
        if score >= best_value - NEAR and other.date > passage.date and _alike(passage, group, other, number):
            passage, group = other, number
    return _list_statements(passage, group, query, sources)


def _alike(passage: Passage, group: int, other: Passage, number: int) -> bool:
    """Say whether half of the items of one list stand in the other, whatever the words around them."""
    items = [set(content_stems(unit.text)) for unit in passage.units if unit.group == group]
    others = [set(content_stems(unit.text)) for unit in other.units if unit.group == number]
    shared = sum(any(item and item <= held for held in others) for item in items)
    return 2 * shared >= len(items)


def _lead(passage: Passage, group: int) -> Unit | None:
    """Return the sentence right above a list or table that introduces it."""
    first = next(i for i, unit in enumerate(passage.units) if unit.group == group)
    before = passage.units[first - 1] if first else None
    if before is None or before.group >= 0:
        return None
    announces = before.text.endswith((":", "：")) or before.text == passage.units[first].label
    return before if announces else None


def _part_of_a_whole(query: Query, ranked: Sequence[Candidate]) -> bool:
    """Say whether the best unit is one name of an enumeration whose other names answer as well as it does."""
    best = ranked[0]
    if best.unit.kind != "item" or query.needs not in ((), ("name",)) or not _lead(best.passage, best.unit.group):
        return False
    items = [c for c in ranked if c.passage.id == best.passage.id and c.unit.group == best.unit.group]
    near = [c for c in items if c.score >= best.score - NEAR and count_words(c.unit.text) <= SHORT_ITEM]
    return len(near) > 1 and len(items) <= WHOLE_ITEMS


def _list_statements(passage: Passage, group: int, query: Query, sources: Mapping[str, Source]) -> list[Statement]:
    """Return a list with the line that opens it; one quote holds all of it where a lead line stands right above."""
    source = sources[passage.source_id]
    chosen = [Candidate(passage, number) for number, unit in enumerate(passage.units) if unit.group == group]
    whole = Span(source.id, chosen[0].unit.start, chosen[-1].unit.end, _section(passage))
    named = {field for candidate in chosen for field in fields_in(candidate.unit.text)}
    lead = _lead(passage, group)
    if query.fields and len(named) > len(query.fields):  # a list by field, of which some fields were asked for
        asked = [c for c in chosen if set(query.fields) & set(fields_in(c.unit.text)[:1])]
        if len(asked) == 1:
            return [_statement(asked[0], query, sources)]
        chosen, lead = asked or chosen, lead if not asked else None
    if lead:
        spans = [replace(whole, start=lead.start)] * (len(chosen) + 1)
        label = lead.text.rstrip(":： ")
    else:
        label = passage.headings[-1] if passage.headings else passage.title
        above = source.text.rfind(label, 0, whole.start)
        opening = replace(whole, start=above, end=above + len(label)) if above >= 0 else whole
        spans = [opening, *(_span(source, c.unit, whole.section) for c in chosen)]
    day = max(candidate.unit.date for candidate in chosen)
    when = f" (as of {speak_date(day)})" if day and not years(label) else ""
    lines = [f"{label}{when}:", *(f"- {_said(c.unit, in_list=True)}" for c in chosen)]
    return [Statement(line, (span,)) for line, span in zip(lines, spans, strict=True)]


def _span(source: Source, unit: Unit, section: str) -> Span:
    return Span(source.id, unit.start, unit.end, section)


def _over_time(query: Query, ranked: Sequence[Candidate], sources: Mapping[str, Source]) -> list[Candidate]:
    """Return the best unit, or where sources of other dates state it otherwise, the newest first and then the older."""
    best = ranked[0]
    if query.kind not in ("how_many", "list", "other", "where", "who"):
        return [best]
    counting = query.kind == "how_many"
    if query.years and not query.wants_change:
        counts = (c for c in ranked if counting and c.score >= max(ENOUGH, best.score - NEAR) and _counts_it(query, c))
        return [next(counts, best)]
    rivals: list[Candidate] = []
    stated: set[str] = set()
    for candidate in ranked:
        if candidate.score < max(ENOUGH, best.score - (REACH if counting else NEAR)):
            break
        if candidate.passage.source_id in stated or REMARKS in candidate.passage.headings:
            continue
        if counting and not _counts_it(query, candidate):
            continue
        if not counting and candidate is not best and not _adds(best, candidate):
            continue
        stated.add(candidate.passage.source_id)
        rivals.append(candidate)
    if best not in rivals and not (counting and rivals):
        rivals.insert(0, best)
    if not counting:  # the best stays in front; what others add comes behind it, the newest first
        others = [candidate for candidate in rivals if candidate is not best]
        return [best, *sorted(others, key=_stated_on, reverse=True)]
    return sorted(rivals, key=_stated_on, reverse=True)


def _stated_on(candidate: Candidate) -> str:
    """Return the date that a unit speaks of: its own "as of", else the one of what it rests on."""
    own = [date.iso for date in dates(candidate.unit.text) if date.as_of]
    return own[0] if own else candidate.unit.date


def _counts_it(query: Query, candidate: Candidate) -> bool:
    """Say whether a unit counts what the question counts, not a part of it ("16 cities in China", "49 new cities")."""
    text = candidate.unit.text
    span = _count_span(text, query)
    if span is None or text.endswith((":", "：")):
        return False
    heard = text[: span[1]] + re.split(r"[,;(]", text[span[1] :], maxsplit=1)[0]
    if set(fields_in(heard)) != set(query.fields):
        return False
    if bool(_RESTRICTS.search(heard)) != bool(_RESTRICTS.search(query.core)):
        return False
    return bool(query.names) or all(names_it(query.core, name) for name in proper_names(heard))


def _count_span(text: str, query: Query) -> tuple[int, int] | None:
    """Return the span from the number to the counted noun beside it, or None."""
    noun = query.counted[-1] if query.counted else ""
    found: list[tuple[int, int, int]] = []
    for number in numbers(text):
        if number.ordinal and number.value == 1:
            continue
        after = list(WORD.finditer(text, number.end, min(len(text), number.end + 60)))[:4]
        before = list(WORD.finditer(text, 0, number.start))[-5:]
        found += [
            (match.start() - number.end, number.start, match.end()) for match in after if stem(match[0].lower()) == noun
        ]
        if not number.ordinal:
            found += [
                (100 + number.start - match.end(), number.start, number.end)
                for match in before
                if stem(match[0].lower()) == noun
            ]
    return min(found)[1:] if found else None


def _adds(best: Candidate, candidate: Candidate) -> bool:
    """Say whether a unit names something that the best one does not."""
    known = {word.lower() for word in WORD.findall(best.unit.text)}
    return any(name.lower() not in known for name in proper_names(candidate.unit.text))


def _beside(query: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return the best unit with others of its passage that answer nearly as well, in reading order."""
    best = ranked[0]
    near = [
        candidate
        for candidate in ranked[1:]
        if candidate.passage.id == best.passage.id and candidate.score >= max(ENOUGH, best.score - NEAR)
    ]
    shown = [best, *sorted(near[: MANY_SENTENCES - 1], key=lambda c: c.number)]
    return [c for i, c in enumerate(shown) if not any(_repeats(c, other) for other in shown[:i])]


def _asked_alike(best: Candidate, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return what else is expected to answer nearly this question, of the same time, and adds to the best unit."""
    told = set(years(best.unit.text))
    others: list[Candidate] = []
    for candidate in ranked:
        beside = candidate.passage == best.passage and abs(candidate.number - best.number) == 1
        least, off = (NEXT_ASKED, NEXT_NEAR) if beside else (ALSO_ASKED, ALSO_NEAR)
        if candidate.alike < least or candidate.score < max(ENOUGH, best.score - off):
            continue
        if (told and set(years(candidate.unit.text)) - told) or candidate.unit.text.endswith((":", "：")):
            continue
        if not any(candidate == one or _repeats(candidate, one) for one in (best, *others)):
            others.append(candidate)
    return others[:MANY_ALIKE]


def _repeats(candidate: Candidate, other: Candidate) -> bool:
    """Say whether a unit says nothing that the other does not."""
    new = set(content_stems(candidate.unit.text)) - set(content_stems(other.unit.text))
    held = {number.value for number in numbers(other.unit.text)}
    return len(new) <= 1 and all(number.value in held for number in numbers(candidate.unit.text))


def _statement(candidate: Candidate, query: Query, sources: Mapping[str, Source], *, opening: str = "") -> Statement:
    unit, source = candidate.unit, sources[candidate.passage.source_id]
    text = _said(unit)
    if unit.kind == "sentence" and POINTS_BACK.match(unit.text):
        text = f"{source.title}: {text}"
    text = _bold(text, query)
    if unit.date and not dates(text):
        text = f"{text.rstrip('.。 ')} (as of {speak_date(unit.date)})."
    elif not text.rstrip().endswith((".", "!", "?", "。", ":")):
        text += "."
    section = _section(candidate.passage)
    spans: tuple[Span, ...] = (_span(source, unit, section),)
    lead = _lead(candidate.passage, unit.group) if unit.kind == "item" else None
    if lead and unit.label == lead.text:
        spans = (_span(source, lead, section), *spans)  # what stands in front of the item is quoted too
    return Statement(opening + text, spans)


def _section(passage: Passage) -> str:
    return " > ".join(passage.headings)


def _said(unit: Unit, *, in_list: bool = False) -> str:
    """Return a unit as a line that can be read without the table or list around it."""
    if unit.kind == "sentence":
        return unit.text
    text = unit.text
    if unit.kind == "row":
        cells = [cell.strip() for cell in text.split("|")]
        heads = [head.strip() for head in unit.label.split("|")] if "|" in unit.label else []
        bare = not any(map(str.isalpha, text))  # "2015: 2019" says nothing without its heads
        if len(heads) == len(cells) and (len(cells) > 2 or (bare and not in_list)):
            return "; ".join(f"{head}: {cell}" for head, cell in zip(heads, cells, strict=True) if cell)
        return ": ".join(filter(None, (cells[0], " – ".join(filter(None, cells[1:])))))
    if in_list or not unit.label:
        return text
    return f"{unit.label.rstrip('.:： ')}: {text}"


def _bold(text: str, query: Query) -> str:
    """Put the value that was asked for in bold, where the sort of value is known."""
    spans: Sequence[tuple[int, int]] = ()
    if query.kind == "when":
        days = [d for d in dates(text) if not d.as_of and d.iso not in query.years]
        spans = [(d.start, d.end) for d in sorted(days, key=lambda d: -len(d.iso))]  # the most exact date
    elif query.kind == "how_many":
        span = _count_span(text, query)
        spans = [
            (n.start, n.end) for n in numbers(text) if (n.start == span[0] if span else not n.ordinal or n.value > 1)
        ]
    elif query.kind == "money":
        spans = money(text)
    elif query.kind == "contact":
        spans = (*emails(text), *urls(text), *phones(text))
    if not spans:
        return text
    start, end = spans[0]
    return f"{text[:start]}**{text[start:end]}**{text[end:]}"
