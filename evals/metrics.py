"""Whether an answer to a case is right, and why not; deterministic, without any judge model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.records import Answer, Source
from evals.cases import Case

_SAME = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "“": '"', "”": '"'})
_MARKER = re.compile(r"\s*\[\d+\]")
_UNSPACED = re.compile(r"[\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff]")  # words joined to others: Chinese, Arabic prefixes
# The stop behind the day in "31. Juli" ends no sentence.
_GERMAN_MONTH = r"(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
_SENTENCE = re.compile(rf"(?<=[.!?。])(?!(?<=\d\.)\s+{_GERMAN_MONTH})\s+(?=[^\W\d_a-z])|\n")


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict on one answer; a check that does not apply is None."""

    right: bool
    status_right: bool
    value_right: bool | None  # accepted, required and must_not all hold
    source_cited: bool | None  # one of the gold sources is among the citations
    citations_exact: bool  # every quote stands in its source, every line has its markers, every marker its citation
    why: str = ""  # what is wrong, in words; '' where right


def score(case: Case, answer: Answer, sources: Mapping[str, Source], origins: Mapping[str, str] | None = None) -> Score:
    """Judge one answer; `sources` are those of the index that gave it.

    `origins` maps a source id to the id that the cases know it by, where the index holds the originals.
    """
    status_right = answer.status in case.statuses
    exact = citations_exact(answer, sources)
    value: bool | None = None
    cited: bool | None = None
    why = "" if status_right else f"status {answer.status}, expected {case.status}"
    if answer.status == "answered" and status_right:
        why = wrong_value(case, answer.answer)
        value = not why
        known = origins or {}
        if case.sources:
            cited = any(known.get(c.source_id, c.source_id) in case.sources for c in answer.citations)
    if not exact:
        why = why or "a citation does not stand in its source"
    return Score(status_right and value is not False and exact, status_right, value, cited, exact, why)


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
    before = "" if _UNSPACED.match(wanted) else r"(?<!\w)"
    after = "" if prefix or _UNSPACED.search(wanted[-1:]) else r"(?!\w)"
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
