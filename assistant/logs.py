"""Log lines: text for people or JSON for a collector, each with the id of the request that it belongs to."""

import datetime
import json
import logging
from contextvars import ContextVar
from typing import Any

NO_REQUEST = "-"
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)  # the `X-Request-ID` of the reply
FIELDS = ("method", "route", "status", "milliseconds")  # what a line of a request tells beside its words
TEXT = "%(asctime)s %(levelname)s [%(request_id)s] %(message)s"


class WithRequest(logging.Filter):
    """Gives each line the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through."""
        record.request_id = REQUEST_ID.get()
        return True


class JsonFormatter(logging.Formatter):
    """Writes a line as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object: `time`, `level`, `logger`, `request_id`, `message`, and what a request tells."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": getattr(record, "request_id", NO_REQUEST),
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_config(form: str) -> dict[str, Any]:
    """Return what `logging.config.dictConfig` needs for a server: all lines of INFO and above, to standard error."""
    formatter = {"()": JsonFormatter} if form == "json" else {"format": TEXT}
    quiet = {"handlers": ["lines"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": WithRequest}},
        "formatters": {"lines": formatter},
        "handlers": {
            "lines": {
                "class": "logging.StreamHandler",
                "level": "INFO",  # libraries set their own loggers lower
                "formatter": "lines",
                "filters": ["request"],
            },
        },
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {"assistant": quiet, "uvicorn": quiet},
    }
