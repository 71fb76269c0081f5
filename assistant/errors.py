"""The error tree; every message is one sentence that says what to do next.

AssistantError
├── CorpusError        the corpus folder or a file in it
├── ModelError         a built-in or configured model
├── IndexUnusable      the index on disk
│   ├── IndexMissing
│   └── IndexStale
├── QuestionError      what a visitor sent
├── StoreError         the database of questions and ratings
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


class QuestionError(AssistantError):
    """The question cannot be taken as it is: empty, too long or malformed."""


class StoreError(AssistantError):
    """The database of questions and ratings cannot be reached, read or written."""


class SettingsError(AssistantError):
    """A setting has a value that cannot work."""
