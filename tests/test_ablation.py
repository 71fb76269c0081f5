"""A stage that is switched off is missed by the questions that need it, and by the table of outcomes."""

from dataclasses import replace

import pytest
from small_evals import open_network, small_cases

from evals.ablation import STAGES, WHOLE, switch_off, table
from evals.runner import Judge

FELT = {"the table of cities", "dated facts", "what the history leaves unsaid"}


@pytest.fixture
def network(tmp_path):
    return open_network(tmp_path)


def wrong(assistant):
    return {one.case.id for one in map(Judge(assistant, retrieval=False), small_cases()) if not one.score.right}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_can_be_switched_off(network, stage):
    assert wrong(network) == set()

    switch_off(stage, network)

    assert wrong(network) or stage not in FELT


def test_the_table_counts_refusals_and_wrong_answers_apart_and_the_costliest_stage_comes_first(network):
    whole = [Judge(network, retrieval=False)(case) for case in small_cases()]
    sure, other = [n for n, one in enumerate(whole) if one.case.status == "answered"][:2]
    lost = [replace(one, score=replace(one.score, right=n not in (sure, other))) for n, one in enumerate(whole)]
    lost[sure] = replace(lost[sure], answer=replace(lost[sure].answer, status="no_answer"))

    first, _, nothing, dear, cheap = table({WHOLE: whole, "search": whole, "facts": lost}).splitlines()

    assert first.startswith("| Without")
    assert f"| {len(whole)} of {len(whole)} | 0 | 0 |" in nothing
    assert dear == f"| facts | {len(whole) - 2} (-2) | 1 (+1) | 1 (+1) |"
    assert cheap.startswith("| search |")
