"""Mends what optical character recognition broke inside a line: words, quotation marks, spaces."""

import re
from collections import Counter

_TOKEN = re.compile(r"[^\W_]+")
_SPLIT_OPENING = re.compile(r"(?:‘ ?‘|``|(?<!\S)'')\s*(?=\w)")
_SPLIT_CLOSING = re.compile(r"’ ?’(?!\w)|(?<=[\w.,!?])''(?!\w)")
_SPACE_BEFORE_COMMA = re.compile(r"(?<=\w) +,(?=\s|$)")

# Names and words that a leaflet of the field prints in capitals, where recognition fails most: the organisations, and the
# long words of the seventeen Sustainable Development Goals.
_NAMES = frozenset(
    "UNESCO UCCN ICCSD UNITED NATIONS CREATIVE CITIES NETWORK "
    "AFFORDABLE CLEAN CLIMATE COMMUNITIES CONSUMPTION DECENT ECONOMIC EDUCATION ENERGY EQUALITY GENDER GROWTH HEALTH HUNGER "
    "INDUSTRY INEQUALITIES INFRASTRUCTURE INNOVATION INSTITUTIONS JUSTICE PARTNERSHIPS POVERTY PRODUCTION QUALITY REDUCED "
    "RESPONSIBLE SANITATION STRONG SUSTAINABLE SUSTAINABILITY DEVELOPMENT WATER "
    "CRAFTS DESIGN FILM GASTRONOMY LITERATURE MEDIA MUSIC ARCHITECTURE".split()
)
# Capitals and digits that recognition takes for one another, by the shape that they share.
_LOOK_ALIKES = {char: group[0] for group in ("O0QDCG", "I1LTJ", "S5", "B8", "Z2", "VY", "MN") for char in group}
_GLUED_WORDS = ("AND", "THE", "OF")  # `IN`, `FOR` and `TO` also begin whole words: information, formation, tomorrow
_SHORTEST_NAME = 5
_SHORTEST_WORD = 8  # shorter words lie too near to one another


def mend_words(text: str) -> tuple[str, dict[str, str]]:
    """Return the text with misread words in capitals mended, and each token that was changed with its new reading.

    A token changes only into a word of the field's own list or one that the text has three times, and only where the two differ
    by letters of one shape (`UNESCQ`), by such letters behind the name (`UNESCOQO`), or by a glued `AND`, `THE`, `OF`.
    """
    counts = Counter(_TOKEN.findall(text))
    known = _NAMES | {word for word, count in counts.items() if count > 2 and word.isupper() and word.isalpha()}
    changes = {}
    for token, count in counts.items():
        if count < 3 and token not in known and len(token) >= _SHORTEST_NAME and token == token.upper():
            reading = _reading(token, known)
            if reading:
                changes[token] = reading
    return _TOKEN.sub(lambda match: changes.get(match.group(), match.group()), text) if changes else text, changes


def mend_marks(line: str) -> str:
    """Return a line with `‘ ‘` as one quotation mark and no space before a comma."""
    if "‘" in line or "’ ’" in line or "’’" in line or "''" in line or "``" in line:
        line = _SPLIT_CLOSING.sub("”", _SPLIT_OPENING.sub("“", line))
    return _SPACE_BEFORE_COMMA.sub(",", line) if " ," in line else line


def _reading(token: str, known: frozenset[str]) -> str:
    """Return what a token was meant to be, or an empty string where that is not sure."""
    if not any(char.isalpha() for char in token):
        return ""
    if word := _as_known(token, known):
        return word
    for glued in _GLUED_WORDS:
        rest = token.removeprefix(glued)
        if rest != token and len(rest) >= _SHORTEST_WORD:
            word = rest if rest in known else _as_known(rest, known)
            if word:
                return f"{glued} {word}"
    return ""


def _as_known(token: str, known: frozenset[str]) -> str:
    for end in (len(token) - 1, len(token) - 2):
        name, tail = token[:end], token[end:]
        if len(name) >= _SHORTEST_NAME and name in known and _repeats_last_letter(name, tail):
            return name
    near = {word for word in known if len(word) == len(token) and _differ_by_shape(token, word)}
    return near.pop() if len(near) == 1 else ""


def _repeats_last_letter(name: str, tail: str) -> bool:
    if len(tail) == 1:  # stricter, since one more letter can make another word: MUSIC, MUSICO
        return tail in (name[-1], "Q", "0") and _shape(tail) == _shape(name[-1])
    return all(_shape(char) == _shape(name[-1]) for char in tail)


def _differ_by_shape(token: str, word: str) -> bool:
    """Say whether the two differ in few letters (one in six at most), each of one shape with the other's."""
    if len(word) < _SHORTEST_NAME + 1:
        return False
    pairs = [(one, other) for one, other in zip(token, word, strict=True) if one != other]
    return len(pairs) <= len(word) // 6 and all(_shape(one) == _shape(other) for one, other in pairs)


def _shape(char: str) -> str:
    return _LOOK_ALIKES.get(char, char)
