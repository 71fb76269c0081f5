"""What guards every response: the shape of errors, the size of requests, who may call and frame the app."""

import asyncio
import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import strings
from assistant.errors import (
    AssistantError,
    BusyError,
    ConflictError,
    ExportError,
    IndexAway,
    IndexUnusable,
    ModelError,
    QuestionError,
    StoreError,
)
from assistant.keys import Key, holder, read_key
from assistant.logs import REQUEST_ID
from assistant.metrics import Metrics
from assistant.origins import Origins
from assistant.quota import Quota, network_of
from assistant.settings import Settings

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
AWAY_SECONDS = 10  # after which a client may try again where the search is away
BODY_SECONDS = 10.0  # what a client is given to send a request's body
FROM_PROGRAMS = ("/api/", "/mcp", "/metrics")  # the paths that other websites and programs may call
ASKING = ("/api/v1/ask", "/api/v1/ask/stream", "/mcp", "/gradio_api/queue/join")
ON_ANY_HOST = ("/healthz", "/readyz", "/metrics")  # asked by their address inside a cluster
LOGGED = ("/api/", "/mcp", "/export/")
CLIENT_LEFT = 499  # nobody reads it; it stands in metrics and logs alone
LINK = "/answer"  # opening a link to an answer asks its question again
KNOWN_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD", "OPTIONS")
OPEN_TO_ALL = ("/widget.js", "/widget/")  # files of which every browser may have a copy
ALLOWED_HEADERS = ("Content-Type", "Idempotency-Key", "X-Request-ID")
EXPOSED_HEADERS = ("X-Request-ID", "Retry-After", "Content-Disposition")
LARGER_BODY_BYTES = {"/export/": 2 * 1024 * 1024, "/permalink": 1024 * 1024}  # whole answers with their sources

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    409: "conflict",
    413: "too_large",
    421: "misdirected",
    422: "invalid",
    429: "too_many",
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


def guard(app: FastAPI, settings: Settings, metrics: Metrics | None = None) -> None:
    """Put the error handlers and the limits around an app, the mounted chat included."""
    metrics = metrics or Metrics()
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(AssistantError, _unable)
    origins = Origins(settings.allowed_origins)
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES, larger=LARGER_BODY_BYTES, seconds=BODY_SECONDS)
    app.add_middleware(Gate, origins=origins, settings=settings, metrics=metrics)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins.exact,
        allow_origin_regex=origins.pattern,
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
    )
    app.add_middleware(Observed, origins=origins, metrics=metrics)


def status_of(error: AssistantError) -> int:
    """Return the HTTP status that tells of an error."""
    if isinstance(error, (ExportError, QuestionError)):
        return 422
    if isinstance(error, ConflictError):
        return 409 if error.running else 422
    return 503 if isinstance(error, (BusyError, IndexUnusable, ModelError, StoreError)) else 500


def error_body(status: int, message: str) -> dict[str, dict[str, str]]:
    """Return the JSON object of every error."""
    code = _CODES.get(status, "internal" if status >= 500 else "refused")
    return {"error": {"code": code, "message": message}}


def said_of(error: AssistantError) -> str:
    """Return what a visitor is told of an error; addresses of this server's engines are the operator's."""
    return strings.AWAY if isinstance(error, IndexAway) else str(error)


def is_local(request: Request) -> bool:
    """Say whether a request comes from this very machine and not through a proxy on it."""
    return _local(request.scope, request.headers)


def key_of(request: Request) -> Key | None:
    """Return the key that a request was let in with."""
    key: Key | None = request.scope.get("state", {}).get("key")
    return key


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
    if isinstance(error, (BusyError, ConflictError)):
        seconds = error.retry_seconds if isinstance(error, BusyError) else 1
        headers = {"Retry-After": str(seconds)} if status != 422 else None
        return JSONResponse(error_body(status, str(error)), status, headers)
    if isinstance(error, IndexAway):  # the index itself logs when that begins and ends
        return JSONResponse(error_body(status, said_of(error)), status, {"Retry-After": str(AWAY_SECONDS)})
    if status >= 500:
        logger.error("%s %s: %s", request.method, request.url.path, error)
    return JSONResponse(error_body(status, str(error)), status)


def _local(scope: Scope, headers: Headers) -> bool:
    if "x-forwarded-for" in headers or "forwarded" in headers:
        return False
    host = (scope.get("client") or ("", 0))[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class BodyLimit:
    """Read each request's body before the app does; 413 to one that is too long, 408 to one that does not come."""

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int], seconds: float) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.larger = larger  # by the beginning of a path
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []
        most = next((size for path, size in self.larger.items() if scope["path"].startswith(path)), self.max_bytes)
        size, more = 0, True
        try:
            async with asyncio.timeout(self.seconds):
                while more:
                    message = await receive()
                    messages.append(message)
                    size += len(message.get("body", b""))
                    more = message.get("more_body", False) and size <= most
        except TimeoutError:
            error = error_body(408, f"The request was not whole after {self.seconds:g} seconds")
            await JSONResponse(error, 408, {"Connection": "close"})(scope, receive, send)
            return
        if size > most:
            error = error_body(413, f"The request is longer than {most} bytes")
            await JSONResponse(error, 413, {"Connection": "close"})(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in."""

    status: int
    reason: str  # for the metrics
    message: str
    headers: tuple[tuple[str, str], ...] = ()


class Gate:
    """Let in what a page of ours or of an allowed website sends, and programs; each as often as it may."""

    def __init__(self, app: ASGIApp, origins: Origins, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.origins = origins
        self.settings = settings
        self.metrics = metrics
        self.keys = tuple(map(read_key, settings.api_keys))
        self.quota = Quota(settings.rate_store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._stranger(scope, headers) or await self._too_often(scope, headers)
        if refusal is None:
            await self.app(scope, receive, send)
            return
        self.metrics.refused(refusal.reason)
        body = error_body(refusal.status, refusal.message)
        if scope["method"] not in SAFE:
            refusal = Refusal(refusal.status, refusal.reason, "", (*refusal.headers, ("Connection", "close")))
        await JSONResponse(body, refusal.status, dict(refusal.headers))(scope, receive, send)

    def _stranger(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Return why whoever calls may not, or None; a caller's key goes into the scope."""
        origins, host = headers.getlist("origin"), headers.get("host", "").lower()
        own = self.settings.public_url
        if len(origins) > 1 or len(headers.getlist("host")) > 1:
            return Refusal(400, "headers", "A request has one Origin and one Host header at most")
        if "content-length" in headers and "transfer-encoding" in headers:  # a proxy may have read it otherwise
            return Refusal(400, "headers", "A request has a Content-Length or a Transfer-Encoding, not both")
        if own and host != own.partition("://")[2] and scope["path"] not in ON_ANY_HOST and not _local(scope, headers):
            return Refusal(421, "host", f"This server answers at {own} only (UCCN_PUBLIC_URL)")
        if not (scope["path"].startswith(FROM_PROGRAMS) or scope["method"] not in SAFE):
            return None
        ours = bool(origins) and _is_own(origins[0], own, host)
        if origins and not ours and not self.origins.allow(origins[0]):
            return Refusal(403, "origin", "This website may not use the assistant: UCCN_ALLOWED_ORIGINS lets it in")
        if not origins:
            refusal = self._without_origin(scope, headers)
            if refusal is not None:
                return refusal
        return self._key(scope, headers, anonymous=bool(origins) or _local(scope, headers))

    def _without_origin(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Refuse what a browser sends for another website without saying for which."""
        site = headers.get("sec-fetch-site", "")
        unsafe = scope["method"] not in SAFE
        followed = headers.get("sec-fetch-mode") == "navigate" and not unsafe  # a link to a source
        if site in ("cross-site", "same-site") and not followed:
            return Refusal(403, "origin", "A call from a website needs its Origin header")
        if unsafe and "cookie" in headers and site not in ("same-origin", "none"):
            return Refusal(403, "origin", "A call with cookies needs the Origin header of its page")
        return None

    def _key(self, scope: Scope, headers: Headers, *, anonymous: bool) -> Refusal | None:
        scheme, _, text = headers.get("authorization", "").partition(" ")
        ask = (("WWW-Authenticate", "Bearer"),)
        if scheme.lower() == "bearer" and scope["path"].startswith(FROM_PROGRAMS):
            key = holder(text.strip(), self.keys)
            if key is None:
                return Refusal(401, "key", "This API key is not known here: ask the operator for one", ask)
            scope.setdefault("state", {})["key"] = key
        elif self.keys and not anonymous and scope["method"] not in SAFE:
            return Refusal(401, "key", "Programs need a key here: send it as `Authorization: Bearer KEY`", ask)
        return None

    async def _too_often(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Return when to come back where one has called too often, or None."""
        asks = (scope["method"] == "POST" and scope["path"] in ASKING) or scope["path"] == LINK
        if not asks and not (scope["path"].startswith("/api/") or scope["method"] not in SAFE):
            return None
        if key := scope.get("state", {}).get("key"):
            wait = await self.quota.take(key.rate or self.settings.rate_per_key, "key", key.name)
        elif _local(scope, headers):
            return None
        else:
            address = network_of((scope.get("client") or ("", 0))[0])
            rate, kind = (self.settings.rate_asks, "asks") if asks else (self.settings.rate_calls, "calls")
            wait = await self.quota.take(rate, kind, address)
            if asks and not wait and (origin := headers.get("origin")):
                wait = await self.quota.take(self.settings.rate_per_origin, "origin", origin)
        if not wait:
            return None
        message = f"Too many questions: ask again in {wait} seconds" if asks else f"Too many calls: wait {wait} seconds"
        return Refusal(429, "rate", message, (("Retry-After", str(wait)),))


def _is_own(origin: str, public_url: str, host: str) -> bool:
    """Say whether an Origin is this server's; behind a proxy that ends TLS only the host is known."""
    return origin == public_url if public_url else bool(host) and origin.partition("://")[2] == host


class Observed:
    """Number, count and log each request, and keep browsers from guessing types, leaking addresses and framing."""

    def __init__(self, app: ASGIApp, origins: Origins, metrics: Metrics) -> None:
        self.app = app
        self.origins = origins
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        given = asked.get("x-request-id", "")
        id_ = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = id_
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
        began, statuses = time.perf_counter(), [CLIENT_LEFT]
        public = scope["path"].startswith(OPEN_TO_ALL)
        added = {
            "Content-Security-Policy": f"{_CONTENT_POLICY}; frame-ancestors {self._ancestors(asked)}",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin" if public else "same-origin",
            "X-Request-ID": id_,
        }

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.append(name, value)
                if public and "access-control-allow-origin" not in headers:
                    headers["Access-Control-Allow-Origin"] = "*"  # an integrity hash is checked only where this is set
                statuses[0] = message["status"]
                self.metrics.requested(_pattern(scope), method, message["status"])
            await send(message)

        token = REQUEST_ID.set(id_)
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            logger.exception("%s %s failed with %s", method, _pattern(scope), type(error).__name__)
            if statuses[0] != CLIENT_LEFT:  # a part of the response is on its way
                raise
            await JSONResponse(error_body(500, strings.BROKEN), 500)(scope, receive, send_with_headers)
        finally:
            self._log(scope, method, statuses[0], time.perf_counter() - began)
            REQUEST_ID.reset(token)

    def _log(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        """Write a line of a request by the pattern of its path; at INFO where a program called or it failed."""
        told = {"method": method, "route": _pattern(scope), "status": status, "milliseconds": round(1000 * seconds)}
        level = logging.INFO if scope["path"].startswith(LOGGED) or status >= 500 else logging.DEBUG
        logger.log(level, "%(method)s %(route)s %(status)d in %(milliseconds)d ms", told, extra=told)

    def _ancestors(self, headers: Headers) -> str:
        return self.origins.ancestors(headers.get("referer", ""))


def _pattern(scope: Scope) -> str:
    """Return the route that a request matched, or what kind of path it was: no visitor can make a new series."""
    route = scope.get("route")
    path = getattr(route, "path", "")
    if path and "{path:path}" not in path:
        return str(path)
    return "/gradio_api" if scope["path"].startswith("/gradio_api/") else "other"
