"""Writes the CREATE part of a migration from the models.

``python -m tests.support.migration 0004_policy marketplace.policy``

Only the lines between the two markers are replaced; what stands around them (triggers, data) is written by hand.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from sqlalchemy import Table
from sqlalchemy.sql.ddl import sort_tables

from marketplace import schema
from marketplace.base.db import Base

BEGIN, END = "    # tables: begin", "    # tables: end"


def know_all_tables() -> None:
    """Import every module that holds tables, and nothing else: a half-written page is no hindrance."""
    for package in ("marketplace", "providers", "vouchers"):
        folder = Path(import_module(package).__path__[0])
        for path in sorted([*folder.rglob("models.py"), *folder.rglob("models/*.py"), *folder.rglob("idempotency.py")]):
            import_module(".".join(path.relative_to(folder.parent).with_suffix("").parts))


def tables_of(*packages: str) -> list[Table]:
    """Tables whose classes live in the packages, in the order of their foreign keys."""
    found = set()
    for mapper in Base.registry.mappers:
        module = mapper.class_.__module__
        if any(module == p or module.startswith(p + ".") for p in packages):
            found.update(mapper.tables)
    return list(sort_tables(sorted(found, key=lambda t: t.name)))


def render(operations: list[ops.MigrateOperation]) -> str:
    code = render_python_code(
        ops.UpgradeOps(operations), user_module_prefix="types.", render_as_batch=False, imports=[]
    )
    return re.sub(r"^\s*# ###.*\n", "", code.lstrip("\n"), flags=re.M).rstrip()


def main() -> None:
    name, packages = sys.argv[1], sys.argv[2:]
    know_all_tables()
    tables = tables_of(*packages)
    up: list[ops.MigrateOperation] = []
    for table in tables:
        up.append(ops.CreateTableOp.from_table(table))
        up += [ops.CreateIndexOp.from_index(ix) for ix in sorted(table.indexes, key=lambda ix: ix.name)]
    down: list[ops.MigrateOperation] = [ops.DropTableOp.from_table(t) for t in reversed(tables)]
    path = Path(schema.MIGRATIONS) / "versions" / f"{name}.py"
    text = path.read_text()
    for function, operations in (("upgrade", up), ("downgrade", down)):
        body = f"{BEGIN}\n    {render(operations).strip() or 'pass'}\n{END}"
        head = f"def {function}() -> None:\n"
        start = text.index(head) + len(head)
        if BEGIN in text[start:]:
            first = text.index(BEGIN, start)
            last = text.index(END, first) + len(END)
            text = text[:first] + body + text[last:]
        else:
            stop = text.index("    pass\n", start)
            text = text[:start] + body + "\n" + text[stop + len("    pass\n") :]
    path.write_text(text)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(path)], check=False)
    print(f"{path.name}: {', '.join(t.name for t in tables)}")


if __name__ == "__main__":
    main()
