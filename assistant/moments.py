"""Times that a question tells in other words than a date, written as the date that is meant."""

import re

from assistant.cities import Places
from assistant.values import MONTHS

_YEAR = r"(?P<year>20\d\d)"
_PARTS = (  # the last month of each part, so that what came about in it counts
    (r"(?:in )?(?:the )?(?:early|beginning of|start of)(?: in)?(?: the year)?", 3),
    (r"(?:in )?(?:the )?(?:spring)(?: of)?", 5),
    (r"(?:in )?(?:the )?(?:middle of|mid|mid-|first half of|halfway through)(?: the year)?", 6),
    (r"(?:in )?(?:the )?(?:summer)(?: of)?", 8),
    (r"(?:in )?(?:the )?(?:autumn|fall)(?: of)?", 11),
    (r"(?:in |at )?(?:the )?(?:late|end of|second half of)(?: in)?(?: the year)?", 12),
)
_MOMENTS = [(re.compile(rf"\b(?:at )?{words}[ -]?{_YEAR}\b", re.I), month) for words, month in _PARTS]
_RANGE = re.compile(r"\b(?:by|until|till|since|from|after|before|between) (?:the )?$", re.I)
_MEETING = re.compile(
    rf"\b(?:at|by) the (?:moment|time|date) of (?:the )?(?P<date>(?:(?:{'|'.join(MONTHS)}) )?20\d\d)"
    r" (?:\w+ ){0,2}?(?:summit|conference|meeting|call|round)\b",
    re.I,
)
_JUST_BEFORE = re.compile(rf"\b(?:just|right|shortly) before (?P<month>{'|'.join(MONTHS)}) (?P<year>20\d\d)\b", re.I)
_JOINING = re.compile(
    r",? (?:when|at the (?:time|moment)(?: when| that)?|by the time) (?P<name>[^?,]{2,40}?)"
    r" (?:joined|became(?: a)? member|was (?:designated|admitted|accepted)|entered|came in|got in)\b(?: the network)?",
    re.I,
)


# "How many are there after the last round?" asks for today.
_AFTER_THE_LAST = re.compile(
    r",? (?:after|since|with|following|including|counting) the (?:last|latest|most recent)"
    r" (?:call|round|intake|batch|edition|results?|announcement|designations?)\b",
    re.I,
)
_COUNTED = re.compile(r"\bhow many\b|\bnumber of\b|\bcount\b", re.I)


def with_dates(text: str, places: Places | None) -> str:
    """Write "late in 2022" as December 2022, and "when Lisvale joined" as the year of that, where the table has it."""
    for pattern, month in _MOMENTS:
        text = pattern.sub(lambda match, month=month: _as_month(match, month), text)  # type: ignore[misc]
    if _COUNTED.search(text):
        text = _AFTER_THE_LAST.sub("", text)
    text = _MEETING.sub(lambda match: f"in {match['date']}", text)
    text = _JUST_BEFORE.sub(_as_month_before, text)
    return _JOINING.sub(lambda match: _as_year(match, places), text) if places else text


def _as_month(match: re.Match[str], month: int) -> str:
    if _RANGE.search(match.string[: match.start()]):
        return match[0]
    return f"in {MONTHS[month - 1]} {match['year']}"


def _as_month_before(match: re.Match[str]) -> str:
    month, year = MONTHS.index(match["month"]), int(match["year"])
    return f"in {MONTHS[month - 1]} {year if month else year - 1}"


def _as_year(match: re.Match[str], places: Places | None) -> str:
    found = places.mentions(match["name"]) if places else []
    years = {city.year for mention in found for city in mention.cities}
    return f" in {years.pop()}" if len(years) == 1 else match[0]
