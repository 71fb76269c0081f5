"""The HTTP interface: questions, sources, health and the mounted chat, in one web app."""

import logging
import signal
import socket
from collections.abc import Generator, Iterator
from copy import deepcopy
from dataclasses import asdict
from itertools import chain
from typing import Annotated, Literal

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.routing import Match

from assistant import strings
from assistant.access import Peer
from assistant.beside import add_beside
from assistant.chain import Assistant, Event
from assistant.chat import mount_chat
from assistant.errors import AssistantError, QuestionError, SettingsError
from assistant.guard import PAGE_POLICY, ErrorBody, error_body, guard, status_of
from assistant.pages import render_reference, render_source
from assistant.records import Answer, Question, Source, Turn
from assistant.settings import Settings
from assistant.staff import add_staff
from assistant.store import open_store

logger = logging.getLogger(__name__)

STOP_SECONDS = 5  # what an open answer is given to end when the server stops
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


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

    def read(self) -> Question:
        """Return the question as the assistant takes it."""
        history = [Turn(turn.role, turn.content) for turn in self.history]
        return Question(self.question, id=self.id, history=history, as_of=self.as_of, language=self.language)


def create_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """Return the web app: `/api/v1/...`, `/healthz`, `/readyz`, `/docs` and the chat at `/`."""
    app = FastAPI(
        title=f"{strings.NAME} API",
        description="Answers about the UNESCO Creative Cities Network, each with the quotes it rests on.",
        version="1",
        docs_url=None,
        redoc_url=None,
        responses={
            "4XX": {
                "model": ErrorBody,
                "description": "what is wrong with the request: `error.code`, `error.message`",
            },
            "5XX": {"model": ErrorBody, "description": "what is wrong here, in the same form"},
        },
    )
    guard(app, settings)
    _add_routes(app, assistant, settings)
    add_beside(app, assistant, settings)
    add_staff(app, assistant, settings, open_store(settings))
    mount_chat(app, assistant, settings)
    app.add_middleware(Peer)  # the outermost: it sees the connection itself
    return app


def serve(assistant: Assistant, settings: Settings) -> None:
    """Serve the web app until SIGINT or SIGTERM, then end open answers and return.

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
    log_config = deepcopy(uvicorn.config.LOGGING_CONFIG)
    log_config["loggers"]["assistant"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    config = uvicorn.Config(
        create_app(assistant, settings),
        log_config=log_config,
        access_log=False,
        proxy_headers=False,  # else X-Forwarded-For would speak for the connection before `Peer` sees it
        timeout_graceful_shutdown=STOP_SECONDS,
        server_header=False,
    )
    assistant.warm()
    logger.info("Open http://%s:%d in a browser; Ctrl-C stops the server", settings.host, settings.port)
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn sends itself the signal again once it has stopped
        signal.signal(number, lambda *_: None)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _add_routes(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    def taken(body: QuestionBody) -> Question:
        if len(body.question) > settings.max_question_chars:
            raise HTTPException(413, strings.TOO_LONG.format(limit=settings.max_question_chars))
        return body.read()

    def begun(question: Annotated[Question, Depends(taken)]) -> Iterator[Iterator[Event]]:
        events = assistant.stream(question)
        try:
            yield chain([next(events)], events)  # a refused question is still a 4xx, not an event of a 200
        finally:  # reached when the answer has been sent, and when the client has left
            if isinstance(events, Generator):
                events.close()

    @app.post("/api/v1/ask", response_model=Answer, response_description="the answer with its citations")
    def ask(question: Annotated[Question, Depends(taken)]) -> JSONResponse:
        """Answer a question from the sources."""
        return JSONResponse(assistant.ask(question).to_dict())

    @app.post("/api/v1/ask/stream", response_class=EventSourceResponse, response_description="the events")
    def ask_stream(events: Annotated[Iterator[Event], Depends(begun)]) -> Iterator[ServerSentEvent]:
        """Answer step by step: events `status` and `delta` (a `text`), then `answer` or `error`.

        Where the server has a language model, `instant` comes first, the answer without it; then each `sentence` (a
        `text`) that has passed the check. `answer` replaces both.
        """
        yield from _sent(events)

    @app.get("/api/v1/sources/{source_id}", response_model=Source, response_description="the document")
    def source(
        request: Request,
        source_id: str,
        start: Annotated[int, Query(ge=0, description="where a quote begins in the text")] = 0,
        end: Annotated[int, Query(ge=0, description="where the quote ends")] = 0,
    ) -> Response:
        """Return a document with its text; a browser gets a page with the quote marked."""
        try:
            found = assistant.source(source_id)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        if not start <= end <= len(found.text):
            raise HTTPException(422, f"`start` and `end` must lie within the {len(found.text)} characters of the text")
        origins = assistant.index.tables.origins
        if "text/html" in request.headers.get("accept", ""):
            page = render_source(found, start, end, origins=origins)
            return HTMLResponse(page, headers={**PAGE_POLICY, "Vary": "Accept"})
        named = dict.fromkeys(id_ for held in found.attributions for id_ in held.origins)
        listed = [asdict(origins[id_]) for id_ in named if id_ in origins]
        return JSONResponse({**asdict(found), "date": found.date, "origins": listed}, headers={"Vary": "Accept"})

    @app.get("/healthz", response_description="it runs")
    @app.head("/healthz", include_in_schema=False)
    def alive() -> dict[str, str]:
        """Say that the server runs."""
        return {"status": "ok"}

    @app.get("/readyz", response_description="it can answer")
    @app.head("/readyz", include_in_schema=False)
    def ready() -> dict[str, object]:
        """Say that questions can be answered, from how many documents."""
        count = len(assistant.sources())
        if not count:
            raise HTTPException(503, strings.CORPUS_EMPTY)
        return {"status": "ok", "sources": count}

    @app.get("/docs", include_in_schema=False)
    def reference() -> HTMLResponse:
        return HTMLResponse(render_reference(app.openapi()), headers=PAGE_POLICY)

    @app.api_route("/api/{path:path}", methods=METHODS, include_in_schema=False)
    def unknown(request: Request) -> None:
        allowed = {
            method
            for route in app.routes
            if isinstance(route, APIRoute) and route.matches(request.scope)[0] is Match.PARTIAL
            for method in route.methods or ()
        }
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404, f"There is nothing at {request.url.path}: see /docs")


def _sent(events: Iterator[Event]) -> Iterator[ServerSentEvent]:
    try:
        for event in events:
            data = {"text": event.text} if event.answer is None else event.answer.to_dict()
            yield ServerSentEvent(event=event.name, data=data)
    except AssistantError as error:
        yield ServerSentEvent(event="error", data=error_body(status_of(error), str(error)))
    except Exception:
        logger.exception("A streamed answer broke off")
        yield ServerSentEvent(event="error", data=error_body(500, strings.BROKEN))
