"""What the widget costs a website: bytes, requests, time until it can be used, work on the page's main thread, answers.

    python -m evals.bench_widget [--runs 15] [--json FILE]

The demo page is loaded in Chromium with the widget and, in turn, with its script blocked; what the first takes more is
the widget's. "Phone" slows the processor down four times, as Lighthouse does for a phone of the middle class.
"""

import argparse
import json
import shutil
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from rich.console import Console
from rich.table import Table

from assistant.api import create_app
from assistant.chain import open_assistant
from assistant.settings import Settings
from assistant.widget import script

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
SLOWER = {"Desktop": 1, "Phone": 4}
QUESTIONS = (
    "How many cities belong to the Network?",
    "When was the deadline of the 2025 call?",
    "Which Polish cities are members?",
    "What must a city show in its application?",
    "When did Beijing join the Network?",
)
WATCH = """
(() => {
  const look = () => {
    const button = document.querySelector("uccn-assistant")?.shadowRoot?.querySelector(".launch");
    if (button) window.usable = performance.now();
    else requestAnimationFrame(look);
  };
  look();
})();
"""
# Milliseconds from a question to the first words of its answer and to the whole of it.
ASKED = """
async question => {
  const element = document.querySelector("uccn-assistant");
  const began = performance.now();
  let first = 0;
  const watch = new MutationObserver(() => {
    const said = element.shadowRoot.querySelector("article:last-child .said");
    if (said?.textContent && !first) first = performance.now() - began;
  });
  watch.observe(element.shadowRoot, { childList: true, subtree: true });
  await element.ask(question);
  watch.disconnect();
  return [first, performance.now() - began];
}
"""


def main() -> int:
    """Measure, print, and write the figures where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("There is no chromium on this machine: install it to measure the widget", file=sys.stderr)
        return 1
    with _served() as address:
        figures = _measured(chromium, address, given.runs)
    _print(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


@contextmanager
def _served() -> Iterator[str]:
    settings = Settings()
    assistant = open_assistant(settings)
    assistant.warm()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(assistant, settings), log_config=None, http="h11"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


def _measured(chromium: str, address: str, runs: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    found = script()
    figures: dict[str, Any] = {"bytes": {"raw": len(found.text), **{k: len(v) for k, v in found.packed.items()}}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, slower in SLOWER.items():
            loads = [
                (_load(browser, address, slower, blocked=True), _load(browser, address, slower)) for _ in range(runs)
            ]
            figures[name] = {
                "usable_ms": statistics.median(with_["usable"] for _, with_ in loads),
                "main_thread_ms": statistics.median(with_["task"] - without["task"] for without, with_ in loads),
                "script_ms": statistics.median(with_["script"] - without["script"] for without, with_ in loads),
            }
            figures["requests"] = loads[-1][1]["requests"]
        figures["answers"] = _answers(browser, address)
        browser.close()
    return figures


def _load(browser: Any, address: str, slower: int, *, blocked: bool = False) -> dict[str, Any]:
    """Load the demo page in a profile of its own; times in milliseconds."""
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    tools = context.new_cdp_session(page)
    tools.send("Performance.enable")
    tools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    if blocked:
        page.route("**/widget.js", lambda route: route.abort())
    else:
        page.add_init_script(WATCH)
    page.goto(f"{address}/embed/demo", wait_until="networkidle")
    metrics = {one["name"]: one["value"] * 1000 for one in tools.send("Performance.getMetrics")["metrics"]}
    usable = 0.0 if blocked else page.evaluate("window.usable")
    context.close()
    own = [url.removeprefix(address) for url in requests if "widget.js" in url]
    return {"usable": usable, "task": metrics["TaskDuration"], "script": metrics["ScriptDuration"], "requests": own}


def _answers(browser: Any, address: str) -> dict[str, float]:
    """Ask each question in the widget twice; the second times count."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/embed/demo")
    page.wait_for_selector("uccn-assistant", state="attached")
    times = [page.evaluate(ASKED, question) for question in QUESTIONS + QUESTIONS][len(QUESTIONS) :]
    context.close()
    first, whole = (statistics.median(one[place] for one in times) for place in (0, 1))
    return {"first_words_ms": first, "whole_ms": whole}


def _print(figures: dict[str, Any]) -> None:
    table = Table("The widget on the demo page", *SLOWER, box=None)
    sizes = figures["bytes"]
    table.add_row("Script: raw, gzip, brotli", " / ".join(f"{sizes[name]:,} B" for name in ("raw", "gzip", "br")), "")
    table.add_row("Requests that it adds until it can be used", str(len(figures["requests"])), "")
    rows = (
        ("From navigation until it can be used, median", "usable_ms"),
        ("Main-thread time that it adds, median", "main_thread_ms"),
        ("of which script", "script_ms"),
    )
    for label, name in rows:
        table.add_row(label, *(f"{figures[device][name]:.0f} ms" for device in SLOWER))
    answers = " / ".join(f"{milliseconds:.0f} ms" for milliseconds in figures["answers"].values())
    table.add_row("Question to first words / whole answer, median", answers, "")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
