"""The HTTP interface: questions, ratings, cities, sources, health and the mounted chat, in one web app."""

import asyncio
import csv
import io
import logging
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, TypeVar

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.background import BackgroundTask
from starlette.routing import Match
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant import strings
from assistant.access import Peer
from assistant.beside import add_beside
from assistant.chain import Assistant, Event
from assistant.chat import mount_chat
from assistant.cities import find, matching
from assistant.corpus import state_of_table
from assistant.errors import AssistantError, QuestionError, SettingsError, StoreError
from assistant.guard import (
    CLIENT_LEFT,
    PAGE_POLICY,
    ErrorBody,
    error_body,
    guard,
    is_local,
    key_of,
    said_of,
    status_of,
)
from assistant.live import LiveAssistant, follow_index, settle
from assistant.logs import log_config
from assistant.metrics import Metrics
from assistant.outage import Outage
from assistant.pages import render_reference, render_source
from assistant.readiness import Readiness
from assistant.records import Answer, City, Question, Source, Turn
from assistant.retries import Retries, Ticket, ticket_of
from assistant.server import Server, leave
from assistant.settings import Settings
from assistant.staff import add_staff
from assistant.store import ANSWER_CHARS, COMMENT_CHARS, REASON_CHARS, Channel, Rating, Store, Verdict, open_store
from assistant.toolbox import open_toolbox
from assistant.tracing import Trace, open_trace
from assistant.widget import add_widget
from assistant.workers import RETRY_SECONDS, STOPPING, Workers

logger = logging.getLogger(__name__)

RECORD_SECONDS = 5.0  # that the store gets to keep a question
CLOSING_SECONDS = 5  # what open connections are given to end once no answer is in flight
MOST_CONNECTIONS = 1000  # open at once; one more is told 503
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CITY_COLUMNS = ("name", "country", "region", "field", "year", "latitude", "longitude", "note")

ERRORS: dict[int | str, str] = {
    "4XX": "what is wrong with the request: `error.code`, `error.message`",
    "5XX": "what is wrong here, in the same form",
}
# The same for routes that answer in another form, since an error is JSON there too.
_ERROR_SCHEMA = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
JSON_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": _ERROR_SCHEMA} for status, text in ERRORS.items()
}
Conversation = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$", description="any id of the conversation, by which it can be deleted")
]
Retried = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="any text; a request that is sent again with it gets the first response for ten minutes",
    ),
]
T = TypeVar("T")


class TurnBody(BaseModel):
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


class QuestionBody(BaseModel):
    """A question and what was said before it."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        description="the question, in any language"
    )
    history: list[TurnBody] = Field(
        [], description="earlier messages, oldest first, each with `role` (user or assistant) and `content`"
    )
    as_of: str = Field(
        "", pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$", description="answer from what was known at this date"
    )
    language: str = Field(
        "", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$", description="ISO 639 code, where known"
    )
    id: str = Field("", max_length=200, description="any text; the answer carries it back")
    conversation: Conversation = ""
    channel: Channel = Field("api", description="where it was asked")

    def read(self) -> Question:
        """Return the question as the assistant takes it."""
        history = [Turn(turn.role, turn.content) for turn in self.history]
        return Question(self.question, id=self.id, history=history, as_of=self.as_of, language=self.language)


class FeedbackBody(BaseModel):
    """What a visitor says of an answer; it is kept with both."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=2000, description="the question as it was asked")
    answer: str = Field(min_length=1, max_length=ANSWER_CHARS, description="the answer that is rated")
    verdict: Verdict
    reason: str = Field("", max_length=REASON_CHARS, description="a word for what is wrong")
    comment: str = Field("", max_length=COMMENT_CHARS, description="anything else")
    conversation: Conversation = ""
    channel: Channel = Field("api", description="where it was asked")

    def read(self) -> Rating:
        """Return the rating as the store takes it."""
        return Rating(**self.model_dump())


class CityList(BaseModel):
    """Member cities that meet every condition."""

    count: int
    total: int = Field(description="of all member cities in the table")
    as_of: str = Field(description="ISO date of the table")
    cities: list[City]


class Kept(BaseModel):
    """A rating was kept."""

    status: Literal["kept"] = "kept"


class State(BaseModel):
    """The server is well."""

    status: Literal["ok"] = "ok"


class Ready(State):
    """The server can answer."""

    sources: int = Field(description="documents that it answers from")
    index: str = Field(description="the version of the index that they are in; every build has another")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes share."""

    assistant: LiveAssistant
    settings: Settings
    workers: Workers
    retries: Retries
    metrics: Metrics
    store: Store
    trace: Trace | None
    unrecorded: Outage = field(default_factory=lambda: Outage("The store", "questions are not recorded"))

    async def ask(self, question: Question) -> Answer:
        """Answer a question that another assistant asks."""
        began = time.perf_counter()
        answer = await self.workers.answer(question)
        await self.answered(answer, seconds=time.perf_counter() - began)
        return answer

    async def answered(
        self, answer: Answer, *, seconds: float, conversation: str = "", channel: Channel = "api"
    ) -> None:
        """Count an answer and keep what the settings let be kept; a store that fails takes no answer away."""
        self.metrics.answered(answer, channel=channel, seconds=seconds)
        if self.trace:
            self.trace(answer, seconds=seconds, channel=channel)
        if not self.unrecorded.may_try():
            self.metrics.not_kept()
            return
        try:
            async with asyncio.timeout(RECORD_SECONDS):
                await asyncio.to_thread(self.store.record, answer, conversation=conversation, channel=channel)
        except (StoreError, TimeoutError) as error:
            self.metrics.not_kept()
            self.unrecorded.failed(error)
        else:
            self.unrecorded.worked()


def create_app(opened: Assistant | LiveAssistant, settings: Settings) -> FastAPI:
    """Return the web app: `/api/v1/...`, the widget, `/healthz`, `/readyz`, `/metrics`, `/docs` and the chat at `/`."""
    assistant = opened if isinstance(opened, LiveAssistant) else LiveAssistant(opened)
    app = FastAPI(
        title=f"{strings.NAME} API",
        description="Answers about the UNESCO Creative Cities Network, each with the quotes it rests on.",
        version="1",
        docs_url=None,
        redoc_url=None,
        responses={status: {"model": ErrorBody, "description": text} for status, text in ERRORS.items()},
    )
    metrics = Metrics()
    workers = Workers(
        assistant,
        threads=settings.threads,
        waiting=settings.answers_waiting,
        timeout_seconds=settings.answer_timeout_seconds,
        refused=metrics.refused,
    )
    store = open_store(settings)
    retries = Retries(settings.rate_store, running_seconds=settings.answer_timeout_seconds + RECORD_SECONDS)
    desk = Desk(assistant, settings, workers, retries, metrics, store, open_trace())
    guard(app, settings, metrics)
    _add_asking(app, desk)
    _add_reading(app, desk)
    app.state.workers = workers  # for whoever starts and stops the server
    add_widget(app, settings)
    app.router.routes.append(open_toolbox(assistant, desk.ask))
    _add_health(app, desk)
    add_beside(app, assistant, settings, ask=workers.answer)
    add_staff(app, assistant, settings, store)
    app.state.frame = mount_chat(app, assistant, settings)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    app.add_middleware(Peer)  # the outermost: it sees the connection itself
    return app


def serve(assistant: Assistant, settings: Settings) -> None:
    """Serve the web app until SIGINT or SIGTERM, then let the answers in flight end, and with them the process.

    Raises SettingsError where the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
            "stop the program that uses it or set UCCN_PORT"
        ) from error
    live = follow_index(assistant, settings)
    app = create_app(live, settings)
    config = uvicorn.Config(
        app,
        log_config=log_config(settings.log_format),
        access_log=False,
        http="h11",  # the other parser takes headers without end
        proxy_headers=False,  # the app has that middleware itself, with the proxies of the settings
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=CLOSING_SECONDS,
        server_header=False,
    )
    assistant.warm_english()
    settle()
    logger.info("Open http://%s:%d in a browser; Ctrl-C stops the server", settings.host, settings.port)
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn sends itself the signal again once it has stopped
        signal.signal(number, lambda *_: None)

    def warm_rest() -> None:
        try:
            assistant.warm()
        except AssistantError as error:
            logger.error("Questions in other languages than English cannot be answered: %s", error)
        settle()

    def behind() -> None:
        threading.Thread(target=warm_rest, name="languages", daemon=True).start()
        app.state.frame.open()

    with listener, live.following():
        Server(config, app.state.workers, stop_seconds=settings.stop_seconds, behind=behind).run(sockets=[listener])
    leave()


def _add_asking(app: FastAPI, desk: Desk) -> None:
    async def taken(body: QuestionBody) -> QuestionBody:
        if len(body.question) > desk.settings.max_question_chars:
            raise HTTPException(413, strings.TOO_LONG.format(limit=desk.settings.max_question_chars))
        return body

    async def begun(
        request: Request, body: Annotated[QuestionBody, Depends(taken)]
    ) -> AsyncIterator[AsyncIterator[Event]]:
        async with aclosing(desk.workers.stream(body.read())) as steps:  # type: ignore[type-var]
            # A refused question is still a 4xx, not an event of a 200.
            first = await _unless_left(request, anext(steps))
            yield _chained(first, steps)
        # Here the answer has been sent, or the client has left.

    @app.post("/api/v1/ask", response_model=Answer, response_description="the answer with its citations")
    async def ask(request: Request, body: Annotated[QuestionBody, Depends(taken)], retried: Retried = "") -> Response:
        """Answer a question from the sources."""
        ticket = await _ticket(request, retried)
        if (sent := await desk.retries.begin(ticket)) is not None:
            return Response(sent, media_type="application/json", headers={"Idempotent-Replayed": "true"})
        began = time.perf_counter()
        try:
            answer = await _unless_left(request, desk.workers.answer(body.read()))
        except BaseException:
            await desk.retries.drop(ticket)
            raise
        response = JSONResponse(answer.to_dict())
        await desk.retries.end(ticket, bytes(response.body))
        seconds = time.perf_counter() - began
        response.background = BackgroundTask(
            desk.answered, answer, seconds=seconds, conversation=body.conversation, channel=body.channel
        )
        return response

    @app.post(
        "/api/v1/ask/stream",
        response_class=EventSourceResponse,
        response_description="the events",
        responses=JSON_ERRORS,
    )
    async def ask_stream(
        body: Annotated[QuestionBody, Depends(taken)], steps: Annotated[AsyncIterator[Event], Depends(begun)]
    ) -> AsyncIterator[ServerSentEvent]:
        """Answer step by step: events `status` and `delta` (a `text`), then `answer` or `error`.

        Where the server has a language model, `instant` comes first, the answer without it; then each `sentence` (a
        `text`) that has passed the check. `answer` replaces both.
        """
        began = time.perf_counter()
        try:
            async for step in steps:
                data = {"text": step.text} if step.answer is None else step.answer.to_dict()
                yield ServerSentEvent(event=step.name, data=data)
                if step.name == "answer" and step.answer is not None:
                    seconds = time.perf_counter() - began
                    await desk.answered(
                        step.answer, seconds=seconds, conversation=body.conversation, channel=body.channel
                    )
        except AssistantError as error:
            yield ServerSentEvent(event="error", data=error_body(status_of(error), said_of(error)))
        except Exception:
            logger.exception("A streamed answer broke off")
            yield ServerSentEvent(event="error", data=error_body(500, strings.BROKEN))

    @app.post("/api/v1/feedback", status_code=201, response_model=Kept, response_description="the rating is kept")
    async def feedback(request: Request, body: FeedbackBody, retried: Retried = "") -> Response:
        """Keep what a visitor says of an answer, with both; e-mail addresses and phone numbers are taken out."""
        ticket = await _ticket(request, retried)
        if (sent := await desk.retries.begin(ticket)) is None:
            try:
                await asyncio.to_thread(desk.store.rate, body.read())
            except BaseException:
                await desk.retries.drop(ticket)
                raise
            sent = Kept().model_dump_json().encode()
            await desk.retries.end(ticket, sent)
            desk.metrics.rated(body.verdict)
        return Response(sent, 201, media_type="application/json")


def _add_reading(app: FastAPI, desk: Desk) -> None:
    @app.get(
        "/api/v1/cities",
        response_model=CityList,
        response_description="the cities, as JSON or CSV",
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    def cities(
        country: Annotated[
            str, Query(max_length=100, description="a country, a part of one (Scotland) or a named group, in any name")
        ] = "",
        field: Annotated[str, Query(max_length=100, description="a creative field")] = "",
        region: Annotated[str, Query(max_length=100, description="a region of UNESCO")] = "",
        year: Annotated[str, Query(max_length=9, description="year of designation, or a range: 2015-2021")] = "",
        form: Annotated[Literal["json", "csv"], Query(alias="format", description="`json` or `csv`")] = "json",
    ) -> Response:
        """List the member cities that meet every condition, from the table that answers are counted from."""
        tables = desk.assistant.index.tables
        found = find(tables.cities, **matching(tables, country=country, field=field, region=region, year=year))
        found.sort(key=lambda city: (city.country, city.field, city.year, city.name))
        if form == "csv":
            headers = {"Content-Disposition": 'attachment; filename="creative-cities.csv"'}
            return Response(_csv(found), media_type="text/csv", headers=headers)
        rows = [asdict(city) for city in found]
        state = {"count": len(rows), "total": len(tables.cities), "as_of": state_of_table(tables), "cities": rows}
        return JSONResponse(state)

    @app.get("/api/v1/sources/{source_id}", response_model=Source, response_description="the document")
    def source(
        request: Request,
        source_id: str,
        start: Annotated[int, Query(ge=0, description="where a quote begins in the text")] = 0,
        end: Annotated[int, Query(ge=0, description="where the quote ends")] = 0,
    ) -> Response:
        """Return a document with its text; a browser gets a page with the quote marked."""
        try:
            found = desk.assistant.source(source_id)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        if not start <= end <= len(found.text):
            raise HTTPException(422, f"`start` and `end` must lie within the {len(found.text)} characters of the text")
        origins = desk.assistant.index.tables.origins
        if "text/html" in request.headers.get("accept", ""):
            page = render_source(found, start, end, origins=origins)
            return HTMLResponse(page, headers={**PAGE_POLICY, "Vary": "Accept"})
        named = dict.fromkeys(id_ for held in found.attributions for id_ in held.origins)
        listed = [asdict(origins[id_]) for id_ in named if id_ in origins]
        return JSONResponse({**asdict(found), "date": found.date, "origins": listed}, headers={"Vary": "Accept"})


def _add_health(app: FastAPI, desk: Desk) -> None:
    @app.get("/healthz", response_model=State, response_description="it runs")
    @app.head("/healthz", include_in_schema=False)
    async def alive() -> State:
        """Say that the process runs and takes calls; nothing else is looked at."""
        return State()

    readiness = Readiness(desk.assistant, desk.store)

    @app.get("/readyz", response_model=Ready, response_description="it can answer")
    @app.head("/readyz", include_in_schema=False)
    async def ready() -> Ready:
        """Say from how many documents questions can be answered: a trial one is, and what is to be kept is written."""
        if desk.workers.stopping:
            raise HTTPException(503, STOPPING, {"Retry-After": str(RETRY_SECONDS)})
        index = desk.assistant.index
        if failure := strings.CORPUS_EMPTY if not index.sources else await readiness.failure():
            raise HTTPException(503, failure, {"Retry-After": str(RETRY_SECONDS)})
        return Ready(sources=len(index.sources), index=index.version)

    @app.get(
        "/metrics",
        response_class=Response,
        response_description="counters in Prometheus's text format",
        responses={**JSON_ERRORS, 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def counted(request: Request) -> Response:
        """Return what was counted since the start: to this machine, and to others with an API key."""
        if not is_local(request) and key_of(request) is None:
            raise HTTPException(401, "Metrics need an API key from elsewhere", {"WWW-Authenticate": "Bearer"})
        desk.metrics.queued(desk.workers.taken, desk.settings.threads)
        desk.metrics.indexed(desk.assistant.index.manifest)
        return Response(desk.metrics.text(), media_type=desk.metrics.media_type)

    @app.get("/docs", include_in_schema=False)
    async def reference() -> HTMLResponse:
        return HTMLResponse(render_reference(app.openapi()), headers=PAGE_POLICY)

    @app.api_route("/api/{path:path}", methods=METHODS, include_in_schema=False)
    async def unknown(request: Request) -> None:
        allowed = {
            method
            for route in app.routes
            if isinstance(route, APIRoute) and route.matches(request.scope)[0] is Match.PARTIAL
            for method in route.methods or ()
        }
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404, f"There is nothing at {request.url.path}: see /docs")


async def _ticket(request: Request, retried: str) -> Ticket:
    key = key_of(request)
    client = request.client.host if request.client else ""
    who = (client, key.name if key else "", request.url.path)
    return ticket_of(retried, *who, body=await request.body())


async def _unless_left(request: Request, work: Awaitable[T]) -> T:
    """Wait for work and give it up where the client leaves first."""

    async def leave() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(leave())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise HTTPException(CLIENT_LEFT)
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _chained(first: Event, rest: AsyncIterator[Event]) -> AsyncIterator[Event]:
    yield first
    async for step in rest:
        yield step


def _csv(cities: list[City]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # as RFC 4180 has it
    writer.writerow(CITY_COLUMNS)
    writer.writerows([_cell(getattr(city, name)) for name in CITY_COLUMNS] for city in cities)
    return text.getvalue()


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
