"""The staff's pages, in English: what was asked, what was missing, what grows old, the corpus as indexed, the evals."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from assistant import strings
from assistant.gaps import Gap, Stale, age_days
from assistant.pages import show_date, show_firmness
from assistant.records import Origin, Passage, Source, Unit
from assistant.store import Asked, Rating
from assistant.views.frame import to_chat, to_document

PAGES = {
    "": "Overview",
    "questions": "Questions",
    "gaps": "Gaps",
    "board": "Staleness",
    "corpus": "Corpus",
    "evals": "Evals",
}
KEPT = {
    "off": "Questions are not kept (UCCN_KEEP_QUESTIONS=off), so only ratings show here.",
    "hashed": "Questions are kept without their words (UCCN_KEEP_QUESTIONS=hashed): counted, and not to be read.",
    "full": "Questions are kept in full (UCCN_KEEP_QUESTIONS=full), without e-mail addresses and phone numbers.",
}
SHOWN = 40  # questions of one gap


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of the staff's needs."""

    name: str  # who is there
    root: str  # leads to the chat's address
    password: bool  # whether one can log out
    notice: str = ""


def render_login(*, wrong: bool, root: str) -> str:
    """Render the form that asks for the password."""
    failed = '<p class="wrong" role="alert">This password is not right.</p>' if wrong else ""
    body = (
        f'<h1>Staff</h1><form class="login" method="post" action="{root}staff/login">{failed}'
        "<label>"
        'Password<input type="password" name="password" autocomplete="current-password" required autofocus></label>'
        '<button class="primary">Log in</button></form>'
    )
    return _page("Staff", body, root=root)


def render_board(
    frame: Frame, *, keep: str, asked: Sequence[Asked], ratings: Sequence[Rating], gaps: int, sources: int, stale: str
) -> str:
    """Render the overview."""
    unanswered = sum(row.status in ("no_answer", "out_of_scope", "error") for row in asked)
    down = sum(rating.verdict == "down" for rating in ratings)
    share = f"{100 * unanswered / len(asked):.0f} %" if asked else "none asked"
    numbers = {
        "questions kept": len(asked),
        "not answered": f"{unanswered} ({share})" if asked else 0,
        "rated up": len(ratings) - down,
        "rated down": down,
        "gaps": gaps,
        "documents and tables": sources,
    }
    items = "".join(f"<li><strong>{escape(str(value))}</strong>{name}</li>" for name, value in numbers.items())
    notice = f'<p class="verdict changed">{escape(stale)}</p>' if stale else ""
    return _staff_page(
        frame, "", f'<h1>Overview</h1>{notice}<p class="note">{KEPT[keep]}</p><ul class="numbers">{items}</ul>'
    )


def render_questions(
    frame: Frame, *, keep: str, asked: Sequence[Asked], ratings: Sequence[Rating], status: str, statuses: Sequence[str]
) -> str:
    """Render what was asked, newest first, and how it was rated."""
    options = "".join(
        f'<option value="{escape(one)}"{" selected" if one == status else ""}>{escape(one or "any")}</option>'
        for one in ("", *statuses)
    )
    rows = "".join(_asked(row, frame) for row in asked)
    table = _table(("When", "Question", "Status", "Answered by", "Time", "Channel", ""), rows, "questions")
    rated = "".join(_rating(rating, frame) for rating in ratings)
    ratings_table = _table(("When", "Question", "Verdict", "Reason", "Comment", ""), rated, "ratings")
    body = (
        f'<h1>Questions</h1><p class="note">{KEPT[keep]}</p><form class="choice" method="get">'
        f'<div><label for="status">Status</label>'
        f'<select id="status" name="status">{options}</select></div><button class="primary">Show</button></form>'
        f'<h2 id="questions">Asked</h2>{table}<h2 id="ratings">Rated</h2>{ratings_table}'
    )
    return _staff_page(frame, "questions", body)


def _asked(row: Asked, frame: Frame) -> str:
    read = f'<p class="facts">read as: {escape(row.standalone)}</p>' if row.standalone not in ("", row.question) else ""
    words = f"<bdi>{escape(row.question)}</bdi>{read}" if row.question else f"<code>{escape(row.digest)}</code>"
    sources = ", ".join(f'<a href="{frame.root}staff/corpus/{quote(id_)}">{escape(id_)}</a>' for id_ in row.sources[:4])
    draft = _draft(row.standalone or row.question, row.status, row.language, row.sources, frame) if row.question else ""
    return (
        f'<tr><td>{_moment(row.at)}</td><th scope="row">{words}</th><td>{escape(row.status)}</td>'
        f'<td>{escape(row.route)}<p class="facts">{sources}</p></td><td class="number">{row.milliseconds:.0f} ms</td>'
        f"<td>{escape(row.channel)}</td><td>{draft}</td></tr>"
    )


def _rating(rating: Rating, frame: Frame) -> str:
    draft = _draft(rating.question, "answered", "", (), frame)
    return (
        f'<tr><td>{_moment(rating.at)}</td><th scope="row"><bdi>{escape(rating.question)}</bdi></th>'
        f"<td>{escape(rating.verdict)}</td><td>{escape(rating.reason)}</td><td><bdi>{escape(rating.comment)}</bdi></td>"
        f"<td>{draft}</td></tr>"
    )


def _draft(question: str, status: str, language: str, sources: Sequence[str], frame: Frame) -> str:
    """Render the button that makes an eval item of a question."""
    held = {"question": question, "status": status, "language": language, "sources": " ".join(sources)}
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in held.items())
    label = escape(f"Make an eval item of: {question[:80]}")
    return (
        f'<form method="post" action="{frame.root}staff/evals/drafts">{fields}'
        f'<button aria-label="{label}">Eval item</button></form>'
    )


def render_gaps(frame: Frame, *, keep: str, gaps: Sequence[Gap]) -> str:
    """Render what was asked in vain, grouped by meaning."""
    parts = []
    for number, gap in enumerate(gaps, 1):
        counts = ", ".join(f"{escape(status)} {count}" for status, count in gap.statuses.items())
        others = [words for words in gap.questions if words != gap.question]
        items = "".join(f"<li><bdi>{escape(words)}</bdi></li>" for words in others[:SHOWN])
        listed = f"<details><summary>{len(others)} other wordings</summary><ul>{items}</ul></details>" if others else ""
        said = "".join(f"<li><bdi>{escape(comment)}</bdi></li>" for comment in gap.comments[:SHOWN])
        comments = f"<p>Comments:</p><ul>{said}</ul>" if said else ""
        reasons = f"<p>Reasons: {escape(', '.join(gap.reasons))}</p>" if gap.reasons else ""
        facts = [f"times: {gap.times}", counts, f"last {_moment(gap.last)}", escape(", ".join(gap.languages))]
        parts.append(
            f'<li class="passage"><h2><bdi>{escape(gap.question)}</bdi></h2>'
            f'<p class="facts">{" · ".join(fact for fact in facts if fact)}</p>'
            f"{reasons}{comments}{listed}"
            f'<div class="row"><a class="button" href="{to_chat(gap.question, frame.root)}" '
            f'aria-label="Ask it in the chat: gap {number}">Ask it</a>'
            f"{_draft(gap.question, 'answered', '', (), frame)}</div></li>"
        )
    none = "<p>Nothing was asked in vain, as far as questions and ratings are kept.</p>"
    listed = f'<ul class="lines">{"".join(parts)}</ul>' if parts else none
    return _staff_page(
        frame,
        "gaps",
        f"<h1>Gaps</h1><p>Questions without an answer, or with one that was rated down, grouped by meaning.</p>"
        f'<p class="note">{KEPT[keep]}</p>{listed}',
    )


def render_stale(frame: Frame, rows: Sequence[Stale]) -> str:
    """Render the documents that answers rest on, the old and much used ones first."""
    body = "".join(
        f'<tr><th scope="row"><a href="{frame.root}staff/corpus/{quote(row.source_id)}">{escape(row.title)}</a></th>'
        f'<td>{escape(show_date(row.date)) or "undated"}</td><td class="number">{_age(row.days)}</td>'
        f'<td class="number">{row.answers}</td><td>{_moment(row.last)}</td></tr>'
        for row in rows
    )
    table = _table(("Document", "Speaks of", "Age", "Answers", "Last answer"), body, "board")
    none = "" if rows else "<p>No kept answer rests on a document yet.</p>"
    text = "Documents that kept answers rest on. Age times answers decides the order: look at the first ones first."
    return _staff_page(frame, "board", f'<h1 id="board">Staleness</h1><p>{text}</p>{none or table}')


def render_corpus(
    frame: Frame,
    sources: Iterable[Source],
    *,
    passages: Mapping[str, int],
    units: Mapping[str, int],
    today: datetime.date,
) -> str:
    """Render the list of the documents and tables of the corpus."""
    rows = "".join(
        f'<tr><th scope="row"><a href="{frame.root}staff/corpus/{quote(one.id)}">{escape(one.title)}</a>'
        f'<p class="facts"><code>{escape(one.path)}</code></p></th><td>{escape(one.kind)}</td>'
        f'<td>{escape(show_date(one.date)) or "undated"}</td><td class="number">{_age(age_days(one.date, today))}</td>'
        f'<td class="number">{passages.get(one.id, 0)}</td><td class="number">{units.get(one.id, 0)}</td></tr>'
        for one in sources
    )
    table = _table(("Document", "Kind", "Speaks of", "Age", "Passages", "Statements"), rows, "corpus")
    return _staff_page(frame, "corpus", f'<h1 id="corpus">Corpus</h1>{table}')


def render_document(frame: Frame, source: Source, passages: Sequence[Passage], origins: Mapping[str, Origin]) -> str:
    """Render a document as it is indexed: its passages, their statements, and what each is expected to answer."""
    parts = []
    for passage in passages:
        items = "".join(f"<li>{_unit(unit, source, origins, frame.root)}</li>" for unit in passage.units)
        label = escape(" › ".join(passage.headings) or passage.title)
        parts.append(
            f'<section class="passage"><h2>{label}</h2><p class="facts"><code>{escape(passage.id)}</code>'
            f" · {len(passage.units)} statements · characters {passage.start} to {passage.end}</p>"
            f"<ol>{items}</ol></section>"
        )
    facts = (source.publisher, show_date(source.date) or "undated", source.kind, f"{len(passages)} passages")
    none = (
        ""
        if passages
        else "<p>It has no passage of its own: a view of the table of cities is quoted, not searched.</p>"
    )
    body = (
        f'<h1>{escape(source.title)}</h1><p class="facts">'
        f"{' · '.join(escape(fact) for fact in facts if fact)}"
        f'</p><p class="row"><a class="button" href="{frame.root}api/v1/sources/{quote(source.id)}">'
        "Read the whole text</a></p>"
        f"{none}{''.join(parts)}"
    )
    return _staff_page(frame, "corpus", body)


def _unit(unit: Unit, source: Source, origins: Mapping[str, Origin], root: str) -> str:
    ids = dict.fromkeys(id_ for held in source.attributed(unit.start, unit.end) for id_ in held.origins)
    resting = ", ".join(f"{escape(id_)} ({escape(show_firmness(origins[id_]))})" for id_ in ids if id_ in origins)
    facts = [unit.kind, escape(show_date(unit.date)) if unit.date else "", resting]
    label = f'<p class="facts">under: {escape(unit.label)}</p>' if unit.label else ""
    asked = "".join(f"<li>{escape(question)}</li>" for question in unit.expected)
    expected = (
        f"<details><summary>{len(unit.expected)} expected questions</summary><ul>{asked}</ul></details>"
        if asked
        else ""
    )
    address = to_document(source.id, unit.start, unit.end, root)
    return (
        f'<a href="{address}">{escape(unit.text)}</a>{label}'
        f'<p class="facts">{" · ".join(fact for fact in facts if fact)}</p>{expected}'
    )


def render_runs(frame: Frame, *, report: str, drafts: Sequence[str]) -> str:
    """Render the last eval report, where there is one, and the eval items that were made here."""
    shown = (
        f'<p class="note">Written {escape(report)}.</p>'
        f'<iframe class="report" src="{frame.root}staff/evals/report" title="The last eval report" '
        'sandbox="allow-scripts">'
        f'</iframe><p><a href="{frame.root}staff/evals/report">Open the report alone</a></p>'
        if report
        else "<p>There is no report yet: <code>uccn eval run</code> makes one.</p>"
    )
    items = "".join(f"<li><code>{escape(line)}</code></li>" for line in drafts)
    held = (
        f'<ol>{items}</ol><p class="row"><a class="button" href="{frame.root}staff/evals/drafts">'
        "Download drafts.jsonl</a></p>"
        if drafts
        else "<p>None yet: the button “Eval item” beside a question makes one.</p>"
    )
    text = "Complete a draft (what must stand in the answer) before it becomes a line of evals/datasets/."
    return _staff_page(frame, "evals", f"<h1>Evals</h1><h2>Last report</h2>{shown}<h2>Drafts</h2><p>{text}</p>{held}")


def _table(heads: Sequence[str], rows: str, labelled_by: str) -> str:
    cells = "".join(f'<th scope="col">{escape(head)}</th>' if head else "<td></td>" for head in heads)
    return (
        f'<div class="table" tabindex="0" role="region" aria-labelledby="{labelled_by}"><table><thead><tr>'
        f"{cells}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _moment(iso: str) -> str:
    return escape(f"{iso[:10]} {iso[11:16]}".strip())


def _age(days: int | None) -> str:
    return "" if days is None else f"{days // 365} y {days % 365 // 30} m"


def _staff_page(frame: Frame, here: str, body: str) -> str:
    links = []
    for page, name in PAGES.items():
        current = ' aria-current="page"' if page == here else ""
        links.append(f'<a href="{frame.root}staff{f"/{page}" if page else ""}"{current}>{name}</a>')
    out = (
        f'<form method="post" action="{frame.root}staff/logout"><button>Log out</button></form>'
        if frame.password
        else ""
    )
    notice = f'<p class="verdict" role="status">{escape(frame.notice)}</p>' if frame.notice else ""
    return _page(PAGES[here], notice + body, root=frame.root, links="".join(links), out=out)


def _page(title: str, body: str, *, root: str, links: str = "", out: str = "") -> str:
    nav = f'<nav aria-label="Staff">{links}</nav>' if links else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · {strings.NAME}</title>"
        f'<link rel="icon" href="{root}pages/favicon.svg"><link rel="stylesheet" href="{root}pages/pages.css">'
        f'<script src="{root}pages/theme.js"></script></head><body class="staff">'
        f'<a class="skip" href="#content">Skip to the content</a>'
        f'<header class="bar"><a class="name" href="{root}">{strings.NAME}</a>{nav}{out}</header>'
        f'<main id="content" tabindex="-1">{body}</main></body></html>'
    )
