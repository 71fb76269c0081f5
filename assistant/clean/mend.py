"""Mends what optical character recognition broke inside a line: words, quotation marks, spaces."""

import re
from collections import Counter

_TOKEN = re.compile(r"[^\W_]+")
_SPLIT_OPENING = re.compile(r"(?:‘ ?‘|``|(?<!\S)'')\s*(?=\w)")
_SPLIT_CLOSING = re.compile(r"’ ?’(?!\w)|(?<=[\w.,!?])''(?!\w)")
_SPACE_BEFORE_COMMA = re.compile(r"(?<=\w) +,(?=\s|$)")

# What a leaflet of the field prints in capitals, where recognition fails most: the names of organisations, the creative
# fields, and the words of the seventeen Sustainable Development Goals.
_NAMES = (
    "UNESCO UCCN ICCSD UNITED NATIONS CREATIVE CITIES NETWORK "
    "ARCHITECTURE CRAFTS DESIGN FILM GASTRONOMY LITERATURE MEDIA MUSIC "
    "AFFORDABLE CLEAN CLIMATE COMMUNITIES CONSUMPTION DECENT DEVELOPMENT ECONOMIC EDUCATION ENERGY EQUALITY GENDER "
    "GROWTH HEALTH HUNGER INDUSTRY INEQUALITIES INFRASTRUCTURE INNOVATION INSTITUTIONS JUSTICE PARTNERSHIPS POVERTY "
    "PRODUCTION QUALITY REDUCED RESPONSIBLE SANITATION STRONG SUSTAINABLE WATER"
)
# Capitals and digits that recognition takes for one another, by the shape that they share.
_SHAPES = ("O0QDCG", "I1LTJ", "S5", "B8", "Z2", "VY", "MN")
_LOOK_ALIKES = {char: shape[0] for shape in _SHAPES for char in shape}
_GLUED_WORDS = ("AND", "THE", "OF")  # `IN` and `TO` also begin whole words: information, together
_SHORTEST_NAME = 5
_SHORTEST_WORD = 8  # shorter words lie too near to one another


def mend_words(text: str) -> tuple[str, dict[str, str]]:
    """Return the text with misread words in capitals mended, and the new reading of each token that was changed.

    A token changes only into a word of the field's own list or one that the text has three times, and only where the
    two differ by letters of one shape (`UNESCQ`), by such letters behind the name (`UNESCOQO`), or by a glued `AND`,
    `THE` or `OF`.
    """
    counts = Counter(_TOKEN.findall(text))
    known = frozenset(word for word, count in counts.items() if count > 2 and word.isupper() and word.isalpha())
    known |= frozenset(_NAMES.split())
    changes = {}
    for token, count in counts.items():
        may_be_misread = count < 3 and len(token) >= _SHORTEST_NAME and token == token.upper()
        if may_be_misread and token not in known and (reading := _reading(token, known)):
            changes[token] = reading
    if changes:
        text = _TOKEN.sub(lambda match: changes.get(match.group(), match.group()), text)
    return text, changes


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
