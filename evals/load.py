"""`make load`: a server under a steady rate of questions, then five times as many, then the steady rate again.

Questions are sent when they are due, whether earlier ones were answered or not, as visitors do. They come from the eval
sets, drawn with a seed; a fifth are follow-ups with what was said before. The server is a process of its own with its
memory watched; the sender takes its share of the same processors.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from evals.cases import read_cases
from evals.runs import RUNS
from evals.totals import percentile

SEED = 2026
FOLLOW_UPS = 0.2  # of all questions
OVERLOAD = 5  # times the rate
RECOVERY_SECONDS = 30  # of the steady rate after the overload
NORMAL_SECONDS = 1.5  # an answer later than that is not normal
START_SECONDS = 180
GIVEN_SECONDS = 90.0  # an answer, before the sender gives up; the server refuses earlier
REFUSALS = (429, 503)


@dataclass(frozen=True, slots=True)
class Sent:
    """One question and what came of it; times in seconds since the first was due."""

    due: float
    seconds: float  # from when it was due to the whole answer
    status: int  # 0 where nothing came
    retry_after: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """What is said of a stretch of time."""

    name: str
    rate: float
    seconds: float
    sent: int
    answered: int
    refused: int  # 429 and 503
    refused_with_retry_after: int
    errors: int  # everything else
    p50_ms: float
    p95_ms: float
    p99_ms: float


def draw(count: int, *, seed: int = SEED) -> list[dict[str, Any]]:
    """Return the bodies of so many requests, a fifth of them with a history."""
    chance = random.Random(seed)
    questions = [case.question for case in read_cases() if case.corpus != "originals"]
    alone = [question for question in questions if not question.history]
    following = [question for question in questions if question.history]
    drawn = [chance.choice(following if chance.random() < FOLLOW_UPS else alone) for _ in range(count)]
    return [
        {"question": one.question, "history": [asdict(turn) for turn in one.history], "as_of": one.as_of}
        for one in drawn
    ]


async def send(url: str, bodies: Sequence[dict[str, Any]], rate: float, began: float) -> list[Sent]:
    """Send each question when it is due, and wait for all."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    first = time.perf_counter() - began
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=GIVEN_SECONDS) as client:

        async def one(number: int, body: dict[str, Any]) -> Sent:
            due = first + number / rate
            await asyncio.sleep(began + due - time.perf_counter())
            try:
                response = await client.post("/api/v1/ask", json=body)
                status, retry = response.status_code, "retry-after" in response.headers
            except httpx.HTTPError:
                status, retry = 0, False
            return Sent(due, time.perf_counter() - began - due, status, retry)

        return await asyncio.gather(*(one(number, body) for number, body in enumerate(bodies)))


def summary(name: str, rate: float, sent: Sequence[Sent]) -> Phase:
    """Return the figures of a phase; the times are those of answers."""
    times = [1000 * one.seconds for one in sent if one.status == 200] or [0.0]
    refused = [one for one in sent if one.status in REFUSALS]
    return Phase(
        name,
        rate,
        len(sent) / rate,
        sent=len(sent),
        answered=sum(one.status == 200 for one in sent),
        refused=len(refused),
        refused_with_retry_after=sum(one.retry_after for one in refused),
        errors=sum(one.status != 200 and one.status not in REFUSALS for one in sent),
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
    )


def back_to_normal(sent: Sequence[Sent]) -> float | None:
    """Return after how many seconds every question was answered in normal time; None where that never was."""
    first = min(one.due for one in sent)
    bad = [one.due for one in sent if one.status != 200 or one.seconds > NORMAL_SECONDS]
    if not bad:
        return 0.0
    later = [one.due for one in sent if one.due > max(bad)]
    return min(later) - first if later else None


class Memory:
    """The memory of a process and its children, in MB, once a second."""

    def __init__(self, process: int) -> None:
        self._process = process
        self.held: list[tuple[float, float]] = []

    async def watch(self, began: float) -> None:
        """Look until cancelled."""
        while True:
            self.held.append((time.perf_counter() - began, sum(map(_resident, _family(self._process)))))
            await asyncio.sleep(1)


def _family(process: int) -> Iterator[int]:
    yield process
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split():
            yield from _family(int(child))


def _resident(process: int) -> float:
    """Return what a process holds of its own and shares, in MB; 0 where it is gone."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
        return int(found[1]) / 1000 if found else 0.0
    return 0.0


@contextlib.contextmanager
def served() -> Iterator[tuple[str, int]]:
    """Serve with the settings of the environment, a store of its own and a free port; yield address and process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        store = {"UCCN_DATABASE_URL": f"sqlite:///{folder}/store.sqlite3", "UCCN_KEEP_QUESTIONS": "full"}
        environment = {**store, **os.environ, "UCCN_PORT": str(port), "UCCN_HOST": "127.0.0.1"}
        command = [sys.executable, "-m", "assistant", "serve"]
        with (
            Path(folder, "log").open("w+", encoding="utf-8") as log,
            subprocess.Popen(command, env=environment, stderr=log) as process,
        ):
            try:
                _wait(url, process, log.name)
                yield url, process.pid
                if (status := process.poll()) is not None:
                    raise SystemExit(f"The server ended with status {status} under the load:\n{_last(log.name)}")
            finally:
                process.terminate()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: str) -> None:
    ends = time.monotonic() + START_SECONDS
    with httpx.Client(base_url=url, timeout=10) as client:
        while time.monotonic() < ends and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if client.get("/readyz").status_code == 200:
                    return
            time.sleep(0.5)
    raise SystemExit(f"The server did not start, see its last words:\n{_last(log)}")


def _last(log: str) -> str:
    return "\n".join(Path(log).read_text(encoding="utf-8").splitlines()[-5:])


async def measure(url: str, process: int, rate: float, seconds: float, overload: float) -> dict[str, Any]:
    """Send all three phases and return every figure."""
    stretches = (
        ("steady", rate, seconds),
        ("overload", OVERLOAD * rate, overload),
        ("after it", rate, RECOVERY_SECONDS),
    )
    bodies = draw(round(sum(each * length for _, each, length in stretches)))
    began = time.perf_counter()
    memory = Memory(process)
    watching = asyncio.create_task(memory.watch(began))
    phases, sending, place = [], [], 0
    for name, each, length in stretches:
        count = round(each * length)
        sending.append((name, each, asyncio.create_task(send(url, bodies[place : place + count], each, began))))
        place += count
        await asyncio.sleep(max(0.0, length - 0.001))  # the next phase begins on time, whatever is still unanswered
    held = []
    for name, each, task in sending:
        held.append(await task)
        phases.append(asdict(summary(name, each, held[-1])))
    watching.cancel()
    async with httpx.AsyncClient(base_url=url) as client:
        metrics = (await client.get("/metrics")).text
    return {
        "load_before": os.getloadavg()[0],
        "processors": os.cpu_count(),
        "phases": phases,
        "back_to_normal_seconds": back_to_normal(held[-1]),
        "memory_mb": memory.held,
        "from_memory": _share(metrics),
        "statuses": dict(Counter(one.status for sent in held for one in sent)),
        "sent": [[round(one.due, 2), round(one.seconds, 3), one.status] for sent in held for one in sent],
    }


def _share(metrics: str) -> float:
    """Return the share of answers that the server's memory held."""
    counts = {
        name: float(value) for name, value in re.findall(r'uccn_cached_answers_total\{result="(\w+)"\} (\S+)', metrics)
    }
    return counts.get("hit", 0.0) / (sum(counts.values()) or 1.0)


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [
        "| | Questions a second | Answered | 429 or 503 (with Retry-After) | Errors | p50 | p95 | p99 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for phase in figures["phases"]:
        cells = (
            f"{phase['name']}, {phase['seconds']:.0f} s",
            f"{phase['rate']:g}",
            f"{phase['answered']} of {phase['sent']}",
            f"{phase['refused']} ({phase['refused_with_retry_after']})",
            str(phase["errors"]),
            *(f"{phase[f'p{part}_ms'] / 1000:.2f} s" for part in (50, 95, 99)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    first, *_, last = (size for _, size in figures["memory_mb"])
    most = max(size for _, size in figures["memory_mb"])
    back = figures["back_to_normal_seconds"]
    lines += [
        "",
        f"Back to normal (every answer within {NORMAL_SECONDS:g} s): "
        + (f"{back:.1f} s after the overload." if back is not None else "not within the time measured."),
        f"Memory: {first:.0f} MB at the start, {most:.0f} at most, {last:.0f} at the end. "
        f"{100 * figures['from_memory']:.0f} % of the answers came from memory.",
    ]
    return "\n".join(lines)


def plot(figures: dict[str, Any], picture: Path) -> None:
    """Draw the time of each answer and the server's memory over time."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (times, sizes) = pyplot.subplots(2, 1, figsize=(9, 5), sharex=True, layout="constrained")
    for label, colour, wanted in (("answered", "C0", (200,)), ("429, 503", "C1", REFUSALS), ("errors", "C3", None)):
        rows = [row for row in figures["sent"] if (row[2] in wanted if wanted else row[2] not in (200, *REFUSALS))]
        times.scatter(
            [row[0] for row in rows], [row[1] for row in rows], s=3, color=colour, label=f"{label}: {len(rows)}"
        )
    times.set(yscale="log", ylabel="seconds")
    sizes.plot(*zip(*figures["memory_mb"], strict=True))
    sizes.set(xlabel="seconds", ylabel="memory of the server, MB", ylim=(0, None))
    for axes in (times, sizes):
        axes.grid(alpha=0.3)
        ends = 0.0
        for phase in figures["phases"]:
            ends += phase["seconds"]
            axes.axvline(ends, color="0.6", linewidth=0.8)
    times.legend(markerscale=4)
    figure.savefig(picture, dpi=110)


def main(
    rate: Annotated[float, typer.Option(min=0.1, help="Questions a second.")] = 20.0,
    seconds: Annotated[float, typer.Option(min=1, help="Length of the steady phase.")] = 600.0,
    overload: Annotated[float, typer.Option(min=1, help=f"Length of the phase with {OVERLOAD} times the rate.")] = 60.0,
    picture: Annotated[Path, typer.Option(help="Where the plot goes.")] = RUNS / "load.png",
) -> None:
    """Measure a server of its own, print a table, and keep every figure in evals/runs/load.json."""
    with served() as (url, process):
        figures = asyncio.run(measure(url, process, rate, seconds, overload))
    RUNS.mkdir(exist_ok=True)
    (RUNS / "load.json").write_text(json.dumps(figures) + "\n", encoding="utf-8")
    print(table(figures))
    plot(figures, picture)
    print(f"\nKept in {RUNS / 'load.json'}, drawn in {picture}")


if __name__ == "__main__":
    typer.run(main)
