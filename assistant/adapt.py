"""Low-rank updates of the built-in int8 models: what they learnt from the expected questions, merged as they load.

LoRA: Hu and others 2021, "LoRA: Low-Rank Adaptation of Large Language Models". `evals/adapt.py` trains them.
"""

import functools
import hashlib
from pathlib import Path

import numpy

from assistant.fuse import fuse

FOLDER = Path(__file__).parent / "adapters"

Matrix = numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]


def adapted(model: Path, adapter: str) -> bytes:
    """Return an ONNX file in which each matrix that the adapter updates is replaced, with its attention fused.

    The adapter holds `NAME.a` (rank, in) and `NAME.b` (out, rank) for a layer NAME; the product is added to its
    weights, which are then rounded again column by column, to as many levels as stood there before.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(model))
    tensors = {tensor.name: tensor for tensor in graph.graph.initializer}
    updates = _updates(adapter)
    layers = {layer_of(node.output[0]): node for node in graph.graph.node if node.op_type == "MatMulInteger"}
    for name, node in layers.items():
        if (update := updates.get(name)) is None:
            continue
        whole, scale = (tensors[node.input[1].removesuffix("_quantized") + part] for part in ("_quantized", "_scale"))
        levels = numpy_helper.to_array(whole).astype(numpy.float32)
        weights = levels * numpy_helper.to_array(scale) + update
        scales = numpy.abs(weights).max(axis=0) / numpy.abs(levels).max()
        whole.CopyFrom(numpy_helper.from_array(numpy.rint(weights / scales).astype(numpy.int8), whole.name))
        scale.CopyFrom(numpy_helper.from_array(scales.astype(numpy.float32), scale.name))
    fuse(graph, layers)
    written: bytes = graph.SerializeToString()
    return written


@functools.cache
def identity(adapter: str) -> str:
    """Return the identity of what `adapted` makes of a given model: the adapter and this code."""
    files = file_of(adapter), Path(__file__), Path(__file__).with_name("fuse.py")
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@functools.cache
def digest(adapter: str) -> str:
    """Return the identity of an adapter's file."""
    return hashlib.sha256(file_of(adapter).read_bytes()).hexdigest()


def file_of(adapter: str) -> Path:
    """Return the file of an adapter."""
    return FOLDER / f"{adapter}.npz"


def layer_of(output: str) -> str:
    """Return the layer that a product belongs to: "/bert/encoder/layer.0/attention/self/query/MatMul_output_0..."."""
    path = output.split("/MatMul_output")[0].split("/Gemm")[0]
    return path.strip("/").replace("/", ".").removeprefix("bert.")


def _updates(adapter: str) -> dict[str, Matrix]:
    """Return what is added to each layer's weights, input by output."""
    with numpy.load(file_of(adapter)) as held:
        names = sorted(name.removesuffix(".a") for name in held.files if name.endswith(".a"))
        pairs = {name: (held[f"{name}.a"], held[f"{name}.b"]) for name in names}
    return {name: a.astype(numpy.float32).T @ b.astype(numpy.float32).T for name, (a, b) in pairs.items()}
