"""The cross-encoder: reads question and text together and says how well the text answers."""

from collections.abc import Sequence

from assistant.models import RERANKER, model_folder

MAX_TOKENS = 256


class Reranker:
    """ms-marco-MiniLM-L-12-v2 as int8 ONNX; a score above 0 is likely relevant, about 8 is a direct answer."""

    def __init__(self, *, threads: int = 2) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        folder = model_folder(RERANKER)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the logit of each text.

        One text a run: int8 activations are scaled over the whole batch, so in a batch a text's score would
        depend on its neighbours; singly it is repeatable, and on two cores no slower.
        """
        import numpy

        scores = []
        for text in texts:
            pair = self._tokenizer.encode(question, text)
            feed = {
                "input_ids": numpy.array([pair.ids], dtype=numpy.int64),
                "attention_mask": numpy.array([pair.attention_mask], dtype=numpy.int64),
                "token_type_ids": numpy.array([pair.type_ids], dtype=numpy.int64),
            }
            scores.append(float(self._session.run(None, feed)[0][0][0]))
        return scores
