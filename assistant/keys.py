"""Keys of programs that may ask: made once, kept as a hash only."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = "uccn_"
HOW = "write NAME:HASH or NAME:HASH:RATE, as `uccn key NAME` prints it"

_ENTRY = re.compile(r"([\w.-]{1,40}):([0-9a-f]{64})(?::(\d+/(?:second|minute|hour|day)))?")


@dataclass(frozen=True, slots=True)
class Key:
    """Who may ask with a key, and how often."""

    name: str
    digest: str  # SHA-256 of the key, in hexadecimal; enough for a key of 256 random bits, which nobody can guess
    rate: str = ""  # such as 600/minute; empty: UCCN_RATE_PER_KEY


def new_key(name: str) -> tuple[str, Key]:
    """Make a key; the text is shown once and cannot be had again."""
    text = PREFIX + secrets.token_urlsafe(32)
    return text, Key(name, digest_of(text))


def digest_of(text: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_key(entry: str) -> Key:
    """Read a key as it stands in the settings; raise ValueError where it is none."""
    found = _ENTRY.fullmatch(entry.strip())
    if found is None:
        raise ValueError(f"{entry[:20]!r} is not a key: {HOW}")
    return Key(found[1], found[2], found[3] or "")


def holder(text: str, keys: Sequence[Key]) -> Key | None:
    """Return whose key a text is; every key is compared, in a time that tells nothing."""
    digest = digest_of(text)
    found = [key for key in keys if hmac.compare_digest(key.digest, digest)]
    return found[0] if found else None
