"""Cross between Arrow and numpy without pyarrow's own bridge, which imports pandas (0.3 s).

Arrow arrays are taken apart and put together by their buffers: no value is converted one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def strings(words: Iterable[str]) -> Any:
    """Make an Arrow array of text.

    Examples
    --------
    >>> strings(["left", "right"]).to_pylist()
    ['left', 'right']
    """
    data = [word.encode() for word in words]
    offsets = np.zeros(len(data) + 1, dtype=np.int32)
    np.cumsum([len(word) for word in data], out=offsets[1:])
    buffers = (pa.py_buffer(offsets), pa.py_buffer(b"".join(data)))
    return pa.StringArray.from_buffers(len(data), *buffers)


def repeat(word: str, times: int) -> Any:
    """Make an Arrow array of one word, again and again."""
    same = pa.py_buffer(np.zeros(times, dtype=np.int32))
    return strings([word]).take(pa.Array.from_buffers(pa.int32(), times, [None, same]))


def booleans(flags: NDArray[np.bool_]) -> Any:
    """Make an Arrow array of flags."""
    packed = pa.py_buffer(np.packbits(flags, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(flags), [None, packed])


def read_flags(array: Any) -> NDArray[np.bool_]:
    """Take an Arrow array of flags, without nulls, to numpy."""
    return _bits(array.buffers()[1], array.offset, len(array))


def read_numbers(array: Any) -> NDArray[Any]:
    """Take an Arrow array of numbers to numpy; a null becomes NaN.

    Raises
    ------
    ValueError
        For nulls among whole numbers, which have no NaN.
    """
    kind = array.type.to_pandas_dtype()
    if not len(array):
        return np.zeros(0, dtype=kind)
    found = np.frombuffer(array.buffers()[1], dtype=kind)
    found = found[array.offset : array.offset + len(array)]
    if array.null_count:
        found = found.copy()
        found[~_bits(array.buffers()[0], array.offset, len(array))] = np.nan
    return found


def _bits(buffer: Any, offset: int, length: int) -> NDArray[np.bool_]:
    if not length:
        return np.zeros(0, dtype=bool)
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
    return bits[offset : offset + length].astype(bool)
