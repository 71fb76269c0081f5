"""Whether questions can be answered now: one is, by every stage, and what is to be kept can be written."""

import asyncio
import logging
import time

from assistant import strings
from assistant.errors import AssistantError, IndexAway
from assistant.live import LiveAssistant
from assistant.store import Store

logger = logging.getLogger(__name__)

HELD_SECONDS = 5.0  # a result is good for, so that whoever asks often costs nothing
TRIAL_SECONDS = 10.0  # a trial may take; a server under full load answers within a few
LATE = (
    f"A trial question was not answered within {TRIAL_SECONDS:g} seconds: the server is overloaded, or its disk hangs"
)
BROKEN = "A trial question could not be answered: the log says why, `uccn doctor` looks for what is missing"


class Readiness:
    """Asks a trial question, one at a time, and remembers how that went for a moment."""

    def __init__(self, assistant: LiveAssistant, store: Store, *, held_seconds: float = HELD_SECONDS) -> None:
        self._assistant = assistant
        self._store = store
        self._held_seconds = held_seconds
        self._trial: asyncio.Future[str] | None = None
        self._failure = ""
        self._tried = -held_seconds

    async def failure(self) -> str:
        """Return why questions cannot be answered now, '' where they can."""
        if self._trial is None and time.monotonic() - self._tried < self._held_seconds:
            return self._failure
        trial = self._trial = self._trial or asyncio.ensure_future(asyncio.to_thread(self._try))
        done, _ = await asyncio.wait((trial,), timeout=TRIAL_SECONDS)
        if not done:
            return LATE  # and no other is begun before it ends
        self._trial, self._failure, self._tried = None, trial.result(), time.monotonic()
        return self._failure

    def _try(self) -> str:
        try:
            self._assistant.probe()
            self._store.probe()
        except IndexAway as error:  # its sentence names the address of the server
            logger.warning("%s", error)
            return strings.AWAY
        except AssistantError as error:
            return str(error)
        except Exception:
            logger.exception("A trial question failed")
            return BROKEN
        return ""
