"""The numerical core: arrays in, numbers out. Each engine is checked against R (tests/parity)."""
