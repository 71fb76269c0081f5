"""The assistant as tools of other assistants, over the Model Context Protocol (the only importer of mcp)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field
from starlette.routing import Route
from starlette.types import ASGIApp

from assistant import strings
from assistant.cities import find, matching
from assistant.corpus import state_of_table
from assistant.errors import AssistantError
from assistant.guard import said_of
from assistant.late import Late
from assistant.live import LiveAssistant
from assistant.records import Answer, Question

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

PATH = "/mcp"
AROUND = 1500  # characters shown before and after a quote
MOST_CHARS = 6000  # of a document at once
INSTRUCTIONS = (
    "Answers about the UNESCO Creative Cities Network. Each sentence of an answer rests on a quote that was checked "
    "against its source: keep the markers, the quotes and their dates when you pass it on. Where the status is "
    "`no_answer`, no source answers: say so, and do not guess."
)

Ask = Callable[[Question], Awaitable[Answer]]


def open_toolbox(assistant: LiveAssistant, ask: Ask) -> Route:
    """Return the route of the endpoint; the library behind it is loaded with the first request."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[ASGIApp]:
        server = await asyncio.to_thread(build_server, assistant, ask)
        app = server.streamable_http_app(streamable_http_path=PATH, json_response=True, stateless_http=True, host="")
        async with server.session_manager.run():
            yield app

    return Route(PATH, endpoint=Late(opening), include_in_schema=False)


def build_server(assistant: LiveAssistant, ask: Ask) -> "MCPServer":
    """Return the server with its three tools."""
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp_types import ToolAnnotations

    logging.getLogger("mcp").setLevel(logging.WARNING)
    server = MCPServer(strings.NAME, instructions=INSTRUCTIONS, version="1")
    reading = ToolAnnotations(read_only_hint=True, open_world_hint=False)

    @server.tool("ask", annotations=reading)
    async def ask_tool(
        question: Annotated[str, Field(description="in any language, whole: nothing is known of what was said before")],
        as_of: Annotated[str, Field(description="answer from what was known at this ISO date")] = "",
    ) -> dict[str, Any]:
        """Answer a question about the UNESCO Creative Cities Network, with the quotes that the answer rests on."""
        try:
            answer = await ask(Question(question, as_of=as_of))
        except AssistantError as error:
            raise ToolError(said_of(error)) from error
        return answer.to_dict()

    @server.tool("cities", annotations=reading)
    def cities_tool(country: str = "", field: str = "", region: str = "", year: str = "") -> dict[str, Any]:
        """List the member cities that meet every condition; a year may be a range such as 2015-2021."""
        tables = assistant.index.tables
        try:
            found = find(tables.cities, **matching(tables, country=country, field=field, region=region, year=year))
        except AssistantError as error:
            raise ToolError(str(error)) from error
        names = ("name", "country", "region", "field", "year")
        rows = [{name: getattr(city, name) for name in names} for city in found]
        return {"count": len(rows), "total": len(tables.cities), "as_of": state_of_table(tables), "cities": rows}

    @server.tool("source", annotations=reading)
    def source_tool(
        source_id: Annotated[str, Field(description="as a citation names it")],
        start: Annotated[int, Field(ge=0, description="where a quote begins")] = 0,
        end: Annotated[int, Field(ge=0, description="where it ends; 0: read from `start` on")] = 0,
    ) -> dict[str, Any]:
        """Read a document, or what stands around a quote in it."""
        try:
            source = assistant.source(source_id)
        except AssistantError as error:
            raise ToolError(str(error)) from error
        first = max(0, start - AROUND) if end else start
        last = min(first + MOST_CHARS, end + AROUND if end else len(source.text))
        about = asdict(source)
        kept = {name: about[name] for name in ("id", "title", "publisher", "url", "as_of", "published", "language")}
        return {**kept, "text": source.text[first:last], "start": first, "characters": len(source.text)}

    return server
