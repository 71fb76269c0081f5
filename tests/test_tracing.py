"""Traces: off and not loaded by default, and what a collector gets where one is named."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import FakeAssistant, answered
from test_api import ASK, client_of

from assistant.errors import SettingsError
from assistant.settings import TracingSettings
from assistant.tracing import open_trace

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
SERVED = """
import sys
sys.path[:0] = sys.argv[1:]
from fakes import FakeAssistant
from fastapi.testclient import TestClient
from assistant.api import create_app
from assistant.settings import Settings
client = TestClient(create_app(FakeAssistant(), Settings()), client=("127.0.0.1", 50000))
assert client.post("/api/v1/ask", json={"question": "When?"}).status_code == 200
print(*[name for name in sys.modules if name.startswith(("opentelemetry.exporter", "grpc"))])
"""


def test_nothing_of_it_is_loaded_where_no_endpoint_is_set():
    tests = Path(__file__).parent
    command = [sys.executable, "-c", SERVED, str(tests), str(tests.parent)]

    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": ""})

    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        ({ENDPOINT: ""}, False),
        ({ENDPOINT: "http://127.0.0.1:4317"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4317"}, True),
        ({ENDPOINT: "http://127.0.0.1:4317", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_its_own_variables_say_whether_it_is_on(monkeypatch, variables, wanted):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert TracingSettings().wanted is wanted


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4317")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(SettingsError, match=r"\[otel\]"):
        open_trace()


@pytest.fixture
def collector():
    """A collector on this machine: its address and the spans that it got."""
    grpc = pytest.importorskip("grpc")
    service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc")
    messages = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    got, came = [], threading.Event()

    class Collector(service.TraceServiceServicer):
        def Export(self, request, context):
            got.append(request)
            came.set()
            return messages.ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(1))
    service.add_TraceServiceServicer_to_server(Collector(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://127.0.0.1:{port}", got, came
    server.stop(0)


def test_a_collector_gets_a_span_for_the_answer_and_one_for_each_stage(collector, monkeypatch):
    address, got, came = collector
    monkeypatch.setenv(ENDPOINT, address)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    answer = answered(timings_ms={"understand": 20, "retrieve": 30, "total": 50})

    with client_of(FakeAssistant(answer)) as client:
        client.post(ASK, json={"question": "my secret question"}, headers={"X-Request-ID": "r1"})
        assert came.wait(20)

    (resource,) = got[0].resource_spans
    spans = {span.name: span for span in resource.scope_spans[0].spans}
    whole = spans["answer"]
    told = {attribute.key: attribute.value.string_value for attribute in whole.attributes}
    assert set(spans) == {"answer", "understand", "retrieve"}
    assert told["uccn.status"] == "answered"
    assert told["uccn.request_id"] == "r1"
    assert all(spans[name].parent_span_id == whole.span_id for name in ("understand", "retrieve"))
    assert spans["retrieve"].end_time_unix_nano - spans["retrieve"].start_time_unix_nano == 30_000_000
    assert "uccn-assistant" in str(resource.resource)
    assert "opentelemetry.exporter.otlp.proto.grpc.trace_exporter" in sys.modules, "what the test above looks for"
    assert "secret" not in str(got[0])
