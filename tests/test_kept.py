"""Files that are computed once and kept beside the index."""

import numpy
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from assistant.kept import keep, keep_graph, kept_file, kept_graph


def test_a_kept_file_is_found_by_what_it_was_made_of(tmp_path):
    path = keep(tmp_path / "models", "forms", "these texts", ".npy", b"vectors")

    assert path.read_bytes() == b"vectors"
    assert kept_file(tmp_path / "models", "forms", "these texts", ".npy") == path
    assert kept_file(tmp_path / "models", "forms", "other texts", ".npy") is None
    assert kept_file(None, "forms", "these texts", ".npy") is None


def test_the_file_before_it_is_removed_and_files_of_other_names_stay(tmp_path):
    keep(tmp_path, "forms", "old", ".npy", b"old")
    other = keep(tmp_path, "encoder", "old", ".npy", b"old")

    path = keep(tmp_path, "forms", "new", ".npy", b"new")

    assert set(tmp_path.iterdir()) == {path, other}


@pytest.mark.parametrize("content", [b"vector", b"vectorS", b""])
def test_a_file_that_was_cut_off_or_altered_is_not_used(tmp_path, content):
    keep(tmp_path, "forms", "texts", ".npy", b"vectors").write_bytes(content)

    assert kept_file(tmp_path, "forms", "texts", ".npy") is None


@pytest.fixture
def graph():
    """A graph that multiplies by a matrix of 64 kB."""
    weights = numpy_helper.from_array(numpy.full((128, 128), 2, numpy.float32), "weights")
    put, out = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 128]) for name in ("put", "out"))
    product = helper.make_node("MatMul", ["put", "weights"], ["out"])
    model = helper.make_model(
        helper.make_graph([product], "product", [put], [out], [weights]), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 9
    return model.SerializeToString()


def test_a_kept_graph_gives_the_same_and_has_its_weights_in_another_file(tmp_path, graph):
    path = keep_graph(tmp_path, "product", "2", graph)

    assert kept_graph(tmp_path, "product", "2") == path
    assert path.stat().st_size < 2_000
    put = {"put": numpy.ones((1, 128), numpy.float32)}
    assert onnxruntime.InferenceSession(str(path)).run(None, put)[0][0][0] == 256
    assert onnx.load(str(path)).graph.initializer[0].dims == [128, 128]


def test_a_graph_whose_weights_are_damaged_is_not_used(tmp_path, graph):
    keep_graph(tmp_path, "product", "2", graph)
    (weights,) = tmp_path.glob("*.weights")
    weights.write_bytes(weights.read_bytes()[:-1])

    assert kept_graph(tmp_path, "product", "2") is None
