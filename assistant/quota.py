"""How often one may call: rates for each address, website and key, in memory or in Redis (the importer of limits)."""

import ipaddress
import math
import time
from collections.abc import Sequence

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string

from assistant.errors import SettingsError
from assistant.outage import Outage

ANSWERED_SECONDS = 1.0  # that Redis gets: every visitor waits for it


class Quota:
    """Counts calls in sliding windows; where Redis cannot be reached it counts in memory until it can."""

    def __init__(self, store: str = "memory://") -> None:
        self._memory = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = self._memory if store.startswith("memory:") else _shared(store)
        self._outage = Outage("The Redis of UCCN_RATE_STORE", "each server counts for itself")
        self._rates: dict[str, list[RateLimitItem]] = {}

    async def take(self, rate: str, *who: str) -> int:
        """Count one call; return 0 where it is within the rate, else the seconds to wait."""
        for item in self._items(rate):
            if wait := await self._counted(item, who):
                return wait
        return 0

    async def _counted(self, item: RateLimitItem, who: Sequence[str]) -> int:
        if self._outage.may_try():
            try:
                wait = await _hit(self._shared, item, who)
            except Exception as error:  # whatever the client of the store raises; a visitor must not pay for it
                self._outage.failed(error)
            else:
                self._outage.worked()
                return wait
        return await _hit(self._memory, item, who)

    def _items(self, rate: str) -> Sequence[RateLimitItem]:
        if rate not in self._rates:
            self._rates[rate] = read_rate(rate)
        return self._rates[rate]


def read_rate(rate: str) -> list[RateLimitItem]:
    """Read a rate such as `30/minute;300/hour`; '' is none. Raises ValueError where it is not one."""
    return parse_many(rate) if rate.strip() else []


def network_of(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


async def _hit(limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, who: Sequence[str]) -> int:
    if await limiter.hit(item, *who):
        return 0
    window = await limiter.get_window_stats(item, *who)
    return max(1, math.ceil(window.reset_time - time.time()))


def _shared(store: str) -> SlidingWindowCounterRateLimiter:
    try:
        storage = storage_from_string(
            f"async+{store}",
            implementation="redispy",
            socket_timeout=ANSWERED_SECONDS,
            socket_connect_timeout=ANSWERED_SECONDS,
        )
    except Exception as error:  # the library raises its own kinds for a missing client and a malformed address
        raise SettingsError(
            f"UCCN_RATE_STORE cannot be used ({error}): write redis://HOST:PORT and install the `redis` extra"
        ) from error
    assert isinstance(storage, Storage)
    return SlidingWindowCounterRateLimiter(storage)
