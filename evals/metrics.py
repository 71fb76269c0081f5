"""Whether an answer to a case is right, and why not; deterministic, without any judge model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.records import Answer, Source
from evals.cases import Case

_SAME = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "“": '"', "”": '"'})
_MARKER = re.compile(r"\s*\[\d+\]")
_LETTER = r"[^\W\u3040-\u30ff\u3400-\u9fff]"  # of a script that parts its words: "是Ipoh" holds Ipoh
_UNSPACED = re.compile(r"[\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff]")  # words joined to others: Chinese, Arabic prefixes
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_DATED = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_COUNT = re.compile(r"\*\*\d{1,3}\*\*|\(\d{1,3}\)")
_EMPHASIS = re.compile(r"[*_`]")
_NAME = re.compile(r"(?<=[a-z,;:)] )[^\W\d_a-z][^\W\d_]+(?![^\W\d_]|:)")  # a capital within a sentence, no label
_MONTHS = set("january february march april may june july august september october november december".split())
_NUMBERS = dict(enumerate("zero one two three four five six seven eight nine ten eleven twelve".split()))
# The stop behind the day in "31. Juli" ends no sentence.
_GERMAN_MONTH = r"(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
_SENTENCE = re.compile(rf"(?<=[.!?。])(?!(?<=\d\.)\s+{_GERMAN_MONTH})\s+(?=[^\W\d_a-z])|\n")


# Yang et al. 2024, "CRAG - Comprehensive RAG Benchmark": what a wrong answer costs beside a missing one.
Grade = Literal["perfect", "acceptable", "missing", "incorrect"]
TRUTHFULNESS: dict[Grade, float] = {"perfect": 1.0, "acceptable": 0.5, "missing": 0.0, "incorrect": -1.0}


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict on one answer; a check that does not apply is None."""

    right: bool
    status_right: bool
    value_right: bool | None  # accepted, required and must_not all hold
    source_cited: bool | None  # one of the gold sources is among the citations
    citations_exact: bool  # every quote stands in its source, every line has its markers, every marker its citation
    why: str = ""  # what is wrong, in words; '' where right
    grade: Grade = "incorrect"
    list_recall: float | None = None  # share of the required groups that the answer meets
    list_precision: float | None = None  # share of the member cities it names that the question asks for
    claims_supported: float | None = None  # share of its statements whose figures and names stand in their quotes
    quotes_used: float | None = None  # share of its citations that hold a figure, name or half the words of a statement
    dated: bool | None = None  # an answer with a figure names a year
    language_kept: bool | None = None  # it is in the language of a question that is not English


def score(
    case: Case,
    answer: Answer,
    sources: Mapping[str, Source],
    origins: Mapping[str, str] | None = None,
    *,
    cities: Sequence[str] = (),
) -> Score:
    """Judge one answer; `sources` are those of the index that gave it, `cities` the names of the members.

    `origins` maps a source id to the id that the cases know it by, where the index holds the originals.
    """
    status_right = answer.status in case.statuses
    exact = citations_exact(answer, sources)
    answered = answer.status == "answered"
    value: bool | None = None
    cited: bool | None = None
    why = "" if status_right else f"status {answer.status}, expected {case.status}"
    if answered and status_right:
        why = wrong_value(case, answer.answer)
        value = not why
        known = origins or {}
        if case.sources:
            cited = any(known.get(c.source_id, c.source_id) in case.sources for c in answer.citations)
    if not exact:
        why = why or "a citation does not stand in its source"
    right = status_right and value is not False and exact
    recall, precision = list_shares(case, answer.answer, cities) if answered and case.kind == "list" else (None, None)
    supported, used = claim_shares(answer) if answered else (None, None)
    return Score(
        right,
        status_right,
        value,
        cited,
        exact,
        why,
        grade=_grade(case, answer, right),
        list_recall=recall,
        list_precision=precision,
        claims_supported=supported,
        quotes_used=used,
        dated=_DATED.search(answer.answer) is not None if answered and _FIGURE.search(_said(answer)) else None,
        language_kept=answer.language == case.language if case.language != "en" else None,
    )


def _grade(case: Case, answer: Answer, right: bool) -> Grade:
    """Return CRAG's class: acceptable is a right value behind the first sentence, missing is a wrong refusal."""
    if right:
        return "perfect"
    if answer.status != "answered":
        return "missing" if case.status == "answered" else "incorrect"
    if case.status != "answered" or not (case.accepted or case.required):
        return "incorrect"
    plain = normalise(answer.answer)
    groups = [*case.required, *([case.accepted] if case.accepted else [])]
    met = all(any(holds(plain, form) for form in group) for group in groups)
    return "acceptable" if met and not any(holds(plain, form) for form in case.must_not) else "incorrect"


def list_shares(case: Case, text: str, cities: Sequence[str]) -> tuple[float | None, float | None]:
    """Return recall and precision of a list: of the required groups, and of the member cities that it names.

    Precision is None where the question does not ask for cities or the answer names none.
    """
    plain, asked = normalise(text), normalise(case.question.question)
    met = [any(holds(plain, form) for form in group) for group in case.required]
    recall = sum(met) / len(met) if len(met) > 1 else None
    wanted = [{normalise(form) for form in group} for group in case.required]
    names = {normalise(name) for name in cities}
    if recall is None or not all(group & names for group in wanted):
        return recall, None
    named = {name for name in names if name in plain and holds(plain, name) and not holds(asked, name)}
    asked_for = set().union(*wanted)
    return recall, len(named & asked_for) / len(named) if named else None


def claim_shares(answer: Answer) -> tuple[float, float]:
    """Return citation recall and precision of an answer, by figures and names.

    As in Gao et al. 2023 (ALCE), without a model: a statement is supported where each of its figures, and in English
    each of its names, stands in one of its quotes, in the heading above it or in its date. What the table counts
    ("**47** member cities", "Design (3)") stands in no source and is left to the check of the value. A citation
    is used where it holds one of the figures or names of a statement that cites it, or half of that statement's words.
    """
    citations = {citation.n: citation for citation in answer.citations}
    supported: list[bool] = []
    used: dict[int, bool] = dict.fromkeys(citations, False)
    for text, numbers in claims(answer.answer):
        cited = [citations[number] for number in numbers if number in citations]
        held = [_words(f"{one.quote} {one.section} {one.title} {one.document} {one.date}") for one in cited]
        told = _COUNT.sub(" ", text) if answer.route == "cities" else text
        figures = set(_FIGURE.findall(normalise(told)))
        names = {name.lower() for name in _NAME.findall(_EMPHASIS.sub("", text))} - _MONTHS
        names = names if answer.language == "en" else set()
        every = set().union(*held)
        supported.append(bool(cited) and figures | names <= every | _spoken(figures, every))
        words = _words(text)
        for one, mine in zip(cited, held, strict=True):
            used[one.n] |= bool((figures | names) & mine) or 2 * len(words & mine) >= len(words)
    return _share(supported), _share(list(used.values()))


def claims(text: str) -> list[tuple[str, list[int]]]:
    """Return the statements of an answer, each with the numbers of its markers."""
    found = re.findall(r"((?:(?!\s*\[\d+\]).)+)((?:\s*\[\d+\])+)", text, re.S)
    return [(said.strip(), [int(number) for number in re.findall(r"\d+", marks)]) for said, marks in found]


def _words(text: str) -> set[str]:
    """Return the figures and words of a text, in lower case."""
    plain = normalise(text)
    parts = re.findall(r"[^\W\d_]+|\d+", plain)
    return {*_FIGURE.findall(plain), *parts, *(part.removesuffix("s").lstrip("0") for part in parts)}


def _spoken(figures: set[str], words: set[str]) -> set[str]:
    """Return the figures that a quote writes as a word."""
    return {figure for figure in figures if figure.isdigit() and _NUMBERS.get(int(figure), "?") in words}


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 1.0


def _said(answer: Answer) -> str:
    return _MARKER.sub("", answer.answer)


def wrong_value(case: Case, text: str) -> str:
    """Say what an answer lacks or must not hold, or return ''."""
    plain = normalise(text)
    first = normalise(first_sentence(text))
    if case.accepted and not any(holds(first, form) for form in case.accepted):
        return f"none of {list(case.accepted)} in the first sentence"
    for group in case.required:
        if not any(holds(plain, form) for form in group):
            return f"none of {list(group)} in the answer"
    for form in case.must_not:
        if holds(plain, form):
            return f"{form!r} must not be in the answer"
    return ""


def citations_exact(answer: Answer, sources: Mapping[str, Source]) -> bool:
    """Say whether every quote is that of its source, every line ends with a marker, and markers and citations match."""
    for citation in answer.citations:
        source = sources.get(citation.source_id)
        if source is None or source.text[citation.start : citation.end] != citation.quote or not citation.quote:
            return False
    lines = [line for line in answer.answer.split("\n") if line.strip()] if answer.status == "answered" else []
    if not all(re.search(r"\[\d+\]$", line) for line in lines):
        return False
    used = {int(number) for number in re.findall(r"\[(\d+)\]", answer.answer)} if answer.citations else set()
    numbers = {citation.n for citation in answer.citations}
    return used == numbers == set(range(1, len(numbers) + 1)) and bool(numbers) == (answer.status == "answered")


def first_sentence(text: str) -> str:
    """Return the first sentence; a line that opens a list counts with its first item."""
    parts = [part for part in _SENTENCE.split(text.strip()) if part.strip()]
    if len(parts) > 1 and _MARKER.sub("", parts[0]).rstrip().endswith(":"):
        return f"{parts[0]} {parts[1]}"
    return parts[0] if parts else ""


def holds(text: str, form: str) -> bool:
    """Say whether a normalised text holds a form as whole words; `form*` is the beginning of a word."""
    wanted = normalise(form)
    prefix = wanted.endswith("*")
    wanted = wanted.rstrip("*")
    if wanted not in text:
        return False
    before = "" if _UNSPACED.match(wanted) else f"(?<!{_LETTER})"
    after = "" if prefix or _UNSPACED.search(wanted[-1:]) else f"(?!{_LETTER})"
    if wanted.isdigit():  # a figure stands beside letters in scripts that write without spaces: 408座
        before, after = r"(?<![\d.,A-Za-z])", r"(?![\d]|[.,]\d|[A-Za-z])"
    return re.search(f"{before}{re.escape(wanted)}{after}", text) is not None


def normalise(text: str) -> str:
    """Return lower case with plain quotes and dashes, without bold, markers and thousands separators."""
    text = _MARKER.sub("", text.replace("**", "")).translate(_SAME)
    text = re.sub(r"(?<=\d)[,\u202f\u00a0](?=\d{3}\b)", "", text)
    return re.sub(r"\s+", " ", text).lower()


def bears_answer(case: Case, origin: str, text: str) -> bool:
    """Say whether a passage of a gold source holds the answer: an accepted form and half of the required groups."""
    if origin not in case.sources:
        return False
    plain = normalise(text)
    if case.accepted and not any(holds(plain, form) for form in case.accepted):
        return False
    met = sum(any(holds(plain, form) for form in group) for group in case.required)
    return 2 * met >= len(case.required)
