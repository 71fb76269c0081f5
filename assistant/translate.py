"""A question in another language as an English one: names by the tables, terms by the glossary, the rest kept."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from rapidfuzz import fuzz, process

from assistant.cities import Places, plain
from assistant.corpus import place
from assistant.terms import STEMMED, Glossary, foreign_stem
from assistant.vocabulary import WORD, content_stems, fields_in

# Words that carry no topic. Where a word is neither translated nor one of these it stays, so that nothing that a
# question says is dropped unseen.
_STOPWORD_LISTS = {
    "en": "EN_PLUS",
    "fr": "FRENCH",
    "es": "SPANISH",
    "pt": "PORTUGUESE",
    "de": "GERMAN",
    "ru": "RUSSIAN",
    "zh": "CHINESE",
}
_ARABIC = """في من على إلى عن مع هل ما هو هي هذا هذه التي الذي كان كانت أن إن قد لقد ثم أو و عنها عنه فيها فيه
منها منه بها به لها له لهم إليها عليها هناك هنا ذلك تلك كل بعض أي كيف لماذا عند قبل حتى بين يمكن يجب نحن""".split()
LANGUAGES = ("fr", "es", "pt", "zh", "ar", "ru", "de")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Terms that ask, or that say no more than the figure beside them; no topic.
_FORMULA = re.compile(r"(?:in |on |since |by |for |to |the )?(?:which|what|when|where|who|how|why|is|are|year)\b")
_SCRIPTS = (("zh", "[\u3400-\u9fff]"), ("ar", "[\u0600-\u06ff]"), ("ru", "[\u0400-\u04ff]"))
# Letters and words that tell a language from its neighbours.
_LETTERS = {"pt": r"[ãõ]|\bé\b", "es": "ñ", "de": "[äöß]", "fr": r"[èêëœ]|\bqu['’]"}
# How the Network and its titles are called in any language; they speak for none.
_OWN_NAMES = re.compile(
    r"\bUNESCO\b|\bUCCN\b|\bCreative Cit(?:y|ies)(?: Network)?\b|\bCit(?:y|ies) of [A-Z]\w+(?: Arts)?"
)
_ELISION = re.compile(r"\b(?:[ldjnmstc]|qu)'")
_ARABIC_PREFIX = "(?:[وفبلك]|ال|وال|بال|لل|فال)?"
# How names stand in a sentence where the tables have another form of them: what is taken off, and what is put there.
_FORMS_OF_NAMES = {
    "ar": (("^لل", ("ال",)), ("^[وفبلك]", ("",)), ("^[وف][بل]", ("",))),
    "ru": (
        ("ск(?:ого|ому|им|ом|ой|ую|ое|ими)$", ("ский",)),
        ("(?:ию|ией|ии)$", ("ия",)),
        ("[уеюыи]$|[оея]й$|[оея]м$|ью$", ("", "а", "я", "ь")),
        ("а$|я$", ("", "й", "ь")),
    ),
}
_NAME = re.compile(r"[^\W\d_]{5,}")
TYPO_LETTERS, TYPO_RATIO = 7, 86  # of a word that is mended, and how near it must be to what it means, 0 to 100
LEAST_STEM = 4  # letters of a stem by which a word is looked up that the glossary has in another form


@dataclass(frozen=True, slots=True)
class Translation:
    """A question in English, as far as the glossary goes."""

    text: str
    unknown: tuple[str, ...] = ()  # words with a topic that the glossary does not have; they stand in the text
    understood: tuple[str, ...] = ()  # names, terms and years of the question, in its own words


class Translator:
    """The glossaries of all languages, and what tells the languages apart."""

    def __init__(self, glossaries: Mapping[str, Glossary], places: Places, *, english: Iterable[str] = ()) -> None:
        """Take the glossaries by language; `english` are words of the corpus, which speak for English."""
        self._places = places
        self._stopwords = {
            language: frozenset(map(plain, _written_stopwords(language))) for language in ("en", *glossaries)
        }
        self._terms: dict[str, dict[str, str]] = {}
        self._accented: dict[str, dict[str, str]] = {}  # terms that without their accent are another word: où, ou
        for language, glossary in glossaries.items():
            if language != "en":
                accented = {
                    phrase.lower(): term
                    for phrase, term in glossary.terms
                    if plain(phrase) != phrase.lower() and plain(phrase) in _written_stopwords(language)
                }
                terms = {plain(phrase): term for phrase, term in glossary.terms if phrase.lower() not in accented}
                self._terms[language], self._accented[language] = terms, accented
        self._glossaries = glossaries
        self._topics = cache(self._topics_of)  # a language that nobody writes costs nothing
        self._matcher = cache(self._matcher_of)
        self._read = lru_cache(maxsize=500)(self._in_english)  # each stage reads the same few texts
        self._stemmed = cache(self._stemmed_of)
        self._spellable = cache(self._spellable_of)
        self._words = {
            language: self._stopwords[language] | {word for phrase in terms for word in phrase.split()}
            for language, terms in self._terms.items()
        }
        self._words["en"] = self._stopwords["en"] | frozenset(map(plain, english))

    def warm(self) -> None:
        """Read the terms of every language now, so that its first question does not wait for them."""
        for language in self._terms:
            self._topics(language)
            self._matcher(language)
            self._stemmed(language)

    def _topics_of(self, language: str) -> re.Pattern[str]:
        return _topics(language, self._glossaries[language])

    def _stemmed_of(self, language: str) -> dict[str, str]:
        """Return the terms by the stem of their phrase, where that is one word and all of a stem say the same."""
        terms: dict[str, set[str]] = {}
        for phrase, term in self._terms[language].items():
            found = _stem(phrase, language)
            if len(found) >= LEAST_STEM:
                terms.setdefault(found, set()).add(term)
        return {found: min(said) for found, said in terms.items() if len({tuple(content_stems(t)) for t in said}) == 1}

    def _matcher_of(self, language: str) -> re.Pattern[str]:
        return _matcher(language, {*self._terms[language], *map(plain, self._accented[language])})

    def language(self, text: str, usual: str = "en") -> str:
        """Return the language that a text is in, of those with a glossary; the usual one where nothing tells."""
        if "es" in self._terms and re.search("[¿¡]", text):
            return "es"
        letters = sum(char.isalpha() for char in text) or 1
        for language, script in _SCRIPTS:
            if language in self._terms and len(re.findall(script, text)) > 0.3 * letters:
                return language
        named = {place for mention in self._places.mentions(text) for place in range(mention.start, mention.end)}
        named.update(place for title in _OWN_NAMES.finditer(text) for place in range(*title.span()))
        words = [plain(match[0]) for match in WORD.finditer(text) if match.start() not in named]
        votes = {language: sum(word in known for word in words) for language, known in self._words.items()}
        for language, letters_of_it in _LETTERS.items():
            if language in votes and re.search(letters_of_it, text, re.I):
                votes[language] += 1
        return max(votes, key=lambda language: (votes[language], language == usual))

    def in_english(self, text: str, language: str) -> Translation:
        """Return a question with its names and terms in English, in the order in which they stand."""
        return self._read(text, language)

    def _in_english(self, text: str, language: str) -> Translation:
        text = _NAME.sub(lambda found: self._spelt(self._as_in_tables(found[0], language), language), text)
        parts: list[str] = []
        unknown: list[str] = []
        position = 0
        phrases = [match.span() for match in self._topics(language).finditer(text)]
        for mention in self._places.mentions(text):
            if plain(text[mention.start : mention.end]) in self._stopwords[language]:
                continue  # Como is a city, and a word in Spanish
            length = mention.end - mention.start
            if any(a <= mention.start and mention.end <= b and b - a > length for a, b in phrases):
                continue  # en français is a language
            parts.append(self._said(text[position : mention.start], language, unknown))
            if mention.cities:
                parts.append(place(mention.cities[0]))
            else:
                parts.append(mention.country or mention.region or (mention.group.name if mention.group else ""))
            position = mention.end
        parts.append(self._said(text[position:], language, unknown))
        english = re.sub(r"\s+", " ", " ".join(parts)).strip(" ,;:") + "?"
        return Translation(english, tuple(unknown), tuple(self._understood(text, language)))

    def _as_in_tables(self, word: str, language: str) -> str:
        """Return the form in which the tables have a name, if a word is another form of one."""
        forms = _FORMS_OF_NAMES.get(language, ())
        if not forms or plain(word) in self._words[language] or self._places.knows(word):
            return word
        bases = (re.sub(taken, put, word) for taken, puts in forms if re.search(taken, word) for put in puts)
        return next((base for base in bases if self._places.knows(base)), word)

    def _spelt(self, word: str, language: str) -> str:
        """Return the word of the glossary, or the name of a country, that a misspelt word means; else the word."""
        key = plain(word)
        named = word[0].isupper() and language != "de"  # an unknown name is not the word that is near to it
        if named or len(key) < TYPO_LETTERS or key in self._words[language] or self._places.knows(word):
            return word
        if self._stemmed(language).get(_stem(key, language)):
            return word
        meant = process.extractOne(key, self._spellable(language), scorer=fuzz.ratio, score_cutoff=TYPO_RATIO)
        return meant[0] if meant and meant[0][0] == key[0] else word

    def _spellable_of(self, language: str) -> list[str]:
        names = (plain(name) for country in self._places.countries for name in country.names.get(language, ()))
        return sorted(
            word for word in {*self._words[language], *names} if len(word) >= TYPO_LETTERS and " " not in word
        )

    def _understood(self, text: str, language: str) -> list[str]:
        """Return the names, terms with a topic and years of a question, each once, in its own words and order."""
        found = [(mention.start, text[mention.start : mention.end]) for mention in self._places.mentions(text)]
        taken = {at for start, name in found for at in range(start, start + len(name))}
        found += [(match.start(), match[0]) for match in _YEAR.finditer(text)]
        for match in self._topics(language).finditer(text):
            if taken.isdisjoint(range(*match.span())):
                found.append((match.start(), match[0]))
        return list(dict.fromkeys(said for _, said in sorted(found)))

    def _said(self, text: str, language: str, unknown: list[str]) -> str:
        """Return the terms of a stretch in English; words without a topic are left out, unknown ones stay."""
        said: list[str] = []
        written, text = re.sub(r"\s+", " ", text.lower().replace(".", "")).strip(), plain(text)
        if language == "fr":
            text = _ELISION.sub(lambda found: " " * len(found[0]), text)
        accented = self._accented[language] if len(written) == len(text) else {}
        for match in _terms_in(text, self._matcher(language)):
            word = match["other"] or ""
            term = self._terms[language].get(match["phrase"] or "", "")
            if match["phrase"] and (term := accented.get(written[slice(*match.span("phrase"))], term)):
                said.append(term)
            elif re.search(r"\w", word) and word not in self._stopwords[language]:
                term = "" if fields_in(word) else self._stemmed(language).get(_stem(word, language), "")
                said.append(term or word)
                if said[-1] != word:
                    continue
                unknown += [] if word.isdigit() else [word]
        return " ".join(said)


def _matcher(language: str, terms: Iterable[str]) -> re.Pattern[str]:
    pattern = "|".join(re.escape(phrase) for phrase in sorted(terms, key=len, reverse=True)) or r"(?!)"
    if language == "zh":  # words stand without spaces
        stopwords = [re.escape(word) for word in _written_stopwords("zh") if len(word) > 1]
        words = "|".join(sorted(stopwords, key=len, reverse=True))
        return re.compile(f"(?P<phrase>{pattern})|(?P<other>\\d+|{words}|.)", re.S)
    prefix = _ARABIC_PREFIX if language == "ar" else ""
    return re.compile(rf"(?<!\w){prefix}(?P<phrase>{pattern})(?!\w)|(?P<other>{WORD.pattern})")


def _terms_in(text: str, matcher: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield the phrases and other words of a text; one that a longer phrase overlaps gives way: "la [date limite]"."""
    position = 0
    while match := matcher.search(text, position):
        for word in WORD.finditer(text, match.start() + 1, match.end()) if match["phrase"] else ():
            longer = matcher.match(text, word.start()) if text[word.start() - 1].isspace() else None
            if longer and longer["phrase"] and longer.end() > match.end() and len(longer[0]) > len(match[0]):
                match = matcher.search(text, position, word.start()) or match
                break
        yield match
        position = max(match.end(), position + 1)


def _stem(word: str, language: str) -> str:
    """Return the stem of one word; '' of several, and in a language that inflects none."""
    return foreign_stem(word, language) if language in STEMMED and " " not in word else ""


def _topics(language: str, glossary: Glossary) -> re.Pattern[str]:
    """Return what matches, as people write them, the phrases of a glossary whose term carries a topic."""
    phrases = [
        phrase
        for phrase, term in glossary.terms
        if (content_stems(term) or fields_in(term)) and not _FORMULA.match(term)
    ]
    pattern = "|".join(map(re.escape, phrases)) or r"(?!)"  # the longest first
    if language == "zh":
        return re.compile(pattern)
    prefix = _ARABIC_PREFIX if language == "ar" else ""
    return re.compile(rf"(?<!\w){prefix}(?:{pattern})(?!\w)", re.IGNORECASE)


@cache
def _written_stopwords(language: str) -> frozenset[str]:
    name = _STOPWORD_LISTS.get(language)
    return frozenset(getattr(_stopword_lists(), f"STOPWORDS_{name}") if name else _ARABIC)


@cache
def _stopword_lists() -> ModuleType:
    """Return bm25s.stopwords alone: the package around it imports scipy, which takes a tenth of a second."""
    package = find_spec("bm25s")
    assert package
    assert package.origin
    spec = spec_from_file_location("bm25s_stopwords", Path(package.origin).with_name("stopwords.py"))
    assert spec
    assert spec.loader
    lists = module_from_spec(spec)
    spec.loader.exec_module(lists)
    return lists
