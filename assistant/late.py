"""A part of the web app that is opened behind the start, so that answers need not wait for its library."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.types import ASGIApp, Receive, Scope, Send


class Late:
    """An app that is opened at its first visit, or when `open` says so; who visits meanwhile waits for it.

    Where opening fails, whoever waits gets what was raised, and the next visit tries again.
    """

    def __init__(self, opening: Callable[[], AbstractAsyncContextManager[ASGIApp]]) -> None:
        self._opening = opening
        self._opened: asyncio.Future[ASGIApp] | None = None
        self._open: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await asyncio.shield(self.open())
        await app(scope, receive, send)

    def open(self) -> "asyncio.Future[ASGIApp]":
        """Begin to open the app, where that has not begun; it stays open until the server stops."""
        if self._opened is None:
            self._opened = asyncio.get_running_loop().create_future()
            self._open = asyncio.create_task(self._stay_open(self._opened))
        return self._opened

    async def _stay_open(self, opened: "asyncio.Future[ASGIApp]") -> None:
        try:
            async with self._opening() as app:
                opened.set_result(app)
                await asyncio.Event().wait()
        except Exception as error:
            self._opened = None
            if not opened.done():
                opened.set_exception(error)
