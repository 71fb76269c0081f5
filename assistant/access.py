"""Who may open the staff's pages: whoever has the password, or whoever a trusted proxy names."""

import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from fastapi import HTTPException, Request
from itsdangerous import BadSignature, TimestampSigner
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import SettingsError
from assistant.settings import Settings

COOKIE = "uccn_staff"
HOURS = 10  # of a session
SHORTEST_PASSWORD = 12  # characters
TRIES, TRIES_SECONDS = 8, 300  # wrong passwords that one address may give, and within what time
ADDRESSES_KEPT = 10_000
_SAFE = ("GET", "HEAD")


class Peer:
    """Remember which machine a connection comes from, before any header may speak for another."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            client = scope.get("client")
            scope.setdefault("state", {})["peer"] = client[0] if client else ""
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Access:
    """The lock of the staff's pages."""

    password: str
    header: str
    proxies: tuple[str, ...]
    _key: Callable[[], bytes]  # shared by all workers, so that each knows the sessions of the others
    _wrong: dict[str, deque[float]] = field(default_factory=dict)
    now: Callable[[], float] = time.monotonic

    @property
    def on(self) -> bool:
        """Whether there are staff's pages at all."""
        return bool(self.password or self.header)

    def name(self, request: Request) -> str:
        """Return who asks, '' where it is nobody of the staff."""
        if self.header and _within(_peer(request), self.proxies):
            named = request.headers.getlist(self.header)
            if len(named) == 1 and named[0].strip():
                return named[0].strip()[:100]
        if not self.password or COOKIE not in request.cookies:
            return ""
        try:
            self._signer().unsign(request.cookies[COOKIE], max_age=HOURS * 3600)
        except BadSignature:
            return ""
        return "staff"

    def may(self, request: Request) -> str:
        """Return who asks.

        Raises HTTPException: 404 where there are no such pages, 303 to the login, 403 where nobody may log in or
        another website sends a form.
        """
        if not self.on:
            raise HTTPException(404, f"There is nothing at {request.url.path}: see /docs")
        name = self.name(request)
        if not name and self.password:
            raise HTTPException(303, headers={"Location": f"{request.scope.get('root_path', '')}/staff/login"})
        if not name:
            raise HTTPException(403, "These pages are for staff: open them through your organisation's login")
        if request.method not in _SAFE and not _own(request):
            raise HTTPException(403, "This form was sent by another website: send it from the staff's pages")
        return name

    def login(self, password: str, request: Request) -> str:
        """Return the value of the session's cookie, '' where the password is wrong.

        Raises HTTPException 429 where an address has given too many wrong ones.
        """
        wrong = self._tries(request)
        if len(wrong) >= TRIES:
            raise HTTPException(429, f"Too many wrong passwords: wait {TRIES_SECONDS // 60} minutes")
        if not self.password or not hmac.compare_digest(_hashed(password), _hashed(self.password)):
            wrong.append(self.now())
            return ""
        return self._signer().sign(b"staff").decode()

    def _signer(self) -> TimestampSigner:
        return TimestampSigner(self._key() + _hashed(self.password), salt="staff")  # a new password ends all sessions

    def _tries(self, request: Request) -> deque[float]:
        address = request.client.host if request.client else ""
        if len(self._wrong) > ADDRESSES_KEPT:
            self._wrong.clear()
        wrong = self._wrong.setdefault(address, deque())
        while wrong and wrong[0] < self.now() - TRIES_SECONDS:
            wrong.popleft()
        return wrong


def open_access(settings: Settings, key: Callable[[], bytes]) -> Access:
    """Return the lock that the settings ask for, signed with `key`; raise SettingsError where it would not hold."""
    password = settings.staff_password.get_secret_value()
    if password and len(password) < SHORTEST_PASSWORD:
        raise SettingsError(f"UCCN_STAFF_PASSWORD is too short: take {SHORTEST_PASSWORD} characters or more")
    if settings.staff_header and not settings.trusted_proxies:
        raise SettingsError(
            "UCCN_STAFF_HEADER needs UCCN_TRUSTED_PROXIES: name the addresses of the proxy that sets the header"
        )
    return Access(password, settings.staff_header, settings.trusted_proxies, key)


def _hashed(password: str) -> bytes:
    return hashlib.sha256(password.encode()).digest()  # of one length, so that comparing takes one time


def _peer(request: Request) -> str:
    return str(request.scope.get("state", {}).get("peer", ""))


def _within(address: str, networks: Sequence[str]) -> bool:
    try:
        return any(ip_address(address) in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False


def _own(request: Request) -> bool:
    """Say whether a form comes from a page of this server; every browser of today says so."""
    site = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "")
    if site:
        return site == "same-origin"
    return origin.partition("://")[2] == request.headers.get("host", "")
