"""Retries that do nothing twice: the response to a request with an `Idempotency-Key` is kept for a while."""

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from assistant.errors import ConflictError

KEEP_SECONDS = 600
MOST = 1000  # responses kept; the oldest go first
MOST_BYTES = 64 * 1024  # of one response; a longer one is made anew
RUNNING = "The first request with this Idempotency-Key is still being answered: send it again in a second"
OTHER = "This Idempotency-Key was used with another request: make a new key for a new request"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that may be sent again, as it is told from others."""

    key: str  # of the client, by its address, its API key and its Idempotency-Key; '' where it sent none
    body: str


class Retries:
    """Responses of the last minutes, by ticket."""

    def __init__(self, *, keep_seconds: float = KEEP_SECONDS, most: int = MOST) -> None:
        self._keep_seconds = keep_seconds
        self._most = most
        self._kept: OrderedDict[str, tuple[float, str, bytes | None]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, ticket: Ticket) -> bytes | None:
        """Return the response that was sent before, or None where the request is to be answered now.

        Raises ConflictError where the first one is still running, or was another request.
        """
        if not ticket.key:
            return None
        now = time.monotonic()
        with self._lock:
            while self._kept and (
                len(self._kept) >= self._most or next(iter(self._kept.values()))[0] < now - self._keep_seconds
            ):
                self._kept.popitem(last=False)
            kept = self._kept.get(ticket.key)
            if kept is None:
                self._kept[ticket.key] = (now, ticket.body, None)
                return None
            _, body, response = kept
            if body != ticket.body:
                raise ConflictError(OTHER, running=False)
            if response is None:
                raise ConflictError(RUNNING, running=True)
            return response

    def end(self, ticket: Ticket, response: bytes) -> None:
        """Keep what was answered."""
        if len(response) > MOST_BYTES:
            self.drop(ticket)
        elif ticket.key:
            with self._lock:
                self._kept[ticket.key] = (time.monotonic(), ticket.body, response)
                self._kept.move_to_end(ticket.key)

    def drop(self, ticket: Ticket) -> None:
        """Forget a request that was not answered."""
        with self._lock:
            self._kept.pop(ticket.key, None)


def ticket_of(key: str, *who: str, body: bytes) -> Ticket:
    """Return the ticket of a request; '' as key is none."""
    if not key:
        return Ticket("", "")
    told = hashlib.sha256("\0".join((*who, key)).encode()).hexdigest()
    return Ticket(told, hashlib.sha256(body).hexdigest())
