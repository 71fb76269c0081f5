import asyncio

import pytest
from fakes import QUOTE, SOURCE, FakeAssistant, answered, running
from mcp.client import Client

from assistant.corpus import Tables
from assistant.errors import BusyError, QuestionError
from assistant.records import City
from assistant.toolbox import MOST_CHARS, build_server

LONG = "word " * 5000


@pytest.fixture
def assistant():
    assistant = FakeAssistant()
    cities = [City(f"Town {n}", "Norland", "Africa", "Music", 2011 + n, ("U1",), True) for n in range(3)]
    assistant.index.tables = Tables(cities=tuple(cities))
    return assistant


def call(assistant, tool, **arguments):
    async def ask(question):
        return assistant.ask(question)

    async def called():
        async with Client(build_server(assistant, ask)) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(called())


@pytest.mark.parametrize("mode", ["auto", "legacy"])  # the protocol without sessions, and the one before
def test_another_assistant_asks_over_http(assistant, mode):
    async def session(url):
        async with Client(f"{url}/mcp", mode=mode) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            return tools, await client.call_tool("ask", {"question": "When?"}), client.instructions

    with running(assistant) as url:
        tools, result, instructions = asyncio.run(session(url))

    assert tools == ["ask", "cities", "source"]
    assert result.structured_content["citations"][0]["quote"] == QUOTE
    assert "quote" in instructions


def test_a_question_that_cannot_be_taken_is_told_to_the_model(assistant):
    for error in (QuestionError("Ask one question"), BusyError("Too many", 5)):
        assistant.answer = error
        result = call(assistant, "ask", question="When?")
        assert result.is_error
        assert str(error) in result.content[0].text


def test_an_error_of_ours_is_not_shown(assistant):
    assistant.answer = RuntimeError("password")

    result = call(assistant, "ask", question="When?")

    assert result.is_error
    assert "password" not in result.content[0].text


def test_cities_are_listed_and_counted(assistant):
    found = call(assistant, "cities", year="2012-2013").structured_content

    assert (found["count"], found["total"]) == (2, 3)
    assert found["cities"][0] == {
        "name": "Town 1",
        "country": "Norland",
        "region": "Africa",
        "field": "Music",
        "year": 2012,
    }
    assert "choose one of" in call(assistant, "cities", field="cooking").content[0].text


def test_a_document_is_read_around_a_quote_and_never_whole(assistant):
    start = SOURCE.text.index(QUOTE)
    around = call(assistant, "source", source_id="calls", start=start, end=start + len(QUOTE)).structured_content

    assert QUOTE in around["text"]
    assert (around["start"], around["characters"]) == (0, len(SOURCE.text))
    long = FakeAssistant(sources=(type(SOURCE)(id="long", title="Long", text=LONG),))
    part = call(long, "source", source_id="long", start=10_000).structured_content
    assert part["text"] == LONG[10_000 : 10_000 + MOST_CHARS]
    assert call(long, "source", source_id="../long").is_error


def test_a_question_of_another_assistant_is_counted(assistant):
    async def ask_once(url):
        async with Client(f"{url}/mcp") as client:
            await client.call_tool("ask", {"question": "When?"})

    import httpx

    with running(assistant) as url:
        asyncio.run(ask_once(url))
        metrics = httpx.get(f"{url}/metrics").text

    assert f'uccn_answers_total{{channel="api",route="none",status="{answered().status}"}} 1.0' in metrics
