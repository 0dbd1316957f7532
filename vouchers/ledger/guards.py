"""The triggers of the ledger for each database, as `marketplace db check` compares them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects import postgresql

from marketplace.base.db import RULE, Base, named_statements

_FILES = Path(__file__).parent / "triggers"
RULES = {
    "commitment": ("face_conserved",),
    "entry": ("movement_known", "part_iff_reversed", "provider_iff_spent"),
    "hold": ("parts_within_amount", "closed_iff_used_up", "state_known"),
    "redemption": ("parts_within_amount",),
}
"""The CHECKs of many words on the path of every posting. PostgreSQL reads the words of a CHECK again for each statement
that writes to its table; a function it reads once in a session."""
_LITERAL = re.compile(r"'[^']*'")


@cache
def triggers(dialect: str) -> dict[str, str]:
    """Functions and triggers of a dialect, in the order of their creation: name → CREATE statement."""
    return named_statements((_FILES / f"{dialect}.sql").read_text(encoding="utf-8"))


@cache
def openings(dialect: str) -> dict[str, str]:
    """The same for what pilots bring along, whose tables came later."""
    return named_statements((_FILES / f"openings_{dialect}.sql").read_text(encoding="utf-8"))


@cache
def rules(dialect: str) -> dict[str, str]:
    """The functions that the CHECKs of `RULES` call on PostgreSQL, made of the models' own words."""
    if dialect != "postgresql":
        return {}
    made = {}
    for table in (Base.metadata.tables[name] for name in RULES):
        words = {str(c.name): str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)}
        for name in (f"{table.name}_{rule}" for rule in RULES[table.name]):
            said = _LITERAL.sub("", words[name])
            used = [column for column in table.columns if re.search(rf"\b{column.name}\b", said)]
            arguments = ", ".join(f"{c.name} {c.type.compile(dialect=postgresql.dialect())}" for c in used)
            made[f"{RULE}{name}"] = (
                f"CREATE FUNCTION {RULE}{name}({arguments}) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$\n"
                f"BEGIN\n  RETURN {words[name]};\nEND $$"
            )
    return made
