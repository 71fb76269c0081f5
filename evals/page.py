"""Measures the chat as a visitor gets it: the page in Chromium, and many conversations at once over the API.

`python -m evals.page` against a server that runs (`make run`); `--conversations 50` and `--url` say how many and where.
With `--different` no two of the many ask the same; a server with UCCN_CACHED_ANSWERS=0 answers none from memory either.
"""

import asyncio
import json
import random
import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import httpx
import typer

from evals.cases import read_cases

VISITS = 9
THINKING_SECONDS = (5.0, 20.0)  # between an answer and the next question of one visitor
ASKED = (
    ("How many cities belong to the Network?", "And in 2021?", "When was the deadline of the 2025 call?"),
    ("Which Polish cities are members?", "And German ones?", "What must a city show in its application?"),
    ("Which cities in China are Cities of Gastronomy?", "And Film?", "Who can apply?"),
    ("Combien de villes font partie du Réseau ?", "Quels sont les domaines créatifs ?", "Is there an application fee?"),
    (
        "What are the objectives of the Network?",
        "When did Beijing join?",
        "What is the phone number of the mayor of Wuhan?",
    ),
)
TURNS = 3  # questions of one conversation
QUESTIONS = [question for questions in ASKED for question in questions]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds from a question to the first words of its answer and to the whole."""

    first: float
    whole: float


def main(
    url: Annotated[str, typer.Option(help="Address of the chat.")] = "http://127.0.0.1:7860/",
    conversations: Annotated[int, typer.Option(help="Conversations at once.")] = 50,
    different: Annotated[bool, typer.Option(help="Questions of the eval sets, each asked once.")] = False,
    page: Annotated[bool, typer.Option(help="Measure the page in Chromium too.")] = True,
) -> None:
    """Print what was measured, a line each."""
    if page:
        _page(url)
    chance = random.Random(1)
    for name, thinking in (("each asks at its own pace", THINKING_SECONDS), ("all ask again at once", (0.0, 0.0))):
        asked = (
            _different(conversations, chance) if different else [ASKED[n % len(ASKED)] for n in range(conversations)]
        )
        took, errors = asyncio.run(_together(url, asked, thinking))
        print(f"{conversations} conversations, {name}: {len(took)} answers, {errors} errors; {_spread(took)}")


def _different(count: int, chance: random.Random) -> list[tuple[str, ...]]:
    """Return the questions of so many conversations, all of them different ones that need nothing said before."""
    pool = sorted({case.question.question for case in read_cases() if not case.question.history})
    if len(pool) < count * TURNS:
        raise typer.BadParameter(f"The sets have {len(pool)} questions: ask for {len(pool) // TURNS} at most")
    chosen = chance.sample(pool, count * TURNS)
    return [tuple(chosen[n : n + TURNS]) for n in range(0, len(chosen), TURNS)]


def _page(url: str) -> None:
    from playwright.sync_api import sync_playwright

    usable, weights, requests, took = [], [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for _ in range(VISITS):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
            page = context.new_page()
            sizes: list[float] = []
            network = context.new_cdp_session(page)
            network.send("Network.enable")
            network.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
            began = time.perf_counter()
            page.goto(url, wait_until="commit")
            page.wait_for_selector("#question")
            usable.append(time.perf_counter() - began)
            page.locator("#slot #question").wait_for()
            page.wait_for_timeout(1000)
            weights.append(sum(sizes))
            requests.append(len(sizes))
            context.close()
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.goto(url)
        page.locator("#slot #question").wait_for()
        for question in QUESTIONS:
            took.append(Took(**page.evaluate(_ASK, question)))
            page.get_by_role("button", name="New conversation").click()
        browser.close()
    print(f"First visit: {statistics.median(weights) / 1000:.0f} kB in {statistics.median(requests):.0f} requests")
    print(f"Usable after {statistics.median(usable):.2f} s (median of {VISITS} first visits)")
    print(f"One visitor, {len(took)} questions, from Enter to the page: {_spread(took)}")


# Types a question, presses Enter, and waits in the page itself for what comes.
_ASK = """question => new Promise(resolve => {
  const box = document.getElementById("question");
  box.value = question;
  const began = performance.now();
  let first = 0;
  const watch = new MutationObserver(() => {
    const exchange = document.querySelector(".exchange");
    if (!first && exchange?.querySelector(".answer")) first = performance.now() - began;
    if (exchange?.getAttribute("aria-busy") !== "false") return;
    watch.disconnect();
    const whole = performance.now() - began;
    resolve({ first: (first || whole) / 1000, whole: whole / 1000 });
  });
  watch.observe(document.getElementById("uccn"), { childList: true, subtree: true, attributes: true });
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
})"""


async def _together(url: str, asked: Sequence[Sequence[str]], thinking: tuple[float, float]) -> tuple[list[Took], int]:
    """Hold conversations at once; return what each answer took and how many did not come."""
    chance = random.Random(1)
    limits = httpx.Limits(max_connections=len(asked))
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        plans = [(questions, [chance.uniform(*thinking) for _ in questions]) for questions in asked]
        held = await asyncio.gather(*(_converse(client, *plan) for plan in plans))
    answers = [took for one in held for took in one]
    return [took for took in answers if took is not None], answers.count(None)


async def _converse(client: httpx.AsyncClient, questions: Sequence[str], pauses: Sequence[float]) -> list[Took | None]:
    history: list[dict[str, str]] = []
    held: list[Took | None] = []
    for question, pause in zip(questions, pauses, strict=True):
        await asyncio.sleep(pause)
        took, answer = await _asked(client, question, history)
        held.append(took)
        history += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return held


async def _asked(
    client: httpx.AsyncClient, question: str, history: Sequence[dict[str, str]]
) -> tuple[Took | None, str]:
    began, first, event = time.perf_counter(), 0.0, ""
    body = {"question": question, "history": list(history)}
    async with client.stream("POST", "api/v1/ask/stream", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("event:"):
                event = line.removeprefix("event:").strip()
                if event == "delta" and not first:
                    first = time.perf_counter() - began
            elif line.startswith("data:") and event == "answer":
                answer = json.loads(line.removeprefix("data:"))["answer"]
                whole = time.perf_counter() - began
                return Took(first or whole, whole), answer
    return None, ""


def _spread(took: Sequence[Took]) -> str:
    """Return median and 95th percentile of the times to the first words and to the whole answer."""
    parts = []
    for name, seconds in (("first words", [one.first for one in took]), ("whole", [one.whole for one in took])):
        cuts = statistics.quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else seconds * 19
        parts.append(f"{name} p50 {cuts[9]:.2f} s, p95 {cuts[18]:.2f} s")
    return ", ".join(parts)


if __name__ == "__main__":
    typer.run(main)
