"""What a question in another language asks, as English questions that the rest of the pipeline reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal

from assistant.cities import Mention, Places, plain, without_homes
from assistant.corpus import place
from assistant.known import Known, KnownQuestions, Voted, words_of
from assistant.phrases import Phrases
from assistant.records import Turn
from assistant.terms import NETWORK, stem
from assistant.translate import Translation, Translator
from assistant.values import money, numbers
from assistant.vocabulary import WORD, content_stems, fields_in

# Cosines of the multilingual encoder between a question and an English one of the same meaning, tuned on
# evals/datasets/languages.jsonl; questions of another meaning rarely reach .55.
SURE = 0.60  # from there on, a form goes before the reading word by word
NEAR = 0.50  # from there on, a form is tried
CUED = 0.05  # by so much less, a form that has a telling word of the question
CLEAR = 0.02  # by so much it must be nearer than a form that asks for something else
BEHIND = 0.07  # by so much it may be less near than a question that a statement is expected to answer
OTHER = 0.50  # from there on, a question of another kind is taken to be one
EXPECTED_SURE = 0.65  # from there on, a question that a statement is expected to answer is tried
EXPECTED_NEAR = 0.62  # and from there on where the words that the glossary knows are in it
VOTED = 1.5  # from there on, a statement for which the nearest questions vote is tried last
LEADS, EASED = 0.1, 0.15  # with so many votes more than the next, a statement is tried with so many fewer
IDENTICAL = 0.95  # from there on, an expected question is the one that was asked
SURELY = 0.72  # from there on, an expected question asks the same, whatever is negated in it
EXPECTED_READ = 12  # of the nearest
EXPECTED_TRIED, VOTED_TRIED = 3, 2
MANY_UNREAD = 2  # words that the glossary does not have, with which a form of a year must be nearer
NEAR_ENOUGH = 0.70  # from there on, a form needs no word for the extreme that it asks for
NEAREST, NEAREST_NAMED = 0.62, 0.5  # from there on, what is nearest of all is tried last; named: with a place
FAINT = 0.33  # from there on, a form of the place in a story is meant by a question that names nothing itself
FAR = 0.5  # below that, a question is near to nothing that is known
AWAY = 0.1  # by so much a message with a story must be less near to something else than the Network
NEARER = 0.02  # by so much the part of a message that asks must be nearer than the whole, to be read first
LEAST_WORDS = 3  # of a part of a message that may be its question
SHORT = 5  # words of a question that may rest on the one before it
MOST_WORDS = 3  # of a question that only goes on from the one before it, beside the name in it

WITH_NAMES_IN_CAPITALS = ("fr", "es", "pt", "ru")  # and nothing else inside a sentence

Trust = Literal["tables", "documents", "all"]  # which routes may answer: facts and table, passages, or any

_SENTENCE = re.compile(r"(?:[^.!?？。！؟…;；]|(?<![^\W\d_]{3})\.|\.(?=\S))+[.!?？。！؟…;；]*")
# "All cities of Morocco, not only Essaouira" asks for all.
_NOT_ONLY = re.compile(
    r",?\s*(?:\b(?:pas seulement|non seulement|no s[oó]lo|no solamente|não só|não apenas|nicht nur|не только)\b"
    r"|不仅|不只|ليس فقط)[^,.?!;，。？！；؟؛]*",
    re.I,
)
_ASKED = re.compile("[?？؟]")
_PURPOSE = re.compile(r"^[^:：?？؟\d]{1,40}[:：]\s*")  # "For my thesis: how many ...?"
_JOINT = re.compile(r"[,;:，；：،؛¿–—(]\s*")
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_COUNTS = re.compile(r"\bhow many (?:\S+ ){0,3}?(?:cit(?:y|ies)|members?)\b", re.I)
_COUNTED = re.compile(
    r"\b(?:many|how big|how large|number|count|total|size)\b.*\b(?:cit(?:y|ies)|members?|network|towns?)\b", re.I
)
_SPAN_OF_TIME = re.compile(r"\b(?:since|before|after|between|until|from|later|earlier|to)\b", re.I)
_NEGATED = re.compile(r"\b(?:not?|never|without|except|leav\w+|quit\w*|refus\w+|reject\w+|fail\w*)\b|n't\b", re.I)
_ASKS = re.compile(r"\b(?:how|when|which|what|who|where)\b", re.I)
_NAMES_COLUMN = re.compile(r"\b(?:field|year)\b.*\?", re.I)  # "the same field, the same year?"
_NAMES_YEAR = re.compile(r"\byears?\b", re.I)
_ASKS_NUMBER = re.compile(r"\bhow many\b", re.I)
_ASKS_FIELD = re.compile(r"\b(?:which|what) (?:creative )?field\b", re.I)
_ASKS_TABLE = re.compile(r"\b(?:how many|when|which|who|what year)\b", re.I)
_ASKS_MONEY = re.compile(r"\bhow much\b|\bhow many\b.*\b(?:spen[dt]|cost|pay|paid)\b", re.I)
_ASKS_TIME = re.compile(r"\b(?:since |until )?when\b|\bin which year\b|\bdeadline\b", re.I)
_TELLS_NUMBER = re.compile(r"\bhow (?:many|often|long)\b|\bwhich creative fields\b|\bscoring\b|\bfee\b", re.I)
_TELLS_TIME = re.compile(r"\bwhen\b|\bdeadline\b|\bhow (?:often|long)\b|\bjoin in\b|\bsince\b|\byear", re.I)
# Telling words: where the question has one, an English question that is meant has the other.
_CUES = (
    (re.compile(r"\bfield\b", re.I), re.compile(r"\b[Ff]ields?\b|\bCit(?:y|ies) of [A-Z]")),
    (re.compile(r"\bdeadline\b|\bclos\w+", re.I), re.compile(r"\bdeadline\b|\bclos\w+|\bwait\b", re.I)),
    (re.compile(r"\bwait\b", re.I), re.compile(r"\bwait", re.I)),
    (re.compile(r"\bjoin(?:s|ed)?\b", re.I), re.compile(r"^(?!.*\breceived\b)", re.I)),
    (re.compile(r"\bnewly\b", re.I), re.compile(r"\bnew\b|\bjoin", re.I)),
    (re.compile(r"\bopen(?:s|ed|ing)\b", re.I), re.compile(r"\bopen\b", re.I)),
    (re.compile(r"\bresults?\b", re.I), re.compile(r"\bresults?\b", re.I)),
    (re.compile(r"\bfees?\b|\bcosts?\b", re.I), re.compile(r"\bfees?\b|\bcosts?\b|\bmoney\b", re.I)),
    (re.compile(r"\breports?\b", re.I), re.compile(r"\breport", re.I)),
    (re.compile(r"\bpages\b", re.I), re.compile(r"\bpage|\bthick|\blong\b|\blength", re.I)),
    (re.compile(r"\bphotos\b", re.I), re.compile(r"\bphoto|\bpicture|\bimage", re.I)),
    (re.compile(r"\bpopulation\b", re.I), re.compile(r"\bpopul|\binhabit|\bsmall|\blarge|\bsize|\bbig", re.I)),
    (re.compile(r"\bgrants?\b", re.I), re.compile(r"\bgrant|\bmoney|\bfund|\bfinanc|\bpays?\b|\beuro", re.I)),
    (re.compile(r"\bcriteria\b", re.I), re.compile(r"criteri|\blook|\bjudg|\bassess|\bwhat is", re.I)),
    (re.compile(r"\bcommission\b", re.I), re.compile(r"commission|natcom|national|letter|endors|\bback|\bhome", re.I)),
    (re.compile(r"\bbudget\b", re.I), re.compile(r"\bbudget|\bcost|\bmoney|\bfund|\bspen[dt]|\beuro", re.I)),
    (
        re.compile(r"\bdecides?\b", re.I),
        re.compile(r"decid|decision|vot|choos|chose|pick|select|final|sign|say|judg|win", re.I),
    ),
    (re.compile(r"\bchange\b", re.I), re.compile(r"\bchang|\bswitch|\bmov|\banother|\bnew\b|\bswap", re.I)),
    (re.compile(r"\bdeclaration\b|\bmanifesto\b", re.I), re.compile(r"declar|manifest|sign|adopt|text", re.I)),
    (re.compile(r"\bconference\b|\bsummit\b", re.I), re.compile(r"conferen|summit|meet|gather|together|host", re.I)),
    (
        re.compile(r"\bhow many applications\b", re.I),
        re.compile(r"\breceiv|\bappl(?:y|ied)\b|\bcountry\b", re.I),
    ),
    (re.compile(r"\bcountries\b", re.I), re.compile(r"\bcountry|\bcountries\b|\bnation|\bstate", re.I)),
)
# Where a form has the one, the question has the other.
_EXTREMES = (
    (re.compile(r"\bfirst\b", re.I), re.compile(r"\bfirst\b|\bopen|\bfounded\b", re.I)),
    (re.compile(r"\blatest\b|\bnewest\b", re.I), re.compile(r"\blatest\b|\blast\b|\bnew", re.I)),
    (re.compile(r"\bmost\b", re.I), re.compile(r"\bmost\b|\blargest\b|\bmore\b|\bat most\b", re.I)),
    (re.compile(r"\breceived\b", re.I), re.compile(r"\bappl|\bbids?\b|\bcandid|\bsubmi|\breceiv|\bfiled?\b", re.I)),
    (re.compile(r"\bother\b|\bsame\b", re.I), re.compile(r"\bother|\bsame\b|\bshare|\balso\b|\belse\b", re.I)),
)
# A form of what came new, and the words of a question for it.
_NEW_CITIES = re.compile(r"\bnew cities\b", re.I)
_ADDED = re.compile(r"\bnew|\bjoin|\badmi|\badd|\bwinner|\bresult|\bdesignat|\bbec[ao]me|\baccept", re.I)
_NEWLY = re.compile(r"\bnew\b|\bnewly\b|\bw[io]n\b|\bwinners\b", re.I)
# What documents tell of, and what facts and table tell of it.
_OF_DOCUMENTS = re.compile(r"\b(?:change|commission|letter|logo|criteria|grants?|appeal|rules|duties|benefits)\b", re.I)
_TABLED = re.compile(r"\b(?:when|where|how (?:many|often|much)|in which|which (?:cities|field)|deadline)\b", re.I)
_GENERAL = {stem(word) for word in "creative city cities network unesco member members how many year can must".split()}
_OF_TABLE = _GENERAL | {
    stem(word)
    for word in "field country countries join joined when since list name date number now exactly chosen title".split()
}
# What gives a city a title in a question read word by word, and a year to the title.
_TITLED = (
    r"\b(?:city|cities|title|label|as|for|network|creative)\b(?: (?!and\b)[^\W\d]+){{0,2}} {field}"
    r"|{field} (?:city|title)"
)
_SINCE = r"\bsince {year}|{year}(?: year)?(?:\W+\S+){{0,3}}?\W+(?:City of|join\w*|bec[ao]me|title)"
# What asks whether something is so: "..., non ?"
_CONFIRMED = re.compile(
    r"[,，]\s*(?:non|hein|n['’]est-ce pas|c['’]est (?:bien )?ça|¿?(?:no|verdad|cierto)|certo|né|não (?:é|foi)|oder"
    r"|nicht wahr|stimmt['’]?s?|richtig|верно|правильно|не так ли|да)\s*\?|对吗|对吧|是吗|对不对|صحيح|أليس كذلك",
    re.I,
)
_NEXT_CALL = re.compile(r"\b(?:next|upcoming) (?:\w+ )?(?:call|round)\b", re.I)
_THAT_ONE = re.compile(r"\b(?:that|the same) (?:field|year|round|country|call)\b", re.I)
_OF_A_CALL = re.compile(r"\b(?:call|apply|application|deadline|conference|founded)\b", re.I)


@dataclass(frozen=True, slots=True)
class Reading:
    """An English question that may mean what was asked, and who may answer it."""

    text: str
    trust: Trust


class ForeignReader:
    """Reads questions in other languages word by word through the glossary, and by their meaning."""

    def __init__(self, translator: Translator, known: KnownQuestions, places: Places) -> None:
        self._translator = translator
        self._known = known
        self._places = places

    def readings(self, text: str, phrases: Phrases, *, whole: str = "", talk: Sequence[Turn] = ()) -> list[Reading]:
        """Return the English questions that may be meant, in the order in which they are to be tried.

        Of a piece of a message, the `whole` message may name the year and the place. Where the part of a message
        that asks is nearer to what is known than the whole with its story, that part is read first. A short
        question that names nothing is read behind what the `talk` before it names.
        """
        if behind := self._behind(text, talk, phrases) if talk else "":
            alone = self.readings(text, phrases)
            topic = self._has_topic(text, phrases)
            return [*self.readings(behind, phrases), *(read for read in alone if topic or read.trust == "tables")]
        text = _NOT_ONLY.sub("", text).strip()
        told = self._readings(text, phrases, whole, NEAR)
        told = [*self._premise(text, phrases), *told, *self._of_story(text, phrases)]
        nearness = self._nearness(text)
        asking = max(self._asking(text, phrases), key=self._nearness, default=text)
        if self._nearness(asking) < nearness + NEARER or self._known.elsewhere(text) > nearness - AWAY:
            return told
        sentence = next((one for one in _SENTENCE.findall(text) if asking in one), asking)
        said = self._translator.in_english(sentence, phrases.language).text
        alone = self._readings(asking, phrases, whole or text, SURE)
        return list(dict.fromkeys([*(read for read in alone if _tells_all(said, read.text)), *told]))

    def _premise(self, text: str, phrases: Phrases) -> list[Reading]:
        """Return the question whether a city has the title that a message gives it, where the table has another."""
        english = self._translator.in_english(text, phrases.language).text
        cities = {city for mention in self._places.mentions(english) for city in mention.cities}
        fields, said = fields_in(english), _YEAR.findall(text)
        if len(cities) != 1 or len(fields) != 1 or len(set(said)) > 1:
            return []
        (city,) = cities
        titled = re.search(_TITLED.format(field=fields[0]), english, re.I) or _CONFIRMED.search(text)
        year = next((year for year in said if re.search(_SINCE.format(year=year), english, re.I)), "")
        wrong = (city.field != fields[0] and fields[0] not in city.note) or year not in ("", str(city.year))
        if not titled or not wrong:
            return []
        return [Reading(f"Is {place(city)} a City of {fields[0]}{f' since {year}' if year else ''}?", "tables")]

    def _of_story(self, text: str, phrases: Phrases) -> list[Reading]:
        """Return what facts and table are asked of the place in a story by an end that itself names nothing."""
        ends = [0, *(sentence.start() for sentence in _SENTENCE.finditer(text))]
        ends += [joint.end() for joint in _JOINT.finditer(text)]
        for start in sorted(set(ends), reverse=True):
            asked = self._translator.in_english(text[start:], phrases.language)
            if _ASKS.search(asked.text) or _NAMES_COLUMN.search(asked.text):
                break
        else:
            return []
        unread = {word for part in asked.unknown for word in words_of(part, phrases.language)}
        said = set(content_stems(asked.text)) - {stem(word) for word in asked.unknown}
        slots = {name: said for name, said in self._names(text, phrases).items() if name != "year"}
        named = self._slots(asked.text, text[start:]) if start else {}
        strange = unread - self._known.formed(phrases.language)
        strange |= said - _OF_TABLE - set(content_stems(" ".join(slots.values())))
        if strange or named or not {"city", "country"} & set(slots) or _turns(text[start:], phrases):
            return []
        translation = self._translator.in_english(text, phrases.language)
        if _NEGATED.search(translation.text):
            return []
        if set(slots) == {"city"} and " and " not in slots["city"] and not _ASKS_NUMBER.search(asked.text):
            return [Reading(f"In which field is {slots['city']} a creative city?", "tables")]  # its row tells all
        if not start or not _ASKS_TABLE.search(asked.text):
            return []
        forms = [form for form in self._forms(text, translation, slots, phrases.language) if form.question]
        same = (form for form in forms if not form.in_documents and _asks_alike(asked.text, form.question))
        meant = next((form for form in same if _as_extreme(asked.text, form)), None)
        near = meant and meant.cosine >= max(FAINT, self._known.elsewhere(text))
        return [Reading(meant.question, "tables")] if meant and near else []

    def _nearness(self, text: str) -> float:
        """Return how near a text is to the nearest question that is known."""
        return max((known.cosine for known in self._known.expected(text, 1)), default=0.0)

    def _asking(self, text: str, phrases: Phrases) -> list[str]:
        """Return the ends of a message that may be its question without the story, a topic in each.

        Inside a sentence, what stands in front must name nothing.
        """
        sentences = list(_SENTENCE.finditer(text))
        asking = [sentence for sentence in sentences if _ASKED.search(sentence[0])] or sentences[-1:]
        parts = [sentence[0].strip() for sentence in asking]
        for sentence in sentences:
            starts = [0, *(joint.end() for joint in _JOINT.finditer(sentence[0]))]
            starts = [sentence.start() + start for start in starts if not self._names(sentence[0][:start], phrases)]
            parts += [text[start : asking[-1].end()].strip() for start in starts]
        return [part for part in parts if part != text and self._has_topic(part, phrases)]

    def _names(self, text: str, phrases: Phrases) -> dict[str, str]:
        return self._slots(self._translator.in_english(text, phrases.language).text, text)

    def _has_topic(self, part: str, phrases: Phrases) -> bool:
        translation = self._translator.in_english(part, phrases.language)
        unread = {stem(word) for word in translation.unknown}
        said = [word for word in content_stems(translation.text) if word not in _GENERAL | unread]
        return bool(said) and len(translation.text.split()) >= LEAST_WORDS

    def _readings(self, text: str, phrases: Phrases, whole: str, near: float) -> list[Reading]:
        translation = self._translator.in_english(text, phrases.language)
        slots = self._slots(translation.text, text)
        named = slots
        if whole:
            said = self._names(whole, phrases)
            places = () if {"country", "city"} & set(slots) else ("country", "city")
            slots = {name: said[name] for name in ("year", *places) if name in said} | slots
        if _NEXT_CALL.search(translation.text):
            slots = {name: said for name, said in slots.items() if name != "year"}
            named = {name: said for name, said in named.items() if name != "year"}
        turned = _turns(_asking_sentences(text), phrases)
        counts = bool(_COUNTS.search(translation.text))
        narrowed = counts and self._narrows(_asking_sentences(text), phrases.language)
        forms = [] if narrowed else self._forms(text, translation, slots, phrases.language)
        if slots != named:  # facts and table are asked of the names of the whole message, documents of the part's own
            own = self._forms(text, translation, named, phrases.language)
            forms = [form for form in forms if not form.in_documents] + [form for form in own if form.in_documents]
            forms.sort(key=lambda form: -form.cosine)
        fitting = [form for form in forms if not form.question or _same_kind(translation.text, form.question)]
        other = fitting[0].cosine if fitting and not fitting[0].question else 0.0
        elsewhere = self._known.elsewhere(text)
        lent = "city" in slots and "city" not in named  # what is asked of it, no document tells of all cities
        cued = next((form for form in fitting if form.question and _is_cued(translation.text, form.question)), None)
        if cued and cued.cosine > other - CUED:
            fitting, other = [form for form in fitting if form.question], 0.0
        if fitting and elsewhere > fitting[0].cosine:
            other = elsewhere
        expected = [] if lent else self._known.expected(text, EXPECTED_READ)
        form = self._chosen(fitting, translation, text) if other < OTHER else None
        if form and not _as_extreme(translation.text, form):
            form = None
        if form and (form.cosine < near or self._is_behind(form, expected, translation)):
            form = None
        if form and turned and not _NEGATED.search(form.question):
            form = None
        nearer = form is not None and any(
            known.cosine > form.cosine + CLEAR and self._agrees(known, translation, named, text)
            for known in expected[:1]
        )
        if form and nearer and translation.unknown and not _is_cued(translation.text, form.question):
            form, other = None, OTHER  # a word that the glossary does not have makes the difference
        if form and expected and expected[0].cosine >= IDENTICAL > form.cosine:
            form, other = None, OTHER  # the very question that a statement answers
        tried: list[Reading] = []
        tellable = _TABLED.search(translation.text) or not _OF_DOCUMENTS.search(translation.text)
        plainly = not (turned or narrowed) and slots == named
        if other < OTHER and plainly and tellable and (form or set(slots) - {"year"}):
            tried.append(Reading(translation.text, "tables"))
        if form:
            first = 0 if form.cosine >= SURE or form.in_documents else len(tried)
            tried.insert(first, Reading(form.question, "documents" if form.in_documents else "tables"))
        rival = fitting[0].cosine if fitting and fitting[0].cosine >= SURE and not form and not turned else 0.0
        floor = form.cosine + CLEAR if form else max(other, rival)
        for known in expected:
            fits = self._agrees(known, translation, named, text) and known.cosine > floor
            if narrowed and (known.cosine < SURELY or self._counts_members(known)):
                continue
            if fits and (not turned or known.cosine >= SURELY or _NEGATED.search(known.question)):
                alone = narrowed or known.cosine < expected[0].cosine - BEHIND
                tried.append(Reading(self._naming(known, named, text), "documents" if alone else "all"))
        if not turned and not narrowed:
            tried += self._nearest(forms, expected, translation, named, text)
        strangers = self._strangers(translation, text, phrases.language)
        of_all = counts and not _ADDED.search(translation.text)
        heard = (
            one
            for one in self._known.voted(text)
            if not lent
            and one.strength >= VOTED - EASED - LEADS  # a weaker one is neither told nor near to one that is
            and one.cosine > max(elsewhere, other)
            and all(name in plain(f"{one.asked} {one.question} {one.statement}") for name in strangers)
            and (numbers(one.statement) or not _ASKS_NUMBER.search(translation.text))
            and (money(one.statement) or not _ASKS_MONEY.search(translation.text))
            and not (of_all and _NEWLY.search(one.question))
            and self._names_all(one, named, text)
            and (not turned or one.cosine >= SURELY or _NEGATED.search(one.question))
            and (not narrowed or (one.cosine >= SURELY and not self._counts_members(one)))
        )
        voted = list(islice(heard, max(2, VOTED_TRIED)))
        second = voted[1].strength if len(voted) > 1 else 0.0
        least = VOTED - EASED if voted and voted[0].strength > second + LEADS else VOTED
        told = [Reading(one.question, "documents") for one in voted if one.strength >= least]
        tried = [*tried[: EXPECTED_TRIED + 2], *told[:VOTED_TRIED]]
        return list(dict.fromkeys(tried)) or [Reading("", "tables")]

    def _strangers(self, translation: Translation, text: str, language: str) -> list[str]:
        """Return the names of a question in which nobody asks for what stands here; short names of offices aside."""
        if language not in WITH_NAMES_IN_CAPITALS:
            return []
        names = [name for name in _unread_names(translation, text) if name.upper() not in text]
        return [name for name in names if name not in self._known.usual(language)]

    def _narrows(self, asking: str, language: str) -> bool:
        """Say whether a count is narrowed by a word in which nobody asks for what facts and table hold."""
        translation = self._translator.in_english(_PURPOSE.sub("", asking), language)
        unread = {word for part in translation.unknown for word in words_of(part, language) if not _NUMBER.search(word)}
        return not unread <= self._known.usual(language)

    def _nearest(
        self,
        forms: Sequence[Known],
        expected: Sequence[Known],
        translation: Translation,
        slots: dict[str, str],
        text: str,
    ) -> list[Reading]:
        """Return what is nearest of all, where it is near enough by itself and names what the question names."""
        form = forms[0] if forms else Known("", 0.0)
        same = (k for k in expected if _same_kind(translation.text, k.question) and self._names_same(k, slots, text))
        asked = next(same, Known("", 0.0))
        least = NEAREST_NAMED if {"city", "country"} & set(slots) else NEAREST
        if least == NEAREST and _unread_names(translation, text):
            return []  # a name that nothing here knows may be what is asked about
        near = form.question and form.cosine >= max(least, asked.cosine - CLEAR)
        if near and _same_kind(translation.text, form.question) and _as_extreme(translation.text, form):
            return [Reading(form.question, "documents" if form.in_documents else "tables")]
        nearest = asked.cosine >= max(NEAREST, form.cosine)
        return [Reading(self._naming(asked, slots, text), "all")] if nearest else []

    def warm(self) -> None:
        """Load the multilingual encoder now, so that the first question does not wait for it."""
        self._known.elsewhere("warm")

    def outside(self, text: str, phrases: Phrases) -> bool:
        """Say whether a question that nothing answers is about something else than the Network."""
        translation = self._translator.in_english(text, phrases.language)
        known = [
            *self._known.forms(text, self._slots(translation.text, text), phrases.language)[:1],
            *self._known.expected(text, 1),
        ]
        nearest = max((one.cosine for one in known), default=0.0)
        if self._known.elsewhere(text) > nearest:
            return True
        unread = {stem(word) for word in translation.unknown}
        said = set(content_stems(translation.text)) - _GENERAL
        about_us = NETWORK in translation.text or self._places.mentions(translation.text)
        return nearest < FAR and not about_us and said <= unread

    def pieces(self, text: str, phrases: Phrases) -> list[str]:
        """Return the questions of a message, each with a word that asks; a message of one question stays whole."""
        sentences = _SENTENCE.findall(text)
        asking = [sentence for sentence in sentences if _ASKED.search(sentence)] or sentences
        joints = "|".join([r"[,;?？，；؟]", *(re.escape(word) for word in phrases.and_then)])
        pieces = [piece.strip() for piece in re.split(joints, " ".join(asking)) if piece.strip()]
        asks = [bool(_ASKS.search(self._translator.in_english(piece, phrases.language).text)) for piece in pieces]
        told = len(asking) == len(sentences) or all(self._has_topic(piece, phrases) for piece in pieces)
        whole = len(pieces) != 2 or not self._has_topic(pieces[0], phrases)  # "Как решают, какой город ...?" is one
        return pieces if all(asks) and told and not whole else [text]

    def carried(self, text: str, talk: Sequence[Turn], phrases: Phrases) -> str:
        """Return a question that only goes on from the one before it as an English one, "And in 2021?"; else ''."""
        start = _goes_on(text, phrases)
        translation = self._translator.in_english(text, phrases.language)
        english = translation.text
        slots = self._slots(english, text)
        if _THAT_ONE.search(english) and not slots and not translation.unknown:
            return re.sub(r"^(?!and\b)", "And ", english, flags=re.I)
        if not start:
            return ""
        if len(slots) == 1:
            said = next(iter(slots.values()))
            rest = set(WORD.findall(plain(english))) - set(WORD.findall(plain(said)))
            return "" if len(rest) > MOST_WORDS else f"And in {said}?" if "year" in slots else f"And {said}?"
        if slots or translation.unknown or len(english.split()) > MOST_WORDS or not self._behind(text, talk, phrases):
            return ""
        return re.sub(r"^(?!and\b)", "And ", english, flags=re.I)

    def _behind(self, text: str, talk: Sequence[Turn], phrases: Phrases) -> str:
        """Return a short question that names nothing behind what is talked about, "Metz: since when?".

        '' where there is nothing to rest on, or where the question turns to another matter: alone it is nearer to
        what is known.
        """
        english = self._translator.in_english(text, phrases.language).text
        short = len(english.split()) <= SHORT or _goes_on(text, phrases)
        if self._slots(english, text) or not short:
            return ""
        *_, asked = (turn.content for turn in talk if turn.role == "user")
        named = self._names(asked, phrases)
        if not named and talk[-1].role == "assistant":
            named = self._names(talk[-1].content.split("\n")[0], phrases)
        if "city" in named:
            named = {"city": named["city"]}
        if _NAMES_YEAR.search(english):  # "the year after"
            named.pop("year", None)
        behind = f"{', '.join(named.values())}: {text}" if named else ""
        nearness = self._nearness(text) if behind else 0.0
        return "" if nearness >= EXPECTED_NEAR and nearness > self._nearness(behind) else behind

    def _forms(self, text: str, translation: Translation, slots: dict[str, str], language: str) -> list[Known]:
        """Return the forms with the slots of a question, the nearest first; none where it says more than slots."""
        years = _YEAR.findall(text)
        if len(set(years)) > 1 or any(number not in years for number in _NUMBER.findall(text)):
            return []
        forms = self._known.forms(text, slots, language)
        spans = _SPAN_OF_TIME.search(translation.text) and "year" in slots
        adds = _ADDED.search(translation.text)
        forms = [form for form in forms if adds or not _NEW_CITIES.search(form.question)]
        return [form for form in forms if not spans or not form.question or _OF_A_CALL.search(form.question)]

    def _chosen(self, fitting: Sequence[Known], translation: Translation, text: str) -> Known | None:
        """Return the form that is meant, where one is clearly the nearest."""
        if not fitting or not fitting[0].question:
            return None
        near = [form for form in fitting if form.cosine > fitting[0].cosine - CLEAR]
        said = set(content_stems(translation.text))
        shared = [len(said & set(content_stems(form.question))) for form in near]
        rivals = shared.count(max(shared)) > 1 or not near[shared.index(max(shared))].question
        best = near[shared.index(max(shared))]
        many = len(translation.unknown) >= MANY_UNREAD and not best.in_documents and _YEAR.search(best.question)
        unread = _unread_names(translation, text) or (many and not _is_cued(translation.text, best.question))
        doubtful = best.cosine < SURE and bool(unread)
        return None if rivals or doubtful else best

    def _is_behind(self, form: Known, expected: Sequence[Known], translation: Translation) -> bool:
        """Say whether an expected question is clearly nearer than a form that shares no telling word."""
        nearest = max((known.cosine for known in expected), default=0.0)
        return form.cosine < nearest - BEHIND and not _is_cued(translation.text, form.question)

    def _slots(self, english: str, text: str) -> dict[str, str]:
        mentions = without_homes(self._places.mentions(english))
        cities = [place(mention.cities[0]) for mention in mentions if mention.cities]
        countries = [_called(mention) for mention in mentions if not mention.cities]
        slots = {
            "year": list(dict.fromkeys(_YEAR.findall(text)))[:1],
            "country": countries,
            "city": cities,
            "field": list(fields_in(english)),
        }
        return {name: " and ".join(dict.fromkeys(said)) for name, said in slots.items() if said}

    def _agrees(self, known: Known, translation: Translation, slots: dict[str, str], text: str) -> bool:
        """Say whether an expected question is near enough and names the same places, fields and figures."""
        if known.cosine < EXPECTED_NEAR or not self._asks_same(translation.text, known):
            return False
        if not self._names_same(known, slots, text):
            return False
        if known.cosine >= EXPECTED_SURE:
            return True
        unread = {stem(word) for word in translation.unknown}
        said = set(content_stems(translation.text)) - _GENERAL - unread
        held = set(content_stems(known.question))
        return bool(said & held) and not _unread_names(translation, text)

    def _names_all(self, voted: Voted, slots: dict[str, str], text: str) -> bool:
        """Say whether a statement, with its questions, names what a question names, and is not on another place."""
        told = self._slots(f"{voted.question} {voted.statement}", voted.statement)
        kinds = ("city", "field") if "city" in slots else ("country", "field")
        general = not told.get("field") and not _TABLED.search(voted.question)  # it holds for every field
        named = all(
            set(_parts(slots.get(name))) <= set(_parts(told.get(name))) or (name == "field" and general)
            for name in kinds
        )
        asked = self._slots(self._own(voted.asked) or voted.question, voted.asked)
        elsewhere = any(name in asked for name in ("country", "city")) and not {"country", "city"} & set(slots)
        said = f"{voted.asked} {voted.question} {voted.statement}"
        years = set(_YEAR.findall(text))
        others = set(_YEAR.findall(f"{voted.asked} {voted.question}")) - years if years else set()
        return named and not elsewhere and not others and years <= set(_YEAR.findall(said))

    def _names_same(self, known: Known, slots: dict[str, str], text: str) -> bool:
        """Say whether an expected question names the same places, fields and figures, in English or as it is asked."""
        named = _named(slots, text)
        if _named(self._slots(known.question, known.question), known.question) == named:
            return True
        english = self._own(known.asked)
        return bool(english) and _named(self._slots(english, known.asked), known.asked) == named

    def _asks_same(self, asked: str, known: Known) -> bool:
        """Say whether an expected question, in English or as it is asked, asks for the sort of value that is asked."""
        if _same_kind(asked, known.question):
            return True
        english = self._own(known.asked)
        return bool(english) and _same_kind(asked, english)

    def _counts_members(self, expected: Known | Voted) -> bool:
        return bool(_COUNTED.search(f"{expected.question} {self._own(expected.asked)}"))

    def _own(self, asked: str) -> str:
        """Return the reading word by word of an expected question; '' of one in English."""
        language = self._translator.language(asked)
        return self._translator.in_english(asked, language).text if language != "en" else ""

    def _naming(self, known: Known, slots: dict[str, str], text: str) -> str:
        """Return the English of an expected question, with what only the question that it was read from names."""
        left = _named(slots, text) - _named(self._slots(known.question, known.question), known.question)
        return f"{known.question.rstrip('?')} ({', '.join(sorted(left))})?" if left else known.question


def _asking_sentences(text: str) -> str:
    """Return the sentences of a message that end in a question mark; all of it where none does."""
    return " ".join(sentence for sentence in _SENTENCE.findall(text) if _ASKED.search(sentence)) or text


def _goes_on(text: str, phrases: Phrases) -> bool:
    """Say whether a question begins as one that goes on from the one before it: "And ..."."""
    return bool(re.match(rf"\W*(?:{'|'.join(map(re.escape, phrases.follow))})", text, re.I))


def _called(mention: Mention) -> str:
    return mention.country or mention.region or (mention.group.name if mention.group else "")


def _named(slots: Mapping[str, str], text: str) -> set[str]:
    """Return the places, fields and figures that a question names."""
    names = (name for kind in ("country", "city", "field") for name in _parts(slots.get(kind)))
    return {*names, *_NUMBER.findall(text)}


def _parts(said: str | None) -> Sequence[str]:
    return said.split(" and ") if said else ()


def _turns(text: str, phrases: Phrases) -> bool:
    """Say whether a question has a word that turns it round: not, except, without."""
    for word in phrases.harmless:
        text = text.replace(word, " ")
    if phrases.language == "zh":
        return any(word in text for word in phrases.negations)
    words = " ".join(["", *re.findall(r"[^\W_]+", plain(text)), ""])
    return any(f" {plain(word)} " in words for word in phrases.negations)


def _same_kind(asked: str, known: str) -> bool:
    """Say whether an English question asks for a number or a time where the one that was asked does."""
    if len(_ASKS_NUMBER.findall(known)) > max(1, len(_ASKS_NUMBER.findall(asked))):
        return False
    if not _tells_all(asked, known):
        return False
    if re.search(r"\bwho\b", asked, re.I) and not re.search(r"\bwho|\bdirector|\bcontact", known, re.I):
        return False
    if _ASKS_NUMBER.search(asked):
        return bool(_TELLS_NUMBER.search(known))
    return not _ASKS_TIME.search(asked) or bool(_TELLS_TIME.search(known))


def _asks_alike(asked: str, known: str) -> bool:
    """Say whether an English question asks for just the sort of value for which another does."""
    kinds = (_ASKS_NUMBER, _ASKS_TIME, _ASKS_FIELD)
    open_question = _ASKS.search(known[:10]) is not None
    return open_question and all(bool(kind.search(asked)) == bool(kind.search(known)) for kind in kinds)


def _tells_all(asked: str, known: str) -> bool:
    """Say whether an English question has the answer to each telling word of another."""
    return not any(cue.search(asked) and not answer.search(known) for cue, answer in _CUES)


def _as_extreme(asked: str, form: Known) -> bool:
    """Say whether a question asks for the first, latest or most where a form does, if the form is not very near."""
    missed = any(extreme.search(form.question) and not said.search(asked) for extreme, said in _EXTREMES)
    return form.cosine >= NEAR_ENOUGH or not missed


def _is_cued(asked: str, known: str) -> bool:
    return any(cue.search(asked) and answer.search(known) for cue, answer in _CUES)


def _unread_names(translation: Translation, text: str) -> list[str]:
    """Return what may be a name that nothing here knows: capitalised, or a word of a script without capitals.

    Chinese is read sign by sign, where a sign alone is no name.
    """
    folded = plain(text)
    unread = translation.unknown
    pairs = [one + two for one, two in pairwise(unread) if one + two in folded and len(one + two) == 2]
    names = [pair for pair in pairs if not pair.isascii()]
    for word in unread if len(folded) == len(text) else ():
        spot = folded.find(word)
        letter = text[spot : spot + 1]
        first = not re.search(r"\w", text[:spot])
        if spot >= 0 and len(word) > 1 and ((letter.isupper() and not first) or letter.lower() == letter.upper()):
            names.append(word)
    return names
