"""The ledger's tests need its tables and triggers alone, on both databases."""

import vouchers.ledger.wiring  # noqa: F401 - registers tables and triggers
from tests.support.ledger import books, empty_books, postgres_template, sqlite_template  # noqa: F401
