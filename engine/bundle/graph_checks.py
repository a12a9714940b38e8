"""What an ONNX graph refers to and how much it declares, looked at before a session is made of it.

A session reads whatever files a graph names, and allocates what its constants and shapes say: 400 bytes may ask for
a terabyte.
"""

from collections.abc import Iterator, Sequence
from math import prod

import onnx
from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, TensorProto

_ELEMENTS = 1 << 28  # of one intermediate result for a single candidate; a head has a few thousand

NO_GRAPH = (DecodeError, ValueError, TypeError, onnx.shape_inference.InferenceError)


class ExternalDataError(ValueError):
    """The graph keeps a part of itself in another file, or names one."""


def check_graph(content: bytes) -> None:
    """Raises one of NO_GRAPH for what is no graph or declares more than it holds, ExternalDataError as it says."""
    model = onnx.load_model_from_string(content)
    _refuse_external(model)
    for tensor in _tensors(model.graph):
        _refuse_hollow(tensor)
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    for graph in _graphs(inferred.graph):
        for value in (*graph.input, *graph.output, *graph.value_info):
            sizes = [one.dim_value for one in value.type.tensor_type.shape.dim if one.dim_value]
            if prod(sizes) > _ELEMENTS or any(size < 0 for size in sizes):
                raise ValueError(f"{value.name[:80]} is {sizes} large")


def _refuse_external(model: ModelProto) -> None:
    for tensor in _tensors(model.graph):
        if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
            named = [entry.value for entry in tensor.external_data if entry.key == "location"]
            raise ExternalDataError(named[0] if named else tensor.name)
    if model.functions or model.training_info:
        raise ValueError("it has functions or training, which no head has")


def _refuse_hollow(tensor: TensorProto) -> None:
    """Raises ValueError for a constant that declares more than it holds."""
    declared = prod(tensor.dims)
    if declared < 0 or any(size < 0 for size in tensor.dims):
        raise ValueError(f"the constant {tensor.name[:80]} has a negative size")
    held = len(tensor.raw_data) or sum(
        len(field)
        for field in (
            tensor.float_data,
            tensor.int32_data,
            tensor.int64_data,
            tensor.double_data,
            tensor.uint64_data,
            tensor.string_data,
        )
    )
    if declared > held * 2:  # two numbers of four bits in a byte are the smallest there are
        raise ValueError(f"the constant {tensor.name[:80]} declares {declared} numbers")


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """The graph and those inside its nodes."""
    waiting: list[GraphProto] = [graph]
    while waiting:
        one = waiting.pop()
        yield one
        for node in one.node:
            for attribute in node.attribute:
                waiting += [attribute.g] if attribute.HasField("g") else []
                waiting += attribute.graphs


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """All constants."""
    for one in _graphs(graph):
        yield from one.initializer
        yield from _parts(one.sparse_initializer)
        for node in one.node:
            for attribute in node.attribute:
                yield from attribute.tensors
                yield from [attribute.t] if attribute.HasField("t") else []
                yield from _parts(attribute.sparse_tensors)
                yield from _parts(
                    [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
                )


def _parts(sparse: Sequence[onnx.SparseTensorProto]) -> Iterator[TensorProto]:
    for one in sparse:
        yield from (one.values, one.indices)
