"""What visitors asked in vain, grouped by meaning, and the old documents that many answers rest on."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy

from assistant.embed import Vectors
from assistant.records import Source
from assistant.store import Asked, Rating

NOT_ANSWERED = ("no_answer", "out_of_scope", "error")
# Complete linkage: every two questions of a gap are at least so near. On 1,516 expected questions of 400 statements,
# by the built-in encoder, 0.5 gave the best groups (adjusted Rand index 0.46, homogeneity 0.96) of 0.5 to 0.8.
NEAREST_COSINE = 0.5

Embed = Callable[[Sequence[str]], Vectors]  # texts to rows of length 1


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions of one meaning that were not answered, or whose answers were rated down."""

    question: str  # the one that stands nearest to all others
    questions: tuple[str, ...]  # each once, most frequent first
    times: int  # asked or rated in all
    last: str  # ISO, when last
    statuses: Mapping[str, int]  # of the answers, by how often; `down` counts the ratings
    languages: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()  # of the ratings, each once, most frequent first
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """A document, how old it is, and how many answers rest on it."""

    source_id: str
    title: str
    date: str  # ISO; empty where undated
    days: int | None  # since `date`; None where undated
    answers: int
    last: str  # ISO, when an answer last rested on it


@dataclass(slots=True)
class _Complaint:
    """What is known of one text that was asked in vain."""

    last: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    languages: set[str] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)
    comments: list[str] = field(default_factory=list)


def cluster(asked: Iterable[Asked], ratings: Iterable[Rating], embed: Embed) -> list[Gap]:
    """Group what was not answered or rated down, most frequent first; the same rows always give the same groups.

    A row without its text, as it is kept hashed, cannot be grouped and is left out. A follow-up counts as the question
    that it was understood as.
    """
    complaints = _complaints(asked, ratings)
    texts = sorted(complaints)
    gaps = [
        _gap([texts[place] for place in group], complaints, texts[middle]) for group, middle in _groups(texts, embed)
    ]
    return sorted(gaps, key=lambda gap: (-gap.times, gap.question))


def staleness(asked: Iterable[Asked], sources: Iterable[Source], today: datetime.date) -> list[Stale]:
    """Return the documents that answers rest on, those first whose age times answers is greatest; undated ones lead."""
    carried: Counter[str] = Counter()
    last: dict[str, str] = defaultdict(str)
    for row in asked:
        for id_ in dict.fromkeys(row.sources):
            carried[id_] += 1
            last[id_] = max(last[id_], row.at)
    stale = [
        Stale(source.id, source.title, source.date, age_days(source.date, today), carried[source.id], last[source.id])
        for source in sources
        if carried[source.id]
    ]
    return sorted(stale, key=_weight)


def age_days(date: str, today: datetime.date) -> int | None:
    """Return the days since an ISO date, of a year or month since its first day; None where it is undated."""
    if not date:
        return None
    year, month, day = (int(part) for part in (date + "-01-01").split("-")[:3])
    return (today - datetime.date(year, month, day)).days


def _weight(row: Stale) -> tuple[bool, int, str]:
    return row.days is not None, -row.answers * (row.days or 1), row.source_id


def _complaints(asked: Iterable[Asked], ratings: Iterable[Rating]) -> dict[str, _Complaint]:
    found: dict[str, _Complaint] = defaultdict(_Complaint)
    read_as: dict[tuple[str, str], str] = {}  # a rating knows the question as typed, a row also what it was read as
    for row in asked:
        text = row.standalone or row.question
        read_as[row.conversation, row.question] = text
        if text and row.status in NOT_ANSWERED:
            held = found[text]
            held.statuses[row.status] += 1
            held.languages.add(row.language)
            held.last = max(held.last, row.at)
    for rating in ratings:
        if rating.verdict == "down" and rating.question:
            held = found[read_as.get((rating.conversation, rating.question)) or rating.question]
            held.statuses["down"] += 1
            held.last = max(held.last, rating.at)
            if rating.reason:
                held.reasons[rating.reason] += 1
            if rating.comment:
                held.comments.append(rating.comment)
    return found


def _groups(texts: Sequence[str], embed: Embed) -> list[tuple[list[int], int]]:
    """Return groups of places in `texts`, each with the place of its middle."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if not texts:
        return []
    vectors = embed(texts)
    near = vectors @ vectors.T
    labels = numpy.ones(1, dtype=int)
    if len(texts) > 1:
        labels = fcluster(linkage(vectors, "complete", metric="cosine"), 1 - NEAREST_COSINE, "distance")
    groups: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        groups[int(label)].append(place)
    return [(group, max(group, key=lambda place: float(near[place, group].sum()))) for group in groups.values()]


def _gap(texts: Sequence[str], complaints: Mapping[str, _Complaint], middle: str) -> Gap:
    held = [complaints[text] for text in texts]
    statuses: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for one in held:
        statuses += one.statuses
        reasons += one.reasons
    return Gap(
        question=middle,
        questions=tuple(sorted(texts, key=lambda text: (-complaints[text].statuses.total(), text))),
        times=statuses.total(),
        last=max(one.last for one in held),
        statuses=dict(statuses.most_common()),
        languages=tuple(sorted(set().union(*(one.languages for one in held)))),
        reasons=tuple(reason for reason, _ in reasons.most_common()),
        comments=tuple(comment for one in held for comment in one.comments),
    )
