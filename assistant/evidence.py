"""Which units may answer: each has the names, years and sort of value asked for, and a score."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.index import split_unit_id, unit_id, unit_text
from assistant.records import Passage, Source, Unit
from assistant.retrieve import Found
from assistant.terms import stem
from assistant.understand import Query
from assistant.values import MONTHS, date_reached, dates, emails, money, numbers, phones, urls, years
from assistant.vocabulary import WORD, content_stems, fields_in, same_name
from assistant.wording import BY_SIZE, FUTURE, events_in, is_negated

UNITS = 60  # best units of the whole index that are read

PASSAGES = 3  # passages of which every unit is read

ALONE = 3  # topic words of an asking sentence that is read without the story in front of it, too

READ_AT_ONCE = 2  # before it is looked whether one of them answers for sure

HIGH_LOGIT = 0.5  # that a unit which is less likely beforehand hardly gets; tuned on evals/datasets

# A logit at which a second reading of the question changes nothing:
HOPELESS, SURE_LOGIT = -5.0, 2.0

READ = 6  # units that reach the cross-encoder, likeliest first, about 10 ms each on one core

READ_ON = 6  # more of them, while none answers

ENOUGH = 1.5  # a unit at or above this score answers; tuned on evals/datasets

# What a score loses where a name, year or ordinal of the question stands only further off:
CONTEXT_LOSS = 0.5  # in title or headings

PASSAGE_LOSS = 1.0  # elsewhere in the passage

SOURCE_LOSS = 2.0  # elsewhere in the source

TOLD_LOSS = 3.0  # nowhere, of a name that is told in passing
FUTURE_LOSS = 2.0  # a plan where a state is asked for, or the other way round
OTHER_YEAR_LOSS = 3.0  # the unit speaks of other years only
UNSAID_LOSS = 1.0  # the unit tells that no source says something: another unit may say it
NOT_STATED_LOSS = 1.0  # the unit says that no source states the value
UNNAMED_LOSS = 0.5  # it says who does something without a name
COUNTED_LOSS = 10.0  # the noun that a count is asked of is not there
EVENT_LOSS = 10.0  # another sort of event is told of than the one that is asked about
ABOUT_LOSS = 8.0  # the very thing that is asked of something is not named
LOGIT_WEIGHT, LOGIT_BASE = 2.0, 5.0  # what brings a logit to the scale of these losses; tuned on evals/datasets

# A question that a unit is expected to answer speaks for the unit by how near it is to the visitor's: cosines of
# bge-small-en-v1.5 lie about 0.6 for questions on other matters and above 0.8 for the same in other words.
ALIKE_FROM = 0.7

ALIKE_WEIGHT = 24.0

# A unit of which questions are expected, none like the visitor's, that has a smaller share of the topic words (by
# weight) speaks of something else. Without expected questions words alone tell too little.
LEAST_COVERED = 0.2

MOST_COVERED = 0.6  # from here on it speaks of what is asked

UNCOVERED_LOSS = 2.0

SAME_QUESTION = 0.76  # from here on the words of the expected question count as words of the unit

IDENTICAL = 0.97  # from here on it is the very question that the unit answers, whatever sort of value it holds

# A missing word weighs nothing where an expected question is as near as the first, and all where it is as far as this:
SURELY_SAME, ANOTHER_QUESTION = 0.80, 0.66

COVERAGE_WEIGHT = 2.0  # added where every topic word of the question is in the unit

COARSE_LOSS = 5.0  # its dates lack the day or month that is asked for

NARROWER_LOSS = 4.0  # its document is on one place or meeting, and none was asked of

ELSEWHERE_LOSS = 8.0  # and a figure of that place is none of the Network

CONTACT_BONUS = 9.0  # an address of the sort that was asked for is rare, and cross-encoders think little of it

# Sections of this heading hold remarks on a source, not its content; see corpus/README.md.
REMARKS = "What to check in this source"

# What a document may be called in a question, and in its title.
# What asks for a share or an average, and a unit that tells one.
_RATIOS = (
    (
        re.compile(r"\b(?:percentage|per ?cent|(?:what|which) (?:share|proportion)|proportion of|odds)\b", re.I),
        re.compile(
            r"%|\b(?:per ?cent|percentage|share|half|thirds?|quarters?|fifths?|one in \w+)\b"
            r"|\b\d+ (?:out )?of (?:the |all )?\d",
            re.I,
        ),
    ),
    (
        re.compile(r"\b(?:average|median)\b", re.I),
        re.compile(r"\b(?:average|median|mean|usual\w*|typical\w*)\b", re.I),
    ),
)
_COUNTED = re.compile(r"\bby our count\b", re.I)  # how many there are, and not how large they are
_DOCUMENT_NOUNS = (
    re.compile(r"\b(?:leaflet|fl[iy]er|brochure|booklet|pamphlet|folder)s?\b", re.I),
    re.compile(r"\bconcept (?:note|paper)s?\b", re.I),
    re.compile(r"\bpress kits?\b", re.I),
)
_ON = re.compile(r"\W*(?:on|about|that|which|in which) (?P<topic>[^?,.:;]+)", re.I)
_INDEFINITE = re.compile(r"\b(?:an?|any|some) (?:\w+ ){0,2}$", re.I)  # in front of one that is not known by its sort

# To apply is one thing and to be taken in another; a count of the one is none of the other.
_APPLIED = re.compile(
    r"\b(?:appl(?:y|ied|icants?|ications?|ying)|bids?|fil(?:e|ed|ing)|candida\w+|nominat\w+|submi\w+|sent in"
    r"|put forward|proposals?|backed|endorse\w*|supported)\b",
    re.I,
)

_GENERIC_NAMES = {"un", "unesco", "uccn", "network", "creative", "cities", "city", "world"}

_POINTS = re.compile(
    r"\b(?:it|its|they|them|their|he|she|his|her|there|here|we|us|our|that|this|these|those)\b", re.I
)  # to what is told before

POINTS_BACK = re.compile(
    r"^(?:It|Its|They|Their|This|That|These|Those|He|She|His|Her|The (?:city(?! of [A-Z])|same|former|latter)"
    r"|In the same|In addition|"
    r"Among (?:them|these)|Both|Such|Here|There)\b"
)

PERSONS = re.compile(
    r"\b(?:people|persons|professionals|employees|workers|staff|workforce|jobs?|designers|experts)\b", re.I
)

NOT_STATED = re.compile(
    r"\b[Nn]o (?:\w+ ){0,4}(?:sources?|texts?)\b|\b(?:is|are|was|were) not (?:stated|known|found|given|named)\b"
    r"|\b[Nn]o (?:[\w-]+ ){1,8}(?:is|are|was|were) (?:found|known|stated)\b"
)
AGENTS = re.compile(
    r"\b(?:coordinators?|experts?|directors?|commissions?|secretariat|panel|jury|committees?|mayors?|ministr(?:y|ies)"
    r"|authorit(?:y|ies)|municipalit(?:y|ies)|councils?|bod(?:y|ies)|institutions?"
    r"|evaluators?|mentors?|advis[eo]rs?"
    r"|members|member cities|universities|NGOs|specialists?|consultants?|delegates?)\b",
    re.I,
)
NO_MONEY = re.compile(r"\b(?:no|not|none|without|free of)\b[^.;]*\b(?:money|fund|fees?|charge|costs?|pay)", re.I)

_FIELD_TITLE = re.compile(r"\bCit(?:y|ies) of [A-Z]|\bin the field of\b|\bcreative fields?\b", re.I)

_PLACE = re.compile(
    r"\b(?:venue|located|location|seat|headquarters|address|takes? place|took place|held (?:in|at)|hosted"
    r"|Park|Hall|University)\b"
)

# What stands behind the number of a count of cities.
_CITIES = re.compile(
    r"\W*(?:(?:new|newly|other|more|member|creative|designated|candidate|of (?:the|its)|[A-Z][\w-]*) ){0,4}"
    r"(?:[Cc]it(?:y|ies)|members?)\b"
)

_MEMBERS = {stem(word) for word in "cities members towns places municipalities countries states nations".split()}
_OF_ANY_SORT = {stem(word) for word in "examples cases items entries pieces instances".split()}  # practices, projects
_RECENTLY = re.compile(r"\b(?:recently|today|yesterday|this (?:week|month|year)|now)\b", re.I)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may answer."""

    passage: Passage
    number: int
    score: float = 0.0
    logit: float = -99.0  # what the cross-encoder says, before any loss
    alike: float = 0.0  # cosine of the question with the nearest one that the unit is expected to answer
    expected: str = ""  # that question

    @property
    def unit(self) -> Unit:
        return self.passage.units[self.number]

    @property
    def context(self) -> str:
        return f"{self.passage.context} {self.unit.label}"

    @property
    def asked(self) -> str:
        """The expected question where it asks much the same as the visitor, else ''."""
        return self.expected if self.alike >= SAME_QUESTION else ""

    @property
    def unlike(self) -> float:
        """How far the nearest expected question is from asking the same, 0 to 1: so much a missing word weighs."""
        return min(1.0, max(0.0, (SURELY_SAME - self.alike) / (SURELY_SAME - ANOTHER_QUESTION)))

    @property
    def bonus(self) -> float:
        return ALIKE_WEIGHT * max(0.0, self.alike - ALIKE_FROM)


Scorer = Callable[[str, Sequence[str]], list[float]]


def rank(
    query: Query,
    found: Found,
    *,
    sources: Mapping[str, Source],
    passages: Mapping[str, Passage],
    scorer: Scorer,
) -> list[Candidate]:
    """Return the units that pass every test of evidence, with their scores, best first.

    The score is the cross-encoder's logit less what the unit leaves uncovered.
    """
    ids = list(found.unit_ids[:UNITS])
    for hit in found.hits[:PASSAGES]:
        ids += [unit_id(hit.passage.id, number) for number in range(len(hit.passage.units))]
    named = documents_named(query.standalone, sources)
    candidates = []
    seen: set[tuple[str, str]] = set()
    for id_ in dict.fromkeys(ids):
        passage_id, number = split_unit_id(id_)
        alike, expected = found.alike.get(id_, (0.0, ""))
        candidate = Candidate(passages[passage_id], number, alike=alike, expected=expected)
        key = (candidate.passage.source_id, candidate.unit.text.lower())
        if key in seen or (named and candidate.passage.source_id not in named and not _tells_of(candidate, query)):
            continue
        loss = loss_of(query, candidate, sources)
        if loss is None:
            continue
        seen.add(key)
        candidates.append(replace(candidate, score=_covered(query, candidate) + candidate.bonus - loss))
    likeliest = sorted(candidates, key=lambda c: -c.score)[: READ + READ_ON]
    ranked: list[Candidate] = []
    for start in range(0, len(likeliest), READ_AT_ONCE):
        batch = likeliest[start : start + READ_AT_ONCE]
        best = max(ranked, key=lambda candidate: candidate.score, default=None)
        if best and _is_alone(query, best) and best.score > batch[0].score + weighed(HIGH_LOGIT):
            break  # what is left can hardly answer better
        if start >= READ and best and best.score >= ENOUGH:
            break  # more is read only where nothing answers yet
        logits = best_reading(query, [_reading(candidate) for candidate in batch], scorer)
        ranked += [
            replace(candidate, score=candidate.score + weighed(logit), logit=logit)
            for candidate, logit in zip(batch, logits, strict=True)
        ]
    return sorted(ranked, key=lambda c: (-c.score, c.passage.id, c.number))


def _is_alone(query: Query, best: Candidate) -> bool:
    """Say whether one unit answers: no list that others vote for, no count that others gave at other times."""
    in_list = best.unit.group >= 0 or best.unit.text.endswith((":", "："))
    return not (query.wants_list or query.kind == "how_many" or in_list)


def _covered(query: Query, candidate: Candidate) -> float:
    """Return what a unit gains for the words that it has of the question, or loses for those that it has not."""
    covered = _coverage(query, candidate)
    gain = COVERAGE_WEIGHT * covered
    if candidate.unit.expected and query.terms and covered < LEAST_COVERED and not candidate.asked:
        gain -= UNCOVERED_LOSS
    if NOT_STATED.search(candidate.unit.text.partition(";")[0]):  # behind a semicolon it is a mere remark
        gain -= UNSAID_LOSS
    return gain


def documents_named(question: str, sources: Mapping[str, Source]) -> set[str]:
    """Return the ids of the sources that a question names by their sort and, where it says one, their year."""
    spoken = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", question))
    named = set()
    for noun in _DOCUMENT_NOUNS:
        said = noun.search(question)
        if said is None or _INDEFINITE.search(question[: said.start()]):
            continue
        held = {id_ for id_, source in sources.items() if noun.search(source.title)}
        dated = {id_ for id_ in held if spoken & set(re.findall(r"(?:19|20)\d\d", sources[id_].title))}
        named |= dated if spoken else {id_ for id_ in held if _is_on(question[said.end() :], sources[id_].title)}
    return named


def _is_on(rest: str, title: str) -> bool:
    """Say whether a document may be the one "on ..." or "about ...", where a question says what it is on."""
    topic = _ON.match(rest)
    return not topic or not set(content_stems(topic["topic"])).isdisjoint(content_stems(title))


def _counts_only(query: Query, candidate: Candidate) -> bool:
    """Say whether a unit tells how many there are where a size, a share or an average is asked for."""
    told = f"{candidate.context} {candidate.unit.text}"
    if BY_SIZE.search(query.core) and _COUNTED.search(told):
        return True
    left_out = any(asks.search(query.asking) and not tells.search(told) for asks, tells in _RATIOS)
    return left_out and not NOT_STATED.search(candidate.unit.text.partition(";")[0])


def _tells_of(candidate: Candidate, query: Query) -> bool:
    """Say whether a unit of another source tells of the document from which the question wants its answer."""
    return any(noun.search(query.standalone) and noun.search(candidate.unit.text) for noun in _DOCUMENT_NOUNS)


def best_reading(query: Query, texts: Sequence[str], scorer: Scorer) -> list[float]:
    """Return for each text its best logit over the readings of the question.

    A claim is left out of one of them, the story in front of what asks out of another. Where the first is surely
    right or surely wrong the others are not asked.
    """
    alone = [query.asking] if query.asking != query.core and len(content_stems(query.asking)) >= ALONE else []
    first, *others = dict.fromkeys((query.standalone, *query.readings[0 if query.asserted else 1 :], *alone))
    logits = scorer(first, texts)
    for other in others:
        unsure = [place for place, logit in enumerate(logits) if HOPELESS < logit < SURE_LOGIT]
        for place, logit in zip(unsure, scorer(other, [texts[place] for place in unsure]), strict=True):
            logits[place] = max(logits[place], logit)
    return logits


def weighed(logit: float) -> float:
    """Return a logit of the cross-encoder on the scale of the losses."""
    return LOGIT_WEIGHT * logit + LOGIT_BASE


def _reading(candidate: Candidate) -> str:
    """Return a unit with what stands above it, behind a question that it is expected to answer, where there is one."""
    expected = candidate.expected or next(iter(candidate.unit.expected), "")
    return f"{expected} {unit_text(candidate.passage, candidate.unit)}".strip()


def _coverage(query: Query, candidate: Candidate) -> float:
    """Return the share of the question's topic words that a unit or its context has, by weight, 0 to 1."""
    if not query.terms:
        return 0.0
    own = set(content_stems(f"{candidate.unit.text} {candidate.asked}"))
    near = set(content_stems(candidate.context))
    covered = (
        weight * (_has_term(own, term) or 0.5 * _has_term(near, term))
        for term, weight in zip(query.terms, query.weights, strict=True)
    )
    return sum(covered) / sum(query.weights)


def _has_term(stems: set[str], term: str) -> float:
    """Return 1 where a stem is there, or one that begins with it (edit, editor), else 0."""
    if term in stems:
        return 1.0
    return float(len(term) >= 4 and any(other.startswith(term) for other in stems))


def loss_of(query: Query, candidate: Candidate, sources: Mapping[str, Source]) -> float | None:
    """Return what a unit lacks of the question's names, years and ordinals, or None where it cannot answer."""
    unit, source = candidate.unit, sources[candidate.passage.source_id]
    if query.as_of and unit.date and not date_reached(unit.date, query.as_of):
        return None
    loss = _value_loss(query, candidate)
    if loss is None and candidate.alike < IDENTICAL:
        return None
    loss = loss or 0.0
    asked = candidate.asked
    # A question that is expected of the unit tells what else its names and years are called, however near it is.
    near = f"{candidate.context} {sentence_before(candidate)} {unit.text} {candidate.expected}"
    own = f"{sentence_before(candidate)} {unit.label} {unit.text}"
    for name in query.names:
        if name.lower() in _GENERIC_NAMES or named_in(query, own, name):
            continue
        if named_in(query, near, name):
            loss += 0.0 if POINTS_BACK.match(unit.text) else CONTEXT_LOSS
        elif _is_told(query, name):
            loss += TOLD_LOSS
        elif _only_locates(query, name, near):
            loss += CONTEXT_LOSS
        elif query.needs or not named_in(query, source.text, name):
            return None  # a value that stands near a name is not yet a value of what bears the name
        else:
            loss += PASSAGE_LOSS if named_in(query, candidate.passage.text, name) else SOURCE_LOSS
    if (fields := _fields_needed(query)) and not fields & set(fields_in(near)):
        return None
    if query.of_what_is_not and not is_negated(f"{NOT_STATED.sub(' ', unit.text)} {asked}"):
        return None  # what is so does not tell what is not
    if _counts_only(query, candidate):
        return None
    of_cities = not query.counted or set(query.counted) & _MEMBERS
    if query.qualifiers and of_cities and _counts_cities(unit, candidate.context):
        said = set(content_stems(f"{near} {' '.join(unit.expected)}"))
        if not said.issuperset(query.qualifiers):
            return None  # a count of all is none of those with something more
    own_years = set(years(own))
    if query.years and own_years and not own_years & set(query.years):
        of_story = bool(asked) and not set(query.years) & set(years(query.asking))
        if query.kind in ("when", "process", "how_many") and not of_story:
            return None  # what was so in one year is no answer about another
        loss += OTHER_YEAR_LOSS
    for year in query.years:
        if year in years(near) or year in (unit.date[:4], source.published[:4]):
            continue
        of_story = bool(asked) and year not in query.asking
        if year not in years(candidate.passage.text) and not of_story:
            return None
        loss += PASSAGE_LOSS
    for ordinal in query.ordinals:
        if _has_ordinal(near, ordinal):
            continue
        if not _has_ordinal(source.text, ordinal):
            return None
        loss += PASSAGE_LOSS if _has_ordinal(candidate.passage.text, ordinal) else SOURCE_LOSS
    if query.events:
        told = events_in(f"{unit.label} {unit.text} {asked}")
        if set(query.events).isdisjoint(told):
            loss += EVENT_LOSS * (1.0 if told and query.kind == "when" else candidate.unlike)
    if query.kind in ("how_many", "money", "when") and bool(FUTURE.search(unit.text)) != query.future:
        loss += EVENT_LOSS * candidate.unlike if query.kind == "when" else FUTURE_LOSS
    if query.exact and not any(_is_exact(date.iso, query.exact) and not date.as_of for date in dates(unit.text)):
        loss += COARSE_LOSS
    if query.about and (not query.needs or query.kind == "who"):
        stems = set(content_stems(f"{candidate.context} {unit.text} {candidate.expected}"))
        loss += 0.0 if _has_term(stems, query.about) else ABOUT_LOSS
    if REMARKS in candidate.passage.headings:
        loss += 4.0
    if unit.expected and not query.names and not query.fields and any(proper_names(candidate.passage.title)):
        loss += ELSEWHERE_LOSS if _speaks_of_else(query, candidate) else NARROWER_LOSS
    if query.kind == "contact":
        loss -= CONTACT_BONUS
    if query.kind == "where" and _PLACE.search(unit.text):
        loss -= 1.5
    if query.kind == "definition" and any(f"({name})" in unit.text for name in query.names):
        loss -= 4.0
    if set(query.counted) - _OF_ANY_SORT:
        words = f"{unit.label} {unit.text}" if unit.kind == "row" else unit.text
        words = f"{words} {asked}"
        stems = {stem(word.lower()) for word in WORD.findall(words)}
        persons = PERSONS.search(" ".join(query.counted_words))
        if query.kind == "how_many" and _APPLIED.search(query.asking) and not _APPLIED.search(f"{unit.label} {words}"):
            loss += EVENT_LOSS
        bids = _APPLIED.search(" ".join(query.counted_words)) and _APPLIED.search(words)
        if not bids and not (PERSONS.search(unit.text) if persons else stems & (set(query.counted) - {"new"})):
            loss += COUNTED_LOSS * candidate.unlike
    return loss


def _is_exact(iso: str, characters: int) -> bool:
    return len(iso) >= characters or iso.startswith("--")  # a day without its year


def _fields_needed(query: Query) -> set[str]:
    """Return the fields that a unit must tell of: not those of the cities that the question names."""
    named = {city.field for mention in query.mentions for city in mention.cities}
    return set(query.fields) - named


def _is_told(query: Query, name: str) -> bool:
    """Say whether a name stands only in the story around an asking sentence that names something itself."""
    if query.asking == query.core or names_it(query.asking, name) or _POINTS.search(query.asking):
        return False
    return any(names_it(query.asking, other) for other in query.names)


def _only_locates(query: Query, name: str, text: str) -> bool:
    """Say whether a name only tells where another is that the text has: Castelbuono in Sicily."""
    located = re.search(rf"(?P<other>[A-Z][\w-]+),? in (?:the )?{re.escape(name)}\b", query.standalone)
    return bool(located and located["other"] in query.names and named_in(query, text, located["other"]))


def _counts_cities(unit: Unit, context: str) -> bool:
    """Say whether a unit tells how many cities or members there are."""
    in_table = unit.kind == "row" and re.search(r"\b(?:cities|members)\b", context)
    return any(in_table or _CITIES.match(unit.text, number.end) for number in numbers(unit.text))


def group_below(candidate: Candidate) -> Sequence[Unit]:
    """Return the items of the list or table that stands right below a unit."""
    units = candidate.passage.units
    after = units[candidate.number + 1] if candidate.number + 1 < len(units) else None
    return [unit for unit in units if unit.group == after.group] if after and after.group >= 0 else ()


def _speaks_of_else(query: Query, candidate: Candidate) -> bool:
    """Say whether a unit of a document on one place may count something else than what is asked of the Network."""
    return query.kind in ("how_many", "money") and _coverage(query, candidate) < MOST_COVERED


def sentence_before(candidate: Candidate) -> str:
    """Return the sentence that a unit points back to, or ''."""
    if not candidate.number or not POINTS_BACK.match(candidate.unit.text):
        return ""
    before = candidate.passage.units[candidate.number - 1]
    near = candidate.unit.start - before.end <= 2 and before.kind == candidate.unit.kind == "sentence"
    return before.text if near else ""


def named_in(query: Query, text: str, name: str) -> bool:
    """Say whether a text names what the question names, by this or another of its names."""
    other_names = query.called.get(name)
    return bool(other_names and other_names.search(text)) or names_it(text, name)


def names_it(text: str, name: str) -> bool:
    """Say whether a text holds a name, or the adjective of a country."""
    if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
        return True
    return any(same_name(name, word) for word in _capitalised(text))


@lru_cache(maxsize=2_000)
def _capitalised(text: str) -> frozenset[str]:
    return frozenset(word for word in WORD.findall(text) if word[0].isupper())


def _has_ordinal(text: str, ordinal: int) -> bool:
    return any(number.ordinal and number.value == ordinal for number in numbers(text))


def seen(ranked: Sequence[Candidate], found: Found, passages: Mapping[str, Passage]) -> list[Candidate]:
    """Return the ranked units and, without a score, every other one that the search brought."""
    held = {(c.passage.id, c.number): c for c in ranked}
    for passage_id, number in map(split_unit_id, found.unit_ids):
        held.setdefault((passage_id, number), Candidate(passages[passage_id], number, -99.0))
    for hit in found.hits:
        for number in range(len(hit.passage.units)):
            held.setdefault((hit.passage.id, number), Candidate(hit.passage, number, -99.0))
    return list(held.values())


def _value_loss(query: Query, candidate: Candidate) -> float | None:
    """Return what the unit loses for the value that is asked for, or None where it can hold none.

    That no source states a value answers too; and who does something may be told without a name.
    """
    if _has_value(query, candidate):
        return 0.0
    text = candidate.unit.text
    if NOT_STATED.search(text) and (candidate.unit.kind != "row" or candidate.asked):
        return NOT_STATED_LOSS
    if "name" in query.needs and query.kind == "who" and not query.about and AGENTS.search(text):
        return UNNAMED_LOSS
    if "money" in query.needs and NO_MONEY.search(text):
        return 0.0
    return None


def _has_value(query: Query, candidate: Candidate) -> bool:
    """Say whether the unit holds a value of a sort that the question asks for, other than one it states itself."""
    if not query.needs:
        return True
    text, said_on = candidate.unit.text, candidate.unit.date
    if text.endswith((":", "：")):  # it announces what stands below it
        text = " ".join((text, *(unit.text for unit in group_below(candidate))))
    for need in query.needs:
        if need == "date":
            given = set(query.years)
            fresh = [
                d
                for d in dates(text)
                if not (d.as_of and (date_reached(d.iso, said_on) or not query.future)) and d.iso not in given
            ]
            if fresh or (_RECENTLY.search(text) and said_on):
                return True
        elif need == "number":
            stated = {number.value for number in numbers(query.core)} if not query.asserted else set()
            if any(n.value not in stated and not (n.ordinal and n.value == 1) for n in numbers(text)):
                return True
        elif need == "field":
            if _FIELD_TITLE.search(text) or (candidate.unit.kind != "sentence" and fields_in(text)):
                return True
        elif need == "name":
            if any(name for name in proper_names(text) if not names_it(query.core, name)):
                return True
        elif need == "address":
            if numbers(text) and re.search(
                r"\b(?:Room|Street|Avenue|Road|No\.|Place|place|rue|Square|Building|District)\b", text
            ):
                return True
        else:
            spans = {"money": money, "email": emails, "phone": phones, "url": urls}[need]
            if spans(text):
                return True
    return False


def proper_names(text: str) -> Iterable[str]:
    for match in WORD.finditer(text):
        word = re.sub(r"['’]s$", "", match[0])
        opens = text[: match.start()].rstrip()[-1:] in ("", ".", "?", "!", ":")
        if word[0].isupper() and not opens and word.lower() not in _GENERIC_NAMES and word not in MONTHS:
            yield word
