"""Pages of the documentation that are drawn from the code: settings, and the states of everything that has any."""

from __future__ import annotations

from marketplace.base.states import REGISTERED
from marketplace.config import Settings


def settings() -> str:
    """The table of settings."""
    lines = [
        "# Settings",
        "",
        "Environment variables, read once at the start. Drawn from `marketplace/config.py`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {f'`{default}`' if default else 'empty'} | {text} |" for name, default, text in Settings.table()
    ]
    return "\n".join(lines) + "\n"


def states() -> str:
    """Every lifecycle: its states with their Chinese names, and which verb leads from where to where."""
    lines = ["# States", "", "Drawn from the tables in the chapters' `states.py`; no move but these exists.", ""]
    for kind in sorted(REGISTERED):
        lifecycle = REGISTERED[kind]
        lines += [
            f"## {kind}",
            "",
            ", ".join(f"`{s.value}` {label}" for s, label in lifecycle.labels.items()) + ".",
            "",
        ]
        if lifecycle.moves:
            lines += ["| verb | from | to |", "|---|---|---|"]
            for verb, (sources, target) in lifecycle.moves.items():
                origin = ", ".join(f"`{s.value}`" for s in lifecycle.labels if s in sources)
                lines.append(f"| {verb} | {origin} | `{target.value}` |")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


PAGES = {"settings": settings, "states": states}
