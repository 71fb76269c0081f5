"""An engine that may be away: told once when it goes and once when it is back, and tried now and then between."""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

TRIED_SECONDS = 5.0


class Outage:
    """Whether an engine is away; safe for several threads.

    While it is, one use in `every` seconds (else TRIED_SECONDS) may try it, so that few wait for what does not answer.
    """

    def __init__(
        self, name: str, instead: str, *, every: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name  # as the log calls it
        self._instead = instead  # what happens meanwhile
        self._every = TRIED_SECONDS if every is None else every
        self._now = now
        self._missed = 0
        self._next = 0.0
        self._lock = threading.Lock()

    def may_try(self) -> bool:
        """Say whether the engine may be used now; where it may not, count what had to go without it."""
        with self._lock:
            if not self._missed:
                return True
            if self._now() >= self._next:
                self._next = self._now() + self._every
                return True
            self._missed += 1
            return False

    def failed(self, error: BaseException) -> None:
        """Take down that the engine did not answer."""
        with self._lock:
            first, self._missed = not self._missed, self._missed + 1
            self._next = self._now() + self._every
        if first:
            logger.error("%s does not answer, %s: %s", self._name, self._instead, str(error) or type(error).__name__)

    def worked(self) -> None:
        """Take down that the engine answered."""
        if not self._missed:
            return
        with self._lock:
            missed, self._missed = self._missed, 0
        if missed:
            logger.warning("%s is back; %d uses went without it", self._name, missed)
