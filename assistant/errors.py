"""The error tree; every message is one sentence that says what to do next.

AssistantError
├── CorpusError        the corpus folder or a file in it
├── ModelError         a built-in or configured model
├── IndexUnusable      the index on disk
│   ├── IndexMissing
│   ├── IndexStale
│   └── IndexAway      the server that has its vectors
├── QuestionError      what a visitor sent
├── ExportError        answers that cannot become a file
├── StoreError         the database of questions and ratings
├── BackupError        a backup that cannot be made or restored
├── BusyError          more questions than the server can take now
├── ConflictError      a request sent again that is another one, or still runs
└── SettingsError      a UCCN_* setting
"""


class AssistantError(Exception):
    """Base of every error that the assistant raises on purpose."""


class CorpusError(AssistantError):
    """The corpus cannot be read at all."""


class ModelError(AssistantError):
    """A model file is missing, altered or cannot be loaded."""


class IndexUnusable(AssistantError):
    """The index cannot serve."""


class IndexMissing(IndexUnusable):
    """There is no index yet."""


class IndexStale(IndexUnusable):
    """The index was built from another corpus, other code or another model."""


class IndexAway(IndexUnusable):
    """The Chroma server that has the vectors of the index does not answer."""


class QuestionError(AssistantError):
    """The question cannot be taken as it is: empty, too long or malformed."""


class ExportError(AssistantError):
    """The answers cannot become a file of this format."""


class StoreError(AssistantError):
    """The database of questions and ratings cannot be reached, read or written."""


class BackupError(AssistantError):
    """A backup cannot be written, is damaged, or does not fit what is here."""


class BusyError(AssistantError):
    """The server has more to do than it can take now; the same question may be asked again later."""

    def __init__(self, message: str, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class ConflictError(AssistantError):
    """A request with an Idempotency-Key that another request has, or that is still being answered."""

    def __init__(self, message: str, *, running: bool) -> None:
        super().__init__(message)
        self.running = running


class SettingsError(AssistantError):
    """A setting has a value that cannot work."""
