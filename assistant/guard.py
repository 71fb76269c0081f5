"""What guards every response: the shape of errors, the size of requests, who may call and frame the app."""

import logging
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import strings
from assistant.errors import AssistantError, ExportError, IndexUnusable, ModelError, QuestionError
from assistant.settings import Settings

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
LARGER_BODY_BYTES = {"/export/": 2 * 1024 * 1024, "/permalink": 1024 * 1024}  # whole answers with their sources

_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "invalid",
    503: "unavailable",
}
# The browser itself refuses whatever would leave this server; Gradio needs the two `unsafe-`.
_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'"
)
PAGE_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class ErrorDetail(BaseModel):
    """A code for programs, a sentence for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """What every 4xx and 5xx carries."""

    error: ErrorDetail


def guard(app: FastAPI, settings: Settings) -> None:
    """Put the error handlers and the limits around an app, the mounted chat included."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(AssistantError, _unable)
    app.add_exception_handler(Exception, _broken)
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES, larger=LARGER_BODY_BYTES)
    app.add_middleware(  # also without any origin: Gradio leaves CORS to an app that has this middleware
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type"],
    )
    app.add_middleware(SecurityHeaders, frame_ancestors=settings.allowed_origins)


def status_of(error: AssistantError) -> int:
    """Return the HTTP status that tells of an error."""
    if isinstance(error, (ExportError, QuestionError)):
        return 422
    return 503 if isinstance(error, (IndexUnusable, ModelError)) else 500


def error_body(status: int, message: str) -> dict[str, dict[str, str]]:
    """Return the JSON object of every error."""
    code = _CODES.get(status, "internal" if status >= 500 else "refused")
    return {"error": {"code": code, "message": message}}


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] == "json_invalid" or not place:
        return JSONResponse(error_body(422, "The request's body is not a JSON object"), 422)
    return JSONResponse(error_body(422, f"{place}: {first['msg']}"), 422)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse(error_body(error.status_code, error.detail), error.status_code, error.headers)


def _unable(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AssistantError)
    status = status_of(error)
    if status >= 500:
        logger.error("%s %s: %s", request.method, request.url.path, error)
    return JSONResponse(error_body(status, str(error)), status)


def _broken(request: Request, error: Exception) -> JSONResponse:
    logger.error("%s %s failed with %s", request.method, request.url.path, type(error).__name__)
    return JSONResponse(error_body(500, strings.BROKEN), 500)


class BodyLimit:
    """Read each request's body before the app does and answer 413 to one that is too long, chunked or not."""

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int]) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.larger = larger  # by the beginning of a path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []
        most = next((size for path, size in self.larger.items() if scope["path"].startswith(path)), self.max_bytes)
        size, more = 0, True
        while more:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            more = message.get("more_body", False) and size <= most
        if size > most:
            error = error_body(413, f"The request is longer than {most} bytes")
            await JSONResponse(error, 413, {"Connection": "close"})(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)


class SecurityHeaders:
    """Keep browsers from guessing types, leaking addresses and framing the chat on other sites."""

    def __init__(self, app: ASGIApp, frame_ancestors: Sequence[str]) -> None:
        self.app = app
        ancestors = " ".join(("'self'", *frame_ancestors))
        self.headers = {
            "Content-Security-Policy": f"{_CONTENT_POLICY}; frame-ancestors {ancestors}",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.append(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
