"""HTML of the pages beside the chat: linked answers, the application path, the staff's pages."""

from assistant.views.answer import Linked, render_linked, render_nothing_linked
from assistant.views.frame import POLICY
from assistant.views.path import CityChoice, choose_cities, render_path
from assistant.views.staff import (
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

__all__ = [
    "POLICY",
    "CityChoice",
    "Frame",
    "Linked",
    "choose_cities",
    "render_board",
    "render_corpus",
    "render_document",
    "render_gaps",
    "render_linked",
    "render_login",
    "render_nothing_linked",
    "render_path",
    "render_questions",
    "render_runs",
    "render_stale",
]
