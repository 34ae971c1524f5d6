"""Write a file whole or not at all: to a temporary name beside it, then rename."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gluteal.errors import UserError


@contextmanager
def replace_file(path: Path) -> Generator[Path]:
    """Give a temporary path; when the block ends well, rename it to ``path``.

    Raises
    ------
    UserError
        If the folder cannot be written or ``path`` is a folder.
    """
    if path.is_dir():
        raise UserError(f"{path}: is a folder, a file was to be written here")
    temporary = path.with_name(f".{path.name}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replace_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
