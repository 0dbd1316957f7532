"""Pages of the documentation that are drawn from the code: settings, and the states of everything that has any."""

from __future__ import annotations

from flask import current_app

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.states import REGISTERED
from marketplace.config import Settings
from marketplace.people.webhooks.topics import TEST, TESTED, known


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


REACH = {
    Within.SELF: ("self", "rows of the acting person"),
    Within.OWN: ("own", "rows of the organisation acted for"),
    Within.PLACE: ("place", "rows of the pilot, else the city, else the province of the assignment"),
    Within.ANY: ("any", "every row"),
}


def permissions() -> str:
    """Who may do what, and how far it reaches: one table per kind of thing. Needs the running application."""
    matrix = current_app.extensions["house"].matrix
    lines = [
        "# Permissions",
        "",
        "Drawn from the chapters' `permissions.py`. A cell says how far a role's verb reaches:",
        "",
        *(f"- **{word}**: {meaning}" for word, meaning in REACH.values()),
        "",
        "A role that a table leaves out has none of its verbs. A token narrows its person's verbs further.",
        "",
    ]
    kinds: dict[str, list[Permission]] = {}
    for permission in matrix.rows:
        kinds.setdefault(permission.code.split(".")[0], []).append(permission)
    for kind in sorted(kinds):
        roles = [role for role in Role if any(role in matrix.rows[p] for p in kinds[kind])]
        lines += [f"## {kind}", "", "| verb | | " + " | ".join(roles) + " |", "|---|---|" + "---|" * len(roles)]
        for permission in sorted(kinds[kind], key=lambda p: p.code):
            reach = matrix.rows[permission]
            cells = [REACH[reach[role]][0] if role in reach else "" for role in roles]
            lines.append(f"| `{permission.code}` | {permission.label} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def topics() -> str:
    """What programs may hear of: one line per topic, with the fields of its message. Needs the running application."""
    lines = [
        "# Topics of webhooks",
        "",
        "Drawn from what the chapters offer; how messages are sent and verified is told in [webhooks](webhooks.md).",
        "",
        "| topic | meaning | fields of `data` |",
        "|---|---|---|",
    ]
    for topic in known(current_app.extensions["house"]).values():
        lines.append(f"| `{topic.name}` | {topic.label} | {', '.join(f'`{name}`' for name in topic.shown)} |")
    lines.append(f"| `{TEST}` | {TESTED} | `webhook_id` |")
    return "\n".join(lines) + "\n"


PAGES = {"settings": settings, "states": states, "permissions": permissions, "webhook-topics": topics}
