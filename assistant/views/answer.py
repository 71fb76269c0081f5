"""The page that a link to an answer opens: today's answer, and whether it is still the one that was linked."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from assistant.captions import Captions
from assistant.export import Block, Note, Outline, Run
from assistant.permalink import Comparison, Seen
from assistant.records import Answer
from assistant.views.frame import render_page, to_chat, to_document


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link asks, what it says of the answer then, and the answer now."""

    question: str
    answer: Answer
    outline: Outline  # of the answer, without its question
    seen: Seen | None = None  # None where the link tells nothing of then
    comparison: Comparison | None = None
    damaged: bool = False  # it tells something that cannot be read
    as_of: str = ""
    token: str = ""  # what the link tells, as it stands in the address


def render_linked(linked: Linked, captions: Captions, *, root: str = "./") -> str:
    """Render the page."""
    say = captions.say
    question = escape(linked.question)
    body = (
        f"<h1>{escape(say('answer.title'))}</h1>{_verdict(linked, captions, root)}"
        f'<article class="answer"><h2 dir="auto"><span class="hidden">{escape(say("answer.asked"))}: </span>'
        f"{question}</h2>"
        f"{_blocks(linked, captions)}{_notes(linked.outline.notes, captions)}</article>"
        f'<p class="row"><a class="button" href="{to_chat(linked.question, root)}">{escape(say("answer.ask"))}</a></p>'
    )
    asked = {"q": linked.question, "as_of": linked.as_of, "seen": linked.token}
    asked = {name: value for name, value in asked.items() if value}
    return render_page(captions, linked.question[:80], body, here="answer", asked=asked, root=root)


def render_nothing_linked(captions: Captions, *, root: str = "./") -> str:
    """Render the page of a link without a question."""
    body = (
        f"<h1>{escape(captions.say('answer.title'))}</h1><p>{escape(captions.say('answer.empty'))}</p>"
        f'<p class="row"><a class="button" href="{root}">{escape(captions.say("answer.ask"))}</a></p>'
    )
    return render_page(captions, captions.say("answer.title"), body, here="answer", root=root)


def _verdict(linked: Linked, captions: Captions, root: str) -> str:
    say, seen, found = captions.say, linked.seen, linked.comparison
    if linked.damaged:
        return f'<div class="verdict changed" role="status"><p>{escape(say("answer.unreadable"))}</p></div>'
    if seen is None or found is None:
        return f'<div class="verdict" role="status"><p>{escape(say("answer.plain"))}</p></div>'
    worded = linked.answer.route == "llm"
    same = found.same_quotes and seen.status == linked.answer.status and (found.same_text or worded)
    reworded = found.same_quotes and seen.status == linked.answer.status and bool(linked.answer.citations)
    verdict = "answer.same" if same and not worded else "answer.reworded" if reworded else "answer.changed"
    points = []
    if seen.status != linked.answer.status:
        then, now = say(f"status.{seen.status}"), say(f"status.{linked.answer.status}")
        points.append(escape(say("answer.status", then=then, now=now)))
    if not worded and not same:
        counts = {
            "answer.new_sentences": len(found.new_sentences),
            "answer.gone_sentences": found.gone_sentences,
            "answer.new_quotes": len(found.new_quotes),
            "answer.gone_quotes": found.gone_quotes,
        }
        points += [escape(say(name, count=count)) for name, count in counts.items() if count]
    if found.stands:
        points.append(escape(say("answer.stands")) + _standing(found, root))
    if (lost := found.gone_quotes - len(found.stands)) > 0:
        points.append(escape(say("answer.no_longer", count=lost)))
    if worded:
        points.append(escape(say("answer.model")))
    if not found.same_corpus:
        points.append(escape(say("answer.corpus")))
    listed = f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>" if points else ""
    return (
        f'<div class="verdict{"" if same else " changed"}" role="status"><p>{escape(say(verdict))}</p>'
        f'<p class="note">{escape(say("answer.linked", date=captions.date(seen.day)))}</p>{listed}</div>'
    )


def _standing(found: Comparison, root: str) -> str:
    items = "".join(
        f'<li><a href="{to_document(one.source_id, one.start, one.end, root)}" lang="en" dir="ltr">'
        f"{escape(one.text)}</a></li>"
        for one in found.stands
    )
    return f"<ul>{items}</ul>"


def _blocks(linked: Linked, captions: Captions) -> str:
    fresh = linked.comparison.new_sentences if linked.comparison else ()
    badge = f'<span class="badge new">{escape(captions.say("answer.new"))}</span>'
    parts = []
    for kind, group in groupby(linked.outline.blocks, key=lambda block: block.kind):
        blocks = list(group)
        if kind == "row":
            parts.append(_table(blocks))
            continue
        rendered = []
        for block in blocks:
            new = badge if kind in ("paragraph", "item") and _holds(block, fresh) else ""
            tag = "li" if kind == "item" else "p"
            quiet = ' class="remark"' if kind == "remark" else ""
            turned = f' lang="{escape(block.language)}" dir="auto"' if block.language else ""
            rendered.append(f"<{tag}{quiet}{turned}>{new}{_runs(block.runs)}</{tag}>")
        parts.append(f"<ul>{''.join(rendered)}</ul>" if kind == "item" else "".join(rendered))
    return "".join(parts)


def _holds(block: Block, fresh: Sequence[str]) -> bool:
    text = " ".join("".join(run.text for run in block.runs).split())
    return any(" ".join(words.split()) in text for words in fresh)


def _table(blocks: Sequence[Block]) -> str:
    rows = []
    for block in blocks:
        tag = "th" if block.head else "td"
        rows.append(f"<tr>{''.join(f'<{tag}>{_runs(cell)}</{tag}>' for cell in block.cells)}</tr>")
    return f'<div class="table" tabindex="0" role="region"><table>{"".join(rows)}</table></div>'


def _runs(runs: Sequence[Run]) -> str:
    parts = []
    for run in runs:
        if run.note:
            parts.append(f'<sup><a href="#note-{run.note}">[{run.note}]</a></sup>')
            continue
        words = escape(run.text).replace("\n", "<br>")
        words = f"<strong>{words}</strong>" if run.bold else words
        parts.append(f"<em>{words}</em>" if run.italic else words)
    return "".join(parts)


def _notes(notes: Sequence[Note], captions: Captions) -> str:
    if not notes:
        return ""
    return f'<h2>{escape(captions.say("shared.sources"))}</h2><ol class="sources">{"".join(map(_note, notes))}</ol>'


def _note(note: Note) -> str:
    quote = "".join(f"<p>{escape(line)}</p>" for line in note.quote)
    about = escape(note.about)
    if note.url:
        about = f'<a href="{escape(note.url)}" rel="noopener noreferrer">{about}</a>'
    place = f'<p class="facts">{escape(note.place)}</p>' if note.place else ""
    unchecked = f'<p class="note">{escape(note.unchecked)}</p>' if note.unchecked else ""
    return (
        f'<li id="note-{note.number}"><blockquote lang="en" dir="ltr">{quote}</blockquote>'
        f'<p class="facts" lang="en" dir="ltr">{about}</p>{place}{unchecked}</li>'
    )
