"""What the database itself refuses: changing or deleting a published edition or one of its prices."""

from __future__ import annotations

from marketplace.record.audit import triggers

TABLES = {
    "edition": "id = NEW.id OR (product_id = NEW.product_id AND number = NEW.number)",
    "package": "id = NEW.id OR (edition_id = NEW.edition_id AND position = NEW.position)",
}


def statements(dialect: str) -> dict[str, str]:
    """Triggers for a dialect: name → SQL, in order of creation."""
    made: dict[str, str] = {}
    for table, taken in TABLES.items():
        made |= triggers.append_only(dialect, table, taken)
    return made
