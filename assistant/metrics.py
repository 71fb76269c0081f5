"""What is counted while the server runs, for Prometheus (the only importer of prometheus_client)."""

import datetime
from collections.abc import Mapping
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from assistant.records import Answer

SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60)  # upper bounds of an answer's histogram
STAGE_SECONDS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)  # of a stage's
STAGES = ("understand", "tabulate", "retrieve", "rerank", "compose", "verify", "llm")
KINDS = ("documents", "passages", "units", "questions")  # what an index holds


class Metrics:
    """Counters of one app; no question and no address is among them."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the time of a counter's start, which doubles the lines
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._requests = Counter(
            "uccn_requests", "Requests by route and status", ("route", "method", "status"), registry=self._registry
        )
        self._answers = Counter(
            "uccn_answers",
            "Answers by status, route and channel",
            ("status", "route", "channel"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "uccn_answer_seconds",
            "Time to the whole answer, waiting included",
            ("channel",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "uccn_stage_seconds",
            "Time of each stage of an answer that was not held in memory",
            ("stage",),
            buckets=STAGE_SECONDS,
            registry=self._registry,
        )
        self._held = Counter(
            "uccn_cached_answers",
            "Answers by whether memory held them: hit, miss",
            ("result",),
            registry=self._registry,
        )
        self._refused = Counter("uccn_refused", "Requests refused, by reason", ("reason",), registry=self._registry)
        self._ratings = Counter("uccn_ratings", "Ratings of answers", ("verdict",), registry=self._registry)
        self._store_failures = Counter(
            "uccn_store_failures", "Questions that the store could not keep", registry=self._registry
        )
        self._taken = Gauge("uccn_questions_taken", "Questions being answered or waiting", registry=self._registry)
        self._waiting = Gauge("uccn_questions_waiting", "Questions that no thread answers yet", registry=self._registry)
        self._built = Gauge(
            "uccn_index_built_timestamp_seconds", "When the index was built, Unix time", registry=self._registry
        )
        self._build_seconds = Gauge("uccn_index_build_seconds", "How long that took", registry=self._registry)
        self._entries = Gauge("uccn_index_entries", "What the index holds, by kind", ("kind",), registry=self._registry)

    def requested(self, route: str, method: str, status: int) -> None:
        """Count a request by the pattern of its path, so that no path makes a series of its own."""
        self._requests.labels(route, method, str(status)).inc()

    def answered(self, answer: Answer, *, channel: str, seconds: float) -> None:
        """Count an answer; one that memory held went through no stage."""
        self._answers.labels(answer.status, answer.route or "none", channel).inc()
        self._seconds.labels(channel).observe(seconds)
        stages = [stage for stage in STAGES if stage in answer.timings_ms]
        self._held.labels("miss" if stages else "hit").inc()
        for stage in stages:
            self._stages.labels(stage).observe(answer.timings_ms[stage] / 1000)

    def refused(self, reason: str) -> None:
        """Count a request that was not let in."""
        self._refused.labels(reason).inc()

    def rated(self, verdict: str) -> None:
        """Count a rating."""
        self._ratings.labels(verdict).inc()

    def not_kept(self) -> None:
        """Count a question that the store could not keep."""
        self._store_failures.inc()

    def queued(self, taken: int, threads: int) -> None:
        """Set how many questions are being answered or wait."""
        self._taken.set(taken)
        self._waiting.set(max(0, taken - threads))

    def indexed(self, manifest: Mapping[str, Any]) -> None:
        """Set what the manifest of the opened index tells."""
        self._built.set(datetime.datetime.fromisoformat(manifest["built"]).timestamp())
        self._build_seconds.set(manifest.get("build_seconds", 0))  # 0: built by a version that did not time it
        for kind in KINDS:
            held = manifest.get(kind, 0)
            self._entries.labels(kind).set(held if isinstance(held, int) else len(held))

    def text(self) -> bytes:
        """Return all of it in Prometheus's text format."""
        return generate_latest(self._registry)
