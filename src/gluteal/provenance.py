"""What made a result: hashes of data, and of what the code means rather than how it looks."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

PACKAGE = __name__.partition(".")[0]
HOME = Path(__file__).parent
DATA = (".csv", ".yaml", ".json", ".css", ".typ")
"""Endings of the files of the package that decide what a command writes."""
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "pingouin", "matplotlib", "snakemake")


def hash_file(path: Path) -> str:
    """Hash a file's bytes (sha256, hexadecimal)."""
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def hash_text(text: str) -> str:
    """Hash a text; twelve digits are enough to tell two settings or sources apart."""
    return sha256(text.encode()).hexdigest()[:12]


@cache
def _origin(name: str) -> Path | None:
    try:
        found = find_spec(name)
    except ModuleNotFoundError:  # "from .config import Study": Study is a name, not a module
        return None
    return Path(found.origin) if found and found.origin and found.has_location else None


def _bare(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]


def _imports(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [name for name in names if name == PACKAGE or name.startswith(f"{PACKAGE}.")]


def _tables(tree: ast.Module) -> list[str]:
    """Name the data files of the package that this code reads: they decide results too."""
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    names = {t for t in texts if isinstance(t, str) and t.endswith(DATA)}
    return sorted(name for name in names if (HOME / name).is_file())


@cache
def _meaning(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the meaning of one module, and the modules of the package it imports."""
    origin = _origin(name)
    if origin is None or origin.suffix != ".py":
        return "", ()
    tree = ast.parse(origin.read_text(encoding="utf-8"))
    _bare(tree)
    data = "".join(f"{table}:{hash_file(HOME / table)}\n" for table in _tables(tree))
    return sha256((ast.dump(tree) + data).encode()).hexdigest(), tuple(_imports(tree))


@cache
def fingerprint(*modules: str) -> str:
    """Hash what modules mean, with everything of this package that they import.

    Comments, docstrings, layout and dates do not count; a changed statement does, and so does a
    changed data file of the package that the code names.

    Examples
    --------
    >>> len(fingerprint("gluteal.errors"))
    12
    """
    meanings: dict[str, str] = {}
    todo = list(modules)
    while todo:
        name = todo.pop()
        if name not in meanings:
            meanings[name], imported = _meaning(name)
            todo += imported
    lines = (f"{name} {meaning}" for name, meaning in sorted(meanings.items()) if meaning)
    return hash_text("\n".join(lines))


def hash_lock(lock: Path = Path("requirements.lock")) -> str:
    """Hash the lock file: other people's code decides results too. Empty where there is none."""
    return hash_file(lock)[:12] if lock.is_file() else ""


def versions(names: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Return the installed versions of this package and the libraries its numbers rest on."""
    found: dict[str, str] = {}
    for name in (PACKAGE, *names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
