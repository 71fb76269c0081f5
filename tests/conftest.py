"""What several test modules share: the built index, the assistant on it, and small corpora."""

import contextlib
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from small import WordEmbeddings, small_sources, write_corpus

from assistant.settings import Settings

ROOT = Path(__file__).parent.parent

# A busy machine may stop for longer than the fifth of a second that one made-up input gets by default.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside():
    """Keep a developer's own UCCN_* settings out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(f"UCCN_{name.upper()}", raising=False)
        yield


@pytest.fixture(scope="session")
def real_settings(built_index):
    return Settings(corpus=ROOT / "corpus", index=built_index, glossary=ROOT / "corpus" / "glossary.csv", threads=2)


@pytest.fixture(scope="session")
def real_embeddings():
    """The built-in embedding model, loaded once a session."""
    from assistant.embed import SentenceEmbeddings

    return SentenceEmbeddings()


@pytest.fixture(scope="session")
def built_index(tmp_path_factory, real_embeddings):
    """The index of the project's own corpus: a copy of the one in `index/` where that is up to date, else built."""
    from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings
    from assistant.errors import IndexMissing, IndexUnusable
    from assistant.forms import wordings
    from assistant.index import build_index, stale_reason
    from assistant.settings import BUILT_IN_EMBEDDING

    folder = tmp_path_factory.mktemp("built") / "index"
    with contextlib.suppress(IndexMissing, IndexUnusable):
        if not stale_reason(ROOT / "index", ROOT / "corpus"):
            return shutil.copytree(ROOT / "index", folder)
    build_index(
        ROOT / "corpus",
        folder,
        embeddings=real_embeddings,
        question_embeddings=QuestionEmbeddings(),
        meanings=MultilingualEmbeddings(),
        wordings=wordings(),
        model=BUILT_IN_EMBEDDING,
    )
    return folder


@pytest.fixture(scope="session")
def assistant(real_settings):
    """The assistant as it is served: the project's corpus and the real models."""
    from assistant.chain import open_assistant

    return open_assistant(real_settings)


@pytest.fixture(scope="session")
def five_assistant(tmp_path_factory, real_embeddings):
    """The real models on the five documents that restate the originals, without tables."""
    from assistant.chain import open_assistant
    from assistant.index import build_index
    from assistant.settings import BUILT_IN_EMBEDDING

    folder = tmp_path_factory.mktemp("five")
    for path in (ROOT / "corpus" / "documents").glob("*.md"):
        if "\nkind: compiled\n" not in path.read_text(encoding="utf-8"):
            shutil.copy(path, folder)
    index = tmp_path_factory.mktemp("five-index")
    build_index(folder, index, embeddings=real_embeddings, model=BUILT_IN_EMBEDDING)
    return open_assistant(Settings(corpus=folder, index=index, glossary=ROOT / "corpus" / "glossary.csv", threads=2))


@pytest.fixture(scope="session")
def small_assistant(tmp_path_factory, real_embeddings):
    """The real models on the small corpus; `today` is 1 March 2023."""
    import datetime

    from assistant.chain import Assistant
    from assistant.index import build_index, open_index
    from assistant.rerank import Reranker
    from assistant.retrieve import Retriever

    folder = tmp_path_factory.mktemp("small")
    corpus = write_corpus(folder / "corpus")
    build_index(corpus, folder / "index", embeddings=real_embeddings, model="m")
    index = open_index(folder / "index", "m")
    retriever = Retriever(index=index, embeddings=real_embeddings)
    return Assistant(index, retriever, Reranker().scores, today=datetime.date(2023, 3, 1))


@pytest.fixture
def corpus_folder(tmp_path):
    """A folder with the small corpus, to be changed by a test."""
    return write_corpus(tmp_path / "corpus")


@pytest.fixture
def word_embeddings():
    return WordEmbeddings()


@pytest.fixture(scope="session")
def sources():
    """The small corpus as sources."""
    return small_sources()
