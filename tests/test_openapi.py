"""The API keeps its OpenAPI document: requests made up from it get no 5xx and no answer that it does not name."""

import pytest
import schemathesis
from fakes import COMPILED, SOURCE, FakeAssistant
from hypothesis import HealthCheck, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi

from assistant.api import create_app
from assistant.corpus import Tables
from assistant.records import City
from assistant.settings import Settings


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/store.sqlite3"
    rates = {"rate_asks": "100000/minute", "rate_calls": "100000/minute"}
    assistant = FakeAssistant(sources=(SOURCE, COMPILED))
    cities = (City("Lisvale", "Norland", "Africa", "Music", 2011, ("U1",), True, ("Lys",), 1.5, -2.5, "a note"),)
    assistant.index.tables = Tables(cities=cities, origins=assistant.index.tables.origins)
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(assistant, Settings(database_url=store, **rates)))


OPERATIONS = [
    ("/api/v1/ask", "POST"),
    ("/api/v1/ask/stream", "POST"),
    ("/api/v1/feedback", "POST"),
    ("/api/v1/cities", "GET"),
    ("/api/v1/sources/{source_id}", "GET"),
    ("/healthz", "GET"),
    ("/readyz", "GET"),
    ("/metrics", "GET"),
    ("/export/{format_}", "POST"),
    ("/permalink", "POST"),
]
CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
]


def test_every_operation_of_the_document_is_tried(document):
    found = {(path, method.upper()) for path in document for method in document[path]}

    assert found == set(OPERATIONS)


TRIED = [(path, method, mode) for path, method in OPERATIONS for mode in schemathesis.GenerationMode]
NOTHING_TO_GET_WRONG = ("/healthz", "/readyz", "/metrics")  # they take no parameter


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [one for one in TRIED if one[0] not in NOTHING_TO_GET_WRONG or one[2] is schemathesis.GenerationMode.POSITIVE],
)
def test_an_answer_is_as_the_document_says(document, path, method, mode):
    tried = set()

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(document[path][method].as_strategy(generation_mode=mode))
    def is_as_documented(case):
        tried.add(case.call_and_validate(checks=CHECKS).status_code)

    is_as_documented()

    if mode is schemathesis.GenerationMode.POSITIVE and path in ("/api/v1/ask", "/healthz", "/api/v1/feedback"):
        assert tried & {200, 201}, tried
