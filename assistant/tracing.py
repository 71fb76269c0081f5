"""A trace of each answer over OpenTelemetry, where its own variables name who gets it (the only importer of it)."""

import time
from typing import Protocol

from assistant.errors import SettingsError
from assistant.logs import REQUEST_ID
from assistant.metrics import STAGES
from assistant.records import Answer
from assistant.settings import TracingSettings


class Trace(Protocol):
    """Sends the span of an answer, and one of each of its stages; no question and no answer is in it."""

    def __call__(self, answer: Answer, *, seconds: float, channel: str) -> None:
        """Send it; the answer has been given just now."""


def open_trace() -> Trace | None:
    """Return what sends traces, or None where no endpoint is set: then no part of OpenTelemetry is loaded here.

    Raises SettingsError where an endpoint is set and OpenTelemetry is not installed.
    """
    settings = TracingSettings()
    if not settings.wanted:
        return None
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed: "
            "run `pip install -c constraints.txt -e '.[otel]'`, or unset it"
        ) from error
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: settings.service_name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer(settings.service_name)

    def send(answer: Answer, *, seconds: float, channel: str) -> None:
        end = time.time_ns()
        at = end - int(seconds * 1e9)
        told = {
            "uccn.status": answer.status,
            "uccn.route": answer.route or "none",
            "uccn.language": answer.language,
            "uccn.channel": channel,
            "uccn.request_id": REQUEST_ID.get(),
        }
        span = tracer.start_span("answer", start_time=at, attributes=told)
        within = trace.set_span_in_context(span)
        for stage in (stage for stage in STAGES if stage in answer.timings_ms):
            begun, at = at, at + answer.timings_ms[stage] * 1_000_000
            tracer.start_span(stage, context=within, start_time=begun).end(at)
        span.end(end)

    return send
