"""Kinds of import contract that import-linter does not bring along; `pyproject.toml` names and uses them."""

from __future__ import annotations

from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract


class StoryContract(LayersContract):
    """Layers whose containers may not be written yet.

    The built-in kind fails on a missing container, so a group would have to be exempted until its first chapter
    exists, and somebody would have to remember to lift the exemption.
    """

    type_name = "story"

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        self.containers = _written(self.containers, graph)
        return super().check(graph, verbose)


class FacesContract(ProtectedContract):
    """Protected modules whose allowed importers may not be written yet, for the same reason."""

    type_name = "faces"

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        self.allowed_importers = _written(self.allowed_importers, graph)
        return super().check(graph, verbose)


class PrivateRoomsContract(Contract):
    """Rooms of one name in every package, each open to its own package alone.

    Configuration:
        rooms: names of modules or packages that are private wherever they stand, such as ``pages``.
        shared: packages whose modules of these names are meant for everybody.
    """

    type_name = "private_rooms"

    rooms = fields.SetField(subfield=fields.StringField())
    shared = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        intrusions = []
        for imported in sorted(graph.modules):
            chapter = self._chapter_of(imported)
            if chapter is None:
                continue
            for importer in sorted(graph.find_modules_that_directly_import(imported)):
                if _is_in(importer, chapter):
                    continue
                lines = graph.get_import_details(importer=importer, imported=imported)
                intrusions.append((importer, imported, ", ".join(str(line["line_number"]) for line in lines)))
        return ContractCheck(kept=not intrusions, metadata={"intrusions": intrusions})

    def _chapter_of(self, module: str) -> str | None:
        """The package whose room this module is, or lies in."""
        rooms: Any = self.rooms
        shared: Any = self.shared or set()
        parts = module.split(".")
        for position in range(1, len(parts)):
            chapter = ".".join(parts[:position])
            if parts[position] in rooms and not any(_is_in(chapter, package) for package in shared):
                return chapter
        return None

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported, lines in check.metadata["intrusions"]:
            output.print_error(f"- {importer} -> {imported} (l.{lines})", bold=False)
        output.new_line()


def _written(expressions: Any, graph: grimp.ImportGraph) -> Any:
    """Those expressions that are wildcards or name a module that exists."""
    return [entry for entry in expressions if entry.has_wildcard_expression() or entry.expression in graph.modules]


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
