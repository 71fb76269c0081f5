"""The cross-encoder: reads question and text together and says how well the text answers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assistant.models import RERANKER, OnnxModel, merged, model_folder

MAX_TOKENS = 256


class Reranker:
    """ms-marco-MiniLM-L-12-v2 as int8 ONNX with the adapter `reranker`.

    A score is the logit of the probability that the text answers the question.
    """

    ADAPTER = "reranker"

    def __init__(self, *, threads: int = 2, kept: Path | None = None) -> None:
        """Take the folder where the model may be kept with its adapter; it is loaded at its first use."""
        self._kept = kept
        self._model: OnnxModel | None = None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reranker")

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the logit of each text; the threads of all callers together are as many as were given."""
        model = self._load()
        return list(self._pool.map(lambda text: float(model.run(question, text)[0]), texts))

    def _load(self) -> OnnxModel:
        if self._model is None:
            tokenizer = model_folder(RERANKER) / "tokenizer.json"
            self._model = OnnxModel(merged(RERANKER, self.ADAPTER, self._kept), tokenizer, max_tokens=MAX_TOKENS)
        return self._model
