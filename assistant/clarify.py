"""One question back where a name has two bearers and the answers differ: which of them is meant?"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.cities import Places, plain
from assistant.compose import CORRECTION, YES, Statement
from assistant.corpus import Tables, place
from assistant.records import City, Country, Turn
from assistant.understand import Query
from assistant.values import years
from assistant.vocabulary import WORD, fields_in

# "Which Granada do you mean: Spain or Nicaragua?"
_WHICH = {
    "en": ("Which {name} do you mean: {names}?", " or "),
    "fr": ("De quel « {name} » parlez-vous : {names} ?", " ou "),
    "es": ("¿A qué «{name}» se refiere: {names}?", " o "),
    "pt": ("A que «{name}» se refere: {names}?", " ou "),
    "zh": ("您指的是哪一个“{name}”：{names}？", "还是"),
    "ar": ("أي «{name}» تقصد: {names}؟", " أم "),
    "ru": ("Какое место «{name}» вы имеете в виду: {names}?", " или "),
    "de": ("Welches „{name}“ meinen Sie: {names}?", " oder "),
}
MOST_WORDS = 8  # of a message that picks one of the bearers; a longer one is a question of its own
_GENITIVE = re.compile(r"['’]s$")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ENDS_IN_QUESTION = re.compile(r"[?？؟]\W*$")
_SHORT_CITY = re.compile(r"(?P<short>[^\W\d_]+) (?:de|del|da|do|of) ")
_SHORT_COUNTRY = re.compile(r"\bof (?:the )?(?P<short>[^\W\d_]+)$")


@dataclass(frozen=True, slots=True)
class Bearer:
    """One of several that a name may mean."""

    label: str  # what the visitor reads and may answer with
    question: str  # the question with this one named in full
    country: str
    city: City | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name in a question and all that it may mean."""

    name: str  # as it stands in the question
    bearers: tuple[Bearer, ...]


class Doubts:
    """The names of the tables that have more than one bearer."""

    def __init__(self, tables: Tables, places: Places) -> None:
        self._places = places
        self._countries = {country.name: country for country in tables.countries}
        known = {plain(name) for city in tables.cities for name in (place(city), *city.aliases)}
        self._short_cities: dict[str, list[City]] = defaultdict(list)
        for city in tables.cities:
            if (found := _SHORT_CITY.match(place(city))) and plain(found["short"]) not in known:
                self._short_cities[plain(found["short"])].append(city)
        self._shared: dict[str, list[str]] = defaultdict(list)
        single = {plain(name) for country in tables.countries for name in (country.name, *country.aliases)}
        for country in tables.countries:
            names = {plain(name) for own in (country.adjectives, *country.names.values()) for name in own}
            if (found := _SHORT_COUNTRY.search(country.name)) and plain(found["short"]) not in single:
                names.add(plain(found["short"]))
            for name in names:
                self._shared[name].append(country.name)

    def doubt(self, question: str, language: str, *, query: Query | None = None) -> Doubt | None:
        """Return the first name of a question with several bearers that its other words leave open.

        `query` is the question as it was read; without it nothing in the question counts as settling.
        """
        mentions = self._places.mentions(question)
        named = {m.country for m in mentions if m.country and not m.cities}
        for mention in mentions:
            if len({city.country for city in mention.cities}) > 1:
                name = _GENITIVE.sub("", question[mention.start : mention.end])
                end = mention.start + len(name)
                name = next((place(city) for city in mention.cities if plain(place(city)) == plain(name)), name)
                bearers = [
                    self._of_country(question, end, city, self._called(city.country, language))
                    for city in mention.cities
                ]
                if query:
                    bearers = _left(bearers, named, query)
                return Doubt(name, tuple(bearers)) if len(bearers) > 1 else None
        for match in WORD.finditer(question):
            taken = any(m.start < match.end() and match.start() < m.end for m in mentions)
            exact = any((m.start, m.end) == match.span() for m in mentions)
            key = plain(match[0])
            if not taken and len(cities := self._short_cities.get(key, [])) > 1 and match[0][0].isupper():
                bearers = [_in_place(question, match, place(city), city.country, city) for city in cities]
                if query:
                    bearers = _left(bearers, named, query)
                return Doubt(match[0], tuple(bearers)) if len(bearers) > 1 else None
            if (exact or not taken) and len(countries := self._shared.get(key, [])) > 1:
                bearers = [_in_place(question, match, self._called(name, language), name) for name in countries]
                return Doubt(match[0], tuple(bearers))
        return None

    def picked(self, doubt: Doubt, reply: str, english: str) -> str:
        """Return the question that a reply settles by the label, the country, the field or the year of one bearer.

        `english` is the reply as far as it is understood. '' where it settles nothing, or asks something of its own.
        """
        return self.named_in(doubt, reply, english) if len(WORD.findall(reply)) <= MOST_WORDS else ""

    def named_in(self, doubt: Doubt, reply: str, english: str) -> str:
        """Return the question about the one bearer that a text of any length names; '' where it names none or more."""
        said = plain(reply)
        named = {m.country for m in self._places.mentions(reply) if m.country and not m.cities}
        fields, when = fields_in(english), years(reply)
        by_label = [one for one in doubt.bearers if plain(one.label) in said]
        by_country = [one for one in doubt.bearers if one.country in named]
        by_row = [one for one in doubt.bearers if one.city and (one.city.field in fields or str(one.city.year) in when)]
        return next((found[0].question for found in (by_label, by_country, by_row) if len(found) == 1), "")

    def _of_country(self, question: str, end: int, city: City, country: str) -> Bearer:
        return Bearer(country, f"{question[:end]} ({country}){question[end:]}", city.country, city)

    def _called(self, name: str, language: str) -> str:
        country: Country | None = self._countries.get(name)
        return country.names[language][0] if country and country.names.get(language) else name


def folded(history: Sequence[Turn], settle: Callable[[str, str], str]) -> tuple[Turn, ...]:
    """Return a conversation in which a question, the question back and the reply to it are one whole question.

    `settle` takes a question and the reply, and returns the whole question or ''.
    """
    said: list[Turn] = []
    for turn in history:
        asked_back = turn.role == "user" and len(said) >= 2 and _ENDS_IN_QUESTION.search(said[-1].content)
        whole = ""
        if asked_back and (said[-2].role, said[-1].role) == ("user", "assistant"):
            whole = settle(said[-2].content, turn.content)
        if whole:
            said[-2:] = [Turn("user", whole)]
        else:
            said.append(turn)
    return tuple(said)


def differ(answers: Sequence[Sequence[Statement]], query: Query) -> bool:
    """Say whether the answers for the bearers of a name differ in what the question asks: a verdict or a value."""
    answers = [statements for statements in answers if statements]
    if len(answers) < 2:
        return False
    firsts = [statements[0].text for statements in answers]
    if query.asserted:
        return len({next((word for word in (YES, CORRECTION) if text.startswith(word)), "") for text in firsts}) > 1
    return len({tuple(_BOLD.findall(text)[:1]) for text in firsts}) > 1


def question_back(doubt: Doubt, language: str) -> str:
    """Return the question that names all bearers of a name."""
    sentence, joint = _WHICH[language]
    return sentence.format(name=doubt.name, names=joint.join(f"**{bearer.label}**" for bearer in doubt.bearers))


def _left(bearers: Sequence[Bearer], named: set[str], query: Query) -> list[Bearer]:
    """Return the bearers that the country, field or year of a question leaves; all where these leave none."""
    left = [one for one in bearers if one.country in named] if named else list(bearers)
    left = [one for one in left if one.city and one.city.field in query.fields] or left
    return [one for one in left if one.city and str(one.city.year) in query.years] or left


def _in_place(question: str, match: re.Match[str], name: str, country: str, city: City | None = None) -> Bearer:
    return Bearer(name, f"{question[: match.start()]}{name}{question[match.end() :]}", country, city)
