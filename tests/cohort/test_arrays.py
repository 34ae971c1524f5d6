import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.cohort.arrays import booleans, read_flags, read_numbers, repeat, strings


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_words_arrive_as_they_are(words):
    array = strings(words)
    array.validate(full=True)
    assert array.to_pylist() == words


@given(st.lists(st.booleans()), st.integers(0, 9))
def test_flags_go_there_and_back_sliced_or_not(flags, start):
    array = booleans(np.array(flags, dtype=bool))
    assert array.to_pylist() == flags
    assert read_flags(array.slice(start)).tolist() == flags[start:]


@given(st.lists(st.none() | st.floats(allow_nan=False)), st.integers(0, 9))
def test_numbers_come_over_and_a_null_is_nan(numbers, start):
    array = pa.array(numbers, pa.float64())
    expected = [np.nan if x is None else x for x in numbers]
    np.testing.assert_array_equal(read_numbers(array), expected)
    np.testing.assert_array_equal(read_numbers(array.slice(start)), expected[start:])


def test_whole_numbers_have_no_nan():
    assert read_numbers(pa.array([1, 2])).tolist() == [1, 2]
    with pytest.raises(ValueError, match="NaN"):
        read_numbers(pa.array([1, None]))


def test_a_word_is_repeated():
    assert repeat("na", 3).to_pylist() == ["na"] * 3
    assert repeat("na", 0).to_pylist() == []


def test_pandas_stays_out():
    code = (
        "import sys, numpy as np; from gluteal.cohort.arrays import *\n"
        "read_flags(booleans(np.array([True]))); repeat('a', 2)\n"
        "read_numbers(strings(['a']).dictionary_encode().indices)\n"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
