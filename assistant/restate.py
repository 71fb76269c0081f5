"""Whether a sentence in other words says what one statement says, and nothing else: the check of free prose.

There is no model in it. A sentence passes only where each of its words, figures, dates and names stands in the
statement (or is known to mean the same), bound to the same neighbours, with the same negations, modal verbs,
limits and attributions. What it cannot follow it rejects: a right sentence that falls costs a sentence, a wrong
one that passes costs trust. See docs/decisions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.compose import Span
from assistant.evidence import POINTS_BACK
from assistant.phrasing import (
    BREAK,
    CAPITAL,
    MARK,
    SOURCE,
    Text,
    Word,
    addresses_of,
    days_of,
    limits_of,
    marks_of,
    named_in,
    names_of,
    read,
    same_value,
    within,
)
from assistant.values import dates, speak_date
from assistant.vocabulary import WORD, fields_in, same_name

FEWEST_KEYS = 3  # words, figures and dates of a sentence that says anything
NEAR_NUMBER = 4  # words between a number and what it counts
_LEANS = re.compile(r"\b(?:that|whether|if|who|which|to)\s*$", re.IGNORECASE)
_ADJUNCT = re.compile(r"(?:In|On|At|By|After|Before|As of|From|Since|With|For|Until|During)\b[^,]{3,80},\s")


@dataclass(frozen=True, slots=True)
class Ground:
    """A statement that a sentence of prose may rest on: words of a source, or what the program checked itself."""

    text: str
    spans: tuple[Span, ...]
    near: str = ""  # what stands in front of it: a label, a table's header, the sentence that it points back to
    days: tuple[str, ...] = ()  # ISO dates that it speaks of, oldest first


def fault(sentence: str, ground: Ground, *, before: Ground | None = None) -> str:
    """Return why a sentence does not stand on a ground, or '' where it does.

    `before` is the ground of the sentence in front of it, which a "It ..." points back to.
    """
    if sentence.rstrip().endswith("?"):
        return "it asks"
    if POINTS_BACK.match(sentence) and before != ground:
        return "it does not name what it speaks of"
    said, held = read(sentence), read(ground.text)
    near = read(ground.near)
    if len(said.words) < FEWEST_KEYS:
        return "it says too little"
    for check in (_addresses, _figures, _words):
        if problem := check(said, held, near, ground):
            return problem
    if SOURCE.search(held.text) and not (SOURCE.search(said.text) or MARK["says"].search(said.text)):
        return "it leaves out who says it"
    window = _window(said, held)
    if not window:
        return "it has nothing of the statement"
    stretch = read(window)
    for name in sorted(marks_of(said) ^ marks_of(stretch)):
        if not _limits_a_figure(name, said, stretch):
            return f"“{name}” is on one side alone"
    for compare in (_subject, _negations, _heads, _limits, _order, _counted, _bound):
        if problem := compare(said, stretch):
            return problem
    return ""


def _addresses(said: Text, held: Text, near: Text, ground: Ground) -> str:
    """E-mail and web addresses stand in the statement as they are."""
    for address in addresses_of(said.text):
        if address not in addresses_of(held.text):
            return f"the address {address} is not in the statement"
    return ""


def _figures(said: Text, held: Text, near: Text, ground: Ground) -> str:
    """Each number and date stands in the statement, in what stands in front of it, or is its own date."""
    known = {*held.listed("number"), *near.listed("number")}
    for key in said.listed("number"):
        if key not in known:
            return f"the figure {key} is not in the statement"
    days = [*held.listed("date"), *near.listed("date")]
    for date in dates(said.text):
        own = ground.days if date.as_of else ()
        for iso in days_of(date, said.text):
            if not any(within(iso, day) for day in (*days, *own)):
                return f"the date {iso} is not in the statement"
    return ""


def _words(said: Text, held: Text, near: Text, ground: Ground) -> str:
    """Each word stands in the statement or in front of it; names may change between a country and its adjective."""
    known = {*held.listed(), *near.listed()}
    spelt = {match[0].lower() for text in (held, near) for match in WORD.finditer(text.text) if CAPITAL.match(match[0])}
    for word in said.words:
        if word.kind != "word" or word.key in known:
            continue
        spoken = said.text[word.start : word.end]
        if CAPITAL.match(spoken) and any(same_name(spoken, name) for name in spelt):
            continue
        return f"“{spoken}” is not in the statement"
    return ""


def _window(said: Text, held: Text) -> str:
    """Return the shortest stretch of a statement that has all that a sentence has of it, to the ends of its clauses."""
    known = held.listed()
    wanted = {key for key in said.listed() if key in known}
    for iso in said.listed("date"):
        exact = [day for day in held.listed("date") if within(iso, day)]
        wanted |= set(exact[:1]) if iso not in known else set()
    if not wanted:
        return ""
    best: tuple[int, int] | None = None
    for first in range(len(held.words)):
        missing = set(wanted)
        for last in range(first, len(held.words)):
            missing.discard(held.words[last].key)
            if not missing:
                if best is None or last - first < best[1] - best[0]:
                    best = (first, last)
                break
    if best is None:
        return ""
    start, end = held.words[best[0]].start, held.words[best[1]].end
    breaks = list(BREAK.finditer(held.text))
    left = max((match.end() for match in breaks if match.end() <= start), default=0)
    while left and _LEANS.search(held.text[left:start]):
        left = max((match.end() for match in breaks if match.start() < left - 1 and match.end() < left), default=0)
    right = min((match.start() for match in breaks if match.start() >= end), default=len(held.text))
    return held.text[left:right]


def _limits_a_figure(name: str, said: Text, held: Text) -> bool:
    """Say whether a mark is one of a figure, and so compared with its figure."""
    return name in ("about", "only", "more", "less", "least", "most") and (
        limits_of(said) != {} or limits_of(held) != {}
    )


def _subject(said: Text, held: Text) -> str:
    """A name that a statement begins with is not left out: whose deadline it is changes what is said."""
    spoken = set(said.listed())
    names = set(names_of(held))
    for word in held.words:
        if word.key in spoken:
            return ""
        if word.key in names:
            return "it leaves out whose it is"
    return ""


def _negations(said: Text, held: Text) -> str:
    """As many negations, and each of the same words."""
    ours, theirs = _negated(said), _negated(held)
    if len(ours) != len(theirs):
        return "a negation is added or left out"
    for mine, other in zip(ours, theirs, strict=True):
        if mine and other and not mine & other:
            return "something else is negated"
    return ""


def _negated(text: Text) -> list[set[str]]:
    """Return for each negation the three words behind it."""
    found = []
    for match in MARK["not"].finditer(text.text):
        found.append({word.key for word in [word for word in text.words if word.start >= match.end()][:3]})
    return found


def _heads(said: Text, held: Text) -> str:
    """What is said of each, of all or of some is said of the same things."""
    for name in ("all", "part", "only"):
        known = {key for keys in _next_to(held, name, 2) for key in keys}
        if known and any(keys and not set(keys) & known for keys in _next_to(said, name, 1)):
            return f"“{name}” is said of something else"
    return ""


def _next_to(text: Text, name: str, count: int) -> list[list[str]]:
    """Return the words and figures right behind each mark of a name."""
    ends = [match.end() for match in MARK[name].finditer(text.text)]
    return [[word.key for word in text.words if word.start >= end][:count] for end in ends]


def _limits(said: Text, held: Text) -> str:
    """Each figure and date has the same limit on both sides: at least, up to, more than, before, after, since."""
    ours, theirs = limits_of(said), limits_of(held)
    for word in said.words:
        if word.kind == "word":
            continue
        same = [other for other in held.words if other.kind == word.kind and same_value(word, other)]
        if same and ours.get(word.start, "") not in {theirs.get(other.start, "") for other in same}:
            return f"the limit of {word.key} is another"
    return ""


def _order(said: Text, held: Text) -> str:
    """What both have comes in one order; what opens a sentence, such as a date, may stand elsewhere."""
    opening = _ADJUNCT.match(said.text)
    cut = opening.end() if opening else 0
    for part in (said.text[:cut], said.text[cut:]):
        if problem := _disorder(read(part), held, turn=not cut):
            return problem
    return ""


def _disorder(said: Text, held: Text, *, turn: bool) -> str:
    theirs = held.listed("word")
    shared = [key for key in said.listed("word") if key in set(theirs)]
    turned = [shared[cut:] + shared[:cut] for cut in range(max(1, len(shared) if turn else 1))]
    if max(_longest(keys, theirs) for keys in turned) < len(shared):
        return "the words are in another order"
    pairs = {
        "figures": (said.listed("number"), held.listed("number")),
        "dates": (said.listed("date"), held.listed("date")),
        "names": (names_of(said), names_of(held)),
        "fields": (list(fields_in(said.text)), list(fields_in(held.text))),
    }
    for what, (ours, others) in pairs.items():
        shared = [key for key in ours if key in others]
        if _longest(shared, others) < len(shared):
            return f"the {what} are in another order"
    return ""


def _longest(keys: Sequence[str], others: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(others) + 1)
    for key in keys:
        above = row
        row = [0]
        for place, other in enumerate(others):
            row.append(above[place] + 1 if key == other else max(above[place + 1], row[place]))
    return row[-1]


def _counted(said: Text, held: Text) -> str:
    """A number counts the same thing: the words right behind it are the same, and none between is left out."""
    spoken = set(said.listed())
    for at, word in enumerate(said.words):
        same = [place for place, other in enumerate(held.words) if (other.kind, other.key) == ("number", word.key)]
        if word.kind != "number" or not same:
            continue
        behind = _behind(said, at, touching=True)
        if not any(_counts(behind, _behind(held, place), spoken) for place in same):
            return f"the figure {word.key} counts something else"
    return ""


def _behind(text: Text, at: int, *, touching: bool = False) -> list[str]:
    """Return the words behind a number up to the next figure: those that touch it, or NEAR_NUMBER of them."""
    keys: list[str] = []
    end = text.words[at].end
    for word in text.words[at + 1 : at + 1 + NEAR_NUMBER]:
        if word.kind != "word" or (touching and text.text[end : word.start].strip()):
            break
        keys.append(word.key)
        end = word.end
    return keys


def _counts(behind: Sequence[str], held: Sequence[str], spoken: Iterable[str]) -> bool:
    if not behind:
        return not held or held[0] in spoken
    if any(key not in held for key in behind):
        return False
    return all(key in spoken for key in held[: held.index(behind[0])])


def _bound(said: Text, held: Text) -> str:
    """Where a statement has several figures, dates, names or fields: each keeps the words right beside it."""
    days = [word for word in held.words if word.kind == "date"]
    if len({word.key for word in days}) > 1:
        for word in said.words:
            if word.kind == "date" and (problem := _torn(word, days, said, held)):
                return problem
    names = names_of(held)
    if len(set(names)) > 1:
        return _misnamed(said, held)
    return ""


def _torn(word: Word, anchors: Sequence[Word], said: Text, held: Text) -> str:
    """Say where a word of the same clause belongs to another figure or date of the statement."""
    own = [other for other in anchors if same_value(word, other)]
    if not own:
        return ""
    rivals = [other for other in anchors if other not in own and not _kin(other, own)]
    clause = [w for w in said.words if w.kind == "word" and word in _nearest(w, said)]
    for neighbour in clause:
        places = [w for w in held.words if w.key == neighbour.key]
        beside = min((abs(w.place - o.place) for w in places for o in own), default=99)
        away = min((abs(w.place - r.place) for w in places for r in rivals), default=99)
        if away <= 1 < beside:
            return f"“{neighbour.key}” belongs to another figure or date"
    return ""


def _kin(other: Word, own: Iterable[Word]) -> bool:
    return other.kind == "date" and any(one.key.startswith(other.key) or other.key.startswith(one.key) for one in own)


def _nearest(word: Word, text: Text) -> list[Word]:
    """Return the dates that a word stands nearest to."""
    days = [other for other in text.words if other.kind == "date"]
    least = min((abs(day.place - word.place) for day in days), default=0)
    return [day for day in days if abs(day.place - word.place) == least]


def _misnamed(said: Text, held: Text) -> str:
    """Say where a figure, date or field stands nearest to another name than in the statement."""
    ours, theirs = named_in(said), named_in(held)
    if not ours or not theirs:
        return ""
    for word in said.words:
        field = fields_in(said.text[word.start : word.end]) if word.kind == "word" else ()
        if word.kind == "word" and not field:
            continue
        least = min(abs(name.place - word.place) for name in ours)
        mine = {name.key for name in ours if abs(name.place - word.place) <= least + 1}
        fits = False
        for other in held.words:
            if other.kind != word.kind or not (other.key == word.key or same_value(word, other)):
                continue
            least = min(abs(name.place - other.place) for name in theirs)
            fits = fits or bool(mine & {name.key for name in theirs if abs(name.place - other.place) <= least + 1})
        known = any(name.key in mine for name in theirs)
        if known and not fits and any(other.key == word.key for other in held.words):
            return f"{word.key} belongs to another name"
    return ""


def dated(sentence: str, ground: Ground, *, language: str = "en") -> str:
    """Return a sentence with the date of its ground behind it, where it names none itself."""
    if dates(sentence) or not ground.days or not ground.days[-1]:
        return sentence
    day = f"as of {speak_date(ground.days[-1])}" if language == "en" else ground.days[-1]
    stop = sentence[-1:] if sentence[-1:] in ".!。" else "."
    return f"{sentence.rstrip('.!。 ')} ({day}){stop}"
