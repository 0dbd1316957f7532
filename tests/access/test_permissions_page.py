"""The page that says who may do what agrees with the matrix, and the matrix with the product's promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from marketplace import handbook
from marketplace.base.permissions import Within
from marketplace.base.roles import Role

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_the_page_is_what_the_matrix_says(app: Flask) -> None:
    with app.app_context():
        assert PAGE.read_text(encoding="utf-8") == handbook.permissions(), "run `make docs`"


def _verbs(app: Flask, role: Role) -> set[str]:
    rows: dict[Any, Any] = app.extensions["house"].matrix.rows
    return {permission.code for permission, roles in rows.items() if role in roles}


def test_the_auditor_reads_and_changes_nothing(app: Flask) -> None:
    looking = ("read", "read_metrics", "objections", "verify", "export")
    assert {code for code in _verbs(app, Role.AUDITOR) if code.split(".")[-1] not in looking} == set()


def test_the_administrator_has_no_say_over_money(app: Flask) -> None:
    money = ("fund.", "tranche.", "voucher.", "claim.", "batch.", "payment", "payout", "bank_account.", "scheme.")
    assert not {code for code in _verbs(app, Role.ADMIN) if code.startswith(money)}


def test_only_authorities_and_services_reach_everything(app: Flask) -> None:
    """A firm, a pilot's office, a city and finance never reach rows of others by a verb that has any reach."""
    rows: dict[Any, Any] = app.extensions["house"].matrix.rows
    wide = {
        (permission.code, role.value)
        for permission, roles in rows.items()
        for role, within in roles.items()
        if within is Within.ANY and role is not Role.ADMIN
    }
    firms_and_officers = ("enterprise", "provider", "expert", "pilot", "city", "province")
    registering = {("organisation.register", role) for role in firms_and_officers}
    published = {(code, role) for code, role in wide if code in ("sanction.read", "policy.publish")}
    running = {("job.read", "auditor"), ("outbox.read", "auditor")}
    """How the installation runs: times, attempts and errors, and no matter of any city."""
    assert wide - registering - published - running == set()
