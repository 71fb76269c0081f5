"""The sentences that a language model writes, one by one as they become whole, within a time and a length."""

import logging
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from queue import Empty, SimpleQueue

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from assistant.chunk import sentence_spans
from assistant.errors import ModelError

logger = logging.getLogger(__name__)

MOST_CHARS = 4000  # about ten times a long answer; a model that writes on has lost the thread

_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.S)
_OPEN_END = re.compile(r"(?:\[[^\]\n]*|<[^>\n]*)$")  # a marker or tag of which the rest is still to come
_MARKER = re.compile(r"\s*[\[【]\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*[\]】](?!\w)")
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}|[-*•]|\d{1,2}[.)])\s+", re.M)
_EMPHASIS = re.compile(r"\*\*|__|`")


def written(model: BaseChatModel, messages: Sequence[BaseMessage], *, timeout_seconds: float) -> Iterator[str]:
    """Yield the sentences that a model writes, without markers and marks of its own, each as soon as it is whole.

    Raises ModelError where the model fails, is not done after `timeout_seconds`, or writes more than MOST_CHARS.
    The model is read in a thread of its own, since a call that hangs cannot be ended; the thread leaves at the
    next piece after the reader has left.
    """
    pieces: SimpleQueue[str | Exception | None] = SimpleQueue()
    left = threading.Event()
    deadline = time.monotonic() + timeout_seconds
    threading.Thread(target=_read, args=(model, messages, pieces, left), name="prose", daemon=True).start()
    text, done = "", 0
    try:
        while (piece := _next(pieces, deadline, timeout_seconds)) is not None:
            text += piece
            if len(text) > MOST_CHARS:
                raise ModelError("The language model did not come to an end")
            if re.search(r"\s|[。！？；]", piece):
                whole = _sentences(text)[:-1]  # the last one may still grow
                yield from whole[done:]
                done = max(done, len(whole))
        yield from _sentences(text)[done:]
    finally:
        left.set()


def _read(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    pieces: "SimpleQueue[str | Exception | None]",
    left: threading.Event,
) -> None:
    try:
        with closing(model.stream(list(messages))) as stream:  # type: ignore[type-var]
            for piece in stream:
                if left.is_set():
                    return
                pieces.put(str(piece.text))
        pieces.put(None)
    except Exception as error:
        pieces.put(error)


def _next(pieces: "SimpleQueue[str | Exception | None]", deadline: float, seconds: float) -> str | None:
    """Return the next piece of text, or None at the end."""
    try:
        piece = pieces.get(timeout=max(0.0, deadline - time.monotonic()))
    except Empty:
        raise ModelError(f"The language model was not done after {seconds:g} s") from None
    if isinstance(piece, Exception):
        logger.warning("The language model failed: %s: %s", type(piece).__name__, piece)
        raise ModelError("The language model failed") from piece
    return piece


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text; of a growing text, all but the last stay as they are."""
    text = _OPEN_END.sub("", _THOUGHT.sub("", text))
    text = _LINE_MARK.sub("", _EMPHASIS.sub("", _MARKER.sub("", text)))
    return [line[a:b] for line in text.split("\n") if line.strip() for a, b in sentence_spans(line)]
