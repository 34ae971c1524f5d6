"""From trials to derived variables: pure functions of arrays, one module a kind of measure.

Numbers go in as anything numpy takes (a pandas column too) and come out as float64 arrays in the
same order; a missing value is NaN and stays NaN. A value that cannot be (force at or below zero,
a lever arm of 45 m) is a ``UserError`` that names the quantity: nothing is mended silently.
"""
