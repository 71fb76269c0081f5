"""HTTP routes of the staff's pages, behind the lock of `access`."""

import datetime
import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.access import COOKIE, HOURS, Access, open_access
from assistant.embed import MultilingualEmbeddings
from assistant.errors import QuestionError
from assistant.gaps import Embed, Gap, cluster, staleness
from assistant.live import LiveAssistant
from assistant.settings import Settings
from assistant.store import Asked, Store
from assistant.views import (
    POLICY,
    Frame,
    render_board,
    render_corpus,
    render_document,
    render_gaps,
    render_login,
    render_questions,
    render_runs,
    render_stale,
)

RUNS = Path("evals") / "runs"  # where `uccn eval run` leaves its report; drafts are kept beside it
REPORT, DRAFTS = "report.html", "drafts.jsonl"
MOST_ROWS = 5_000  # of the store, the newest, that gaps and board are made of
SHOWN_ROWS = 200
DRAFT_CHARS = 2_000
STATUSES = ("answered", "no_answer", "out_of_scope", "clarify", "error")
# A report is a page of our own with scripts of its own; it may do nothing but show itself.
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
)

_writing = threading.Lock()


def add_staff(
    app: FastAPI,
    assistant: LiveAssistant,
    settings: Settings,
    store: Store,
    *,
    runs: Path = RUNS,
    embed: Embed | None = None,
    today: Callable[[], datetime.date] = datetime.date.today,
) -> None:
    """Add the staff's pages to an app; without a password and a header they answer 404.

    `embed` is the encoder that groups questions, the built-in multilingual one where none is given.
    """
    access = open_access(settings, lambda: store.secret("staff"))
    encode = embed or MultilingualEmbeddings().vectors
    router = APIRouter(prefix="/staff", include_in_schema=False)

    def frame(request: Request, depth: int = 1, notice: str = "") -> Frame:
        return Frame(access.may(request), "../" * depth or "./", bool(access.password), notice)

    def found_gaps(rows: list[Asked]) -> list[Gap]:
        return cluster(rows, store.ratings(limit=MOST_ROWS), encode)

    _add_session(router, access)

    @router.get("")
    def overview(request: Request) -> HTMLResponse:
        here = frame(request, 0)
        rows = store.asked(limit=MOST_ROWS)
        ratings = store.ratings(limit=MOST_ROWS)
        return _page(
            render_board(
                here,
                keep=store.keep,
                asked=rows,
                ratings=ratings,
                gaps=len(cluster(rows, ratings, encode)),
                sources=len(assistant.sources()),
                stale=assistant.stale,
            )
        )

    @router.get("/questions")
    def questions(request: Request, status: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
        here = frame(request)
        status = status if status in STATUSES else ""
        rows = [row for row in store.asked(limit=MOST_ROWS) if not status or row.status == status][:SHOWN_ROWS]
        ratings = store.ratings(limit=SHOWN_ROWS)
        return _page(
            render_questions(here, keep=store.keep, asked=rows, ratings=ratings, status=status, statuses=STATUSES)
        )

    @router.get("/gaps")
    def gaps(request: Request) -> HTMLResponse:
        here = frame(request)
        return _page(render_gaps(here, keep=store.keep, gaps=found_gaps(store.asked(limit=MOST_ROWS))))

    @router.get("/board")
    def board(request: Request) -> HTMLResponse:
        here = frame(request)
        rows = staleness(store.asked(limit=MOST_ROWS), assistant.sources(), today())
        return _page(render_stale(here, rows))

    @router.get("/corpus")
    def corpus(request: Request) -> HTMLResponse:
        here = frame(request)
        passages, units = Counter[str](), Counter[str]()
        for passage in assistant.index.passages.values():
            passages[passage.source_id] += 1
            units[passage.source_id] += len(passage.units)
        return _page(render_corpus(here, assistant.sources(), passages=passages, units=units, today=today()))

    @router.get("/corpus/{source_id}")
    def document(request: Request, source_id: str) -> HTMLResponse:
        here = frame(request, 2)
        try:
            source = assistant.source(source_id)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        held = [passage for passage in assistant.index.passages.values() if passage.source_id == source_id]
        held.sort(key=lambda passage: passage.start)
        return _page(render_document(here, source, held, assistant.index.tables.origins))

    _add_evals(router, runs, frame)
    app.include_router(router)


def _add_session(router: APIRouter, access: Access) -> None:
    @router.get("/login")
    def ask_password(request: Request) -> Response:
        if not access.password:
            access.may(request)  # says why there is no login
        return _page(render_login(wrong=False, root="../"))

    @router.post("/login")
    def login(request: Request, password: Annotated[str, Form(max_length=500)] = "") -> Response:
        if not access.password:
            access.may(request)
        token = access.login(password, request)
        if not token:
            return _page(render_login(wrong=True, root="../"), status=401)
        answer = RedirectResponse(f"{request.scope.get('root_path', '')}/staff", 303)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=HOURS * 3600,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            path=f"{request.scope.get('root_path', '')}/staff",
        )
        return answer

    @router.post("/logout")
    def logout(request: Request) -> Response:
        access.may(request)
        answer = RedirectResponse(f"{request.scope.get('root_path', '')}/staff/login", 303)
        answer.delete_cookie(COOKIE, path=f"{request.scope.get('root_path', '')}/staff")
        return answer


def _add_evals(router: APIRouter, runs: Path, frame: Callable[..., Frame]) -> None:
    @router.get("/evals")
    def evals(request: Request, kept: Annotated[bool, Query()] = False) -> HTMLResponse:
        here = frame(request, notice="The eval item was added to the drafts below." if kept else "")
        report = runs / REPORT
        written = ""
        if report.is_file():
            moment = datetime.datetime.fromtimestamp(report.stat().st_mtime, datetime.UTC)
            written = f"{moment:%Y-%m-%d %H:%M} UTC"
        return _page(render_runs(here, report=written, drafts=_drafts(runs)[::-1][:SHOWN_ROWS]))

    @router.get("/evals/report")
    def report(request: Request) -> Response:
        frame(request)
        file = runs / REPORT
        if not file.is_file():
            raise HTTPException(404, "There is no eval report yet: run `uccn eval run`")
        return HTMLResponse(file.read_text(encoding="utf-8"), headers={"Content-Security-Policy": REPORT_POLICY})

    @router.get("/evals/drafts")
    def drafts(request: Request) -> Response:
        frame(request)
        data = "".join(f"{line}\n" for line in _drafts(runs))
        named = {"Content-Disposition": f'attachment; filename="{DRAFTS}"', "Cache-Control": "no-store"}
        return Response(data, media_type="application/x-ndjson", headers=named)

    @router.post("/evals/drafts")
    def draft(
        request: Request,
        question: Annotated[str, Form(min_length=1, max_length=DRAFT_CHARS)],
        status: Annotated[str, Form(max_length=20)] = "answered",
        language: Annotated[str, Form(max_length=20)] = "",
        sources: Annotated[str, Form(max_length=DRAFT_CHARS)] = "",
    ) -> Response:
        frame(request)
        with _writing:
            item = draft_of(question, status, language, sources.split(), number=len(_drafts(runs)) + 1)
            runs.mkdir(parents=True, exist_ok=True)
            with (runs / DRAFTS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(item, ensure_ascii=False) + "\n")
        return RedirectResponse(f"{request.scope.get('root_path', '')}/staff/evals?kept=true", 303)


def draft_of(question: str, status: str, language: str, sources: list[str], *, number: int) -> dict[str, object]:
    """Return a line of a set of evals that a person still has to complete."""
    today = datetime.date.today().isoformat()
    return {
        "id": f"draft-{today}-{number:03d}",
        "question": question,
        "history": [],
        "kind": "fact",
        "status": status if status in STATUSES and status != "error" else "answered",
        "accepted": [],
        "required": [],
        "must_not": [],
        "sources": sources,
        **({"language": language} if language not in ("", "en") else {}),
        "note": "draft from a visitor's question: say what must stand in the answer",
    }


def _drafts(runs: Path) -> list[str]:
    file = runs / DRAFTS
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def _page(html: str, *, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers={**POLICY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
