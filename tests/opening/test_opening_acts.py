"""What a pilot brings along is booked once, by two people, within all rules, and counts from its own days."""

from __future__ import annotations

import json
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from marketplace.base.errors import Invalid, Refusal
from marketplace.base.money import plain
from marketplace.cli import cli
from marketplace.policy.engine.render import to_json
from tests.opening.conftest import HEADER, NOTE, Newcomer, sheet
from vouchers.funds import history
from vouchers.funds.positions import position
from vouchers.funds.queries import governed
from vouchers.ledger.models.funds import Fund
from vouchers.ledger.models.openings import Opening
from vouchers.ledger.models.payments import PaymentBatch, PayoutAttempt
from vouchers.ledger.states import OpeningState
from vouchers.opening import actions
from vouchers.reports import rows as exported


def refused(call: Any) -> Refusal:
    with pytest.raises(Refusal) as fault:
        call()
    return fault.value


def checked(newcomer: Newcomer, folder: Path, as_of: date) -> dict[str, Any]:
    """What `marketplace check` says of the exported sheet."""

    def write(ctx: Any) -> str:
        where = position(ctx, newcomer.pilot_id, as_of)
        (folder / "rows.csv").write_text("".join(exported.csv(ctx, newcomer.pilot_id, as_of)), encoding="utf-8")
        (folder / "pilot.toml").write_text(exported.pilot_file(where.verdict.pilot), encoding="utf-8")
        return str(where.verdict.book.code)

    book = newcomer.act(write)
    asked = ["check", str(folder / "rows.csv"), "--book", book, "--pilot", str(folder / "pilot.toml")]
    answer = CliRunner().invoke(cli, [*asked, "--format", "json"])
    assert answer.exit_code in (0, 1), answer.output
    said: dict[str, Any] = json.loads(answer.stdout)
    return said


def reported(newcomer: Newcomer, as_of: date) -> dict[str, Any]:
    said: dict[str, Any] = newcomer.act(lambda ctx: to_json(position(ctx, newcomer.pilot_id, as_of).verdict))
    return said


def assert_same(newcomer: Newcomer, folder: Path, ago: int) -> dict[str, Any]:
    day = newcomer.day(ago)
    live, sheet_ = reported(newcomer, day), checked(newcomer, folder, day)
    for totals in (live["totals"], sheet_["totals"]):
        totals.pop("rows"), totals.pop("skipped_rows")
    assert live["totals"] == sheet_["totals"]
    assert live["checks"] == sheet_["checks"]
    return live


def test_a_release_posts_real_money_and_the_books_stay_sound(newcomer: Newcomer) -> None:
    before = newcomer.act(lambda ctx: governed(ctx, newcomer.pilot_id))
    opening = newcomer.released(newcomer.past())
    assert (opening.state, opening.checker_id) == (OpeningState.RELEASED, newcomer.checker.person_id)
    after: Fund = newcomer.see(Fund, before.id)
    # HT-1 180,000; HT-2 90,000 less 10,000; services 50,000
    assert after.paid - before.paid == 31_000_000 == opening.paid
    assert opening.arranged == 30_000_000 + 18_000_000 + 40_000_000 + 7_500_000
    assert opening.refunded == 1_000_000
    assert newcomer.sound()
    batch: PaymentBatch = newcomer.see(PaymentBatch, opening.batch_id)
    assert (batch.maker_id, batch.checker_id) == (newcomer.maker.person_id, newcomer.checker.person_id)
    references = newcomer.act(lambda ctx: [a.bank_reference for a in ctx.session.query(PayoutAttempt)])
    assert f"{opening.number} 第 6 行" in references


@pytest.mark.parametrize("ago", [0, 10, 21, 29])
def test_the_live_report_says_what_the_check_says_of_the_exported_sheet(
    newcomer: Newcomer, tmp_path: Path, ago: int
) -> None:
    newcomer.released(newcomer.past())
    live = assert_same(newcomer, tmp_path, ago)
    paid = {0: "310000.00", 10: "320000.00", 21: "50000.00", 29: "0.00"}
    assert live["totals"]["paid"] == paid[ago]
    if ago == 0:
        assert live["totals"]["refunded"] == "10000.00"
        assert live["totals"]["enterprises"] == {"selected": 2, "renovated": 2, "key_link": 1}
        levels = next(check for check in live["checks"] if check["code"] == "targets.levels")
        assert levels["status"] == "fail", "the second enterprise stayed at L5"


def test_the_rows_come_out_as_they_went_in(newcomer: Newcomer) -> None:
    newcomer.released(newcomer.past())
    lines = newcomer.act(lambda ctx: "".join(exported.csv(ctx, newcomer.pilot_id, newcomer.today))).splitlines()
    assert lines[1].endswith(f"renovation,300000.00,{newcomer.enterprise},{newcomer.provider},HT-1,,,是,,,")
    assert f"L7,{newcomer.day(22)},750000.00" in lines[2]
    assert sum("HT-1" in line for line in lines) == 2, "the entries behind the rows are not told again"
    assert any("40000.00" in line for line in lines), "the order on the platform stands beside them"


def test_months_move_on_the_days_of_the_rows(newcomer: Newcomer) -> None:
    newcomer.released(newcomer.past())

    def months(ctx: Any) -> list[history.Month]:
        return history.months(ctx, [governed(ctx, newcomer.pilot_id).id], ctx.today)

    found = newcomer.act(months)
    assert found[0].day < newcomer.today.replace(day=1), "what was promised last month stands there"
    assert found[0].committed == 30_000_000 + 18_000_000 + 40_000_000 + 5_000_000 + 3_000_000
    total = newcomer.act(lambda ctx: position(ctx, newcomer.pilot_id)).facts.total
    assert (found[-1].committed, found[-1].paid) == (total.arranged, total.paid)


def test_nobody_releases_what_is_their_own(newcomer: Newcomer) -> None:
    opening = newcomer.upload(newcomer.past(), newcomer.checker)
    newcomer.act(lambda ctx: actions.submit(ctx, opening.id, NOTE), newcomer.checker)
    refusal = refused(lambda: newcomer.act(lambda ctx: actions.release(ctx, opening.id), newcomer.checker))
    assert (refusal.code, refusal.clause) == ("opening.same_person", "四(二)")
    again = refused(lambda: newcomer.act(lambda ctx: actions.send_back(ctx, opening.id, "否"), newcomer.checker))
    assert again.code == "opening.same_person"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE opening SET checker_id = maker_id, state = 'returned', reason = 'x'",
        "UPDATE opening SET paid = paid - 1",
        "UPDATE opening SET state = 'released', released_on = '2031-03-12', judged = '{}', checker_id = id",
        "UPDATE opening_row SET amount = 1",
        "DELETE FROM opening_row",
        "DELETE FROM opening",
        "INSERT INTO opening_balance (opening_id, category, contract_key, contract, first_row, arranged, paid, refunded)"
        " SELECT id, 'renovation', 'x', 'x', 1, 1, 0, 0 FROM opening",
    ],
)
def test_the_database_itself_refuses(newcomer: Newcomer, change: str) -> None:
    newcomer.submitted(newcomer.past())
    with pytest.raises(Exception, match=r"constraint|never deleted|written once|keeps its nature|without its entries"):
        newcomer.act(lambda ctx: ctx.session.execute(text(change)))


def test_what_was_released_is_final(newcomer: Newcomer) -> None:
    opening = newcomer.released(newcomer.past())
    for verb in (lambda ctx: actions.release(ctx, opening.id), lambda ctx: actions.send_back(ctx, opening.id, "否")):
        assert refused(lambda verb=verb: newcomer.act(verb, newcomer.checker)).code == "state.not_allowed"
    assert refused(lambda: newcomer.act(lambda ctx: actions.withdraw(ctx, opening.id), newcomer.maker)).code == (
        "state.not_allowed"
    )
    with pytest.raises(Exception, match="keeps its nature"):
        newcomer.act(lambda ctx: ctx.session.execute(text("UPDATE opening SET note = 'x'")))


def test_paid_up_to_the_last_fen_of_what_has_arrived(newcomer: Newcomer, tmp_path: Path) -> None:
    fund = newcomer.act(lambda ctx: governed(ctx, newcomer.pilot_id))
    cash = fund.received - fund.paid
    over = [(newcomer.day(5), "支付", "renovation", plain(cash + 1), newcomer.enterprise, "", "HT-9")]
    opening = newcomer.upload(over)
    refusal = refused(lambda: newcomer.act(lambda ctx: actions.submit(ctx, opening.id, NOTE), newcomer.maker))
    assert (refusal.code, refusal.clause) == ("paid.total", "四(二)")
    assert plain(cash + 1, grouped=True) in str(refusal.text) and plain(cash, grouped=True) in str(refusal.text)
    newcomer.released([(newcomer.day(5), "支付", "renovation", plain(cash), newcomer.enterprise, "", "HT-9")])
    after = newcomer.see(Fund, fund.id)
    assert after.paid == after.received
    assert newcomer.sound()
    assert_same(newcomer, tmp_path, 0)


def test_more_than_the_rules_leave_room_for(newcomer: Newcomer) -> None:
    """Four fifths of the award of ten million are for renovation, so the other uses get no fen more (四(二))."""
    too_much = [(newcomer.day(5), "承诺", "平台建设", "2000000.01", "", "", "PT-9")]
    opening = newcomer.upload(too_much)
    refusal = refused(lambda: newcomer.act(lambda ctx: actions.submit(ctx, opening.id, NOTE), newcomer.maker))
    assert (refusal.code, refusal.clause) == ("share.renovation.floor", "四(二)")
    newcomer.released([(newcomer.day(5), "承诺", "平台建设", "2000000.00", "", "", "PT-9")])


def test_the_same_sheet_twice_is_refused_in_any_form(newcomer: Newcomer) -> None:
    opening = newcomer.upload(newcomer.past())
    refusal = refused(lambda: newcomer.upload(newcomer.past()))
    assert (refusal.code, opening.number in str(refusal.text)) == ("opening.same_rows", True)
    data = sheet(newcomer.past()).replace(HEADER.encode(), f"支出明细\r\n{HEADER}".encode())
    assert refused(lambda: newcomer.upload(data)).code == "opening.same_rows", "a title row makes no other sheet"
    newcomer.act(lambda ctx: actions.withdraw(ctx, opening.id), newcomer.maker)
    newcomer.released(newcomer.past())
    assert refused(lambda: newcomer.upload(newcomer.past())).code == "opening.same_rows"


def test_cells_that_nobody_understands_are_named_and_nothing_is_kept(newcomer: Newcomer) -> None:
    rows = [list(row) for row in newcomer.past()]
    rows[0][3], rows[2][0], rows[4][10] = "三十万", "2031-02-30", "L11"
    with pytest.raises(Invalid) as fault:
        newcomer.upload(rows)
    said = [str(message) for message in fault.value.errors["file"]]
    assert [line.split()[0] for line in said] == ["D2", "A4", "K6"]
    assert newcomer.act(lambda ctx: ctx.session.query(Opening).count()) == 0


BROKEN = {
    "use.prohibited": [(3, "支付", "人员福利", "100.00")],
    "category.unknown": [(3, "支付", "宴请", "100.00")],
    "category.not_for_pilot_type": [(3, "支付", "园区网络", "100.00")],
    "date.after_as_of": [(-1, "支付", "renovation", "100.00", "", "", "HT-8")],
    "opening.refund_exceeds_paid": [
        (3, "支付", "renovation", "100.00", "", "", "HT-8"),
        (2, "退回", "renovation", "100.01", "", "", "HT-8"),
    ],
    "opening.release_exceeds_committed": [(3, "支付", "综合服务", "100.00"), (2, "核减", "综合服务", "0.01")],
    "opening.text_too_long": [(3, "支付", "综合服务", "100.00", "", "", "H" * 201)],
}


@pytest.mark.parametrize("code", BROKEN)
def test_rows_that_cannot_be_booked_are_named(newcomer: Newcomer, code: str) -> None:
    rows = [(newcomer.day(ago), *rest) for ago, *rest in BROKEN[code]]
    opening = newcomer.upload(rows)
    refusal = refused(lambda: newcomer.act(lambda ctx: actions.submit(ctx, opening.id, NOTE), newcomer.maker))
    assert refusal.code == code and refusal.clause
    assert "第 2" in str(refusal.text)


def test_a_contract_that_the_books_know_is_not_brought_along_again(newcomer: Newcomer) -> None:
    newcomer.released(newcomer.past())
    again = newcomer.upload([(newcomer.day(3), "支付", "renovation", "1.00", newcomer.enterprise, "", "ht-1")])
    refusal = refused(lambda: newcomer.act(lambda ctx: actions.submit(ctx, again.id, NOTE), newcomer.maker))
    assert refusal.code == "opening.contract_known"


def test_a_second_sheet_of_other_contracts_adds_to_the_first(newcomer: Newcomer, tmp_path: Path) -> None:
    newcomer.released(newcomer.past())
    newcomer.released([(newcomer.day(3), "支付", "综合服务", "1.00"), (newcomer.day(2), "承诺", "renovation", "7.00")])
    assert newcomer.sound()
    for ago in (0, 3, 12):
        assert_same(newcomer, tmp_path, ago)


def test_what_is_left_of_a_contract_expires_with_its_line(newcomer: Newcomer, clock: Any, tmp_path: Path) -> None:
    newcomer.released(newcomer.past())
    from vouchers.ledger.actions import recalls

    closes = newcomer.act(lambda ctx: ctx.session.execute(text("SELECT max(last_day) FROM commitment")).scalar_one())
    days = (date.fromisoformat(str(closes)) - newcomer.today).days + 1
    clock.advance(days=days)
    newcomer.act(recalls.sweep)
    newcomer.today += timedelta(days=days)
    assert newcomer.sound()
    live = assert_same(newcomer, tmp_path, 0)
    assert tomllib.loads(f"x = '{live['totals']['arranged']}'")["x"] != "0.00"


def test_rows_that_break_a_rule_are_booked_and_become_a_case(newcomer: Newcomer) -> None:
    rows = [(newcomer.day(3), "支付", "renovation", "5.00", newcomer.provider, newcomer.provider, "HT-7")]
    opening = newcomer.released(rows)
    from marketplace.policy.findings.models import Finding

    [case] = newcomer.act(lambda ctx: ctx.session.query(Finding).filter_by(subject_id=str(opening.id)).all())
    assert (case.fingerprint, case.clause, case.evidence["rows"]) == ("party.same", "二(四)", "2")
