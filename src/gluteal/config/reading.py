"""Read YAML that a person wrote: one clear message for anything that prevents it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gluteal.errors import Fault, UserError


def find_lines(file: Path) -> dict[str, int]:
    """Find the line of every key, so that a message can name it."""
    import yaml

    found: dict[str, int] = {}

    def walk(node: yaml.Node, path: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                here = (*path, str(key.value))
                found[".".join(here)] = key.start_mark.line + 1
                walk(value, here)

    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    if root is not None:
        walk(root, ())
    return found


def read_yaml(file: Path) -> dict[str, Any]:
    """Read a YAML file of settings, with one clear message for anything that prevents it."""
    import yaml

    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UserError(Fault(str(file), "no such file", "Check the path.")) from error
    except IsADirectoryError as error:
        raise UserError(Fault(str(file), "is a folder", "Name the file.")) from error
    except UnicodeDecodeError as error:
        raise UserError(Fault(str(file), "is not UTF-8 text", "Save it as UTF-8.")) from error
    except OSError as error:
        raise UserError(Fault(str(file), f"cannot be read: {error.strerror}", "")) from error
    try:
        raw = yaml.load(text, Loader=_unique_loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else None
        rule = f"is not valid YAML: {getattr(error, 'problem', error)}"
        raise UserError(Fault(str(file), rule, "Mend the line.", row=row)) from error
    return raw if isinstance(raw, dict) else {}


def _unique_loader() -> Any:
    """Make a loader that refuses a key written twice: YAML would silently take the last."""
    import yaml

    class Unique(yaml.SafeLoader):
        pass

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is written twice", key.start_mark
                )
            seen.add(key.value)
        return yaml.SafeLoader.construct_mapping(loader, node, deep=True)

    Unique.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Unique
