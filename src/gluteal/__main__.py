"""The ``gluteal`` command: hand the work to a warm process if one waits, else do it here."""

from __future__ import annotations

import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit status (0 done, 2 a fault that the user can mend)."""
    words = sys.argv[1:] if argv is None else argv
    if os.environ.get("GLUTEAL_WARM"):
        from gluteal.cli.client import ask

        status = ask(os.environ["GLUTEAL_WARM"], words)
        if status is not None:
            return status
    # Jobs run side by side already: more threads of one job only wait for each other.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from gluteal.cli.commands import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
