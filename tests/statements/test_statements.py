"""A payee's statement is what the bank did, no more and no less, and nobody else's."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace.base.clock import SetClock
from marketplace.base.errors import Forbidden
from marketplace.base.roles import Role
from tests.support.html import PageClient
from tests.support.payday import SUBSIDY, Payday, build_payday, returned
from tests.support.people import client_as, sign_in, token_for
from tests.support.rest import Program
from vouchers.recoveries import actions as recoveries
from vouchers.recoveries.states import Ground
from vouchers.statements import queries


@pytest.fixture
def payday(app: Flask, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Payday:
    monkeypatch.setattr(app, "test_client_class", PageClient)
    return build_payday(app, clock)


def paid(payday: Payday, reference: str, outcome: str = "成功") -> Any:
    claim = payday.approved()
    batch = payday.released(claim)
    [code] = payday.ids(batch)
    payday.load(batch, returned([(code, outcome, reference, "账号不符", payday.today.isoformat())]))
    return claim


def give_back(payday: Payday, claim: Any, fen: int, reference: str) -> None:
    made = payday.act(
        lambda ctx: recoveries.open_recovery(
            ctx, claim.id, amount_fen=fen, ground=Ground.INSPECTION, reason="多付的部分应退回"
        ),
        payday.town.office,
    )
    payday.act(lambda ctx: recoveries.answer(ctx, made.id, agrees=True, text="同意"), payday.town.provider)
    payday.act(lambda ctx: recoveries.demand(ctx, made.id, reason="情况属实"), payday.town.city)
    payday.act(
        lambda ctx: recoveries.receive(ctx, made.id, amount_fen=fen, bank_reference=reference, received_on=ctx.today),
        payday.maker,
    )


def listed(payday: Payday, **asked: Any) -> list[tuple[str, str, int]]:
    page = payday.act(lambda ctx: queries.listed(ctx, **asked), payday.town.provider)
    return [(row.what, row.reference, row.amount_fen) for row in page.items]


def test_what_the_bank_did_and_nothing_else(payday: Payday) -> None:
    first = paid(payday, "B-1")
    paid(payday, "B-2", "失败")
    payday.clock.advance(days=3)
    give_back(payday, first, 1_000_00, "TK-1")
    assert listed(payday) == [("returned", "TK-1", -1_000_00), ("paid", "B-1", SUBSIDY)]
    assert listed(payday, what="paid") == [("paid", "B-1", SUBSIDY)]
    assert listed(payday, since=payday.today) == [("returned", "TK-1", -1_000_00)]
    assert listed(payday, until=payday.today - timedelta(days=1)) == [("paid", "B-1", SUBSIDY)]
    found = payday.act(lambda ctx: queries.totals(ctx), payday.town.provider)
    assert (found.paid_fen, found.returned_fen, found.net_fen) == (SUBSIDY, 1_000_00, SUBSIDY - 1_000_00)
    assert (found.owed, found.owed_fen) == (1, SUBSIDY), "what the bank refused is owed still"


def test_pages_follow_each_other_without_a_gap(payday: Payday) -> None:
    for number in range(3):
        paid(payday, f"B-{number}")
    seen, cursor = [], None
    while True:
        asked = {"limit": 1, "cursor": cursor}
        page = payday.act(lambda ctx, asked=asked: queries.listed(ctx, **asked), payday.town.provider)
        seen += [row.reference for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == ["B-0", "B-1", "B-2"]


def test_nobody_elses(payday: Payday) -> None:
    paid(payday, "B-1")
    with pytest.raises(Forbidden):
        payday.act(lambda ctx: queries.listed(ctx), payday.maker)
    stranger = client_as(payday.town.app, Role.PROVIDER)
    assert "B-1" not in stranger.get("/statement").text
    enterprise = sign_in(payday.town.app.test_client(), payday.persons["enterprise"])
    assert "B-1" not in enterprise.get("/statement").text, "it ordered, but the provider was paid"


def test_on_the_page_in_the_file_and_by_rest(payday: Payday) -> None:
    claim = paid(payday, "B-1")
    client = sign_in(payday.town.app.test_client(), payday.persons["provider"])
    page = client.get("/statement").text
    assert claim.form.number in page and "6,333.28" in page and "B-1" in page
    file = client.get("/statement?format=csv", buffered=True).data.decode("utf-8-sig")
    [head, row] = list(csv.reader(io.StringIO(file)))
    assert dict(zip(head, row, strict=True))["银行流水号"] == "B-1"
    program = Program(payday.town.app, token_for(payday.town.app, payday.town.provider))
    [told] = program.items("/statement")
    assert (told["reference"], told["amount"]["amount"]) == ("B-1", "6333.28")
