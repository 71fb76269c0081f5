"""What is counted while the server runs, for Prometheus (the only importer of prometheus_client)."""

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

SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60)  # upper bounds of the histogram


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
        self._refused = Counter("uccn_refused", "Requests refused, by reason", ("reason",), registry=self._registry)
        self._ratings = Counter("uccn_ratings", "Ratings of answers", ("verdict",), registry=self._registry)
        self.taken = Gauge("uccn_questions_taken", "Questions being answered or waiting", registry=self._registry)

    def requested(self, route: str, method: str, status: int) -> None:
        """Count a request by the pattern of its path, so that no path makes a series of its own."""
        self._requests.labels(route, method, str(status)).inc()

    def answered(self, answer: Answer, *, channel: str, seconds: float) -> None:
        """Count an answer."""
        self._answers.labels(answer.status, answer.route or "none", channel).inc()
        self._seconds.labels(channel).observe(seconds)

    def refused(self, reason: str) -> None:
        """Count a request that was not let in."""
        self._refused.labels(reason).inc()

    def rated(self, verdict: str) -> None:
        """Count a rating."""
        self._ratings.labels(verdict).inc()

    def text(self) -> bytes:
        """Return all of it in Prometheus's text format."""
        return generate_latest(self._registry)
