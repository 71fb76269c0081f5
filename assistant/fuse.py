"""The attention of each layer of a built-in int8 model as one operator of ONNX Runtime: the same sums in less time.

The operator is `com.microsoft.QAttention` of https://onnxruntime.ai/docs/reference/operators/ContribOperators. ONNX
Runtime's own optimizer makes it only of models that are not yet int8.
"""

import copy
import graphlib
from typing import Any

import numpy

HEADS = 12  # of both built-in int8 models

_PARTS = ("query", "key", "value")


def fuse(model: Any, layers: dict[str, Any]) -> None:
    """Replace what lies between the input of each layer and the product of its attention; no text may be padded.

    `layers` gives the integer product of each layer by its name, such as `encoder.layer.0.attention.self.query`.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    rounded = {node.output[0]: node for node in graph.node if node.op_type == "DynamicQuantizeLinear"}
    for number in range(sum(name.endswith("attention.self.query") for name in layers)):
        path = f"encoder.layer.{number}.attention"
        products = [layers[f"{path}.self.{part}"] for part in _PARTS]
        stems = [product.input[1].removesuffix("_quantized") for product in products]
        held = [[numpy_helper.to_array(tensors[stem + end]) for stem in stems] for end in ("_quantized", "_scale")]
        biases = [next(name for name in tensors if name.endswith(f"{path}.self.{part}.bias")) for part in _PARTS]
        width = held[0][0].shape[1]
        values = {
            "weight": numpy.concatenate(held[0], axis=1),
            "bias": numpy.concatenate([numpy_helper.to_array(tensors[name]) for name in biases]),
            "scale": numpy.concatenate([numpy.broadcast_to(scale, width) for scale in held[1]]),
            "zero": numpy.zeros(width * len(_PARTS), numpy.int8),
        }
        names = {key: f"{path}.{key}" for key in values}
        graph.initializer.extend(numpy_helper.from_array(value, names[key]) for key, value in values.items())
        levels, scale, zero = rounded[products[0].input[0]].output
        (heard,) = rounded[layers[f"{path}.output.dense"].input[0]].input
        for node in graph.node:
            node.output[:] = [f"{name}.parts" if name == heard else name for name in node.output]
        graph.node.append(
            helper.make_node(
                "QAttention",
                [levels, names["weight"], names["bias"], scale, names["scale"], "", zero, names["zero"]],
                [heard],
                domain="com.microsoft",
                num_heads=HEADS,
            )
        )
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    _prune(graph)


def _prune(graph: Any) -> None:
    """Leave only what the outputs are computed from, each node behind those that it needs."""
    made_by = {name: number for number, node in enumerate(graph.node) for name in node.output}
    needs: dict[int, list[int]] = {}
    waiting = [made_by[put.name] for put in graph.output]
    while waiting:
        number = waiting.pop()
        if number not in needs:
            needs[number] = [made_by[name] for name in graph.node[number].input if name in made_by]
            waiting += needs[number]
    nodes = [copy.deepcopy(graph.node[number]) for number in graphlib.TopologicalSorter(needs).static_order()]
    used = {name for node in nodes for name in node.input}
    for held in (graph.initializer, graph.input):
        kept = [copy.deepcopy(value) for value in held if value.name in used]
        del held[:]
        held.extend(kept)
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
