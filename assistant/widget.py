"""The widget for other websites: its script at a floating and a versioned address, its frame, and a page to try it."""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import parse_qsl

import brotli
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from assistant import strings
from assistant.pages import read_static
from assistant.settings import Settings

VERSION_CHARS = 12
WORDS_MARK = "/* WORDS */ [[], {}]"  # in widget.js, where the table of its words goes
FLOATING = "public, max-age=3600"
FOR_EVER = "public, max-age=31536000, immutable"

# What a website may set; the same names as `data-` attributes of the script and as parameters of the frame.
OPTIONS = ("language", "heading", "mode", "position", "theme", "accent", "greeting", "questions", "contact")
FRAME_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
DEMO_POLICY = f"{FRAME_POLICY}; style-src 'self'; frame-src 'self'"


@dataclass(frozen=True, slots=True)
class Script:
    """The widget's script as it is sent."""

    text: bytes
    version: str  # of these very bytes
    integrity: str  # what a browser compares them with
    packed: Mapping[str, bytes]  # by content encoding


def add_widget(app: FastAPI, settings: Settings) -> None:
    """Serve the script, the frame and the page to try them."""

    @app.get("/widget.js", include_in_schema=False)
    @app.head("/widget.js", include_in_schema=False)
    def floating(request: Request) -> Response:
        return _send(request, script(), FLOATING)

    @app.get("/widget/{version}.js", include_in_schema=False)
    @app.head("/widget/{version}.js", include_in_schema=False)
    def versioned(request: Request, version: str) -> Response:
        if version != script().version:
            raise HTTPException(404, f"This server has the widget {script().version}: see {_base(request)}/widget.json")
        return _send(request, script(), FOR_EVER)

    @app.get("/widget.json", include_in_schema=False)
    def described(request: Request) -> JSONResponse:
        base, found = settings.public_url or _base(request), script()
        return JSONResponse(
            {
                "version": found.version,
                "floating": f"{base}/widget.js",
                "versioned": f"{base}/widget/{found.version}.js",
                "integrity": found.integrity,
                "bytes": {"raw": len(found.text), **{name: len(body) for name, body in found.packed.items()}},
            },
            headers={"Cache-Control": "no-cache"},
        )

    @app.get("/widget/demo.css", include_in_schema=False)
    def style() -> Response:
        return Response(read_static("demo.css"), media_type="text/css", headers={"Cache-Control": FLOATING})

    @app.get("/embed", include_in_schema=False)
    def frame(request: Request) -> HTMLResponse:
        return HTMLResponse(render_frame(_options(request.url.query)), headers=_policy(FRAME_POLICY))

    @app.get("/embed/demo", include_in_schema=False)
    def demo(request: Request) -> HTMLResponse:
        page = render_demo(settings.public_url or _base(request), _options(request.url.query))
        return HTMLResponse(page, headers=_policy(DEMO_POLICY))


@cache
def script() -> Script:
    """Return the script with the words of every language in it."""
    words = json.loads(read_static("widget.json"))
    names = list(words["en"])
    rows = ",\n".join(f"{language}: {_compact([row[name] for name in names])}" for language, row in words.items())
    table = f"[{_compact(names)}, {{\n{rows}\n}}]"
    text = read_static("widget.js")
    if text.count(WORDS_MARK) != 1:
        raise ValueError(f"widget.js must have {WORDS_MARK!r} once")
    body = text.replace(WORDS_MARK, table).encode()
    packed = {"br": brotli.compress(body), "gzip": gzip.compress(body, mtime=0)}
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    return Script(body, hashlib.sha256(body).hexdigest()[:VERSION_CHARS], f"sha384-{digest}", packed)


def render_frame(options: Mapping[str, str]) -> str:
    """Render the page of the frame: nothing but the widget, whole."""
    return _page(strings.NAME, _tag("widget.js", {**options, "mode": "full"}), language=options.get("language", ""))


def render_demo(base: str, options: Mapping[str, str]) -> str:
    """Render a page as a website has it, with the widget and the lines to paste."""
    found = script()
    recipes = (
        ("A bubble in the corner", f'<script src="{base}/widget.js" async></script>'),
        (
            "In the text, in French, with a colour of your own",
            f'<script src="{base}/widget.js" async\n'
            '        data-mode="inline" data-language="fr" data-accent="#7a1f5c"></script>',
        ),
        (
            "One version and no other",
            f'<script src="{base}/widget/{found.version}.js" async crossorigin="anonymous"\n'
            f'        integrity="{found.integrity}"></script>',
        ),
        (
            "Without a script",
            f'<iframe src="{base}/embed?language=en" title="{strings.NAME}" width="400" height="600"></iframe>',
        ),
    )
    lines = "".join(f"<h3>{name}</h3><pre><code>{escape(text)}</code></pre>" for name, text in recipes)
    body = (
        '<header><p class="site">City of Example</p><nav><a href="/embed/demo">Culture</a> '
        '<a href="/embed/demo?page=2">Visitors</a></nav></header><main><h1>Our way to a Creative City</h1>'
        "<p>This page stands for a page of your own website. The assistant is in the corner: ask it something, "
        "then follow a link above. The conversation goes with you.</p>"
        f"<h2>Lines to paste</h2>{lines}"
        f'<p>This page runs under the policy <code class="policy">{escape(DEMO_POLICY)}</code>. '
        '<a href="/">The chat on a page of its own</a></p></main>'
    )
    sheet = '<link rel="stylesheet" href="/widget/demo.css">'
    return _page("The widget on a page", body + _tag("/widget.js", options), sheet)


def _tag(address: str, options: Mapping[str, str]) -> str:
    data = "".join(f' data-{name}="{escape(options[name])}"' for name in OPTIONS if name in options)
    return f'<script src="{address}" async{data}></script>'


def _page(title: str, body: str, head: str = "", *, language: str = "") -> str:
    return (
        f'<!doctype html><html lang="{escape(language or "en")}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>{head}</head><body>{body}</body></html>"
    )


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _options(query: str) -> dict[str, str]:
    return {name: value[:500] for name, value in parse_qsl(query) if name in OPTIONS}


def _policy(policy: str) -> dict[str, str]:
    return {"Content-Security-Policy": policy, "Cache-Control": "no-cache", "Vary": "Referer"}


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _send(request: Request, found: Script, caching: str) -> Response:
    headers = {"Cache-Control": caching, "ETag": f'"{found.version}"', "Vary": "Accept-Encoding"}
    if f'"{found.version}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    wanted = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    coding = next((name for name in found.packed if name in wanted), "")
    body = found.packed.get(coding, found.text)
    if coding:
        headers["Content-Encoding"] = coding
    return Response(body, media_type="text/javascript", headers=headers)
