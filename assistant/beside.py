"""HTTP routes beside the chat and the API: exported files, links to answers, the application path."""

import datetime
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from assistant.captions import LANGUAGES, Captions, captions_of, preferred_language
from assistant.errors import ExportError, QuestionError
from assistant.export import (
    Exchange,
    Outline,
    dates_ahead,
    days_of_path,
    outline_of,
    outline_of_path,
    write_calendar,
    write_markdown,
    write_pdf,
    write_word,
)
from assistant.live import LiveAssistant
from assistant.pages import STATIC
from assistant.path import ApplicationPath, open_path
from assistant.permalink import LinkDamaged, compare, link_to, read
from assistant.records import Answer, Question
from assistant.settings import Settings
from assistant.views import POLICY, Linked, choose_cities, render_linked, render_nothing_linked, render_path

Format = Literal["md", "docx", "pdf", "ics"]
Ask = Callable[[Question], Awaitable[Answer]]

MOST_EXCHANGES = 60
TITLE_CHARS, NAME_CHARS = 200, 60
LANGUAGE = r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$"
DATE = r"^(\d{4}(-\d{2}(-\d{2})?)?)?$"
TYPES = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "ics": "text/calendar; charset=utf-8",
}
_WRITERS: dict[str, Callable[[Outline], bytes]] = {"md": write_markdown, "docx": write_word, "pdf": write_pdf}
_NOT_IN_NAME = re.compile(r"[^\w]+")


class ExchangeBody(BaseModel):
    """A question and its answer, as the API gave it."""

    question: str = Field(max_length=20_000)
    answer: Answer


class ExportBody(BaseModel):
    """What is to become a file."""

    title: str = Field("", max_length=TITLE_CHARS, description="empty: the first question")
    language: str = Field("en", pattern=LANGUAGE, description="of the words around the answers, ISO 639-1")
    exchanges: Annotated[list[ExchangeBody], Field(min_length=1, max_length=MOST_EXCHANGES)]


class LinkBody(BaseModel):
    """An answer that a link is wanted to."""

    answer: Answer
    as_of: str = Field("", pattern=DATE, description="what the question was asked with")


@dataclass(frozen=True, slots=True)
class Place:
    """What the routes share."""

    assistant: LiveAssistant
    paths: Callable[[], ApplicationPath]
    ask: Ask
    today: Callable[[], datetime.date]

    @property
    def path(self) -> ApplicationPath:
        """The application path, its statements found in the index that answers now."""
        return self.paths()

    @property
    def corpus(self) -> str:
        """The identity of the corpus that answers."""
        return self.assistant.index.fingerprint


def add_beside(
    app: FastAPI,
    assistant: LiveAssistant,
    settings: Settings,
    *,
    ask: Ask | None = None,
    today: Callable[[], datetime.date] = datetime.date.today,
) -> None:
    """Add the routes to an app; `ask` answers the question of a link, the assistant itself where none is given."""

    async def asked(question: Question) -> Answer:
        return await run_in_threadpool(assistant.ask, question)

    paths = assistant.of_each(lambda now: open_path(settings.corpus, now.index))
    place = Place(assistant, paths, ask or asked, today)
    app.mount("/pages", StaticFiles(directory=STATIC / "pages"))
    _add_exports(app, place)
    _add_links(app, place)
    _add_path(app, place)


def _add_exports(app: FastAPI, place: Place) -> None:
    @app.post("/export/{format_}", response_class=Response, response_description="the file")
    def export(format_: Format, body: ExportBody) -> Response:
        """Make a file of questions and their answers: Markdown, Word, PDF, or a calendar of the days ahead.

        Nothing is kept. A quote that does not stand in its document today is marked as unchecked.
        """
        captions = captions_of(body.language[:2].lower())
        today = place.today()
        exchanges = [Exchange(one.question, checked(one.answer, place.assistant)) for one in body.exchanges]
        title = (
            body.title.strip() or body.exchanges[0].question.strip()[:TITLE_CHARS] or captions.say("export.untitled")
        )
        if format_ == "ics":
            return _file(_calendar(dates_ahead(exchanges, today), captions, today), "ics", title, today)
        outline = outline_of(title, exchanges, captions, today=today.isoformat())
        return _file(_WRITERS[format_](outline), format_, title, today)


def _calendar(ahead: Sequence[object], captions: Captions, today: datetime.date) -> bytes:
    if not ahead:
        raise ExportError(captions.say("export.nothing_ahead", date=captions.date(today.isoformat())))
    return write_calendar(ahead, captions, now=datetime.datetime.now(datetime.UTC))  # type: ignore[arg-type]


def _add_links(app: FastAPI, place: Place) -> None:
    @app.post("/permalink", response_description="`url`, relative to the chat's address")
    def permalink(body: LinkBody) -> dict[str, str]:
        """Return a link to an answer. It holds the question and digests of what was answered; nothing is kept."""
        return {"url": link_to(body.answer, corpus=place.corpus, today=place.today(), as_of=body.as_of)}

    @app.get("/answer", include_in_schema=False)
    async def linked(
        request: Request,
        q: Annotated[str, Query(max_length=20_000)] = "",
        as_of: Annotated[str, Query(pattern=DATE)] = "",
        lang: Annotated[str, Query(pattern=LANGUAGE)] = "",
        seen: Annotated[str, Query(max_length=4_000)] = "",
    ) -> HTMLResponse:
        captions = _captions(request, lang)
        if not q.strip():
            return _page(render_nothing_linked(captions), status=404)
        answer = await place.ask(Question(q.strip(), as_of=as_of))
        found = await run_in_threadpool(_linked, place, q.strip(), answer, seen, captions)
        return _page(render_linked(replace(found, as_of=as_of), captions))


def _linked(place: Place, question: str, answer: Answer, token: str, captions: Captions) -> Linked:
    outline = outline_of(question, [Exchange(question, answer)], captions, today=place.today().isoformat())
    body = tuple(block for block in outline.blocks if block.kind not in ("title", "heading", "about"))
    linked = Linked(question, answer, replace(outline, blocks=body), token=token)
    if not token:
        return linked
    try:
        seen = read(token)
    except LinkDamaged:
        return replace(linked, damaged=True)
    index = place.assistant.index
    found = compare(seen, answer, corpus=place.corpus, passages=index.passages.values(), sources=index.sources)
    return replace(linked, seen=seen, comparison=found)


def _add_path(app: FastAPI, place: Place) -> None:
    @app.get("/path", include_in_schema=False)
    def path(
        request: Request,
        lang: Annotated[str, Query(pattern=LANGUAGE)] = "",
        field: Annotated[str, Query(max_length=100)] = "",
        region: Annotated[str, Query(max_length=100)] = "",
        country: Annotated[str, Query(max_length=100)] = "",
    ) -> HTMLResponse:
        choice = choose_cities(place.assistant.index.tables, field=field, region=region, country=country)
        ahead = len(days_of_path(place.path, place.today()))
        return _page(render_path(place.path, _captions(request, lang), choice, ahead=ahead))

    @app.get("/path/export/{format_}", include_in_schema=False)
    def path_file(
        request: Request,
        format_: Format,
        lang: Annotated[str, Query(pattern=LANGUAGE)] = "",
        done: Annotated[str, Query(max_length=2_000)] = "",
    ) -> Response:
        if not place.path.steps:
            raise HTTPException(404, "This corpus has no application path: add path.csv to it")
        captions, today = _captions(request, lang), place.today()
        title = captions.say("path.title", call=place.path.call)
        if format_ == "ics":
            return _file(_calendar(days_of_path(place.path, today), captions, today), "ics", title, today)
        outline = outline_of_path(place.path, captions, done=set(done.split(",")), today=today.isoformat())
        return _file(_WRITERS[format_](outline), format_, title, today)


def checked(answer: Answer, assistant: LiveAssistant) -> Answer:
    """Return the answer with each quote marked as verified only where it stands in its document today."""

    def stands(source_id: str, start: int, end: int, quote: str) -> bool:
        try:
            return assistant.source(source_id).text[start:end] == quote
        except QuestionError:
            return False

    citations = (
        replace(one, verified=one.verified and stands(one.source_id, one.start, one.end, one.quote))
        for one in answer.citations
    )
    return replace(answer, citations=tuple(citations))


def file_name(title: str, format_: str, today: datetime.date) -> tuple[str, str]:
    """Return the name of a file in ASCII, for old programs, and in full."""
    words = _NOT_IN_NAME.sub("-", title.casefold()).strip("-_")[:NAME_CHARS].strip("-_") or "answers"
    letters = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    plain = _NOT_IN_NAME.sub("-", letters).strip("-_") or "answers"
    return tuple(f"uccn-{name}-{today.isoformat()}.{format_}" for name in (plain, words))  # type: ignore[return-value]


def _file(data: bytes, format_: str, title: str, today: datetime.date) -> Response:
    plain, full = file_name(title, format_, today)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(full)}"
    return Response(
        data, media_type=TYPES[format_], headers={"Content-Disposition": named, "Cache-Control": "no-store"}
    )


def _captions(request: Request, language: str) -> Captions:
    asked = language[:2].lower()
    return captions_of(asked if asked in LANGUAGES else preferred_language(request.headers.get("accept-language", "")))


def _page(html: str, *, status: int = 200) -> HTMLResponse:
    headers = {**POLICY, "X-Robots-Tag": "noindex"} if status == 200 else dict(POLICY)
    return HTMLResponse(html, status, headers=headers)
