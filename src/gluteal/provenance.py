"""What made a result: hashes of data, and of what the code means rather than how it looks."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = __name__.partition(".")[0]
HOME = Path(__file__).parent
DATA = (".csv", ".yaml", ".json", ".css", ".typ")
"""Endings of the files of the package that decide what a command writes."""
MEMORY = HOME / "__pycache__" / "meanings.json"
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "pingouin", "matplotlib", "snakemake")

Meaning = tuple[str, list[str], list[str]]
"""Hash of a module's statements, modules that it imports, files that it names."""
_fresh: list[str] = []


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
    """Find the file of a module of this package, without importing what stands above it."""
    place = HOME.joinpath(*name.split(".")[1:])
    for path in (place / "__init__.py", place.parent / f"{place.name}.py"):
        if path.is_file():
            return path
    return None  # "from .config import Study": Study is a name, not a module


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


def _named_files(tree: ast.Module) -> list[str]:
    """Name the files that this code may read: a table of the package decides results too."""
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return sorted({t for t in texts if isinstance(t, str) and t.endswith(DATA) and len(t) < 80})


def _parse(text: str) -> Meaning:
    tree = ast.parse(text)
    _bare(tree)
    dump = sha256(ast.dump(tree).encode()).hexdigest()
    return dump, _imports(tree), _named_files(tree)


@cache
def _memory() -> tuple[str, dict[str, Meaning]]:
    """Read what earlier runs parsed, as Python keeps compiled code; parsing is slow."""
    by = hash_file(Path(__file__))
    try:
        found = json.loads(MEMORY.read_text(encoding="utf-8"))
        return by, found["meanings"] if found["by"] == by else {}
    except (OSError, ValueError, KeyError, TypeError):
        return by, {}


def _remember() -> None:
    by, meanings = _memory()
    temporary = MEMORY.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # a package that cannot be written to is parsed anew each time
        MEMORY.parent.mkdir(exist_ok=True)
        temporary.write_text(json.dumps({"by": by, "meanings": meanings}), encoding="utf-8")
        temporary.replace(MEMORY)


@cache
def _meaning(name: str) -> tuple[str, list[str]]:
    """Return the meaning of one module, and the modules of the package it imports."""
    origin = _origin(name)
    if origin is None or origin.suffix != ".py":
        return "", []
    text = origin.read_text(encoding="utf-8")
    key, meanings = sha256(text.encode()).hexdigest(), _memory()[1]
    if key not in meanings:
        meanings[key] = _parse(text)
        _fresh.append(key)
    dump, imports, files = meanings[key]
    tables = "".join(f" {f}:{hash_file(HOME / f)}" for f in files if (HOME / f).is_file())
    return dump + tables, imports


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
    if _fresh:
        _fresh.clear()
        _remember()
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
