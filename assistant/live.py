"""The assistant as the web serves it: it takes each new version of the index while it answers from the one before."""

import contextlib
import ctypes
import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from assistant.chain import Assistant, Event, open_assistant
from assistant.errors import AssistantError, IndexAway
from assistant.index import Index, current_version
from assistant.records import Answer, Question, Source
from assistant.settings import Settings

logger = logging.getLogger(__name__)

LOOKED_SECONDS = 2.0  # between two looks whether another version of the index is current
T = TypeVar("T")


class LiveAssistant:
    """The assistant that answers now; safe for several threads.

    `reopen` opens another on the version of the index that `current` names. An answer that has begun ends on the
    version that it began on; one whose version the Chroma server holds no longer begins again on the current one.
    """

    def __init__(
        self,
        assistant: Assistant,
        *,
        reopen: Callable[[], Assistant] | None = None,
        current: Callable[[], str] = lambda: "",
    ) -> None:
        self._now = assistant
        self._reopen = reopen
        self._current = current
        self._refused = ""
        self._lock = threading.Lock()

    @property
    def index(self) -> Index:
        """The index that is answered from now."""
        return self._now.index

    @property
    def stale(self) -> str:
        """Why that index no longer matches the corpus; '' where it does."""
        return self._now.stale

    def ask(self, question: Question) -> Answer:
        """Answer one question; raises as the assistant does."""
        used = self._now
        try:
            return used.ask(question)
        except IndexAway as error:
            return self._other_than(used, error).ask(question)

    def probe(self) -> Answer:
        """Answer a trial question; raises what fails."""
        used = self._now
        try:
            return used.probe()
        except IndexAway as error:
            return self._other_than(used, error).probe()

    def stream(self, question: Question) -> Iterator[Event]:
        """Answer one question in steps; raises as the assistant does."""
        used = self._now
        try:
            yield from used.stream(question)
        except IndexAway as error:  # nothing but a status has been said before the search
            yield from self._other_than(used, error).stream(question)

    def expected(self, question: str, k: int = 12) -> list[str]:
        """Return the questions that documents are known to answer, nearest to one first."""
        return self._now.expected(question, k)

    def language(self, text: str) -> str:
        """Return the language of a text, ISO 639-1."""
        return self._now.language(text)

    def source(self, source_id: str) -> Source:
        """Return one source; raise QuestionError where there is none of that id."""
        return self._now.source(source_id)

    def sources(self) -> Sequence[Source]:
        """Return every source of the index, by id."""
        return self._now.sources()

    def of_each(self, make: Callable[[Assistant], T]) -> Callable[[], T]:
        """Return what gives the thing made of the assistant that answers now; it is made once for each."""
        made: tuple[Assistant, T] | None = None

        def given() -> T:
            nonlocal made
            now, held = self._now, made
            if held is None or held[0] is not now:
                made = held = (now, make(now))
            return held[1]

        return given

    def refresh(self) -> None:
        """Take the current version of the index where it is another; one that cannot be opened is logged once."""
        with self._lock:
            version = self._current()
            if self._reopen is None or version in ("", self._now.index.version):
                return
            try:
                opened = self._reopen()
                opened.warm()
            except AssistantError as error:
                if version != self._refused:
                    logger.error("The new version of the index cannot be taken, the old one goes on: %s", error)
                self._refused = version
                return
            self._now = opened
        logger.info("Answering from version %s of the index", opened.index.version)
        _give_back()

    @contextlib.contextmanager
    def following(self) -> Iterator[None]:
        """Look for new versions, in a thread of its own, until the block ends."""
        ended = threading.Event()

        def follow() -> None:
            while not ended.wait(LOOKED_SECONDS):
                try:
                    self.refresh()
                except Exception:
                    logger.exception("The new version of the index could not be taken")

        threading.Thread(target=follow, name="index", daemon=True).start()
        try:
            yield
        finally:
            ended.set()

    def _other_than(self, used: Assistant, error: IndexAway) -> Assistant:
        """Return the assistant on the current version; raise what another raised where it is the same."""
        self.refresh()
        if self._now is used:
            raise error
        return self._now


def settle() -> None:
    """Hold what was opened out of later looks for garbage, and give the memory that opening took back to the system."""
    gc.freeze()  # a look through all of it takes a quarter of a second, in the midst of an answer
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # a C library other than glibc keeps nothing back
            ctypes.CDLL(None).malloc_trim(0)


def _give_back() -> None:
    """Give the memory of the one before, which is large and held in circles, back to the system."""
    gc.unfreeze()
    gc.collect()
    settle()


def follow_index(assistant: Assistant, settings: Settings) -> LiveAssistant:
    """Return an opened assistant as one that can take new versions of the index of the settings."""
    return LiveAssistant(
        assistant, reopen=lambda: open_assistant(settings), current=lambda: current_version(settings.index)
    )
