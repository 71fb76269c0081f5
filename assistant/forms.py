"""Which of the English questions that facts and table answer a visitor means, whatever the words."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy
from langchain_core.embeddings import Embeddings

from assistant.cities import Places, without_homes
from assistant.corpus import place
from assistant.embed import Vectors
from assistant.evidence import Scorer
from assistant.known import STAND_INS, Form, forms_of
from assistant.understand import Query
from assistant.values import MONTHS, without_dates
from assistant.vocabulary import FIELD, content_stems, field_of
from assistant.wording import REFUSED

READ = 2  # nearest forms, one a question, that the cross-encoder reads
SURE = 1.0  # logit from which on a form is what was asked
LIKELY = -0.5  # and from which on it is tried where no statement of a document is likelier
CLOSE = 0.8  # and from which on it is taken unread, where only facts and table can be asked
NEAR = 0.64  # cosine below which a form is not read; tuned on evals/datasets

# What is said beside a count without narrowing it.
_PASSING = (
    "actual actually altogether approximately batch combined counting decade exactly included including moment newly "
    "brochure early gave late leaflet mid newspaper nowadays overall percentage present printed roughly sum taken "
    + " ".join(MONTHS)
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its slots: names by slot, and the text with stand-ins for them."""

    slots: dict[str, str]
    text: str


def english_forms() -> list[Form]:
    """Return the forms of which facts and table answer the reading."""
    return [form for form in forms_of("en") if form.reading and not form.in_documents]


class EnglishForms:
    """The wordings of the questions of facts and table, nearest first, and read by the cross-encoder."""

    def __init__(
        self,
        embeddings: Embeddings,
        scorer: Scorer,
        places: Places,
        vectors: Callable[[], Mapping[str, Sequence[float]]],
    ) -> None:
        """Take what reads the vectors of `wordings()` from the index, at their first use."""
        self._embeddings = embeddings
        self._scorer = scorer
        self._places = places
        self._read = vectors

    @cached_property
    def _held(self) -> tuple[list[Form], Vectors]:
        """The forms with their vectors; a form without one is left out."""
        vectors = self._read()
        rows = [(form, vectors.get(text)) for form, text in zip(english_forms(), wordings(), strict=True)]
        forms = [form for form, vector in rows if vector is not None]
        return forms, numpy.array([vector for _, vector in rows if vector is not None], numpy.float32)

    def meant(self, question: str, fits: Callable[[str], bool] = lambda form: True) -> tuple[str, float, float]:
        """Return the question of facts or table that is meant, with its names filled in, or '', its logit and cosine.

        One that does not fit is never meant, but may be likelier than those that fit, which then are not either.
        """
        asked = slots_of(question, self._places)
        found = self._nearest(asked) if asked else []
        if not asked or not found:
            return "", LIKELY, 0.0
        readings = [form.reading.format(**asked.slots) for form, _ in found]
        if not any(map(fits, readings)):
            return "", LIKELY, 0.0
        texts = [
            f"{form.asked.format(**asked.slots)} {reading}" for (form, _), reading in zip(found, readings, strict=True)
        ]
        cosines = [cosine for _, cosine in found]
        best, reading, cosine = max(
            zip(self._scorer(question, texts), readings, cosines, strict=True), key=lambda one: one[0]
        )
        return reading if best >= LIKELY and fits(reading) else "", best, cosine

    def nearest(self, question: str) -> str:
        """Return the question of facts or table that is nearest to one that can ask nothing else, or ''."""
        asked = slots_of(question, self._places)
        found = self._nearest(asked, CLOSE) if asked else []
        return found[0][0].reading.format(**asked.slots) if asked and found else ""

    def _nearest(self, asked: Asked, near: float = NEAR) -> list[tuple[Form, float]]:
        forms, vectors = self._held
        if not forms:
            return []
        cosines = vectors @ numpy.array(self._embeddings.embed_query(asked.text), dtype=numpy.float32)
        wanted = frozenset(asked.slots)
        best: dict[str, tuple[Form, float]] = {}
        for i in numpy.argsort(-cosines, kind="stable"):
            if cosines[i] < near or len(best) == READ:
                break
            if forms[i].slots == wanted:
                best.setdefault(forms[i].reading, (forms[i], float(cosines[i])))
        return list(best.values())


def qualifiers(query: Query) -> tuple[str, ...]:
    """Return the stems that narrow a count: "on the coast" in "How many cities of Italy on the coast are members?".

    They are neither names, fields or dates nor words in which people ask for what facts and table hold.
    """
    if query.kind != "how_many":
        return ()
    asked = without_dates(FIELD.sub(" ", query.asking))
    places = (query.core[mention.start : mention.end] for mention in query.mentions)
    named = {stem for name in (*places, *query.names) for stem in content_stems(name)}
    strange = [stem for stem in content_stems(asked) if stem not in _plain_words() and stem not in named]
    return (*strange, *(stem for match in REFUSED.finditer(query.asking) for stem in content_stems(match[0])))


@cache
def _plain_words() -> frozenset[str]:
    return frozenset(stem for form in english_forms() for stem in content_stems(f"{form.asked} {_PASSING}"))


def wordings() -> list[str]:
    """Return the wordings as they are stored, with the stand-ins."""
    return [form.asked.format(**STAND_INS) for form in english_forms()]


def slots_of(question: str, places: Places) -> Asked | None:
    """Return the names of a question by slot; None where it has more of a kind than any form."""
    spans: list[tuple[int, int, str, str]] = []
    taken: set[int] = set()
    for mention in without_homes(places.mentions(question)):
        kind = "city" if mention.cities else "country" if mention.country else "region"
        name = place(mention.cities[0]) if mention.cities else mention.country or mention.region
        name = name or (mention.group.name if mention.group else "")
        spans.append((mention.start, mention.end, kind, name))
        taken |= set(range(mention.start, mention.end))
    for match in FIELD.finditer(question):
        if taken.isdisjoint(range(*match.span())):
            spans.append((*match.span(), "field", field_of(match)))
    spans += [(*match.span(), "year", match[0]) for match in _YEAR.finditer(question)]
    slots: dict[str, str] = {}
    called: dict[tuple[str, str], str] = {}
    for _, _, kind, name in sorted(spans):
        if (kind, name) in called:
            continue
        slot = kind if kind not in slots else f"{kind}2"
        if slot in slots or slot not in STAND_INS:
            return None
        slots[slot], called[kind, name] = name, slot
    text = question
    for start, end, kind, name in sorted(spans, reverse=True):
        text = f"{text[:start]}{STAND_INS[called[kind, name]]}{text[end:]}"
    return Asked(slots, text)
