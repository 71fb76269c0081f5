"""The web server, which lets the answers in flight end before it stops."""

import asyncio
import atexit
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from assistant.workers import Workers

BEHIND_SECONDS = 1.0


class Server(uvicorn.Server):
    """Stops in two steps: first no question is taken any more, then, once none is left, no connection.

    In between a question gets 503 with Retry-After, and so does `/readyz`, while pages are still served. After
    `stop_seconds`, or at a second signal, the second step comes whatever is left.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        workers: Workers,
        *,
        stop_seconds: float,
        behind: Callable[[], object] = lambda: None,
    ) -> None:
        """Take what is to be begun `behind` the start, once it has had BEHIND_SECONDS for its first answers."""
        super().__init__(config)
        self._behind = behind
        self._workers = workers
        self._stop_seconds = stop_seconds
        self._ends: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        asyncio.get_running_loop().call_later(BEHIND_SECONDS, self._behind)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take the first signal as the wish to stop, a second one as haste."""
        if self._ends is not None:
            super().handle_exit(sig, frame)
            return
        self._workers.close()
        self._ends = time.monotonic() + self._stop_seconds

    async def on_tick(self, counter: int) -> bool:
        """Look whether the second step is due; called every tenth of a second."""
        if self._ends is not None and (not self._workers.taken or time.monotonic() >= self._ends):
            self.should_exit = True
        return await super().on_tick(counter)


def leave() -> None:
    """End this process, with all that was to be done at its end, but without taking Python down.

    While that is taken down a library in another language crashes now and then (one stop in twelve), after
    everything was written; whoever watches the server would take it for a failure.
    """
    atexit._run_exitfuncs()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
