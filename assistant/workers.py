"""Answers on few threads, first come, first served: a bounded queue, a time-out, and an end where the client leaves."""

import asyncio
import contextvars
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, suppress

from assistant.chain import Event
from assistant.errors import BusyError
from assistant.live import LiveAssistant
from assistant.records import Answer, Question

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5  # what a client is told to wait where too many wait already, or where the server stops
FULL = "Too many questions are waiting: ask again in a few seconds"
LATE = "The answer took longer than {seconds:g} seconds: ask again, or ask something shorter"
STOPPING = "The server is being stopped: ask again in a few seconds"


class Workers:
    """Threads that answer; one more question than may wait is refused at once."""

    def __init__(
        self,
        assistant: LiveAssistant,
        *,
        threads: int = 2,
        waiting: int = 100,
        timeout_seconds: float = 60.0,
        refused: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """Start nothing yet; `refused` is told why a question got no answer: full, late, stopping."""
        self._assistant = assistant
        self._most = threads + waiting
        self._timeout = timeout_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="api")
        self._lock = threading.Lock()
        self._taken = 0
        self._refused = refused
        self.stopping = False

    def close(self) -> None:
        """Take no question any more; those that were taken are answered."""
        self.stopping = True

    @property
    def taken(self) -> int:
        """How many questions are being answered or wait."""
        return self._taken

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """Yield the steps of an answer; a thread leaves off at the next step once this is closed.

        Raises BusyError where too many wait or the answer takes too long, and what the assistant raises.
        """
        steps: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        left = threading.Event()

        def tell(step: Event | BaseException | None) -> None:
            with suppress(RuntimeError):  # the loop has been closed: the server is stopping
                loop.call_soon_threadsafe(steps.put_nowait, step)

        def work() -> None:
            try:
                for step in _until(self._assistant.stream(question), left.is_set):
                    tell(step)
            except BaseException as error:
                tell(error)
            else:
                tell(None)

        job = self._submit(work)
        ends = loop.time() + self._timeout
        try:
            while True:
                try:
                    step = await asyncio.wait_for(steps.get(), ends - loop.time())
                except TimeoutError as error:
                    self._refused("late")
                    raise BusyError(LATE.format(seconds=self._timeout), RETRY_SECONDS) from error
                if step is None:
                    return
                if isinstance(step, BaseException):
                    raise step
                yield step
        finally:
            left.set()
            job.cancel()

    async def answer(self, question: Question) -> Answer:
        """Return the whole answer; raises as `stream` does."""
        async with aclosing(self.stream(question)) as steps:  # type: ignore[type-var]
            found = [step.answer async for step in steps if step.name == "answer" and step.answer is not None]
        if not found:
            raise RuntimeError("The stream ended without an answer")
        return found[-1]

    def _submit(self, work: Callable[[], None]) -> "Future[None]":
        if self.stopping:
            self._refused("stopping")
            raise BusyError(STOPPING, RETRY_SECONDS)
        with self._lock:
            if self._taken >= self._most:
                self._refused("full")
                raise BusyError(FULL, RETRY_SECONDS)
            self._taken += 1
        job = self._threads.submit(contextvars.copy_context().run, work)
        job.add_done_callback(self._done)  # also of a job that is cancelled before it begins
        return job

    def _done(self, job: "Future[None]") -> None:
        with self._lock:
            self._taken -= 1


def _until(steps: Iterator[Event], left: Callable[[], bool]) -> Iterator[Event]:
    """Yield steps until the client has left, then close what makes them."""
    try:
        if left():
            return
        for step in steps:
            yield step
            if left():
                return
    finally:
        close = getattr(steps, "close", None)
        if close is not None:
            close()
