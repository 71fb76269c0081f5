"""The chat page: a Gradio app around a page of our own, and what that page asks of the server (imports gradio alone).

Gradio is the frame: it serves `/`, its theme and its head. The conversation is static/chat/, plain modules that ask
the HTTP API, because Gradio's own chat keeps one conversation on the server, sends each word through its queue, and
names each message for screen readers by its raw text, tags and all.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import strings
from assistant.captions import LANGUAGES, captions_of
from assistant.exhibits import Exhibit, Exhibits, Stretch, read_offered
from assistant.late import Late
from assistant.live import LiveAssistant
from assistant.pages import STATIC
from assistant.records import Source
from assistant.settings import Settings

if TYPE_CHECKING:
    import gradio as gr

PAGE = "/page"
MODULES = ("chat", "answer", "cities", "conversations", "dom", "markdown", "sources", "stream", "words", "land")
ANSWERED_ALREADY = 200  # questions of a conversation that are not offered again
Language = Annotated[str, Field("en", pattern="^[a-z]{2}$")]


class StretchBody(BaseModel):
    """Where a quote stands."""

    source_id: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class ExhibitBody(BaseModel):
    """An answer, as far as it matters for what stands beside it."""

    question: Annotated[str, Field(max_length=20_000)]
    citations: Annotated[list[StretchBody], Field([], max_length=500)]
    asked: Annotated[list[str], Field([], max_length=ANSWERED_ALREADY)]
    language: Language
    answered: bool = True


class Fresh(StaticFiles):
    """Static files that a browser asks after each time, so that no page mixes two versions."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


class Opening:
    """Put the page's own head into the document at `/`, so that the page is there before Gradio has loaded."""

    def __init__(self, app: ASGIApp, head: Callable[[], str]) -> None:
        self.app = app
        self.head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != f"{scope.get('root_path', '')}/":
            await self.app(scope, receive, send)
            return
        begun: list[Message] = []
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            whole = bytes(body).replace(b"</head>", self.head().encode() + b"</head>", 1)
            MutableHeaders(raw=begun[0]["headers"])["Content-Length"] = str(len(whole))
            await send(begun[0])
            await send({"type": "http.response.body", "body": whole})

        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, gather)


def mount_chat(app: FastAPI, assistant: LiveAssistant, settings: Settings) -> Late:
    """Serve the chat at `/` of a web app, and what its page needs below `/page`; return what Gradio draws."""
    app.mount(PAGE, _page_app(app, assistant))
    app.add_middleware(Opening, head=assistant.of_each(lambda now: _head(state_of(app, now.sources(), settings))))
    frame = Late(_opening)
    app.mount("/", frame)
    return frame


@asynccontextmanager
async def _opening() -> AsyncIterator[ASGIApp]:
    app = await asyncio.to_thread(_frame_app)
    async with app.router.lifespan_context(app):
        yield app


def _frame_app() -> FastAPI:
    """Return Gradio's app; it takes seconds to import, most of a start, and no answer needs it."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    app = FastAPI(openapi_url=None)
    app.add_middleware(CORSMiddleware)  # without any origin: Gradio leaves CORS to an app that has this middleware
    gr.mount_gradio_app(
        app,
        build_frame(),
        path="/",
        theme=_theme(),
        favicon_path=str(STATIC / "favicon.svg"),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        pwa=False,
        mcp_server=False,
        ssr_mode=False,
    )
    return app


def build_frame() -> "gr.Blocks":
    """Build what Gradio draws: one slot, into which the page of static/chat/ moves."""
    import gradio as gr

    frame = gr.Blocks(title=strings.NAME, analytics_enabled=False)
    with frame:
        gr.HTML(
            "", js_on_load="window.uccnSlot = element; window.uccnFrame?.()", apply_default_css=False, elem_id="slot"
        )
    frame.queue(api_open=False)
    return frame


def state_of(app: FastAPI, sources: Sequence[Source], settings: Settings) -> dict[str, object]:
    """Return what the page must know of this server, and tells its visitor."""
    paths = {getattr(route, "path", "") for route in app.routes}
    return {
        "name": strings.NAME,
        "documents": len(sources),
        "newest": max((source.date for source in sources), default=""),
        "longest": settings.max_question_chars,
        "keep": settings.keep_questions,
        "keep_days": settings.keep_days,
        "model": bool(settings.llm),
        "contact": strings.CONTACT,
        "exports": any(path.startswith("/export/") for path in paths),
        "links": "/permalink" in paths,
        "path": "/path" in paths,
    }


def _page_app(app: FastAPI, assistant: LiveAssistant) -> FastAPI:
    page = FastAPI(openapi_url=None)
    page.exception_handlers.update(app.exception_handlers)
    page.add_middleware(GZipMiddleware, minimum_size=1000)
    exhibits = assistant.of_each(lambda now: Exhibits(now.index, now.language, read_offered()))

    @page.post("/exhibit")
    def exhibit(body: ExhibitBody) -> JSONResponse:
        asked = [*body.asked, body.question]
        stretches = [Stretch(one.source_id, one.start, one.end) for one in body.citations]
        expected = assistant.expected(body.question)
        if body.answered:
            beside = exhibits().beside(stretches, language=body.language, asked=asked, meant=expected[:1])
        else:
            beside = Exhibit(next=exhibits().near(expected, language=body.language, asked=asked))
        return JSONResponse(asdict(beside))

    @page.get("/cities")
    def cities(language: Annotated[str, Field(pattern="^[a-z]{2}$")] = "en") -> JSONResponse:
        return JSONResponse([asdict(row) for row in exhibits().cities(language)])

    @page.get("/words/{language}.json")
    def words(request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        body = json.dumps(captions_of(language).of_chat(), ensure_ascii=False).encode()
        headers = {"Cache-Control": "no-cache", "ETag": f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    page.mount("/static", Fresh(directory=STATIC / "chat"))
    return page


def _head(state: dict[str, object]) -> str:
    modules = "".join(f'<link rel="modulepreload" href="page/static/{name}.js">' for name in MODULES)
    told = json.dumps(state).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="uccn-state">{told}</script>'
        f'<link rel="stylesheet" href="page/static/chat.css">{modules}'
        '<script type="module" src="page/static/chat.js"></script>'
    )


def _theme() -> "gr.themes.Base":
    """Return a theme of system fonts, so that none is fetched; the colours are those of static/chat/chat.css."""
    import gradio as gr

    return gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
