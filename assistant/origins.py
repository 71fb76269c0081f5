"""Which websites may call the API and frame the pages: exact origins, and wildcards for one level of subdomain."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
HOW = "write it as https://city.example, with a port where it has one, or https://*.city.example"

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_PATTERN = re.compile(rf"(https?)://(\*\.)?({_HOST}|\[[0-9a-f:.]+\])(?::(\d{{1,5}}))?/?")


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that are let in, each as `normal` writes it."""

    allowed: tuple[str, ...]

    @property
    def exact(self) -> tuple[str, ...]:
        """The origins without a wildcard."""
        return tuple(origin for origin in self.allowed if "*" not in origin)

    @property
    def pattern(self) -> str | None:
        """A regular expression of all that the wildcards let in; None where there is none."""
        wild = [re.escape(origin).replace(r"\*", _LABEL) for origin in self.allowed if "*" in origin]
        return "|".join(wild) or None

    def allow(self, origin: str) -> bool:
        """Say whether a request's Origin is one of them, or lies one level below a wildcard."""
        return origin in self.exact or bool(self.pattern and re.fullmatch(self.pattern, origin))

    def ancestors(self, referrer: str) -> str:
        """Return the sources of a `frame-ancestors` directive for a page that was opened from `referrer`.

        A wildcard in that directive would let in every level below, so the one origin that asks stands in its place.
        """
        asking = origin_of(referrer)
        asking_too = (asking,) if asking and asking not in self.exact and self.allow(asking) else ()
        return " ".join(("'self'", *self.exact, *asking_too))


def normal(origin: str) -> str:
    """Return an origin as browsers send it: small letters, ASCII, no slash, no port that the scheme has anyway.

    Raises ValueError where it is none, or a wildcard that stands for a whole top-level domain.
    """
    text = origin.strip().lower()
    scheme, parted, rest = text.partition("://")
    if parted and not rest.isascii():
        try:
            text = f"{scheme}://{rest.encode('idna').decode('ascii')}"
        except UnicodeError as error:
            raise ValueError(f"{origin!r} is not an origin: {HOW}") from error
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise ValueError(f"{origin!r} is not an origin: {HOW}")
    scheme, wild, host, port = found.groups(default="")
    if wild and ("." not in host or host.replace(".", "").isdigit()):
        raise ValueError(f"{origin!r} would let in a whole domain of others: {HOW}")
    if port and not 0 < int(port) < 65536:
        raise ValueError(f"{origin!r} has no such port: {HOW}")
    shown = f":{int(port)}" if port and int(port) != DEFAULT_PORTS[scheme] else ""
    return f"{scheme}://{wild}{host}{shown}"


def normals(origins: Iterable[str]) -> tuple[str, ...]:
    """Return origins as browsers send them, each once; ValueError names the first that is none."""
    return tuple(dict.fromkeys(map(normal, origins)))


def origin_of(address: str) -> str:
    """Return the origin of an address of the web, or ''."""
    try:
        parts = urlsplit(address)
        return normal(f"{parts.scheme}://{parts.netloc}") if "*" not in parts.netloc else ""
    except ValueError:
        return ""
