"""The asking sentence of a message that tells a story first, as a question that can be read alone."""

import re

from assistant.cities import Places
from assistant.followup import POINTS, carried_on
from assistant.understand import Query
from assistant.vocabulary import Vocabulary, content_stems

# Of a person in the story nothing is in the tables but the country or the city.
_OF_A_PERSON = re.compile(
    r"\b(?:he|she|him|his|her|(?:that|this) (?:person|man|woman|guy|lady))\b"
    r"(?! (?:own )?(?:home )?(?:country|nation|state|city|town|place)\b)",
    re.I,
)

_THE_CITY = re.compile(r"\b(?:the|this|that) (?:city|town|place)\b", re.I)


def tells_first(query: Query) -> bool:
    """Say whether a story that the asking sentence may be completed by stands in front of it."""
    return _told(query) != "" and not _OF_A_PERSON.search(query.asking)


def retold(query: Query, places: Places, vocabulary: Vocabulary) -> list[str]:
    """Return the asking sentence, completed by the place that the story in front names last, and as it stands."""
    asking = _THE_CITY.sub("it", query.asking)
    here = places.mentions(asking)
    alone = [asking] if here else []
    if any(mention.cities for mention in here) or (here and not POINTS.search(asking)):
        return alone
    told = _told(query)
    countries: list[str] = []
    cities: list[str] = []
    mentions = places.mentions(told)
    homes = {city.country for mention in mentions for city in mention.cities}  # "Kuhmo, a place in Finland"
    for mention in mentions:
        said = told[mention.start : mention.end]
        of_country = mention.country and not here and mention.country not in homes
        if said in query.question and (mention.cities or of_country):  # a mended name may be another
            (cities if mention.cities else countries).append(said if mention.cities else mention.country)
    last = (cities or countries)[-1:]
    if cities and not content_stems(asking):
        return [f"In which field is {cities[-1]} a creative city?"]  # "What for?": its row tells
    carried = [carried_on(asking, told, vocabulary, [name]) for name in last]
    points = here or POINTS.search(asking) or query.kind == "when"  # "it" may be another thing of that place
    return [*carried, *alone, *(f"{name}: {asking}" for name in last if not points)]


def _told(query: Query) -> str:
    return query.core.removesuffix(query.asking) if query.core.endswith(query.asking) else ""
