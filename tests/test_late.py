"""What is opened behind the start: a visitor waits for it, and a failure is not for ever."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
from fakes import FakeAssistant
from starlette.responses import PlainTextResponse

from assistant.api import create_app
from assistant.late import Late
from assistant.settings import Settings


class Slow:
    """An app that opens once it may, and counts how often it was opened."""

    def __init__(self, fails=0):
        self.go = asyncio.Event()
        self.times, self.fails = 0, fails

    @asynccontextmanager
    async def __call__(self):
        self.times += 1
        await self.go.wait()
        if self.times <= self.fails:
            raise OSError("no room")
        yield PlainTextResponse("drawn")


def visit(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here").get("/")


def test_who_visits_before_it_is_open_waits_and_it_is_opened_once():
    async def visits():
        slow = Slow()
        late = Late(slow)
        late.open()
        first, second = asyncio.create_task(visit(late)), asyncio.create_task(visit(late))
        done, _ = await asyncio.wait((first, second), timeout=0.1)
        slow.go.set()
        return done, await first, await second, await visit(late), slow.times

    done, *replies, times = asyncio.run(visits())

    assert not done
    assert [reply.text for reply in replies] == ["drawn"] * 3
    assert times == 1


def test_after_a_failure_the_next_visit_tries_again():
    async def visits():
        slow = Slow(fails=1)
        slow.go.set()
        late = Late(slow)
        with pytest.raises(OSError, match="no room"):
            await visit(late)
        return await visit(late)

    assert asyncio.run(visits()).text == "drawn"


def test_a_visitor_who_leaves_does_not_stop_the_opening():
    async def visits():
        slow = Slow()
        late = Late(slow)
        first = asyncio.create_task(visit(late))
        await asyncio.sleep(0)
        await asyncio.wait((first,), timeout=0.05)
        first.cancel()
        await asyncio.wait((first,))
        slow.go.set()
        return await visit(late), slow.times

    reply, times = asyncio.run(visits())

    assert (reply.text, times) == ("drawn", 1)


def test_the_page_is_drawn_for_who_visits_first_and_for_other_sites_it_is_closed():
    async def visits():
        here = "http://assistant.example"
        app = create_app(FakeAssistant(), Settings(public_url=here))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=here)
        elsewhere = {"Origin": "http://evil.example"}
        return [await client.get(path, headers=elsewhere) for path in ("/", "/theme.css", "/config", "/nothing")]

    page, *others = asyncio.run(visits())

    assert page.status_code == 200
    assert "window.gradio_config" in page.text
    assert [reply.status_code for reply in others] == [200, 200, 404]
    assert not any("access-control-allow-origin" in reply.headers for reply in (page, *others))
