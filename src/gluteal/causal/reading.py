"""Read the causal graph from YAML and name every fault of the file, with its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gluteal.causal.graph import Arrow, Graph, Node, find_cycles
from gluteal.errors import Fault, UserError, suggest
from gluteal.variables import variables

KEYS = ("label", "measured_by", "latent", "note")
ARROW = re.compile(r"(\S+)\s*->\s*(\S+)")


def read_graph(path: Path) -> Graph:
    """Read a causal graph.

    Parameters
    ----------
    path : Path
        A YAML file with ``nodes`` (name: label, then ``measured_by`` one or more variables of
        the dictionary, or ``latent: true``; ``note``) and ``arrows``, one a line:
        ``- Age -> Str: the evidence``.

    Raises
    ------
    UserError
        With all faults: cycles, unknown nodes or variables, arrows twice, nodes that nothing
        measures and that are not called latent, arrows without evidence.
    """
    return _Reader(path).graph()


class _Reader:
    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self.faults: list[Fault] = []
        self.rows: dict[Arrow, int] = {}
        self.tree = self._compose(path)

    def _compose(self, path: Path) -> Any:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=loader)
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise UserError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            row = mark.line + 1 if mark else None
            problem = getattr(error, "problem", None) or "it cannot be parsed"
            remedy = "Put a note that holds ': ' or '#' in double quotes."
            raise UserError(Fault(self.file, f"not valid YAML: {problem}", remedy, row)) from error

    def fault(self, at: Any, rule: str, remedy: str, value: str = "") -> None:
        row = at.start_mark.line + 1 if at is not None else None
        self.faults.append(Fault(self.file, rule, remedy, row=row, value=value))

    def pairs(self, at: Any, what: str) -> list[tuple[str, Any, Any]]:
        """Return (key, place of the key, value) of a mapping."""
        if getattr(at, "id", "") != "mapping":
            self.fault(at, f"{what} must be a mapping", "Write it as name: value.")
            return []
        return [(str(key.value), key, value) for key, value in at.value]

    def graph(self) -> Graph:
        parts: dict[str, Any] = {}
        for key, place, value in self.pairs(self.tree, "the graph"):
            if key not in ("nodes", "arrows"):
                self.fault(place, "unknown key", "Only nodes and arrows stand here.", key)
            elif key in parts:
                self.fault(place, "the key stands twice", "Put both parts together.", key)
            else:
                parts[key] = value
        if not self.faults:
            for key in {"nodes", "arrows"} - set(parts):
                self.fault(self.tree, f"{key} are missing", f"Add {key}:.")
        nodes = self.nodes(parts["nodes"]) if "nodes" in parts else {}
        arrows = self.arrows(parts["arrows"], nodes) if "arrows" in parts else []
        for cycle in find_cycles(arrows):
            self.faults.append(
                Fault(
                    self.file,
                    f"the arrows go round in a circle: {', '.join(map(str, cycle))}",
                    "Take one of them out, or split a node into earlier and later.",
                    row=self.rows[cycle[-1]],
                )
            )
        if self.faults:
            raise UserError(sorted(self.faults, key=lambda fault: fault.row or 0))
        return Graph(nodes, tuple(arrows))

    def nodes(self, at: Any) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        owner: dict[str, str] = {}
        for name, place, value in self.pairs(at, "nodes"):
            if name in nodes:
                self.fault(place, "the node stands twice", "Keep one of them.", name)
                continue
            if name in variables():
                self.fault(place, "a node bears a variable's name", "Name it otherwise.", name)
            nodes[name] = self.node(name, place, value)
            for variable in nodes[name].measured_by:
                if variable in owner:
                    rule = f"the variable already measures {owner[variable]}"
                    self.fault(value, rule, "One variable measures one node.", variable)
                owner[variable] = name
        return nodes

    def node(self, name: str, place: Any, at: Any) -> Node:
        said: dict[str, Any] = {}
        for key, where, value in self.pairs(at, f"node {name}"):
            if key not in KEYS:
                hint = suggest(key, KEYS)
                self.fault(where, "unknown key", f"{hint}Known: {', '.join(KEYS)}.", key)
            elif key in said:
                self.fault(where, "the key stands twice", "Keep one of them.", key)
            said[key] = value
        texts = {key: self.words(said[key]) for key in KEYS if key in said}
        measured = texts.get("measured_by", ())
        for variable in measured:
            if variable not in variables():
                hint = suggest(variable, variables())
                remedy = f"{hint}The dictionary lists the variables."
                self.fault(said["measured_by"], "no such variable", remedy, variable)
        latent = texts.get("latent", ("false",))
        if latent not in (("true",), ("false",)):
            self.fault(said["latent"], "latent is true or false", "Write latent: true.")
        if not texts.get("label"):
            self.fault(place, "the node has no label", "Add label: its name in words.", name)
        if bool(measured) == (latent == ("true",)):
            rule = "a node is measured by a variable or latent, one of the two"
            self.fault(place, rule, "Add measured_by: variable, or latent: true.", name)
        label, note = " ".join(texts.get("label", (name,))), " ".join(texts.get("note", ()))
        return Node(name, label, measured, latent == ("true",), note)

    def words(self, at: Any) -> tuple[str, ...]:
        if at.id == "scalar":
            return (str(at.value),) if at.value else ()
        if at.id == "sequence" and all(item.id == "scalar" for item in at.value):
            return tuple(str(item.value) for item in at.value)
        self.fault(at, "a word or a list of words must stand here", "Write it on one line.")
        return ()

    def arrows(self, at: Any, nodes: dict[str, Node]) -> list[Arrow]:
        if at.id != "sequence":
            self.fault(at, "arrows must be a list", "Write '- Age -> Str: the evidence'.")
            return []
        drawn: dict[tuple[str, str], Arrow] = {}
        for item in at.value:
            pairs = self.pairs(item, "an arrow")
            if not pairs:
                continue
            text, place, value = pairs[0]
            parsed = ARROW.fullmatch(text.strip())
            if not parsed or len(pairs) > 1:
                remedy = "Write '- Age -> Str: the evidence'."
                self.fault(place, "not an arrow with its evidence", remedy, text)
                continue
            arrow = Arrow(parsed[1], parsed[2], " ".join(self.words(value)))
            if not arrow.note:
                self.fault(place, "an arrow without evidence", "Add a short note.", text)
            unknown = [n for n in (arrow.source, arrow.target) if n not in nodes]
            for name in unknown:
                self.fault(place, "no such node", f"{suggest(name, nodes)}Add it to nodes.", name)
            ends = (arrow.source, arrow.target)
            if ends in drawn:
                rule = f"the arrow stands twice, first in row {self.rows[drawn[ends]]}"
                self.fault(place, rule, "Keep one of them.", text)
            elif not unknown:
                drawn[ends] = arrow
                self.rows[arrow] = place.start_mark.line + 1
        return list(drawn.values())
