"""A warm process: it has the heavy imports and forks once per command that a rule asks for.

Starting Python, pandas and matplotlib anew for each of fifty small jobs costs far more than the
jobs. Snakemake starts this process when a run begins (``onstart``) and ends it afterwards. Where
there is none (by hand, in a notebook, on a cluster) every command runs as a plain process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory

HELP = "keep the heavy imports warm for the rules of one run (started by the workflow)"
HEAVY = (
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "pyarrow.csv",
    "pyarrow.compute",
    "scipy.stats",
    "scipy.optimize",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_pdf",
    "fontTools.subset",
    "PIL.PngImagePlugin",
    "docx",
    "typst",
    "gluteal.cli.commands",
)
OWN = ("analyses", "cli", "cohort", "estimators", "figures", "instruments", "measures", "report")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the path of the socket; its folder must be private to the user."""
    parser.add_argument("socket", help="path of the Unix socket to serve")


def _receive(peer: socket.socket) -> tuple[dict, list[int]]:
    head, descriptors, _, _ = socket.recv_fds(peer, 8, 3)
    size, parts = int.from_bytes(head, "big"), b""
    while len(parts) < size:
        part = peer.recv(size - len(parts))
        if not part:
            break
        parts += part
    return json.loads(parts), descriptors


def _work(peer: socket.socket, server: socket.socket) -> None:
    """Become the command: this is the forked child, and it never returns."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        server.close()
        request, descriptors = _receive(peer)
        for ours, theirs in enumerate(descriptors):
            os.dup2(theirs, ours)
            os.close(theirs)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        from gluteal.cli.commands import run

        status = run(request["words"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status & 255)


def _prepare() -> None:
    """Do once what every command would do again: imports, and finding fonts by a first figure."""
    for name in HEAVY:
        import_module(name)
    for package in OWN:
        home = import_module(f"gluteal.{package}")
        for module in iter_modules(home.__path__):
            import_module(f"gluteal.{package}.{module.name}")
    from gluteal.figures.style import figure, save

    sample, _ = figure()
    sample.text(0.5, 0.5, "a")
    with TemporaryDirectory() as folder:
        save(sample, Path(folder) / "sample", "")
    # Children would copy each page whose objects their garbage collector looks at.
    gc.collect()
    gc.freeze()


def run(args: argparse.Namespace) -> int:
    """Serve until the process that started us is gone or ends us."""
    parent = os.getppid()
    server = socket.socket(socket.AF_UNIX)
    server.bind(args.socket)
    server.listen(64)
    _prepare()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    jobs: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        selector.register(reader, selectors.EVENT_READ)
        while os.getppid() == parent:
            for key, _ in selector.select(timeout=2):
                if key.fileobj is server:
                    peer, _ = server.accept()
                    pid = os.fork()
                    if pid == 0:
                        _work(peer, server)
                    jobs[pid] = peer
                else:
                    os.read(reader, 4096)
            _reap(jobs)
    for pid in jobs:
        os.kill(pid, signal.SIGTERM)
    return 0


def _reap(jobs: dict[int, socket.socket]) -> None:
    """Tell each client how its command ended; end commands whose client has gone."""
    for pid, peer in list(jobs.items()):
        done, status = os.waitpid(pid, os.WNOHANG)
        if not done:
            continue
        code = os.waitstatus_to_exitcode(status)
        with suppress(OSError):
            peer.sendall(bytes([code & 255 if code >= 0 else 128 - code & 255]))
        peer.close()
        del jobs[pid]
