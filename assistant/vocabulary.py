"""The words of a corpus and of its field: stems, proper names, creative fields, spelling."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process

from assistant.records import Passage
from assistant.terms import stem
from assistant.values import dates, emails, numbers, urls

FIELDS = (
    "Architecture",
    "Crafts and Folk Art",
    "Design",
    "Film",
    "Gastronomy",
    "Literature",
    "Media Arts",
    "Music",
)

# An everyday word names a field only before what bears it, "food title", "book cities", or behind what it is given for:
# "in for their cooking".
_BEARERS = (
    r"(?=\W+(?:creative\W+)?"
    r"(?:cit(?:y|ies)|towns?|places?|titles?|badges?|labels?|holders?|members?|ones?|field|category)\b)"
)
_GIVEN = r"(?:(?<=\bfor )|(?<=\bfor its )|(?<=\bfor their )|(?<=\bfor the )|(?<=\bfor good ))"
FIELD = re.compile(
    r"\b(?:(?P<Architecture>architecture)|(?P<Crafts>(?:handi)?crafts?(?:\s*(?:and|&)\s*folk\s*arts?)?|folk arts?)"
    r"|(?P<Media>media\s*arts?)|(?P<Design>design)|(?P<Film>films?|cinema|movies?)"
    rf"|(?P<Gastronomy>gastronom\w+|culinary|cuisine|food{_BEARERS}|{_GIVEN}(?:food|cooking|dishes|kitchens?))"
    rf"|(?P<Literature>literature|literary|(?:books?|writers?['’]?){_BEARERS}|{_GIVEN}(?:books|writers|writing|novels))"
    rf"|(?P<Music>music|musical{_BEARERS}|{_GIVEN}songs))\b",
    re.IGNORECASE,
)

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")

STOP = set(
    """a about above according after all also am an and any are as asks at be because been before being below beside
    besides between both but by can could did do does doing down during each either else ever every few for from
    further give given get gets got had has have having he her here hers him his how however i if in into is it its
    itself just kind kindly know let like list make many may me mean mention mentioned might more most much must my
    name named names need no nor not now of off on once one only or other our out over own people please pls really
    said same say says see shall she should show so some sort such tell than thank thanks that the their them then
    there these they thing things think this those through to too under until up upon us use very want wants was we
    well were what when where which while who whom whose why will wish with within without would yes yet you your
    hello hi dear good day morning explain describe interested exactly right correct true still ok okay hey
    anyone anybody somebody someone something anything called""".split()
)

# Words that every question about the Network may use; they are no evidence that a text answers it.
_GENERIC = set(
    "unesco uccn creative city cities network town towns member members membership world global title".split()
)

MOST_ENDING = 2  # letters of a country that its adjective replaces: Peru, Peruvian; Italy, Italian

_ADJECTIVE_END = re.compile(r"(?:ese|ian|ean|ish|an)$")
_BEHIND_NAME = re.compile(r"[^\W\da-z_][\w'’-]* ")
_BEFORE_NAME = re.compile(r" [^\W\da-z_]")


class Vocabulary:
    """The words of a corpus: which stems it knows, and which words it writes as proper names."""

    def __init__(self, passages: Iterable[Passage], places: Iterable[str] = ()) -> None:
        """Take the passages, and the names of places that the tables hold."""
        units = [unit for passage in passages for unit in passage.units]
        frequency: Counter[str] = Counter()
        self.counted: set[str] = set()  # stems that stand right behind a number somewhere
        for unit in units:
            frequency.update({stem(word.lower()) for word in WORD.findall(unit.text)})
            for number in numbers(unit.text):
                behind = WORD.findall(unit.text[number.end : number.end + 60])[:4]
                self.counted |= {stem(word.lower()) for word in behind}
        self._frequency, self._units = frequency, len(units)
        upper: Counter[str] = Counter()
        lower: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        whole: Counter[str] = Counter()
        spelling: dict[str, str] = {}
        for unit in units:
            addresses = {place for start, end in (*emails(unit.text), *urls(unit.text)) for place in range(start, end)}
            behind_names = {match.end() for match in _BEHIND_NAME.finditer(unit.text)}
            for position, match in enumerate(WORD.finditer(unit.text)):
                if match.start() in addresses:
                    continue
                word = match[0].removesuffix("'s").removesuffix("’s")
                key = word.lower()
                ends = match.start() in behind_names
                alone[key] += not ends
                whole[key] += not ends and not _BEFORE_NAME.match(unit.text, match.end())
                if word[0].isupper():
                    upper[key] += 1 if position else 0
                    lower[key] += 0
                    if position or word.isupper() or key not in spelling:
                        spelling.setdefault(key, word)
                else:
                    lower[key] += 1
        self._asked = [question for unit in units for question in unit.expected]
        self._long_words = [key for key in lower if len(key) > 5]
        self._nearest = lru_cache(maxsize=2_000)(self._nearest_word)
        common = {stem(key) for key, count in lower.items() if count > upper[key]}
        self.stems = frozenset(stem(word) for word in (*upper, *lower))
        self.words = frozenset((*upper, *lower))
        self.small = frozenset(key for key, count in lower.items() if count)  # written small somewhere
        self.partial = frozenset(key for key in whole if not whole[key])  # they only stand in longer names
        self.names = {
            key: spelling[key]
            for key, count in upper.items()
            if count > 2 * lower[key]
            and key not in STOP
            and len(key) > 1
            and not key.isdigit()
            and stem(key) not in common
            and 3 * alone[key] >= count  # not one that only ends longer names, such as Park or Avenue
        }
        for name in places:
            if name.lower() not in self.small and len(WORD.findall(name)) == 1:
                self.names.setdefault(name.lower(), name)
        self._name_beginnings = {beginning for name in self.names for beginning in _beginnings(name) if beginning}
        self._name_bases = {base for name in self.names if (base := _base(name))}

    @cached_property
    def typed(self) -> frozenset[str]:
        """The words that people type: written small in several of the questions that are expected."""
        count = Counter(word for question in self._asked for word in set(WORD.findall(question)) if word.islower())
        return frozenset(word for word, often in count.items() if often >= _TYPED)

    def names_as(self, word: str) -> bool:
        """Say whether some proper name is the same as a word in small letters, as `same_name` says it."""
        if word in self.names or _base(word) in self._name_beginnings:
            return True
        return not self._name_bases.isdisjoint(_beginnings(word))

    def weight(self, word: str) -> float:
        """Return the inverse document frequency of a stem over the units; a word that no unit has weighs 3."""
        frequency = self._frequency[word]
        return math.log(1 + self._units / frequency) if frequency else 3.0

    def nearest_name(self, word: str) -> str:
        """Return the known name that a misspelt word means, or ''."""
        if len(word) < 5:
            return ""
        found = process.extractOne(word.lower(), list(self.names), scorer=fuzz.ratio, score_cutoff=85)
        return self.names[found[0]] if found and found[0][0] == word[0].lower() else ""

    def nearest_word(self, word: str, more: frozenset[str] = frozenset()) -> str:
        """Return the known word, of the corpus or of `more`, that a misspelt one means, or ''."""
        return self._nearest(word, more)

    def _nearest_word(self, word: str, more: frozenset[str]) -> str:
        if len(word) < 6:
            return ""
        known = [*self._long_words, *more]
        letters = sorted(word.lower())
        for other in known:  # two letters changed places
            if len(other) == len(word) and other[0] == word[0].lower() and sorted(other) == letters:
                return other
        found = process.extractOne(word.lower(), known, scorer=fuzz.ratio, score_cutoff=86)
        return found[0] if found and found[0][0] == word[0].lower() else ""


@lru_cache(maxsize=10_000)
def content_stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words that carry the topic, each once, in order."""
    words = (re.sub(r"['’]s$", "", word.lower()) for word in WORD.findall(text))
    return tuple(
        dict.fromkeys(
            stem(word)
            for word in words
            if word not in STOP and word not in _GENERIC and not word.isdigit() and len(word) > 1
        )
    )


@lru_cache(maxsize=20_000)
def fields_in(text: str) -> tuple[str, ...]:
    """Return the creative fields that a text names, in the spelling of FIELDS."""
    return tuple(dict.fromkeys(map(field_of, FIELD.finditer(text))))


def field_of(match: re.Match[str]) -> str:
    """Return the creative field that a match of FIELD names."""
    return next(field for field in FIELDS if match.groupdict().get(field.split()[0]))


def same_name(name: str, other: str) -> bool:
    """Say whether two words name the same thing: equal, or a country and its adjective (China, Chinese)."""
    name, other = name.lower(), other.lower()
    return name == other or any(
        base and noun.startswith(base) and len(noun) - len(base) <= MOST_ENDING
        for base, noun in ((_base(name), other), (_base(other), name))
    )


@lru_cache(maxsize=20_000)
def _base(adjective: str) -> str:
    """Return the adjective of a country without its ending, or '' where it has none of these."""
    base = _ADJECTIVE_END.sub("", adjective)
    return base if base != adjective and len(base) >= 4 else ""


def _beginnings(noun: str) -> Iterable[str]:
    """Return the bases of the adjectives that a noun may have."""
    return (noun[: len(noun) - ending] for ending in range(MOST_ENDING + 1))


_SHORTENED = re.compile(r"['’](?:m|ve|d|ll|re|t)$")  # "I've" is no name


_IS_TOLD_OF = re.compile(r" (?:is|was|has|became|joined|got) (?!there\b)")


_LETTER = re.compile(r"[A-Z]-[a-z]")  # T-shirt


def names_in(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the proper names of a question: what it capitalises in mid-sentence, and what the corpus capitalises."""
    found: list[str] = []
    field_words = {word.lower() for field in FIELDS for word in field.split()} | {"arts", "craft"}
    first = True
    for match in WORD.finditer(text):
        word = re.sub(r"['’]s$", "", match[0])
        key = word.lower()
        opens = first or text[: match.start()].rstrip()[-1:] in tuple(".?!:")
        first = False
        if key in _GENERIC or key in STOP or key in field_words or dates(word) or any(c.isdigit() for c in word):
            continue
        if _SHORTENED.search(key) or _LETTER.match(word):
            continue
        known = key in vocabulary.names or (len(key) > 4 and vocabulary.names_as(key))
        common = key in vocabulary.small or key in vocabulary.typed
        subject = opens and not common and _IS_TOLD_OF.match(text, match.end())
        capital = word[0].isupper() and (not opens or word.isupper() or bool(subject))
        known = known and (word[0].isupper() or not (key in vocabulary.small or key in vocabulary.partial))
        month = bool(
            re.fullmatch(
                r"(?i)january|february|march|april|may|june|july|august|september|october|november|december",
                word,
            )
        )
        if (known or (capital and (subject or key not in vocabulary.words))) and not month:
            found.append(vocabulary.names.get(key, word))
        elif capital and not month and text != text.upper() and key in vocabulary.names:
            found.append(word)
    return tuple(dict.fromkeys(found))


# Words that most questions have: a slip in one of them is mended though the word is short.
_ASKING = "which what when where whose cities city towns town member joined field year country countries autumn".split()
_SLIP_RATIO = 88


def _slip(word: str) -> str:
    """Return the word of _ASKING that is meant by one with a letter left out, put in, or in another place; or ''."""
    for meant in _ASKING:
        if word[0] == meant[0] and len(word) == len(meant) and sorted(word) == sorted(meant):
            return meant
    found = process.extractOne(word, _ASKING, scorer=fuzz.ratio, score_cutoff=_SLIP_RATIO)
    return found[0] if found and found[0][0] == word[0] and stem(word) != stem(found[0]) else ""


_TYPED = 3  # questions in which a word is no slip


def spelt(text: str, vocabulary: Vocabulary, known: frozenset[str]) -> str:
    """Spell as the corpus does what it does not know, nor is `known` otherwise, and is near to one of its words."""

    def mend(match: re.Match[str]) -> str:
        word = match[0]
        bare = re.sub(r"['’]s$", "", word)
        key = bare.lower()
        unheard = key not in vocabulary.words and key not in known and key not in STOP
        if unheard and (meant := _slip(key)):
            return meant.capitalize() if word[0].isupper() else meant
        if key in vocabulary.words or stem(key) in vocabulary.stems or key in STOP or key in _GENERIC:
            return word
        if key in known or vocabulary.names_as(key) or word in vocabulary.typed:
            return word
        nearest = vocabulary.nearest_name(bare) or vocabulary.nearest_word(bare, known)
        return nearest + word[len(bare) :] if nearest else word

    return WORD.sub(mend, text)
