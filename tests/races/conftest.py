"""Races run against a real server with as many connections as racers."""

import vouchers.ledger.wiring  # noqa: F401 - registers tables and triggers
from tests.support.ledger import postgres_template, sqlite_template  # noqa: F401
