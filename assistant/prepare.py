"""What serving needs beside the index, written once: the encoder as ONNX, the models with their adapters."""

import io
from pathlib import Path

import numpy

from assistant.adapt import identity
from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings, SentenceEmbeddings, Vectors
from assistant.errors import ModelError
from assistant.kept import keep, kept_file
from assistant.known import stored_texts
from assistant.models import MULTILINGUAL, QUESTION_EMBEDDING, RERANKER, keep_merged
from assistant.rerank import Reranker

MODELS = "models"  # folder beside the versions of the index
FORMS = "forms"  # name of the file with the multilingual vectors of forms


def prepare(embeddings: SentenceEmbeddings, index_folder: Path) -> str:
    """Write what is missing; return why serving will have to load torch, or ''."""
    kept = index_folder / MODELS
    try:
        keep_merged(QUESTION_EMBEDDING, QuestionEmbeddings.ADAPTER, kept)
        keep_merged(RERANKER, Reranker.ADAPTER, kept)
        multilingual = MultilingualEmbeddings()
        multilingual.keep_unpacked(kept)
        if form_vectors(kept) is None:
            content = io.BytesIO()
            numpy.save(content, multilingual.vectors(stored_texts()))
            keep(kept, FORMS, _made_of_forms(), ".npy", content.getvalue())
        embeddings.export(kept)
    except ModelError as error:
        return f"{error}; answering loads it with torch, which takes some seconds more at each start"
    except OSError as error:
        return f"The models cannot be kept in {kept} ({error.strerror}): each start takes some seconds more"
    return ""


def form_vectors(kept: Path) -> Vectors | None:
    """Return the vectors of `stored_texts()`, read from disk as they are used; None where they are not kept."""
    path = kept_file(kept, FORMS, _made_of_forms(), ".npy")
    return numpy.asarray(numpy.load(path, mmap_mode="r")) if path else None


def _made_of_forms() -> str:
    return " ".join([str(MULTILINGUAL.sha256), identity(MultilingualEmbeddings.ADAPTER), *stored_texts()])
