"""The cross-encoder: reads question and text together and says how well the text answers."""

from collections.abc import Sequence

from assistant.models import RERANKER, OnnxModel

MAX_TOKENS = 256


class Reranker:
    """ms-marco-MiniLM-L-12-v2 as int8 ONNX with the adapter `reranker`.

    A score is the logit of the probability that the text answers the question.
    """

    ADAPTER = "reranker"

    def __init__(self, *, threads: int = 2) -> None:
        self._model = OnnxModel(RERANKER, self.ADAPTER, threads=threads, max_tokens=MAX_TOKENS)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the logit of each text."""
        return [float(self._model.run(question, text)[0]) for text in texts]
