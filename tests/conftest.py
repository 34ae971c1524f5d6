"""What many tests share."""

from __future__ import annotations

import os
from pathlib import Path

# Tests run side by side: before numpy is imported anywhere, one thread for each.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
# A slow machine is no failed test.
settings.register_profile("gluteal", deadline=None)
settings.load_profile("gluteal")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; tests that need it skip, and say so, where it is absent."""
    folder = Path(os.environ.get("GLUTEAL_REAL_DATA", ROOT.parent / "shared" / "real"))
    if not folder.is_dir():
        pytest.skip(f"real data absent: {folder} (set GLUTEAL_REAL_DATA)")
    return folder


@pytest.fixture(scope="session")
def parity() -> Path:
    """The folder of R scripts and the answers they wrote."""
    return ROOT / "tests" / "parity"
