"""Retries that do nothing twice: the response to a request with an `Idempotency-Key` is kept for a while.

In memory, or in Redis for several servers (the only importer of redis; `limits` has it from its address).
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from assistant.errors import ConflictError, SettingsError
from assistant.outage import Outage
from assistant.quota import ANSWERED_SECONDS

KEEP_SECONDS = 600
PREFIX = "uccn-retry:"  # of a key in Redis
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
    """Responses of the last minutes, by ticket.

    In Redis another server knows them, too; where it does not answer, each server remembers its own. What runs longer
    there than `running_seconds` is taken for the work of a server that has died.
    """

    def __init__(
        self,
        store: str = "memory://",
        *,
        keep_seconds: float = KEEP_SECONDS,
        most: int = MOST,
        running_seconds: float = 0,
    ) -> None:
        self._keep_seconds = keep_seconds
        self._most = most
        self._running_seconds = running_seconds or keep_seconds
        self._kept: OrderedDict[str, tuple[float, str, bytes | None]] = OrderedDict()
        self._shared = None if store.startswith("memory:") else _connected(store)
        self._outage = Outage("The Redis of UCCN_RATE_STORE", "each server knows its own retries alone")

    async def begin(self, ticket: Ticket) -> bytes | None:
        """Return the response that was sent before, or None where the request is to be answered now.

        Raises ConflictError where the first one is still running, or was another request.
        """
        if not ticket.key:
            return None
        key, begun, keep = PREFIX + ticket.key, f"{ticket.body}\n".encode(), round(self._running_seconds * 1000)

        async def begin(redis: Any) -> bytes | None:
            found: bytes | None = None
            while not found and not await redis.set(key, begun, nx=True, px=keep):
                found = await redis.get(key)  # none where it has just been forgotten
            return found

        reached, found = await self._in_redis(begin)
        if not reached:
            return self._begin_here(ticket)
        return _sent(ticket, *found.decode().split("\n", 1)) if found else None

    async def end(self, ticket: Ticket, response: bytes) -> None:
        """Keep what was answered."""
        if len(response) > MOST_BYTES:
            await self.drop(ticket)
        elif ticket.key:
            kept = f"{ticket.body}\n".encode() + response
            key = PREFIX + ticket.key
            reached, _ = await self._in_redis(lambda redis: redis.set(key, kept, px=round(self._keep_seconds * 1000)))
            if reached:
                self._kept.pop(ticket.key, None)
            else:
                self._kept[ticket.key] = (time.monotonic(), ticket.body, response)
                self._kept.move_to_end(ticket.key)

    async def drop(self, ticket: Ticket) -> None:
        """Forget a request that was not answered."""
        self._kept.pop(ticket.key, None)
        if ticket.key:
            await self._in_redis(lambda redis: redis.delete(PREFIX + ticket.key))

    def _begin_here(self, ticket: Ticket) -> bytes | None:
        now = time.monotonic()
        while self._kept and (
            len(self._kept) >= self._most or next(iter(self._kept.values()))[0] < now - self._keep_seconds
        ):
            self._kept.popitem(last=False)
        kept = self._kept.get(ticket.key)
        if kept is None:
            self._kept[ticket.key] = (now, ticket.body, None)
            return None
        _, body, response = kept
        return _sent(ticket, body, (response or b"").decode())

    async def _in_redis(self, use: Callable[[Any], Awaitable[Any]]) -> tuple[bool, Any]:
        """Ask Redis, where there is one; return whether it answered, and what."""
        if self._shared is None or not self._outage.may_try():
            return False, None
        try:
            found = await use(self._shared)
        except Exception as error:  # whatever its client raises; a visitor must not pay for it
            self._outage.failed(error)
            return False, None
        self._outage.worked()
        return True, found


def _sent(ticket: Ticket, body: str, response: str) -> bytes:
    """Return the response that is known of a ticket."""
    if body != ticket.body:
        raise ConflictError(OTHER, running=False)
    if not response:
        raise ConflictError(RUNNING, running=True)
    return response.encode()


def _connected(store: str) -> Any:
    try:
        from redis.asyncio import from_url

        return from_url(store, socket_timeout=ANSWERED_SECONDS, socket_connect_timeout=ANSWERED_SECONDS)
    except (ImportError, ValueError) as error:
        raise SettingsError(
            f"UCCN_RATE_STORE cannot be used ({error}): write redis://HOST:PORT and install the `redis` extra"
        ) from error


def ticket_of(key: str, *who: str, body: bytes) -> Ticket:
    """Return the ticket of a request; '' as key is none."""
    if not key:
        return Ticket("", "")
    told = hashlib.sha256("\0".join((*who, key)).encode()).hexdigest()
    return Ticket(told, hashlib.sha256(body).hexdigest())
