"""Reads the numbers out of a checkpoint file of PyTorch's first format, without PyTorch and without running what the file says.

The format (torch.serialization before 1.6): five pickles, namely a magic number, the protocol, facts on the system, the object, and the
storages' keys in order; then each storage as a count (i64) and its raw little-endian values. A pickle may name any function to be called:
here it gets the two it needs, and nothing else.
"""

import io
import pickle
from collections import OrderedDict

import numpy

MAGIC = 0x1950A86A20F9469CFC6C
TYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class _Tensor:
    """A view of a storage that has not been read yet; strides and offset are in elements."""

    def __init__(self, storage, offset, shape, strides, *_):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self, storages: dict) -> numpy.ndarray:
        flat = storages[self.storage][self.offset :]
        strides = [stride * flat.itemsize for stride in self.strides]
        reach = sum((length - 1) * stride for length, stride in zip(self.shape, self.strides))
        if reach >= len(flat):
            raise ValueError("a tensor reaches past its storage")
        return numpy.lib.stride_tricks.as_strided(flat, self.shape, strides).copy()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file):
        super().__init__(file)
        self.types = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in TYPES:
            return TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} has no business in a file of numbers")

    def persistent_load(self, told):
        _, kind, key, *_ = told
        self.types[key] = kind
        return key


def read(data: bytes) -> dict[str, numpy.ndarray]:
    """Returns a state dictionary's arrays by their names."""
    file = io.BytesIO(data)
    if _Unpickler(file).load() != MAGIC:
        raise ValueError("not a checkpoint of PyTorch's first format")
    for _ in range(2):
        _Unpickler(file).load()
    unpickler = _Unpickler(file)
    tensors = unpickler.load()
    storages = {}
    for key in _Unpickler(file).load():
        count = int.from_bytes(file.read(8), "little")
        kind = numpy.dtype(unpickler.types[key])
        storages[key] = numpy.frombuffer(file.read(count * kind.itemsize), kind)
    return {name: tensor.array(storages) for name, tensor in tensors.items()}
