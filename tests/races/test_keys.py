"""Every key that one row alone may hold either says what the second person hears, or stands here with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from marketplace.base import acts, keys
from marketplace.base.db import Base
from marketplace.base.errors import Refusal
from marketplace.web.db import db
from vouchers.ledger.refusals import ANSWERS

WAITS = {
    "claim_paper": "with its claim, in one act",
    "claim_review": "behind the lock of the claim",
    "contract_part": "with the ledger's redemption, in one act",
    "contract_recall": "with the ledger's entry, in one act",
    "contract_record": "behind the lock of the record",
    "edition": "behind the lock of the product",
    "grant_row": "with its list, in one act",
    "late_payment": "behind the lock of the payment file",
    "listing_facet": "behind the lock of the listing",
    "listing_word": "behind the lock of the listing",
    "mid_term_evaluation": "behind the lock of the pilot; the act cites the book's clause",
    "opening": "behind the lock of the opening",
    "opening_balance": "with its opening, in one act, behind the opening's lock",
    "opening_row": "with its opening, in one act",
    "order_consent": "behind the lock of the order",
    "order_contract": "behind the lock of the order",
    "order_contract_line": "with its contract, in one act",
    "order_line": "with its order, in one act",
    "order_milestone": "with its contract, behind the lock of the order",
    "ownership_case": "behind the lock of the organisation",
    "package": "with its edition, in one act",
    "own_payment": "with its claim, in one act",
    "panel_candidate": "with its panel, in one act",
    "panel_result": "behind the lock of the panel",
    "panel_score": "behind the lock of the seat",
    "panel_seat": "behind the lock of the panel",
    "payment_file": "behind the lock of the batch",
    "payout_attempt": "behind the lock of the batch",
    "pilot_declaration": "with its pilot, in one act",
    "pilot_recommendation": "with its pilot, in one act",
    "public_notice_item": "with its notice, in one act",
    "ranking": "behind the lock of the call",
    "recovery_part": "with the ledger's clawback, in one act",
    "recovery_receipt": "behind the lock of the recovery",
    "roster_industry": "with its entry, in one act",
    "scheme_version": "behind the lock of the scheme",
    "subsidy_trace": "behind the lock of the order",
    "tranche": "behind the lock of the pilot; the act cites the book's clause",
}
"""Tables whose second row of one key waits for the first, and then sees it."""

PLATFORM = {
    "balance_snapshot": "the job that sums, alone",
    "checkpoint": "the sealer alone",
    "fund_snapshot": "the job that sums, alone",
    "line_bucket": "with its line, in one act",
    "seal": "the sealer alone",
    "snapshot_horizon": "the job that sums, alone",
    "spender_snapshot": "the job that sums, alone",
    "throttle": "INSERT … ON CONFLICT",
}
"""Tables that no person writes side by side with another."""

CHANCE = {
    "certificate_number", "message_id", "receipt", "secret_hash",
    "uq_claim_form_number", "uq_opening_number", "uq_payment_batch_number", "uq_recovery_number",
    "uq_shop_order_number",
    "uq_voucher_number",
}  # fmt: skip
"""Columns, and keys over a column `number`, that hold what chance gives."""


def every() -> Iterator[tuple[str, keys.Key]]:
    """Keys that two rows can claim: not those whose columns hold a key of chance, or the whole primary key."""
    for table in Base.metadata.sorted_tables:
        own = {column.name for column in table.primary_key.columns}
        for key in keys.of(table):
            if key.columns == {"id"} or (own < key.columns):
                continue
            yield table.name, key


@pytest.fixture
def loaded(app: Flask) -> Flask:
    """All chapters' tables."""
    return app


def _excused(table: str, key: keys.Key) -> bool:
    return bool(
        table in WAITS
        or table in PLATFORM
        or key.name in ANSWERS  # the ledger has its own
        or acts._RIVALS.search(key.name)  # `acts.run` tries again by itself
        or CHANCE & {key.name, *key.columns}
        or _follows(table, key)
    )


def _follows(table: str, key: keys.Key) -> bool:
    """Whether a row continues another one, made in the same act: its primary key begins with the other's."""
    primary = {c.name for c in Base.metadata.tables[table].primary_key.columns}
    return key.columns == primary and not primary.isdisjoint({"entry_id", "commitment_id", "claim_id"})


def _silent() -> list[tuple[str, keys.Key]]:
    return [(table, key) for table, key in every() if key.says is None]


def test_every_key_says_what_the_second_hears(loaded: Flask) -> None:
    silent = [key.name for table, key in _silent() if not _excused(table, key)]
    assert not silent, "say `info=look_again()` or `info=taken(…)` where these are declared"


def test_no_excuse_is_left_over(loaded: Flask) -> None:
    assert not {*WAITS, *PLATFORM} - {table for table, _ in _silent()}
    assert not CHANCE - {name for _, key in _silent() for name in (key.name, *key.columns)}


def test_the_database_s_words_lead_to_the_key(loaded: Flask) -> None:
    """By the constraint's name on PostgreSQL, by the columns on SQLite."""
    said = 0
    for table, key in every():
        if key.says is None:
            continue
        said += 1
        assert len(key.name) <= 63, f"PostgreSQL would shorten {key.name}"
        diagnosis = SimpleNamespace(table_name=table, constraint_name=key.name)
        columns = ", ".join(f"{table}.{column}" for column in sorted(key.columns))
        for fault in (
            _fault("…", sqlstate="23505", diag=diagnosis),
            _fault(f"UNIQUE constraint failed: {columns}"),
            _fault(f"UNIQUE constraint failed: index '{key.name}'"),
        ):
            answer = keys.answer(fault)
            if key.says is StaleDataError:
                assert isinstance(answer, StaleDataError), key.name
            else:
                assert isinstance(answer, Refusal) and answer.code == key.says.code, key.name  # type: ignore[union-attr]
                assert answer.field in key.columns
    assert said > 30


def _fault(words: str, **more: Any) -> Exception:
    fault = Exception(words)
    for name, value in more.items():
        setattr(fault, name, value)
    return fault


def test_other_faults_stay_faults(loaded: Flask) -> None:
    diagnosis = SimpleNamespace(table_name="person", constraint_name="uq_person_phone")
    assert keys.answer(_fault("…", sqlstate="23514", diag=diagnosis)) is None
    assert keys.answer(_fault("CHECK constraint failed: phone_has_11_digits")) is None
    assert keys.answer(_fault("UNIQUE constraint failed: nothing.of_ours")) is None
    assert keys.answer(_fault("UNIQUE constraint failed: web_session.secret_hash")) is None
    with loaded.app_context(), pytest.raises(IntegrityError):
        db.session.execute(text("INSERT INTO notice_read (notice_id, person_id, at) VALUES (x'00', NULL, '2031')"))
