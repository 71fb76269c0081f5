"""Whether the table of cities or the dated facts contradict a sentence, whatever it is quoted from."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from assistant.cities import Mention, Places
from assistant.corpus import NETWORK_SUBJECT, Tables
from assistant.records import Fact
from assistant.terms import stem
from assistant.values import dates, numbers
from assistant.vocabulary import WORD, fields_in

_CITY_OF = re.compile(r"\bCit(?:y|ies) of (?:[A-Z]\w+(?: (?:and )?)?){1,4}")
_NOT = re.compile(r"\b(?:not|no longer|never|nor)\b|n['’]t\b", re.IGNORECASE)
_JOINED = re.compile(
    r"\b(?:joined|member(?: city)?(?: of [\w ]{0,40})?|designated|admitted)\b[^\d.;,]{0,40}\b(?:in|since)\b"
    r"[^\d.;,]{0,20}(?P<year>20\d\d)\b"
)
_NETWORK = re.compile(r"\b(?:Network|UCCN)\b")


class Records:
    """What table and facts say, to hold a sentence against."""

    def __init__(self, tables: Tables, places: Places) -> None:
        self._places = places
        self._facts: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in tables.facts:
            if re.fullmatch(r"[\d,]+", fact.value) and fact.unit != "year":
                self._facts[fact.subject, fact.attribute].append(fact)

    def refute(self, sentence: str) -> str:
        """Return what contradicts an English sentence, or ''."""
        mentions = [m for m in self._places.mentions(sentence) if sentence[m.start].isupper()]
        return next(iter((*self._by_table(sentence, mentions), *self._by_facts(sentence, mentions))), "")

    def _by_table(self, sentence: str, mentions: Sequence[Mention]) -> Iterator[str]:
        """A city that is named alone has its own field, year and country."""
        named = [mention for mention in mentions if mention.cities]
        if len(named) != 1 or _NOT.search(sentence):
            return
        (mention,) = named
        rows, name = mention.cities, sentence[mention.start : mention.end]
        claimed = fields_in(" ; ".join(_CITY_OF.findall(sentence)))
        if claimed and not {row.field for row in rows} & set(claimed):
            yield f"{name} is a City of {rows[0].field}"
        joined = _JOINED.search(sentence)
        if joined and int(joined["year"]) not in {row.year for row in rows}:
            yield f"{name} joined in {rows[0].year}"
        behind = [m for m in mentions if m.country and sentence[mention.end : m.start] == " ("]
        if behind and behind[0].country not in {row.country for row in rows}:
            yield f"{name} is in {rows[0].country}"

    def _by_facts(self, sentence: str, mentions: Sequence[Mention]) -> Iterator[str]:
        """What is counted of the Network or of a country on a day has the value of that day."""
        days = {date.iso for date in dates(sentence) if len(date.iso) > 4}
        values = {number.value for number in numbers(sentence)}
        stems = {stem(word.lower()) for word in WORD.findall(sentence)}
        if not days or not values or len(mentions) > 1 or fields_in(sentence):
            return
        subject = mentions[0].country if mentions else NETWORK_SUBJECT if _NETWORK.search(sentence) else ""
        for (about, attribute), facts in self._facts.items():
            if about != subject or not {stem(word.lower()) for word in WORD.findall(attribute)} <= stems:
                continue
            known = {float(fact.value.replace(",", "")) for fact in facts if fact.as_of in days}
            if known and not known & values:
                yield f"{attribute}: {' or '.join(f'{value:g}' for value in sorted(known))}"
