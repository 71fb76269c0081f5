"""What retrieval finds, at the level of sources, passages and statements (the only importer of ir_measures)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import ir_measures
from ir_measures import RR, R, Success, nDCG

Level = Literal["source", "passage", "statement"]

LEVELS: tuple[Level, ...] = ("source", "passage", "statement")
# Names and definitions are those of trec_eval.
MEASURES = (Success @ 1, Success @ 5, R @ 5, R @ 10, RR @ 10, nDCG @ 10)
NAMES = tuple(str(measure) for measure in MEASURES)


def measure_ranks(
    gold: Mapping[str, Iterable[str]], ranked: Mapping[str, Sequence[str]], names: Sequence[str] = NAMES
) -> dict[str, dict[str, float]]:
    """Return each measure of each question that has gold ids: name -> question id -> value from 0 to 1.

    `ranked` holds the ids that were found, best first; a question with gold that found nothing counts as 0.
    """
    judged = {key: dict.fromkeys(ids, 1) for key, ids in gold.items()}
    judged = {key: ids for key, ids in judged.items() if ids}
    found = {key: {id_: -float(place) for place, id_ in enumerate(ranked.get(key, ()))} for key in judged}
    measures = [ir_measures.parse_measure(name) for name in names]
    values = {name: dict.fromkeys(judged, 0.0) for name in names}
    for value in ir_measures.iter_calc(measures, judged, found):
        values[str(value.measure)][value.query_id] = float(value.value)
    return values
