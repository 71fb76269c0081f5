"""Whether a set of questions can be trusted: its gold stands in the corpus, and no item passes or fails by accident."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.records import Source
from evals.cases import Case
from evals.metrics import normalise, wrong_value

REFUSALS = ("no_answer", "out_of_scope")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a case, in words that say what to do."""

    id: str
    text: str


def check_cases(cases: Sequence[Case], sources: Mapping[str, Source]) -> list[Flaw]:
    """Return the flaws of cases of one corpus, in their order."""
    asked: dict[tuple[object, ...], str] = {}
    flaws = []
    for case in cases:
        flaws += [Flaw(case.id, text) for text in _flaws(case, sources)]
        turns = tuple(turn.content for turn in case.question.history)
        key = (case.dataset, normalise(case.question.question), turns, case.question.as_of, case.corpus)
        if key in asked:
            flaws.append(Flaw(case.id, f"asks the same as {asked[key]}: remove one"))
        asked.setdefault(key, case.id)
    return flaws


def _flaws(case: Case, sources: Mapping[str, Source]) -> Iterator[str]:
    for id_ in case.sources:
        if id_ not in sources:
            yield f"the corpus has no document {id_!r}: name one that `uccn sources` lists"
    for gold in case.quotes:
        source = sources.get(gold.source)
        if source is None:
            yield f"the corpus has no document {gold.source!r} for a gold quote: name one that `uccn sources` lists"
        elif not gold.quote.strip() or gold.quote not in source.text:
            yield f"{gold.source} does not hold the gold quote {gold.quote[:60]!r}: copy it from `uccn ask`"
    forms = [*case.accepted, *case.must_not, *(form for group in case.required for form in group)]
    if any(not normalise(form).strip("* ") for form in forms):
        yield "a form is empty and would match everything: remove it"
    if not all(case.required):
        yield "a group of required forms is empty and would never match: remove it"
    elif case.status == "answered":
        yield from _flaws_of_answerable(case)
    elif "answered" not in case.statuses and (case.accepted or case.required or case.quotes):
        yield "it expects a refusal and a value: empty `accepted`, `required` and `quotes`, or expect an answer"


def _flaws_of_answerable(case: Case) -> Iterator[str]:
    if not (case.accepted or case.required or case.must_not):
        yield "any answer would pass: give `accepted` or `required` forms"
    if why := wrong_value(case, gold_answer(case)):
        yield f"its own gold answer fails ({why}): mend the forms"
    if case.reference and (why := wrong_value(case, case.reference)):
        yield f"its reference answer fails ({why}): mend the forms or the reference"
    if case.kind == "out_of_scope":
        yield "it is out of scope and expects an answer: change kind or status"


def gold_answer(case: Case) -> str:
    """Return a right answer made of the gold forms: the first accepted one, then one of each required group."""
    first = [form.rstrip("*") for form in case.accepted[:1]]
    parts = first + [group[0].rstrip("*") for group in case.required if group]
    return "; ".join(parts)
