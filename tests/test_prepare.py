"""What serving finds beside the index."""

import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from assistant.embed import ExportedEmbeddings, MultilingualEmbeddings, SentenceEmbeddings, open_embeddings
from assistant.errors import ModelError
from assistant.known import stored_texts
from assistant.models import RERANKER, merged, model_folder
from assistant.prepare import MODELS, form_vectors, prepare
from assistant.rerank import Reranker
from assistant.settings import BUILT_IN_EMBEDDING

pytestmark = pytest.mark.model

TEXTS = ["When did Beijing join?", "  CITTÀ creativa 创意城市\n", "", "a city of music " * 200]


@pytest.fixture(scope="module")
def index_folder(tmp_path_factory, real_embeddings):
    folder = tmp_path_factory.mktemp("prepared")
    assert prepare(real_embeddings, folder) == ""
    return folder


@pytest.fixture(scope="module")
def kept(index_folder):
    return index_folder / MODELS


def test_the_exported_encoder_gives_the_vectors_of_the_model(kept, real_embeddings):
    exported = open_embeddings(BUILT_IN_EMBEDDING, kept)

    assert isinstance(exported, ExportedEmbeddings)
    assert numpy.allclose(exported.embed_documents(TEXTS), real_embeddings.embed_documents(TEXTS), atol=1e-4)


def test_the_kept_reranker_scores_as_the_merged_one_does(kept):
    texts = ["The Network has 290 member cities.", "Lisvale lends instruments."]

    assert isinstance(merged(RERANKER, Reranker.ADAPTER, kept), Path)
    assert Reranker(kept=kept).scores("How many?", texts) == Reranker().scores("How many?", texts)


def test_the_kept_vectors_of_forms_and_pieces_are_those_of_the_encoder(kept):
    vectors, texts = form_vectors(kept), stored_texts()

    assert vectors is not None
    assert len(vectors) == len(texts)
    assert numpy.allclose(vectors[-3:], MultilingualEmbeddings(kept=kept).vectors(texts[-3:]), atol=1e-6)
    assert numpy.array_equal(MultilingualEmbeddings(kept=kept).vector("hola"), MultilingualEmbeddings().vector("hola"))


def test_preparing_again_writes_nothing_and_loads_no_model(index_folder, kept):
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    code = (
        "import sys; from assistant.prepare import prepare; from assistant.embed import SentenceEmbeddings; "
        "from pathlib import Path; assert prepare(SentenceEmbeddings(), Path(sys.argv[1])) == ''; "
        "assert 'torch' not in sys.modules and 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(index_folder)], check=True, timeout=120)

    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == before


def test_a_model_of_another_name_is_not_served_by_the_exported_one(kept):
    assert isinstance(open_embeddings("some/other-model", kept), SentenceEmbeddings)


def test_a_folder_with_other_weights_is_exported_anew(tmp_path, kept):
    from assistant.embed import _made_of

    model = tmp_path / "model"
    model.mkdir()
    (model / "weights").write_bytes(b"1" * 100_000)
    before = _made_of(str(model))

    (model / "weights").write_bytes(b"1" * 99_999 + b"2")

    assert _made_of(str(model)) != before


def test_a_model_that_cannot_be_exported_is_named_with_what_follows(tmp_path, monkeypatch):
    def refuse(self, kept):
        raise ModelError("The embedding 'x' cannot be exported (ValueError)")

    monkeypatch.setattr(SentenceEmbeddings, "export", refuse)
    monkeypatch.setattr("assistant.prepare.keep_merged", lambda *args: None)

    assert "loads it with torch" in prepare(SentenceEmbeddings("x"), tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / MODELS).write_text("a file where the folder should be")

    assert str(tmp_path / MODELS) in prepare(SentenceEmbeddings(), tmp_path)


def test_an_encoder_that_gives_other_vectors_once_exported_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.embed.SAME", -1.0)

    with pytest.raises(ModelError, match="other vectors"):
        SentenceEmbeddings(str(model_folder_of_minilm())).export(tmp_path)

    assert not list(tmp_path.iterdir())


def model_folder_of_minilm():
    from assistant.models import EMBEDDING

    return model_folder(EMBEDDING)
