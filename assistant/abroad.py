"""The check of prose in another language than its statement: figures, dates, names and negations, not the wording."""

import re

from assistant.cities import Mention, Places
from assistant.phrasing import MARK, addresses_of
from assistant.restate import FEWEST_KEYS, Ground
from assistant.translate import Translator
from assistant.values import MONTHS, dates, numbers
from assistant.vocabulary import WORD, fields_in

# Figures in words are not read in other languages, so a sentence with one falls; the model is told to write digits.
_FIGURES = {
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante "
    "cinquante soixante cent cents mille million millions milliard premier première deuxième",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince veinte treinta cuarenta "
    "cincuenta sesenta cien ciento cientos mil millón millones primer primero primera segundo segunda",
    "pt": "dois duas três quatro cinco seis sete oito nove dez onze doze treze catorze quinze vinte trinta quarenta "
    "cinquenta sessenta cem cento mil milhão milhões primeiro primeira segundo segunda",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn zwanzig "
    "dreißig vierzig fünfzig sechzig hundert tausend million millionen erste ersten zweite zweiten",
    "ru": "два две три четыре пять шесть семь восемь девять десять одиннадцать двенадцать двадцать тридцать сорок "
    "пятьдесят сто двести тысяча тысяч миллион миллионов первый первая второй вторая двух трех трёх четырех пяти",
    "ar": "اثنان اثنين اثنتان ثلاث ثلاثة أربع أربعة خمس خمسة ست ستة سبع سبعة ثمان ثمانية تسع تسعة عشر عشرة مئة "
    "مائة ألف مليون",
    "zh": "一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿",
}
_NOT = {
    "fr": r"\b(?:ne|n['’]|pas|aucune?|jamais|ni|sans)",
    "es": r"\b(?:no|ningun[oa]?|ningún|nunca|ni|sin)\b",
    "pt": r"\b(?:não|nenhuma?|nunca|nem|sem)\b",
    "de": r"\b(?:nicht|kein\w*|nie|niemals|weder|ohne)\b",
    "ru": r"\b(?:не|нет|никак\w*|никогда|ни|без)\b",
    "ar": r"(?<!\w)(?:لا|لم|لن|ليس\w*|غير|دون|بدون)(?!\w)",
    "zh": r"不|没|未|无|非",
}
_ASKS = ("?", "？", "؟")
_ISO_LIKE = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b")
_CHINESE_DATE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?")
_DIGITS = re.compile(r"\d{1,3}(?:[.,\u202f\u00a0 ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")


class AbroadCheck:
    """Holds a sentence in one of the languages of the glossary against an English statement."""

    def __init__(self, translator: Translator, places: Places) -> None:
        self._translator = translator
        self._places = places
        self._figures = {
            language: re.compile(
                "|".join(words.split()) if language == "zh" else rf"\b(?:{'|'.join(words.split())})\b", re.I
            )
            for language, words in _FIGURES.items()
        }

    def fault(self, sentence: str, ground: Ground, language: str) -> str:
        """Return why a sentence cannot stand on a ground, or ''."""
        if language not in self._figures or self._translator.language(sentence) != language:
            return "it is in another language"
        if sentence.rstrip().endswith(_ASKS):
            return "it asks"
        if self._figures[language].search(sentence):
            return "it has a figure in words"
        if addresses_of(sentence) - addresses_of(ground.text):
            return "an address is not in the statement"
        english = self._translator.in_english(sentence, language)
        if bool(re.search(_NOT[language], sentence, re.I)) != bool(MARK["not"].search(ground.text)):
            return "a negation is added or left out"
        for check in (self._numbers, self._names):
            if problem := check(sentence, english.text, ground):
                return problem
        shared = {word.lower() for word in WORD.findall(english.text)} & {
            word.lower() for word in WORD.findall(ground.text)
        }
        return "" if len(shared) >= FEWEST_KEYS else "it has too little of the statement"

    def _numbers(self, sentence: str, english: str, ground: Ground) -> str:
        """Each figure, day, month and year stands in the statement."""
        text = " ".join((ground.text, ground.near, *ground.days))
        known = {number.value for number in numbers(text)}
        months = set()
        for date in dates(text):
            parts = [part for part in date.iso.split("-") if part]
            known |= {float(parts[0])} | {float(part) for part in parts[2:]}
            months |= {int(part) for part in parts[1:2]}
        known |= {float(day) for day in re.findall(r"\b\d{1,2}\b", text)}
        spoken = {MONTHS.index(word.title()) + 1 for word in WORD.findall(english) if word.title() in MONTHS}
        for _, month, year in _ISO_LIKE.findall(sentence):
            spoken.add(int(month))
            sentence = sentence.replace(f"{month}.{year}", year).replace(f"{month}/{year}", year)
        for _, month, _ in _CHINESE_DATE.findall(sentence):
            spoken.add(int(month))
            sentence = sentence.replace(f"{month}月", "月", 1)
        if not spoken <= months:
            return "a month is not in the statement"
        for figure in _DIGITS.findall(sentence):
            value = float(re.sub(r"\D", "", re.sub(r"[.,](?=\d{1,2}$)", "", figure)) or 0)
            if value not in known:
                return f"the figure {figure} is not in the statement"
        return ""

    def _names(self, sentence: str, english: str, ground: Ground) -> str:
        """Each city, country, region and creative field stands in the statement."""
        if set(fields_in(english)) - set(fields_in(f"{ground.text} {ground.near}")):
            return "a creative field is not in the statement"
        held = {meant(mention) for mention in self._places.mentions(f"{ground.text} {ground.near}")}
        for mention in self._places.mentions(sentence):
            if meant(mention) not in held:
                return f"{sentence[mention.start : mention.end]} is not in the statement"
        return ""


def meant(mention: Mention) -> str:
    """Return what a name means, the same in every language."""
    if mention.cities:
        return mention.cities[0].name
    return mention.country or mention.region or (mention.group.name if mention.group else "")
