"""Values in a text: numbers, dates, money, addresses; one reading for questions, answers and checks."""

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTH_NUMBER = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAYS = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s*(?:-|–|to|and)\s*(?P<day2>\d{1,2})(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_DATE = (
    re.compile(rf"\b{_DAYS}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?\b"),
    re.compile(rf"\b{_MONTH}\s+{_DAYS}(?:,?\s+{_YEAR})?\b"),
    re.compile(rf"\b{_YEAR}-(?P<month_number>\d{{2}})(?:-(?P<day>\d{{2}}))?\b"),
    re.compile(rf"\b{_MONTH}\s+{_YEAR}\b"),
    re.compile(rf"(?<![\w.,$€£-]){_YEAR}(?![\w%]|[.,]\d|-\d)"),
    re.compile(rf"(?<![\w.,$€£-]){_YEAR}-\d{{2}}\b(?!-)"),
)

_SPAN = re.compile(r"\b(?P<first>(?:19|20)\d\d)[-–/](?P<last>\d\d)\b(?!-)")

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
_UNITS += "sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_WORD_NUMBER = {word: number for number, word in enumerate(_UNITS)}
_WORD_NUMBER |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
_WORD_NUMBER |= {
    f"{ten}-{unit}": 10 * tens + number
    for tens, ten in enumerate(_TENS, 2)
    for number, unit in enumerate(_UNITS[1:10], 1)
}
_ORDINAL_NUMBER = {word: number for number, word in enumerate(_ORDINALS, 1)}
_SCALE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WORDS = (  # behind their first letters, or each word of a text is compared with every one of them
    rf"(?=[zotfsen])(?:(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(_ORDINALS)}|{'|'.join(_UNITS)})"
)
_NUMBER = re.compile(
    r"(?<![\w.,])(?<![^\W\d_]-)(?P<digits>\d{1,3}(?:[,\u202f\u00a0 ]\d{3})+|\d+)(?P<decimals>\.\d+)?"
    r"(?P<ordinal>st|nd|rd|th)?"
    r"(?:[\s-](?P<scale>thousand|million|billion|trillion)\b)?(?!\w)"
    rf"|\b(?P<word>{_WORDS})\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?:US\$|[$€£¥])\s?\d|\b\d[\d.,]*\s*(?:thousand|million|billion|trillion)?\s*"
    r"(?:yuan|won|yen|baht|EUR|USD|RMB|CHF|GBP|AUD|(?:(?-i:[A-Z])[a-z]+ ){0,2}"
    r"(?:euros?|dollars?|pounds?|francs?|kron(?:or|er|a|e)|pesos?|rupees?|rupiahs?|dong|lira|rand|reais|rubles?"
    r"|zloty(?:s)?|crowns?|dirhams?|dinars?|riyals?|ringgit))\b",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_URL = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:org|com|net|int|edu|gov)(?:/[\w./-]*)?\b", re.I)
_PHONE = re.compile(r"(?:\+\d{1,3}[\s-]?|\b0)\d[\d\s()/-]{5,}\d\b")
_AS_OF = re.compile(
    r"\b[Aa]s of (?:about )?(?:the (?:end|beginning) of )?(?=\w)|\b[Bb]y (?:the end of )?(?=(?:19|20)\d{2}\b)"
    # "By our table of 31 October 2025, ...": who says it when; "By the end of June 2025" is a time of its own
    r"|^(?:By|According to) (?:(?!(?:end|start|beginning|middle) of)[\w'’.&-]+ ){1,8}?(?:of|in|dated|from) (?=\w)"
)


@dataclass(frozen=True, slots=True)
class DateValue:
    """A date as it stands in a text; `iso` is as exact as the text: 2021, 2021-06 or 2021-06-30."""

    iso: str
    start: int
    end: int
    as_of: bool  # the date of a statement ("As of June 2022 ..."), not of an event


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number as it stands in a text: 1,000, 1.2 trillion, five, 17th."""

    value: float
    start: int
    end: int
    ordinal: bool = False


@lru_cache(maxsize=20_000)
def dates(text: str) -> tuple[DateValue, ...]:
    """Return the dates of a text in order, the longest reading of each; a day and month without year are `--06-30`.

    What no calendar has is none: there is no 31 June, and of the two years "2014-15" the first counts.
    """
    found: list[DateValue] = []
    taken: set[int] = set()
    marks = {match.end() for match in _AS_OF.finditer(text)}
    for pattern in _DATE:
        for match in pattern.finditer(text):
            iso = _iso(match.groupdict())
            real = iso[0] == "-" or is_iso_date(iso)
            if real and taken.isdisjoint(range(match.start(), match.end())):
                taken.update(range(match.start(), match.end()))
                found.append(DateValue(iso, match.start(), match.end(), match.start() in marks))
    return tuple(sorted(found, key=lambda date: date.start))


def without_dates(text: str) -> str:
    """Return a text with a space in the place of each date."""
    for date in reversed(dates(text)):
        text = f"{text[: date.start]} {text[date.end :]}"
    return text


def _iso(parts: dict[str, str | None]) -> str:
    month = parts.get("month_number") or ""
    if name := parts.get("month"):
        month = f"{_MONTH_NUMBER[name[:3].lower()]:02d}"
    iso = parts.get("year") or "-"
    if month:
        iso += f"-{month}"
    if month and parts.get("day"):
        iso += f"-{int(parts['day'] or 0):02d}"
    return iso


@lru_cache(maxsize=20_000)
def numbers(text: str) -> tuple[NumberValue, ...]:
    """Return the numbers of a text in order, in digits or words, without those that are part of a date."""
    inside = {place for date in dates(text) for place in range(date.start, date.end)}
    found = []
    for match in _NUMBER.finditer(text):
        if match.start() in inside:
            continue
        if match["word"]:
            word = match["word"].lower()
            ordinal = word in _ORDINAL_NUMBER
            value = float(_ORDINAL_NUMBER[word] if ordinal else _WORD_NUMBER[word])
        else:
            ordinal = bool(match["ordinal"])
            value = float(re.sub(r"\D", "", match["digits"]) + (match["decimals"] or ""))
            value *= _SCALE.get((match["scale"] or "").lower(), 1)
        found.append(NumberValue(value, match.start(), match.end(), ordinal))
    return tuple(found)


def years(text: str) -> tuple[str, ...]:
    """Return the four-digit years of a text, each once; those of a span such as 2013-14 are two."""
    found = [date.iso[:4] for date in dates(text) if date.iso[:1] != "-"]
    found += [span["first"][:2] + span["last"] for span in _SPAN.finditer(text) if span["first"][2:] < span["last"]]
    return tuple(dict.fromkeys(found))


def money(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of sums of money."""
    return tuple(match.span() for match in _MONEY.finditer(text))


def emails(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of e-mail addresses."""
    return tuple(match.span() for match in _EMAIL.finditer(text))


def urls(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of web addresses."""
    mail = emails(text)
    return tuple(
        match.span() for match in _URL.finditer(text) if not any(start <= match.start() < end for start, end in mail)
    )


def phones(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of telephone numbers."""
    return tuple(match.span() for match in _PHONE.finditer(text))


def speak_date(iso: str) -> str:
    """Return an ISO date of any exactness as people write it: 24 June 2022, June 2022, 2022."""
    parts = iso.split("-")
    if len(parts) == 1:
        return parts[0]
    month = MONTHS[int(parts[1]) - 1]
    return f"{month} {parts[0]}" if len(parts) == 2 else f"{int(parts[2])} {month} {parts[0]}"


def is_iso_date(text: str) -> bool:
    """Say whether a text is an ISO date of any exactness: 2022, 2022-06 or 2022-06-24."""
    try:
        datetime.date.fromisoformat(f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01"[:10])
    except ValueError:
        return False
    return bool(re.fullmatch(r"\d{4}(-\d{2}){0,2}", text))


def date_reached(iso: str, limit: str) -> bool:
    """Say whether a date of any exactness begins on or before the end of another: 2022-06 is within 2022."""
    return iso[: len(limit)] <= limit[: len(iso)] if iso and limit else True
