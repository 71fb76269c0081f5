"""What people asked and how they rated it, as far as the settings let it be kept (the only importer of SQLAlchemy)."""

import datetime
import hashlib
import logging
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sql
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from assistant.errors import SettingsError, StoreError
from assistant.migrations import migrate
from assistant.records import Answer
from assistant.settings import Keep, Settings

logger = logging.getLogger(__name__)

Channel = Literal["chat", "api", "widget"]
Verdict = Literal["up", "down"]

BUSY_SECONDS = 5  # how long a database may let one wait: for another writer, for a connection, for a host that is gone
REASON_CHARS, COMMENT_CHARS, ANSWER_CHARS = 60, 2000, 8000

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DIGITS = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d[\d\s().\-/]{6,}\d(?![\w])")
_YEARS_OR_DATES = re.compile(
    r"(?:(?:\d{1,2}[./-]\d{1,2}[./-])?(?:1[89]|20)\d\d(?:-\d\d){0,2}|\d{1,3}(?:\s\d{3})+)(?:[\s.\-/()]+|$)"
)
_PHONE_DIGITS = range(9, 16)  # E.164 allows fifteen; fewer than nine are figures more often than numbers to call

# What the newest of assistant/migrations makes.
_METADATA = sql.MetaData()
_ASKED = sql.Table(
    "asked",
    _METADATA,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("at", sql.String(32), nullable=False, index=True),
    sql.Column("conversation", sql.String(64), nullable=False, index=True),
    sql.Column("channel", sql.String(8), nullable=False),
    sql.Column("question", sql.Text, nullable=False),
    sql.Column("digest", sql.String(32), nullable=False),
    sql.Column("standalone", sql.Text, nullable=False),
    sql.Column("language", sql.String(16), nullable=False),
    sql.Column("status", sql.String(16), nullable=False),
    sql.Column("route", sql.String(16), nullable=False),
    sql.Column("answer", sql.Text, nullable=False),
    sql.Column("sources", sql.JSON, nullable=False),
    sql.Column("milliseconds", sql.Float, nullable=False),
)
_RATINGS = sql.Table(
    "ratings",
    _METADATA,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("at", sql.String(32), nullable=False, index=True),
    sql.Column("conversation", sql.String(64), nullable=False, index=True),
    sql.Column("channel", sql.String(8), nullable=False),
    sql.Column("question", sql.Text, nullable=False),
    sql.Column("answer", sql.Text, nullable=False),
    sql.Column("verdict", sql.String(8), nullable=False),
    sql.Column("reason", sql.String(REASON_CHARS), nullable=False),
    sql.Column("comment", sql.Text, nullable=False),
)
_KEPT = (_ASKED, _RATINGS)
_KEYS = sql.Table(
    "keys",
    _METADATA,
    sql.Column("name", sql.String(16), primary_key=True),
    sql.Column("value", sql.String(64), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was asked; its texts are empty where only its digest is kept."""

    id: int
    at: str  # ISO, UTC
    conversation: str
    channel: Channel
    question: str
    digest: str  # the same for the same question, and not to be read back without the store's own key
    standalone: str
    language: str
    status: str
    route: str  # '' where nothing answered
    answer: str
    sources: tuple[str, ...]  # ids of the documents cited
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Rating:
    """What a visitor said of an answer."""

    question: str
    answer: str
    verdict: Verdict
    reason: str = ""
    comment: str = ""
    conversation: str = ""
    channel: Channel = "chat"
    at: str = ""  # ISO, UTC; set when it is kept
    id: int = 0


class Store:
    """Questions and ratings in a database that is made when it is first used.

    Every method raises StoreError where the database cannot be reached, read or written.
    """

    def __init__(self, url: str, keep: Keep = "off", *, days: int | None = None) -> None:
        """Take the database's address, what to keep of a question, and for how many days; None: until forgotten."""
        try:
            self._url = make_url(url)
            self._engine = sql.create_engine(
                self._url, connect_args=_arguments(self._url), pool_pre_ping=True, **_pool(self._url)
            )
        except ImportError as error:
            raise SettingsError(
                f"UCCN_DATABASE_URL needs a package that is not there ({error}): for PostgreSQL install the `postgres` "
                "extra"
            ) from error
        except (ArgumentError, SQLAlchemyError) as error:
            raise SettingsError(
                f"UCCN_DATABASE_URL cannot be used ({_first_line(error)}): give one like "
                "sqlite:///store/uccn.sqlite3 or postgresql://USER:PASSWORD@HOST/NAME"
            ) from error
        self.keep = keep
        self._days = days
        self._cleared = ""  # the day on which what is too old was last deleted
        self._key = b""
        self._lock = threading.Lock()

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None where the database is another."""
        name = (self._url.database or "").removeprefix("file:")  # of an SQLite URI
        return Path(name) if self._url.get_backend_name() == "sqlite" and name not in ("", ":memory:") else None

    def record(self, answer: Answer, *, conversation: str = "", channel: Channel) -> None:
        """Keep a question and its answer, as far as `keep` says."""
        if self.keep == "off":
            return
        full = self.keep == "full"
        with self._begun() as connection:
            row = {
                "at": _now(),
                "conversation": conversation[:64],
                "channel": channel,
                "question": mask(_storable(answer.question)) if full else "",
                "digest": self._digest(answer.question),
                "standalone": mask(_storable(answer.standalone_question)) if full else "",
                "language": answer.language[:16],
                "status": answer.status,
                "route": answer.route or "",
                "answer": _storable(answer.answer)[:ANSWER_CHARS] if full else "",
                "sources": list(dict.fromkeys(citation.source_id for citation in answer.citations)),
                "milliseconds": float(answer.timings_ms.get("total", 0)),
            }
            connection.execute(sql.insert(_ASKED).values(row))
            self._clear(connection)

    def rate(self, rating: Rating) -> None:
        """Keep what a visitor says of an answer, whatever `keep` says: it is sent on purpose."""
        row = asdict(rating) | {
            "at": _now(),
            "conversation": rating.conversation[:64],
            "question": mask(_storable(rating.question)),
            "answer": mask(_storable(rating.answer))[:ANSWER_CHARS],
            "reason": _storable(rating.reason)[:REASON_CHARS],
            "comment": mask(_storable(rating.comment))[:COMMENT_CHARS],
        }
        del row["id"]
        with self._begun() as connection:
            connection.execute(sql.insert(_RATINGS).values(row))
            self._clear(connection)

    def asked(self, *, since: str = "", conversation: str = "", limit: int = 1000) -> list[Asked]:
        """Return what was asked, newest first."""
        rows = self._rows(_ASKED, since, conversation, limit)
        return [Asked(**row | {"sources": tuple(row["sources"])}) for row in rows]

    def ratings(self, *, since: str = "", conversation: str = "", limit: int = 1000) -> list[Rating]:
        """Return what was rated, newest first."""
        return [Rating(**row) for row in self._rows(_RATINGS, since, conversation, limit)]

    def export(self, conversation: str) -> dict[str, list[dict[str, Any]]]:
        """Return all that is kept of a conversation, oldest first."""
        tables = (("asked", _ASKED), ("ratings", _RATINGS))
        return {name: self._rows(table, "", conversation, None)[::-1] for name, table in tables}

    def forget(self, *, conversation: str = "", before: str = "") -> int:
        """Delete a conversation, or all that is older than an ISO date; return how many rows went."""
        if bool(conversation) == bool(before):
            raise ValueError("give a conversation or a date, one of the two")
        gone = 0
        with self._begun() as connection:
            for table in _KEPT:
                which = table.c.conversation == conversation if conversation else table.c.at < before
                gone += connection.execute(sql.delete(table).where(which)).rowcount
        return gone

    def secret(self, name: str) -> bytes:
        """Return a random key that all processes with this database share; it is made when it is first asked for."""
        with self._told():
            with self._lock:
                if not self._key:
                    self._prepare()
            return self._shared_key(name)

    def migrate(self) -> tuple[str, str]:
        """Bring the tables to the newest layout; return its version before and after, '' for none."""
        with self._told():
            return self._migrated()

    def probe(self) -> None:
        """Write, where questions are kept, so that a database that cannot be written shows."""
        if self.keep != "off":
            with self._begun() as connection:
                connection.execute(sql.update(_KEYS).values(value=_KEYS.c.value))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _clear(self, connection: Connection) -> None:
        """Delete what is older than it may be kept, with the first that is kept on a day."""
        now = datetime.datetime.now(datetime.UTC)
        if self._days is None or self._cleared == now.date().isoformat():
            return
        before = (now - datetime.timedelta(days=self._days)).isoformat(timespec="milliseconds")
        for table in _KEPT:
            connection.execute(sql.delete(table).where(table.c.at < before))
        self._cleared = now.date().isoformat()

    def _rows(self, table: sql.Table, since: str, conversation: str, limit: int | None) -> list[dict[str, Any]]:
        wanted = sql.select(table).order_by(table.c.id.desc()).limit(limit)
        if since:
            wanted = wanted.where(table.c.at >= since)
        if conversation:
            wanted = wanted.where(table.c.conversation == conversation)
        with self._begun() as connection:
            return [dict(row) for row in connection.execute(wanted).mappings()]

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """Open a transaction; the first one makes the tables and reads the key of the digests."""
        with self._told():
            with self._lock:
                if not self._key:
                    self._prepare()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell in one sentence what is wrong with the database."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            reason = getattr(error, "orig", None) or error
            raise StoreError(
                f"The store at {self._url.render_as_string()} cannot be used ({_first_line(reason)}): "
                "free it or set UCCN_DATABASE_URL"
            ) from error

    def _migrated(self) -> tuple[str, str]:
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        return migrate(self._engine)

    def _prepare(self) -> None:
        self._migrated()
        self._key = self._shared_key("digest")

    def _shared_key(self, name: str) -> bytes:
        if not (value := self._stored_key(name)):
            try:
                with self._engine.begin() as connection:
                    connection.execute(sql.insert(_KEYS).values(name=name, value=secrets.token_hex(32)))
            except IntegrityError:
                logger.debug("Another process has made the key meanwhile")
            value = self._stored_key(name)
        return bytes.fromhex(value)

    def _stored_key(self, name: str) -> str:
        with self._engine.begin() as connection:
            return connection.scalar(sql.select(_KEYS.c.value).where(_KEYS.c.name == name)) or ""

    def _digest(self, question: str) -> str:
        plain = " ".join(_storable(question).casefold().split())
        return hashlib.blake2b(plain.encode(), key=self._key, digest_size=16).hexdigest()


def open_store(settings: Settings) -> Store:
    """Return the store of the settings; nothing is made on disk before it is used.

    Raises SettingsError where the address is none of a database.
    """
    return Store(settings.database_url, settings.keep_questions, days=settings.keep_days)


def mask(text: str) -> str:
    """Return a text without its e-mail addresses and phone numbers; years, dates and grouped figures stay."""

    def hidden(found: re.Match[str]) -> str:
        figures = _YEARS_OR_DATES.sub("", found[0])
        count = sum(character.isdigit() for character in found[0])
        return "[phone]" if figures and count in _PHONE_DIGITS else found[0]

    return _DIGITS.sub(hidden, _EMAIL.sub("[e-mail]", text))


def _storable(text: str) -> str:
    """Return a text without what a database refuses: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _arguments(url: URL) -> dict[str, Any]:
    """Return what the driver is told, where the address itself does not say it."""
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_SECONDS}
    if url.get_driver_name() != "psycopg":
        return {}
    told = {
        "connect_timeout": BUSY_SECONDS,
        "tcp_user_timeout": BUSY_SECONDS * 1000,
        "options": f"-c lock_timeout={BUSY_SECONDS}s",
    }
    return {name: value for name, value in told.items() if name not in url.query}


def _pool(url: URL) -> dict[str, Any]:
    return {} if url.get_backend_name() == "sqlite" else {"pool_timeout": BUSY_SECONDS}


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
