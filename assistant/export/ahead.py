"""The days ahead of today that the quotes of answers name, and a calendar file of them."""

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.captions import Captions
from assistant.export.outline import Exchange
from assistant.pages import quote_lines
from assistant.values import dates

SUMMARY_CHARS = 120
_DAY = len("2021-06-30")


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day ahead of today and the statement that names it."""

    day: datetime.date
    statement: str
    source: str  # who said it, where and when
    url: str = ""


def dates_ahead(exchanges: Iterable[Exchange], today: datetime.date) -> list[Ahead]:
    """Return the days from today on that the quotes of the answers name, each with its statement, soonest first.

    A month or a year is no day, and the day on which something was stated is none of its events.
    """
    found: dict[tuple[datetime.date, str], Ahead] = {}
    for exchange in exchanges:
        for citation in exchange.answer.citations:
            source = ", ".join(filter(None, (citation.title, citation.publisher, citation.date)))
            for line in quote_lines(citation.quote):
                for one in days_of(line, source, today=today, url=citation.url):
                    found.setdefault((one.day, one.statement), one)
    return sorted(found.values(), key=lambda one: (one.day, one.statement))


def days_of(statement: str, source: str, *, today: datetime.date, url: str = "") -> list[Ahead]:
    """Return the days from today on that a statement names."""
    found = []
    for date in dates(statement):
        if len(date.iso) == _DAY and not date.as_of:
            try:
                day = datetime.date.fromisoformat(date.iso)
            except ValueError:  # 31 June
                continue
            if day >= today:
                found.append(Ahead(day, statement, source, url))
    return found


def write_calendar(ahead: Sequence[Ahead], captions: Captions, *, now: datetime.datetime) -> bytes:
    """Return an iCalendar file with one event a day and statement; the same event has the same id every time."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//UCCN Assistant//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", captions.say("export.calendar"))
    for one in ahead:
        event = Event()
        digest = hashlib.sha256(f"{one.day}\n{one.statement}".encode()).hexdigest()
        event.add("uid", f"{digest[:32]}@uccn-assistant")
        event.add("dtstamp", now)
        event.add("dtstart", one.day)
        event.add("dtend", one.day + datetime.timedelta(days=1))
        event.add("summary", _shortened(one.statement))
        event.add("description", "\n\n".join((one.statement, one.source, captions.say("export.decides"))))
        event.add("transp", "TRANSPARENT")  # a deadline does not make its day busy
        if one.url.startswith(("https://", "http://")):
            event.add("url", one.url)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _shortened(text: str) -> str:
    if len(text) <= SUMMARY_CHARS:
        return text
    return text[: SUMMARY_CHARS - 1].rsplit(" ", 1)[0] + "…"
