"""When a member city owes its monitoring report: asked of the cities of its year, as sources tell it of these only."""

import re
from collections.abc import Iterable

from assistant.records import Passage
from assistant.understand import Query

_REPORT = re.compile(
    r"\b(?:monitoring|progress|four[- ]year(?:ly)?|periodic\w*|activity|membership|first|next|interim)\b"
    r"[^.?!]{0,25}\b(?:report|account|stocktaking)s?\b",
    re.I,
)
_ON_REPORTS = re.compile(r"\bmonitoring reports?\b", re.I)
_DUE = re.compile(r"\bwhen\b|\b(?:what|which) (?:years?|dates?|deadline)\b|\bdeadline\b|\bdue\b|\bowe[sd]?\b", re.I)


def asked_of_intake(query: Query, passages: Iterable[Passage]) -> list[str]:
    """Return a question for the report of some member cities as two: of their membership, and of their year's report.

    Nothing comes back where the question asks for anything else, or a statement tells of the report of such a city.
    """
    cities = list(dict.fromkeys(city for mention in query.mentions for city in mention.cities))
    if not cities or not _REPORT.search(query.core) or not _DUE.search(query.asking):
        return []
    told = (unit.text for passage in passages for unit in passage.units if _ON_REPORTS.search(unit.text))
    if any(city.name in text for text in told for city in cities):
        return []
    names = " and ".join(city.name for city in cities)
    joined = f"When did {names} join the Network?"
    years = sorted({city.year for city in cities})
    return [
        joined,
        *(f"When is the monitoring report of a city designated to the UCCN in {year} due?" for year in years),
    ]
