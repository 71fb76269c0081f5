"""Prose in another language: figures, dates, names, fields and negations are held against the English statement."""

from pathlib import Path

import pytest

from assistant.abroad import AbroadCheck
from assistant.chunk import chunk
from assistant.cities import Places
from assistant.corpus import read_corpus
from assistant.restate import Ground
from assistant.terms import read_glossaries
from assistant.translate import LANGUAGES, Translator
from assistant.vocabulary import STOP, Vocabulary

CORPUS = Path(__file__).parent.parent / "corpus"
CLOSED = Ground("The 2021 call of the UCCN closed on 30 June 2021, at midnight Central European Time.", ())
MEMBERS = Ground("The UNESCO Creative Cities Network had 408 member cities on 31 October 2025.", ())
BEIJING = Ground("Beijing (China) is a UNESCO Creative City of Design and has been a member since 2012.", ())
FEE = Ground("No source in this collection states a fee for membership in the UNESCO Creative Cities Network.", ())

RIGHT = [
    ("fr", "L'appel de 2021 du réseau a été clos le 30 juin 2021.", CLOSED),
    ("de", "Die Frist des Aufrufs von 2021 endete am 30. Juni 2021.", CLOSED),
    ("es", "La convocatoria de 2021 de la Red de Ciudades Creativas cerró el 30 de junio de 2021.", CLOSED),
    ("pt", "A convocatória de 2021 da rede encerrou em 30 de junho de 2021.", CLOSED),
    ("zh", "2021年的征集于2021年6月30日截止。", CLOSED),
    ("ru", "Приём заявок 2021 года закончился 30 июня 2021 года.", CLOSED),
    ("fr", "Le Réseau des villes créatives comptait 408 villes membres le 31 octobre 2025.", MEMBERS),
    ("de", "Das Netzwerk der Kreativstädte hatte am 31. Oktober 2025 408 Mitgliedsstädte.", MEMBERS),
    ("es", "Pekín es una Ciudad Creativa de Diseño de la UNESCO y miembro desde 2012.", BEIJING),
    ("fr", "Aucune source n'indique de frais d'adhésion au Réseau des villes créatives de l'UNESCO.", FEE),
]
WRONG = {
    "another figure": ("fr", "Le Réseau des villes créatives comptait 480 villes membres le 31 octobre 2025.", MEMBERS),
    "a figure in words": ("fr", "Le Réseau des villes créatives comptait quatre villes membres en 2025.", MEMBERS),
    "another day": ("de", "Die Frist des Aufrufs von 2021 endete am 29. Juni 2021.", CLOSED),
    "another month": ("es", "La convocatoria de 2021 de la red cerró el 30 de julio de 2021.", CLOSED),
    "another month in figures": ("zh", "2021年的征集于2021年7月30日截止。", CLOSED),
    "another year": ("pt", "A convocatória de 2023 da rede encerrou em 30 de junho de 2023.", CLOSED),
    "another city": ("es", "Shanghái es una Ciudad Creativa de Diseño de la UNESCO y miembro desde 2012.", BEIJING),
    "another country": ("es", "Pekín (Japón) es una Ciudad Creativa de Diseño de la UNESCO desde 2012.", BEIJING),
    "another field": ("fr", "Pékin est une ville créative de la gastronomie de l'UNESCO, membre depuis 2012.", BEIJING),
    "a negation left out": ("fr", "Une source indique des frais d'adhésion au Réseau des villes créatives.", FEE),
    "a negation added": ("de", "Die Frist des Aufrufs von 2021 endete nicht am 30. Juni 2021.", CLOSED),
    "another language": ("fr", "Das Netzwerk der Kreativstädte hatte 2025 genau 408 Mitgliedsstädte.", MEMBERS),
    "a question": ("fr", "Le Réseau des villes créatives comptait-il 408 villes membres le 31 octobre 2025 ?", MEMBERS),
    "an address": ("fr", "Le Réseau comptait 408 villes membres en 2025, voir https://pay.example.com.", MEMBERS),
    "nothing of it": ("de", "Ich kann dabei leider keine Auskunft geben.", FEE),
}


@pytest.fixture(scope="module")
def check():
    corpus = read_corpus(CORPUS)
    vocabulary = Vocabulary(p for source in corpus.sources if source.kind != "view" for p in chunk(source))
    places = Places(corpus.tables, words=STOP | vocabulary.small, names=vocabulary.names)
    glossaries = read_glossaries(CORPUS / "glossary.csv", ("en", *LANGUAGES))
    return AbroadCheck(Translator(glossaries, places, english=vocabulary.words), places)


@pytest.mark.parametrize(("language", "sentence", "ground"), RIGHT)
def test_a_right_sentence_stands(check, language, sentence, ground):
    assert check.fault(sentence, ground, language) == ""


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_a_wrong_sentence_falls(check, case):
    language, sentence, ground = WRONG[case]

    assert check.fault(sentence, ground, language)
