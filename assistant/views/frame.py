"""The frame of every page beside the chat: its head, the way to the other pages, the languages, whose text decides."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from assistant import strings
from assistant.captions import LANGUAGES, Captions

# Styles, scripts and pictures of our own files only; no frame may hold these pages but our own.
POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-src 'self'; frame-ancestors 'self'"
    ),
    "Vary": "Accept-Language",
}


def render_page(
    captions: Captions,
    title: str,
    body: str,
    *,
    here: str,
    asked: Mapping[str, str] | None = None,
    root: str = "./",
    scripts: tuple[str, ...] = (),
    kind: str = "",
) -> str:
    """Return a whole page; `here` is its own address without what was `asked` of it, `root` leads to the chat's."""
    say = captions.say
    loaded = "".join(f'<script src="{root}pages/{name}" defer></script>' for name in scripts)
    return (
        f'<!doctype html><html lang="{captions.language}" dir="{captions.direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · {strings.NAME}</title>"
        f'<link rel="icon" href="{root}pages/favicon.svg"><link rel="stylesheet" href="{root}pages/pages.css">'
        f'<script src="{root}pages/theme.js"></script>{loaded}</head><body class="{kind}">'
        f'<a class="skip" href="#content">{escape(say("frame.skip"))}</a>'
        f'<header class="bar"><a class="name" href="{root}">{strings.NAME}</a>'
        f'<nav aria-label="{escape(say("frame.pages"))}"><a href="{root}">{escape(say("frame.chat"))}</a>'
        f"{_to_path(captions, here, root)}</nav>{_languages(captions, here, asked or {})}</header>"
        f'<main id="content" tabindex="-1">{body}</main>'
        f'<footer><p>{escape(say("shared.decides"))} <a href="mailto:{strings.CONTACT}">{strings.CONTACT}</a>'
        ".</p></footer>"
        "</body></html>"
    )


def _to_path(captions: Captions, here: str, root: str) -> str:
    current = ' aria-current="page"' if here == "path" else ""
    return f'<a href="{root}path?lang={captions.language}"{current}>{escape(captions.say("frame.path"))}</a>'


def _languages(captions: Captions, here: str, asked: Mapping[str, str]) -> str:
    """Render the switch of languages, which needs no script."""
    items = []
    for code, name in LANGUAGES.items():
        address = escape(f"{here}?{urlencode({**asked, 'lang': code})}")
        current = ' aria-current="true"' if code == captions.language else ""
        items.append(f'<li><a href="{address}" lang="{code}" hreflang="{code}"{current}>{name}</a></li>')
    label = escape(captions.say("shared.language"))
    return (
        f'<details class="languages"><summary><span class="hidden">{label}: </span>'
        f"{LANGUAGES[captions.language]}</summary>"
        f'<ul aria-label="{label}">{"".join(items)}</ul></details>'
    )


def to_document(source_id: str, start: int, end: int, root: str) -> str:
    """Return the address of a document with some of its words marked."""
    return escape(f"{root}api/v1/sources/{source_id}?start={start}&end={end}#quote")


def to_chat(question: str, root: str) -> str:
    """Return the address of the chat with a question filled in."""
    return escape(f"{root}?{urlencode({'q': question})}")
