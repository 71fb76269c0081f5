"""The low-rank updates that are merged into the built-in models as they load."""

import numpy
import onnx
import pytest
from onnx import numpy_helper

from assistant import adapt
from assistant.embed import QuestionEmbeddings
from assistant.models import QUESTION_EMBEDDING, RERANKER, OnnxModel, model_folder
from assistant.rerank import Reranker

QUERY = "encoder.layer.0.attention.self.query"
SIZE = 384

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def file():
    return model_folder(RERANKER) / "model.onnx"


@pytest.fixture
def adapter(tmp_path, monkeypatch):
    """Write an adapter and return its name."""
    monkeypatch.setattr(adapt, "FOLDER", tmp_path)

    def write(b, name=QUERY):
        numpy.savez(tmp_path / "small.npz", **{f"{name}.a": numpy.ones((1, SIZE)), f"{name}.b": b})
        return "small"

    return write


@pytest.fixture
def unfused(monkeypatch):
    """Leave the attention of a model as it is."""
    monkeypatch.setattr(adapt, "fuse", lambda graph, layers: None)


def weights(graph):
    """Return the float weights of each product of a graph by its layer."""
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.graph.initializer}
    products = [node for node in graph.graph.node if node.op_type == "MatMulInteger"]
    bases = {adapt.layer_of(node.output[0]): node.input[1].removesuffix("_quantized") for node in products}
    return {layer: held[f"{base}_quantized"] * held[f"{base}_scale"] for layer, base in bases.items()}


def test_an_update_is_added_to_the_layer_that_it_names_and_to_no_other(file, adapter, unfused):
    before = weights(onnx.load(str(file)))

    after = weights(onnx.load_from_string(adapt.adapted(file, adapter(numpy.full((SIZE, 1), 0.25)))))

    step = numpy.abs(after[QUERY]).max() / 127
    assert numpy.allclose(after[QUERY], before[QUERY] + 0.25, atol=step)
    assert all(numpy.array_equal(after[name], before[name]) for name in before if name != QUERY)


def test_an_update_of_nothing_rounds_no_coarser_than_before(file, adapter, unfused):
    before = weights(onnx.load(str(file)))[QUERY]

    after = weights(onnx.load_from_string(adapt.adapted(file, adapter(numpy.zeros((SIZE, 1))))))[QUERY]

    assert numpy.abs(after - before).max() <= numpy.abs(before).max() / 127


@pytest.mark.parametrize(("model", "name"), [(QUESTION_EMBEDDING, "questions"), (RERANKER, "reranker")])
def test_each_layer_of_a_shipped_adapter_is_one_of_its_model(model, name):
    layers = weights(onnx.load(str(model_folder(model) / "model.onnx")))
    with numpy.load(adapt.file_of(name)) as held:
        named = {key.removesuffix(".a") for key in held.files if key.endswith(".a")}

    assert len(named) >= 72
    assert named <= set(layers)


@pytest.mark.parametrize(("model", "name"), [(QUESTION_EMBEDDING, "questions"), (RERANKER, "reranker")])
def test_fused_attention_computes_the_same_but_for_rounding(model, name, monkeypatch):
    folder, texts = model_folder(model), ("When did Lisvale join?", "A city reports every four years. " * 12)
    fused = OnnxModel(adapt.adapted(folder / "model.onnx", name), folder / "tokenizer.json", max_tokens=256)
    monkeypatch.setattr(adapt, "fuse", lambda graph, layers: None)
    plain = OnnxModel(adapt.adapted(folder / "model.onnx", name), folder / "tokenizer.json", max_tokens=256)

    for text in texts:
        one, other = (run(text, "Lisvale is a member since 2006.").reshape(-1) for run in (fused.run, plain.run))
        assert numpy.abs(one - other).max() < 0.08 * numpy.abs(other).max()


def test_the_models_know_the_words_of_the_field():
    encoder, scorer = QuestionEmbeddings(threads=1), Reranker(threads=1)
    asked, same, other = map(
        numpy.array,
        encoder.embed_documents(
            [
                "Is the yearly get-together a must?",
                "Do members have to attend the annual conference?",
                "Is there a fee?",
            ]
        ),
    )
    texts = ["Member cities are advised to attend the annual conference.", "There is no membership fee."]

    first, second = scorer.scores("Is the yearly get-together of the label holders a must?", texts)

    assert asked @ same > asked @ other + 0.2
    assert first > second


def test_a_digest_is_that_of_the_file(adapter):
    adapt.digest.cache_clear()
    first = adapt.digest(adapter(numpy.zeros((SIZE, 1))))
    adapt.digest.cache_clear()

    assert adapt.digest(adapter(numpy.ones((SIZE, 1)))) != first
    adapt.digest.cache_clear()
