"""An ONNX graph that grows node by node; all arithmetic in double precision unless a method itself has single."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatz.errors import InputError, required

OPSET, ML_OPSET, FORMAT = 18, 3, 9


class CannotExport(InputError):
    """A part of a model that ONNX has no word for."""


class Graph:
    """The nodes and constants of a model with one input, `x` of shape (events, columns) in double precision."""

    def __init__(self, columns: int) -> None:
        self.width = columns
        self.helper = required("onnx", extra="export").helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.domains: dict[str, int] = {"": OPSET, "ai.onnx.ml": ML_OPSET}
        self._count = 0

    def name(self, what: str) -> str:
        """A name that is not used yet."""
        self._count += 1
        return f"{what}_{self._count}"

    def add(self, op: str, *inputs: str, domain: str = "", **attributes: object) -> str:
        """A node; the name of its output."""
        output = self.name(op.lower())
        self.nodes.append(self.helper.make_node(op, list(inputs), [output], domain=domain, **attributes))
        return output

    def constant(self, values: object, dtype: type = np.float64) -> str:
        """An array; its name."""
        from onnx import numpy_helper

        name = self.name("constant")
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def cast(self, value: str, dtype: type) -> str:
        """The same numbers in another precision."""
        return self.add("Cast", value, to=self.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def columns(self, value: str, picked: list[int]) -> str:
        """Some columns of a table, in this order."""
        return self.add("Gather", value, self.constant(picked, np.int64), axis=1)

    def mean(self, values: list[str]) -> str:
        """The mean of several tensors of one shape."""
        if len(values) == 1:
            return values[0]
        total = self.add("Sum", *values)
        return self.add("Div", total, self.constant(len(values)))

    def shares(self, value: str) -> str:
        """Rows divided by their sums."""
        total = self.add("ReduceSum", value, self.constant([-1], np.int64), keepdims=1)
        return self.add("Div", value, total)

    def both(self, probability: str) -> str:
        """The probability of class 1, shape (events,), as that of both classes."""
        axis = self.constant([1], np.int64)
        second = self.add("Unsqueeze", probability, axis)
        first = self.add("Sub", self.constant(1.0), second)
        return self.add("Concat", first, second, axis=1)

    def model(self, output: str, *, axes: int, metadata: dict[str, str], name: str) -> Any:
        """The finished model: input `x`, output `response` of so many axes."""
        from onnx import TensorProto, checker

        self.nodes.append(self.helper.make_node("Identity", [output], ["response"]))
        graph = self.helper.make_graph(
            self.nodes,
            name,
            [self.helper.make_tensor_value_info("x", TensorProto.DOUBLE, [None, self.width])],
            [self.helper.make_tensor_value_info("response", TensorProto.DOUBLE, [None] * axes)],
            self.constants,
        )
        opsets = [self.helper.make_opsetid(domain, version) for domain, version in self.domains.items()]
        model = self.helper.make_model(graph, opset_imports=opsets, ir_version=FORMAT, producer_name="ansatz")
        self.helper.set_model_props(model, metadata)
        checker.check_model(model)
        return model
