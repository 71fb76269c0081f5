"""What is said where nothing is answered, in the question's language: what was sought, what is near, whom to ask."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.cities import plain
from assistant.corpus import Tables, place
from assistant.evidence import names_it
from assistant.records import Hit, Passage
from assistant.strings import CONTACT
from assistant.terms import NETWORK, OTHER_TITLE, stem
from assistant.translate import Translation
from assistant.understand import Query
from assistant.values import years
from assistant.vocabulary import FIELD, STOP, WORD, Vocabulary, content_stems, field_of, fields_in

MOST_SOUGHT = 6  # things that a refusal says it looked for
NEAR = 0.6  # share of a question's topic, by weight, that a heading must have to be called near
UNKNOWN_NAME = "a name unknown here"  # it is not repeated: only words of the corpus are
QUESTIONS_ADDRESS = "address for questions"  # attribute of the fact that says where candidate cities ask

_CALL_OF = re.compile(
    r"\b(?P<before>20\d\d) (?:UNESCO |UCCN )?(?:calls?|rounds?)\b"
    r"|\b(?:calls?|rounds?)(?: for (?:applications?|candidates))?(?: of| in| for)?(?: the)?(?: year)?"
    r" (?P<behind>20\d\d)\b",
    re.I,
)
_TITLE_OF = re.compile(r"\b[Cc]it(?:y|ies) of (?P<what>[^\W\d_]+)")
# What a question about the Network names beside the title of another programme.
_OURS = re.compile(rf"\bcreative\b|\bUCCN\b|\bnetwork\b|\bbids?\b|\bCit(?:y|ies) of (?:{FIELD.pattern})", re.I)
# A heading is named only where it reads as a title: no mark of Markdown or HTML, no figure but a year, no verb.
_TITLE = re.compile(r"(?!.*\b(?:is|are|was|were|has|have|had|must|will|may|can|say)\b)[\w\s,.:;'’()&/–-]{3,80}", re.I)
_FIGURE = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Words:
    """The phrases of one language; a sentence each but `things`, which is in the order of `_THINGS`."""

    sought: str
    nothing: str  # where nothing of the question was understood
    things: tuple[str, ...]
    comma: str
    calls: str
    near: str
    ask: str
    ask_undated: str
    in_english: str  # where words of the question were not understood
    elsewhere: str
    left_out: str  # where a part of the message asked for something else


_THINGS = ("other", "when", "how_many", "money", "who", "where", "contact")
_WORDS = {
    "en": _Words(
        "No source here states {thing}; looked for: {sought}.",
        "No source here states {thing}.",
        ("this", "the date", "the number", "the amount", "the name", "the place", "the contact"),
        ", ",
        "The documents tell of the calls of {years}.",
        "Nearest here: “{near}”.",
        "Ask your National Commission for UNESCO or {address} (address of {year}).",
        "Ask your National Commission for UNESCO or {address}.",
        "",
        f"I only answer questions about the {NETWORK}: its cities, its fields, and how to apply.",
        "Only the question about the Network is answered.",
    ),
    "fr": _Words(
        "Aucune source ici n'indique {thing} ; recherché : {sought}.",
        "Aucune source ici n'indique {thing}.",
        ("cela", "la date", "le nombre", "le montant", "le nom", "le lieu", "le contact"),
        ", ",
        "Les documents traitent des appels de {years}.",
        "Le plus proche ici : « {near} ».",
        "Demandez à votre commission nationale pour l'UNESCO ou à {address} (adresse de {year}).",
        "Demandez à votre commission nationale pour l'UNESCO ou à {address}.",
        "Essayez aussi en anglais.",
        "Je ne réponds qu'aux questions sur le Réseau des villes créatives de l'UNESCO.",
        "Seule la question sur le Réseau reçoit une réponse.",
    ),
    "es": _Words(
        "Ninguna fuente aquí indica {thing}; se buscó: {sought}.",
        "Ninguna fuente aquí indica {thing}.",
        ("esto", "la fecha", "el número", "el importe", "el nombre", "el lugar", "el contacto"),
        ", ",
        "Los documentos tratan de las convocatorias de {years}.",
        "Lo más cercano aquí: «{near}».",
        "Pregunte a su comisión nacional para la UNESCO o a {address} (dirección de {year}).",
        "Pregunte a su comisión nacional para la UNESCO o a {address}.",
        "Pruebe también en inglés.",
        "Solo respondo preguntas sobre la Red de Ciudades Creativas de la UNESCO.",
        "Solo se responde a la pregunta sobre la Red.",
    ),
    "pt": _Words(
        "Nenhuma fonte aqui indica {thing}; procurou-se: {sought}.",
        "Nenhuma fonte aqui indica {thing}.",
        ("isto", "a data", "o número", "o valor", "o nome", "o lugar", "o contacto"),
        ", ",
        "Os documentos tratam das chamadas de {years}.",
        "O mais próximo aqui: «{near}».",
        "Pergunte à sua comissão nacional para a UNESCO ou a {address} (endereço de {year}).",
        "Pergunte à sua comissão nacional para a UNESCO ou a {address}.",
        "Tente também em inglês.",
        "Só respondo a perguntas sobre a Rede de Cidades Criativas da UNESCO.",
        "Só se responde à pergunta sobre a Rede.",
    ),
    "zh": _Words(
        "这里没有任何来源说明{thing}；查找的是：{sought}。",
        "这里没有任何来源说明{thing}。",
        ("这一点", "日期", "数目", "金额", "名称", "地点", "联系方式"),
        "、",
        "文件涉及以下年份的征集：{years}。",
        "这里最接近的是：“{near}”。",
        "请询问本国的联合国教科文组织全国委员会，或写信至 {address}（{year}年的地址）。",
        "请询问本国的联合国教科文组织全国委员会，或写信至 {address}。",
        "也可以用英语再问一次。",
        "我只回答有关联合国教科文组织创意城市网络的问题。",
        "只回答了有关该网络的问题。",
    ),
    "ar": _Words(
        "لا يذكر أي مصدر هنا {thing}؛ جرى البحث عن: {sought}.",
        "لا يذكر أي مصدر هنا {thing}.",
        ("ذلك", "التاريخ", "العدد", "المبلغ", "الاسم", "المكان", "جهة الاتصال"),
        "، ",
        "تتناول الوثائق دعوات السنوات {years}.",
        "الأقرب هنا: «{near}».",
        "اسأل اللجنة الوطنية لليونسكو في بلدك أو {address} (عنوان سنة {year}).",
        "اسأل اللجنة الوطنية لليونسكو في بلدك أو {address}.",
        "جرّب أيضًا بالإنجليزية.",
        "لا أجيب إلا عن أسئلة تخص شبكة اليونسكو للمدن المبدعة.",
        "أُجيب عن السؤال المتعلق بالشبكة وحده.",
    ),
    "ru": _Words(
        "Ни один источник здесь не указывает {thing}; искали: {sought}.",
        "Ни один источник здесь не указывает {thing}.",
        ("этого", "даты", "числа", "суммы", "имени", "места", "контакта"),
        ", ",
        "Документы говорят о конкурсах таких лет: {years}.",
        "Ближе всего здесь: «{near}».",
        "Спросите национальную комиссию по делам ЮНЕСКО или {address} (адрес {year} года).",
        "Спросите национальную комиссию по делам ЮНЕСКО или {address}.",
        "Попробуйте также по-английски.",
        "Я отвечаю только на вопросы о Сети креативных городов ЮНЕСКО.",
        "Ответ дан только на вопрос о Сети.",
    ),
    "de": _Words(
        "Keine Quelle hier nennt {thing}; gesucht wurde: {sought}.",
        "Keine Quelle hier nennt {thing}.",
        ("das", "das Datum", "die Zahl", "den Betrag", "den Namen", "den Ort", "den Kontakt"),
        ", ",
        "Die Dokumente handeln von den Aufrufen von {years}.",
        "Am nächsten hier: „{near}“.",
        "Fragen Sie Ihre UNESCO-Nationalkommission oder {address} (Adresse von {year}).",
        "Fragen Sie Ihre UNESCO-Nationalkommission oder {address}.",
        "Versuchen Sie es auch auf Englisch.",
        "Ich beantworte nur Fragen zum UNESCO-Netzwerk der Kreativstädte.",
        "Nur die Frage zum Netzwerk ist beantwortet.",
    ),
}
OUT_OF_SCOPE = {language: words.elsewhere for language, words in _WORDS.items()}
LEFT_OUT = {language: words.left_out for language, words in _WORDS.items()}


class Refusals:
    """What the corpus knows by name, and the words of a refusal."""

    def __init__(self, tables: Tables, passages: Iterable[Passage], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        texts = [passage.text for passage in passages]
        self._told = sorted({year for fact in tables.facts for year in _calls_in(fact.subject)})
        self._titles = {found["what"].lower() for text in texts for found in _TITLE_OF.finditer(text)}
        asked = [fact for fact in tables.facts if fact.attribute == QUESTIONS_ADDRESS]
        newest = max(asked, key=lambda fact: fact.as_of, default=None)
        self._address = newest.value if newest else CONTACT
        self._address_year = newest.as_of[:4] if newest else ""

    def unheard_of(self, query: Query) -> bool:
        """Say whether a question asks about a call, after the first one told of, or a title that the corpus has not.

        A title of another programme, as that of World Heritage, is one, unless the Network is named beside it.
        """
        if OTHER_TITLE.search(query.standalone) and not _OURS.search(query.standalone):
            return True
        calls, told = set(_calls_in(query.core)), self._told
        abroad = any(mention.country for mention in query.mentions)  # a country may have a call of its own
        if calls and told and min(calls) > told[0] and not calls & set(told) and not abroad:
            return True
        named = {word for m in query.mentions for word in plain(query.core[m.start : m.end]).split()}
        for found in _TITLE_OF.finditer(query.core):
            what = found["what"].lower()
            known = fields_in(found[0] + query.core[found.end() :][:20]) or what in self._titles or what in STOP
            if not (known or plain(what) in named or what in ("unesco", "uccn") or what in self._vocabulary.names):
                return True
        return False

    def sought(self, query: Query) -> list[str]:
        """Return what an English question was understood to ask for, in words of the corpus and of the tables alone.

        Words that stand side by side are one phrase; a word that the corpus does not have is not repeated.
        """
        spans = [(m.start, m.end, _called(query, m.start)) for m in query.mentions]
        taken = {at for start, end, _ in spans for at in range(start, end)}
        for match in FIELD.finditer(query.core):
            if taken.isdisjoint(range(*match.span())):
                spans.append((*match.span(), field_of(match)))
                taken |= set(range(*match.span()))
        words = [match for match in WORD.finditer(query.core) if taken.isdisjoint(range(*match.span()))]
        phrases: list[list[re.Match[str]]] = []
        for match in words:
            if not self._is_topic(match[0], query):
                continue
            if phrases and query.core[phrases[-1][-1].end() : match.start()] == " " and not match[0].isdigit():
                phrases[-1].append(match)
            else:
                phrases.append([match])
        spans += [(held[0].start(), held[-1].end(), " ".join(word[0] for word in held)) for held in phrases]
        sought = list(dict.fromkeys(said for _, _, said in sorted(spans)))[:MOST_SOUGHT]
        known = {*query.called, *self._vocabulary.names.values()}
        return [*sought, UNKNOWN_NAME] if set(query.names) - known else sought

    def refusal(
        self, query: Query, language: str = "en", *, hits: Sequence[Hit] = (), translation: Translation | None = None
    ) -> str:
        """Return what is said where no source answers a question; one that is not English comes with a translation."""
        words = _WORDS[language]
        thing = dict(zip(_THINGS, words.things, strict=True)).get(query.kind, words.things[0])
        found = list(translation.understood)[:MOST_SOUGHT] if translation else self.sought(query)
        said = [(words.sought if found else words.nothing).format(thing=thing, sought=words.comma.join(found))]
        calls = _calls_in(query.core)
        if calls and not set(calls) & set(self._told) and len(self._told) > 1:
            said.append(words.calls.format(years=words.comma.join(self._told)))
        elif near := _near(query, hits):
            said.append(words.near.format(near=near))
        ask = words.ask if self._address_year else words.ask_undated
        said.append(ask.format(address=self._address, year=self._address_year))
        if translation and translation.unknown:
            said.append(words.in_english)
        return ("" if language == "zh" else " ").join(said)

    def _is_topic(self, word: str, query: Query) -> bool:
        key = re.sub(r"['’]s$", "", word.lower())
        named = key in {name.lower() for name in query.names}
        return bool(years(key)) or (key in self._vocabulary.words and (named or stem(key) in query.terms))


def _calls_in(text: str) -> list[str]:
    return [found["before"] or found["behind"] for found in _CALL_OF.finditer(text)]


def _called(query: Query, start: int) -> str:
    """Return the name, as the tables write it, of the place that is mentioned at an offset."""
    (mention,) = (m for m in query.mentions if m.start == start)
    if mention.cities:
        return place(mention.cities[0])
    return mention.country or mention.region or (mention.group.name if mention.group else "")


def _near(query: Query, hits: Sequence[Hit]) -> str:
    """Return the heading, of the passages found, that has most of a question's topic and all its names, or ''."""
    if not query.terms:
        return ""
    best, covered = "", NEAR
    for passage in (hit.passage for hit in hits):
        heading = passage.headings[-1] if passage.headings else passage.title
        stems = set(content_stems(passage.context))
        share = sum(weight for term, weight in zip(query.terms, query.weights, strict=True) if term in stems)
        share /= sum(query.weights)
        named = all(names_it(passage.context, name) for name in (*query.called, *query.names, *query.fields))
        if share > covered and named and _is_title(heading, query) and set(content_stems(heading)) & set(query.terms):
            best, covered = heading, share
    return best


def _is_title(heading: str, query: Query) -> bool:
    """Say whether a heading reads as a title and speaks of no other year than the question."""
    figures = set(_FIGURE.findall(heading))
    return bool(_TITLE.fullmatch(heading)) and figures <= set(query.years)
