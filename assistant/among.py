"""Which of the places named before a follow-up picks: "the second of them", "the youngest of the three"."""

import re
from collections.abc import Sequence

from assistant.cities import Mention, Places
from assistant.records import Turn

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}
_PLACES = {"first": 0, "last": -1, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "former": 0, "latter": -1}
_OF_THEM = rf"of (?:(?:them|these|those)(?: (?P<n1>{'|'.join(_NUMBERS)}))?|the (?P<n2>{'|'.join(_NUMBERS)}))\b"
_ONE = re.compile(
    r"\bthe (?:(?P<which>second|third|fourth|fifth|oldest|youngest|newest)(?: one)? "
    rf"{_OF_THEM}|(?P<pair>former|latter)\b"
    r"|(?P<said>first|second|third|fourth|fifth|last)(?: (?:one|city|town))?(?: that)? you(?: just)? "
    r"(?:named|mentioned|said|listed|gave|told)\b)",
    re.I,
)
_ALL = re.compile(rf"\b(?:which|who|what)(?: one)? {_OF_THEM}", re.I)


def picked(question: str, history: Sequence[Turn], places: Places) -> str:
    """Return a follow-up with the names of the places that it points at in a row; as it is where it points at none."""
    if one := _ONE.search(question):
        which, number = (one["which"] or one["pair"] or one["said"]).lower(), _number(one)
        named = _named(history, places, 2 if one["pair"] else number)
        name = _of(named, which) if named else ""
        return f"{question[: one.start()]}{name}{question[one.end() :]}" if name else question
    every = _ALL.search(question)
    number = _number(every) if every else 0
    if every and number and len(named := _named(history, places, number)) == number:
        *others, last = named
        of_all = f"which of {', '.join(others)} and {last}"
        return f"{question[: every.start()]}{of_all}{question[every.end() :]}"
    return question


def _number(said: re.Match[str]) -> int:
    return _NUMBERS.get((said["n1"] or said["n2"] or "").lower(), 0)


def _named(history: Sequence[Turn], places: Places, number: int) -> dict[str, Mention]:
    """Return the cities that the last answer names, else the last `number` places that were asked about, in order."""
    told = {text: mention for text, mention in _in(history[-1:], "assistant", places).items() if mention.cities}
    if len(told) > 1 and (not number or len(told) == number):
        return told
    asked = list(_in(history, "user", places).items())
    return dict(asked[-number:]) if number and len(asked) >= number else {}


def _in(history: Sequence[Turn], role: str, places: Places) -> dict[str, Mention]:
    named: dict[str, Mention] = {}
    for turn in history:
        if turn.role == role:
            for mention in places.mentions(turn.content):
                named.setdefault(turn.content[mention.start : mention.end], mention)
    return named


def _of(named: dict[str, Mention], which: str) -> str:
    """Return the name in a place of the row, or of the one city that joined first or last; '' where there is none."""
    if which in _PLACES:
        names = list(named)
        return names[_PLACES[which]] if _PLACES[which] < len(names) else ""
    years = {name: mention.cities[0].year for name, mention in named.items() if len(mention.cities) == 1}
    end = (min if which == "oldest" else max)(years.values(), default=0)
    ends = [name for name, year in years.items() if year == end]
    return ends[0] if len(ends) == 1 and len(years) == len(named) else ""
