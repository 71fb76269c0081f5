"""Finds dates in text, in the spellings of the pages that we read, and writes them as ISO dates."""

import re
from datetime import date

_MONTHS = {
    # English, French, Spanish, German, Italian; a short form is told by its first letters
    1: "january janvier enero januar gennaio jan",
    2: "february février fevrier febrero februar febbraio feb",
    3: "march mars marzo märz mar",
    4: "april avril abril aprile apr",
    5: "may mai mayo maggio",
    6: "june juin junio juni giugno jun",
    7: "july juillet julio juli luglio jul",
    8: "august août aout agosto aug",
    9: "september septembre septiembre settembre sept sep",
    10: "october octobre octubre oktober ottobre oct okt",
    11: "november novembre noviembre nov",
    12: "december décembre decembre diciembre dezember dicembre dec dez",
}
_MONTH_NUMBERS = {name: number for number, names in _MONTHS.items() for name in names.split()}
_MONTH = "(?P<name>" + "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_DAY_RANGE = r"(?:\s?[-–—]\s?\d{1,2}(?:st|nd|rd|th)?)?"

_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)")
_IDEOGRAPHIC = re.compile(r"(?P<year>(?:19|20)\d\d)\s?年\s?(?P<month>\d{1,2})\s?月(?:\s?(?P<day>\d{1,2})\s?日)?")
_DAY_MONTH = re.compile(rf"{_DAY}{_DAY_RANGE}\s+(?:de\s+|of\s+)?{_MONTH},?\s+(?:de\s+|del\s+)?{_YEAR}", re.I)
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s+{_DAY}{_DAY_RANGE}(?:,\s*|\s+){_YEAR}", re.I)
_NUMBERS_YEAR = re.compile(rf"(?<!\d)(?P<month>\d{{1,2}})\s+(?P<day>\d{{1,2}}),\s*{_YEAR}")
_DAY_NUMBERS = re.compile(rf"(?<!\d)(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<second>\d{{1,2}})(?P=mark){_YEAR}")
_MONTH_YEAR = re.compile(rf"\b{_MONTH},?\s+(?:de\s+|of\s+)?{_YEAR}", re.I)
_ISO_MONTH = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?![-\d])")
_YEAR_ALONE = re.compile(rf"(?<![\d/.,-]){_YEAR}(?![/.,-]\d)")
_WHOLE_DATES = (_ISO, _IDEOGRAPHIC, _DAY_MONTH, _MONTH_DAY, _NUMBERS_YEAR, _DAY_NUMBERS)

_CLOCK = r"(?:\s*(?:[T,]|at)?\s*\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?\s*(?:[ap]\.?m\.?|Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
_DATE_LINE_WORDS = re.compile(
    r"\b(?:published|posted|updated|last|modified|released?|on|date|time|issued|publié|le|publicado|el|the|of|day)\b"
    r"|[|·•,:()\s.–—-]",
    re.I,
)
_WEEKDAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.I)
# What opens an entry of a time line: a day and a month, a whole date, a month with its year, or a year with a colon.
_ENTRY_DATE = re.compile(
    rf"\*?(?:{_MONTH}\s+\d{{1,2}}(?!\d)|\d{{1,2}}\s+{_MONTH.replace('name', 'second_name')}"
    r"|(?:19|20)\d\d[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?!\d)|\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d"
    r"|\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日|(?:19|20)\d\d\s?[:–—])",
    re.I,
)


def find_date(text: str) -> str:
    """Return the first whole date of a text as ISO, else the first month, else the first year; empty without any."""
    days = [
        (match.start(), iso) for pattern in _WHOLE_DATES for match in pattern.finditer(text) if (iso := _iso(match))
    ]
    if days:
        return min(days, key=lambda found: (found[0], -len(found[1])))[1]
    for pattern in (_MONTH_YEAR, _ISO_MONTH, _YEAR_ALONE):
        for match in pattern.finditer(text):
            if iso := _iso(match):
                return iso
    return ""


def is_date_line(line: str) -> bool:
    """Say whether a short line holds a date and hardly anything else."""
    if len(line) > 80 or not find_date(line):
        return False
    return not _DATE_LINE_WORDS.sub("", _WEEKDAY.sub("", without_dates(line)))


def opens_with_date(line: str) -> bool:
    """Say whether a line reads as an entry of a time line: a date, then what happens on it."""
    match = _ENTRY_DATE.match(line)
    return match is not None and bool(re.search(r"[^\W\d_]", line[match.end() :]))


def without_dates(line: str) -> str:
    """Return a line with its dates and times of day cut out."""
    for pattern in (*_WHOLE_DATES, _MONTH_YEAR, _ISO_MONTH, _YEAR_ALONE):
        line = re.sub(f"{pattern.pattern}{_CLOCK}", "", line, flags=pattern.flags)
    return line


def _iso(match: re.Match[str]) -> str:
    """Return the ISO date of a match, without what it does not say; empty where there is no such day."""
    found = match.groupdict()
    year = int(found["year"])
    if found.get("first"):
        return _from_numbers(year, int(found["first"]), int(found["second"]), found["mark"])
    month = int(found.get("month") or _MONTH_NUMBERS.get((found.get("name") or "").lower(), 0))
    day = int(found.get("day") or 0)
    if not month:
        return str(year)
    if not 1 <= month <= 12:
        return ""
    if not day:
        return f"{year}-{month:02}"
    return _day(year, month, day)


def _from_numbers(year: int, first: int, second: int, mark: str) -> str:
    """Return `24.06.2022` as a date; where `03/04/2022` can be either of two days, only the year is sure."""
    if first > 12 or mark == "." or first == second:
        return _day(year, second, first)
    return _day(year, first, second) if second > 12 else str(year)


def _day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
