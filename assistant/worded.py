"""What is said in the language of the question: the sentence of each claim, and the English words as they stand."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.claims import Claim, Scope
from assistant.compose import OPENINGS, Statement
from assistant.corpus import place
from assistant.facts import UNKNOWN, value_span
from assistant.phrases import Phrases
from assistant.records import City, Country, Fact
from assistant.values import dates, emails, numbers, speak_date, years

# What is told as of a day: numbers of things that come and go.
_COUNTED_UNITS = ("cities", "countries", "fields")
_AS_OF_KINDS = ("count", "more", "countries", "limited", "each", "subdivisions", "most", "fewest", "none", "no entry")
_OF_COUNTRIES = ("limited", "each", "new countries")  # counts of countries by what they have
_AS_IT_STANDS = ("filing address", "host")  # values that are names
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that a sentence says, in English and in the other language."""

    english: str
    local: str


def worded(statements: Sequence[Statement], phrases: Phrases, countries: Iterable[Country]) -> list[Statement]:
    """Return statements in another language, each with what it rests on.

    A sentence is said in that language only where it holds every slot of its claim, each slot stands in the English
    sentence too, which has passed the check, and it has no other figure; else the English one stands. What is quoted
    stays English, and is said to be.
    """
    names = {country.name: country.names for country in countries}
    writer = _Writer(phrases, names)
    in_list = any(statement.text.startswith("- ") and statement.claim is None for statement in statements)
    said: list[Statement] = []
    for number, statement in enumerate(statements):
        opens = in_list and number == 0
        said += writer.said(statement, opens_list=opens)
    return said


def is_faithful(text: str, slots: Iterable[Slot], english: str) -> bool:
    """Say whether a sentence holds all slots, each of which stands in the English one, and no other figure."""
    rest, twin = _plain(text), _plain(english)
    for slot in sorted(slots, key=lambda slot: -len(slot.local)):
        if not _stands_in(slot.english, twin) or not _stands_in(slot.local, rest):
            return False
        rest = re.sub(_whole(slot.local), "\0", rest, count=1)
    return not re.search(r"\d|[{}]", rest)


class _Writer:
    """The phrases of a language and the names of the countries in it."""

    def __init__(self, phrases: Phrases, countries: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self._phrases = phrases
        self._countries = countries

    def said(self, statement: Statement, *, opens_list: bool) -> Iterator[Statement]:
        """Yield what is said for one statement."""
        claim = statement.claim
        if claim is None:
            yield from self._quoted(statement, opens_list=opens_list)
            return
        slots = list(self._slots(claim))
        text = self._text(claim) if slots else ""
        faithful = bool(text) and is_faithful(text, slots, statement.text)
        if faithful:
            yield replace(statement, text=text)
        if claim.kind == "fact":
            opening = "" if faithful else self._phrases.opening[claim.opening] if claim.opening else ""
            yield replace(statement, text=opening + self._as_quote(statement.text, bold=not faithful))
        elif not faithful and claim.kind != "earlier":  # a line of free English text adds nothing to its quote
            yield statement

    def _quoted(self, statement: Statement, *, opens_list: bool) -> Iterator[Statement]:
        """Yield a statement that is taken from a source: its value where that can be told, then its words."""
        if opens_list:
            yield replace(statement, text=f"{self._phrases.quote['list']} {statement.text}")
            return
        if statement.text.startswith("- "):
            yield statement
            return
        value = _BOLD.search(statement.text)
        slot = self._value_slot(value[1]) if value and _stands_alone(value[1], statement.text) else None
        if slot:
            text = self._phrases.claim["value"].format(opening="", value=slot.local)
            if is_faithful(text, [slot], statement.text):
                yield replace(statement, text=text)
        yield replace(statement, text=self._as_quote(statement.text, bold=slot is None))

    def _as_quote(self, text: str, *, bold: bool) -> str:
        for opening in OPENINGS:
            text = text.removeprefix(opening)
        return self._phrases.quote["line"].format(quote=text if bold else text.replace("**", ""))

    def _value_slot(self, value: str) -> Slot | None:
        found = () if years(value)[1:] else dates(value)
        if len(found) == 1 and (found[0].start, found[0].end) == (0, len(value)) and found[0].iso[0] != "-":
            return Slot(value, self._phrases.date(found[0].iso))
        read = numbers(value)
        if len(read) == 1 and (read[0].start, read[0].end) == (0, len(value)) and not read[0].ordinal:
            whole = int(read[0].value)
            return Slot(value, str(whole)) if whole == read[0].value else None
        return Slot(value, value) if emails(value) else None

    def _slots(self, claim: Claim) -> Iterator[Slot]:
        """Yield everything that the sentence of a claim says; nothing where it has no words in this language."""
        if claim.kind in ("fact", "earlier"):
            yield from self._fact_slots(claim)
            return
        phrases, scope = self._phrases, claim.scope
        if claim.count is not None:
            yield Slot(str(claim.count), str(claim.count))
        if claim.as_of and claim.kind in _AS_OF_KINDS:
            yield Slot(speak_date(claim.as_of), phrases.date(claim.as_of))
        if claim.kind not in ("group", "shares", "next"):
            yield from self._scope_slots(scope)
        if claim.bound:
            yield Slot(str(claim.bound.number), str(claim.bound.number))
        yield from (Slot(name, phrases.fields[name]) for name in claim.other.fields if claim.kind == "each")
        if claim.kind == "more":
            yield Slot(str(claim.other_count), str(claim.other_count))
            yield from self._scope_slots(claim.other)
        if claim.name:
            yield Slot(claim.name, self._named(claim.name))
        for name, count in claim.shares:
            yield Slot(name, self._named(name))
            if claim.kind in ("next", "shares"):
                yield Slot(f"({count})", f"({count})")
        yield from self._city_slots(claim)

    def _scope_slots(self, scope: Scope) -> Iterator[Slot]:
        """Yield the conditions of a scope."""
        yield from (Slot(str(year), str(year)) for year in (scope.period.said if scope.period else ()))
        yield from (Slot(name, self._phrases.fields[name]) for name in scope.fields)
        yield from (Slot(name, self._phrases.regions[name]) for name in scope.regions)
        yield from (Slot(place(city), place(city)) for city in scope.besides)
        if scope.group:
            yield Slot(scope.group, self._group(scope.group))
        else:
            yield from (Slot(name, self._country(name)) for name in scope.countries)

    def _city_slots(self, claim: Claim) -> Iterator[Slot]:
        if claim.kind == "order":
            for city in claim.cities:
                yield Slot(place(city), place(city))
                yield Slot(str(city.year), str(city.year))
            return
        several = claim.kind in ("first", "latest") and len(claim.cities) > 1
        for city in claim.cities if not several else ():
            yield Slot(place(city), place(city))
            yield Slot(str(city.year), str(city.year))
            if claim.kind == "group":
                named = self._names_country(claim)
                yield from (Slot(city.country, self._country(city.country)) for _ in range(named))
            else:
                yield Slot(city.field, self._phrases.fields[city.field])
                yield Slot(city.country, self._country(city.country))
        if several:
            yield Slot(str(claim.cities[0].year), str(claim.cities[0].year))

    def _text(self, claim: Claim) -> str:
        """Return the sentence of a claim."""
        phrases = self._phrases
        if claim.kind == "group":
            cities = phrases.listed(self._listed(city, claim) for city in claim.cities)
            return f"- {self._named(claim.name)} ({claim.count}): {cities}" if claim.name else f"- {cities}"
        shares = phrases.listed(f"{self._named(name)} ({count})" for name, count in claim.shares)
        if claim.kind == "shares":
            return f"- {shares}"
        if claim.kind in ("fact", "earlier"):
            return self._fact_text(claim)
        kind = claim.kind
        if kind in ("first", "latest") and len(claim.cities) > 1:
            phrase = phrases.claim[f"several_{kind}"]
        elif kind == "more" and claim.count == claim.other_count:
            phrase = phrases.claim["as_many"]
        elif kind in _OF_COUNTRIES:
            phrase = phrases.claim["countries"]
        else:
            phrase = phrases.claim[kind.replace(" ", "_")]
        city = claim.cities[0] if claim.cities else None
        scope = replace(claim.scope, fields=()) if kind == "each" else claim.scope
        return phrase.format(
            opening=phrases.opening[claim.opening] if claim.opening else "",
            cities=self._cities(scope, self._holding(claim), one=kind == "count" and claim.count == 1),
            others=self._cities(claim.other, one=False),
            other_count=claim.other_count,
            order=phrases.listed(f"{place(city)} ({city.year})" for city in claim.cities) if kind == "order" else "",
            as_of=self._as_of(claim.as_of),
            count=claim.count,
            end=self._end(claim),
            names=phrases.joined([self._named(name) for name, _ in claim.shares], "and"),
            shares=shares,
            name=claim.name,
            city=place(city) if city else "",
            country=self._country(city.country) if city else "",
            field=phrases.fields[city.field] if city else "",
            year=city.year if city else "",
        )

    def _end(self, claim: Claim) -> str:
        if claim.opens_list:
            return ":" if self._phrases.language != "fr" else " :"
        return "。" if self._phrases.language == "zh" else "."

    def _group(self, name: str) -> str:
        """Return the name of a group of countries, in the language where a region of UNESCO has the same."""
        return self._phrases.regions.get(name, name)

    def _holding(self, claim: Claim) -> list[str]:
        """Return what each of the countries has of the cities that are counted."""
        phrases, bound = self._phrases, claim.bound
        if claim.kind == "limited" and bound:
            return [phrases.scope[bound.limit.replace(" ", "_")].format(number=bound.number)]
        if claim.kind == "new countries":
            return [phrases.scope["new_countries"]]
        if claim.kind != "each":
            return []
        held = (("each", claim.scope.fields), ("lacking", claim.other.fields))
        return [
            phrases.scope[phrase].format(names=phrases.listed(phrases.fields[name] for name in names))
            for phrase, names in held
            if names
        ]

    def _cities(self, scope: Scope, holding: Sequence[str] = (), *, one: bool) -> str:
        """Return the noun that is counted, with the conditions behind it."""
        phrases = self._phrases
        conditions = [self._group(scope.group)] if scope.group else [self._country(name) for name in scope.countries]
        conditions = [phrases.joined(conditions, "and")] if conditions else []
        if scope.regions:
            regions = phrases.joined([phrases.regions[name] for name in scope.regions], "and")
            region = phrases.scope["region"].format(names=regions)
            conditions = [phrases.joined([*conditions, region], "or")]
        if scope.fields:
            fields = phrases.joined([phrases.fields[name] for name in scope.fields], "or")
            conditions.append(phrases.scope["field"].format(names=fields))
        if scope.period:
            years = [str(year) for year in scope.period.said]
            said = years[0]
            if scope.period.spell == "between":
                said = phrases.scope["from_to"].format(first=years[0], last=years[-1])
            conditions.append(phrases.scope[scope.period.spell].format(years=said))
        if scope.besides:
            names = phrases.listed(place(city) for city in scope.besides)
            conditions.append(phrases.scope["besides"].format(names=names))
        cities = phrases.scope["city" if one else "cities"]
        conditions += holding
        if not conditions:
            return cities
        return phrases.conditions.format(cities=cities, conditions=phrases.between_conditions.join(conditions))

    def _as_of(self, iso: str) -> str:
        return self._phrases.scope["as_of"].format(date=self._phrases.date(iso)) if iso else ""

    def _listed(self, city: City, claim: Claim) -> str:
        if not self._names_country(claim):
            return f"{place(city)} ({city.year})"
        return f"{place(city)} ({self._country(city.country)}{self._phrases.comma}{city.year})"

    def _names_country(self, claim: Claim) -> bool:
        """Say whether a line of a list tells the country of each city."""
        return not claim.of_one_country

    def _country(self, name: str) -> str:
        names = self._countries.get(name, {}).get(self._phrases.language, ())
        return names[0] if names else name

    def _named(self, name: str) -> str:
        """Return what a country, a field or a city is called."""
        return self._phrases.fields.get(name) or self._country(name)

    def _fact_slots(self, claim: Claim) -> Iterator[Slot]:
        values = [self._fact_value(fact) for fact in claim.facts]
        subjects = [self._subject(fact.subject) for fact in claim.facts]
        if claim.kind == "earlier":
            if None in values:
                return
            for fact, value, subject in zip(claim.facts, values, subjects, strict=True):
                yield value or Slot("", "")
                if claim.of_rounds:
                    yield Slot(fact.subject, subject) if subject else Slot("", "")
                else:
                    yield Slot(speak_date(fact.as_of), self._phrases.date(fact.as_of))
            return
        (fact,) = claim.facts
        if not subjects[0] or fact.attribute not in self._phrases.attributes:
            return
        if values[0]:
            yield values[0]
        elif fact.unit != UNKNOWN:
            return
        year = re.search(r"20\d\d", fact.subject)
        if year:
            yield Slot(year[0], year[0])
        if day := self._told_as_of(fact):
            yield Slot(speak_date(day), self._phrases.date(day))
        if fact.subject in self._countries:
            yield Slot("", self._country(fact.subject))
        if fact.unit == UNKNOWN:
            yield Slot("", self._phrases.attributes[fact.attribute])

    def _fact_text(self, claim: Claim) -> str:
        phrases = self._phrases
        if claim.kind == "earlier":
            parts = []
            for fact in claim.facts:
                value = self._fact_value(fact)
                time = self._subject(fact.subject) if claim.of_rounds else phrases.date(fact.as_of)
                parts.append(f"{value.local if value else ''} ({time})")
            return phrases.claim["earlier"].format(values=phrases.listed(parts))
        (fact,) = claim.facts
        known = {"attribute": phrases.attributes[fact.attribute], "subject": self._subject(fact.subject)}
        if fact.unit == UNKNOWN:
            return phrases.claim["not_stated"].format(**known)
        value = self._fact_value(fact)
        return phrases.claim["fact"].format(
            **known,
            opening=phrases.opening[claim.opening] if claim.opening else "",
            value=value.local if value else "",
            as_of=self._as_of(self._told_as_of(fact)),
        )

    def _fact_value(self, fact: Fact) -> Slot | None:
        """Return the value of a fact as its statement has it, and in this language; None where it is free text."""
        start, end = value_span(fact)
        english = fact.statement[start:end]
        if not english:
            return None
        if fact.unit in ("date", "month", "year"):
            return Slot(english, self._phrases.date(fact.value))
        if fact.value.isdigit():
            count = int(fact.value)
            return Slot(english, self._phrases.years(count) if fact.unit == "years" else fact.value)
        return Slot(english, english) if fact.attribute in _AS_IT_STANDS else None

    def _told_as_of(self, fact: Fact) -> str:
        """Return the day of a count, where its statement names that day."""
        told = fact.unit in _COUNTED_UNITS and fact.as_of in {date.iso for date in dates(fact.statement)}
        return fact.as_of if told else ""

    def _subject(self, subject: str) -> str:
        """Return what a subject of facts is called; '' where it has no name in this language."""
        subjects = self._phrases.subjects
        if subject == "UCCN":
            return subjects["network"]
        if subject in subjects:
            return subjects[subject]
        if subject in self._countries:
            return self._country(subject)
        country, _, rest = subject.rpartition(", ")
        if found := re.fullmatch(r"(20\d\d) call", rest):
            called = subjects["call"].format(year=found[1])
            return f"{self._country(country)}{self._phrases.comma}{called}" if country else called
        if found := re.fullmatch(r"(annual conference|Beijing Summit) of (20\d\d)", subject):
            return subjects[found[1]].format(year=found[2])
        return ""


def _stands_alone(value: str, text: str) -> bool:
    """Say whether a sentence has no other date or number beside a value, that could be the one that was asked for."""
    text = re.sub(r" \(as of [^()]+\)", "", _plain(text)).replace(value, "", 1)
    own = {date.iso for date in dates(value)}
    others = [date.iso for date in dates(text) if not any(iso.startswith(date.iso) for iso in own)]
    return not others and not [number for number in numbers(text) if not number.ordinal]


def _plain(text: str) -> str:
    return text.replace("**", "")


def _whole(words: str) -> str:
    """Return a pattern for words that are no part of a longer number or, where letters are parted by spaces, word."""
    before = r"(?<![\d])" if words[:1].isdigit() else ""
    after = r"(?![\d])" if words[-1:].isdigit() else ""
    return before + re.escape(words) + after


def _stands_in(words: str, text: str) -> bool:
    return re.search(_whole(words), text) is not None
