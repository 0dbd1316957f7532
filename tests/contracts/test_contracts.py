"""Contracts of direct expenditure: what is refused, two persons, parts and recalls, and where the money stands."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from marketplace.base.errors import Forbidden, NotFound
from marketplace.base.roles import Role
from marketplace.people.organisations import actions as organisations
from marketplace.record.audit.models import AuditRow
from marketplace.record.notices.models import Notice
from tests.support.direct import AMOUNT, CEILING, Direct
from tests.support.payday import refused
from tests.support.people import OTHER_CITY, make_actor, make_organisation
from vouchers.claims import queries as claim_queries
from vouchers.claims.rules import Cut
from vouchers.claims.states import CutCode
from vouchers.contracts import actions, queries
from vouchers.contracts.models import ContractRecord
from vouchers.contracts.states import RecordState
from vouchers.funds import queries as funds
from vouchers.invoices import actions as invoices
from vouchers.ledger import verify
from vouchers.ledger.models.commitments import DirectContract


def platform(direct: Direct) -> Any:
    pilot_id = direct.payday.town.pilot.id
    lines = direct.act(lambda ctx: funds.lines(ctx, pilot_id))
    return next(state for state in lines if state.line.category == "platform")


def test_only_the_second_person_promises_the_money(direct: Direct) -> None:
    contract = direct.recorded(total_fen=AMOUNT + 50_000_00)
    assert platform(direct).committed == 0 and direct.held(contract).money is None
    hats, _ = make_actor(
        direct.act, Role.FINANCE, pilot_id=direct.payday.town.pilot.id, person=direct.payday.persons["office"]
    )
    for maker in (direct.maker, hats):
        fault = refused(lambda actor=maker: direct.confirm(contract, actor))
        assert (fault.code, fault.clause) == ("contract.same_person", "四(二)")
    made = direct.confirm(contract, reason="按计划签订。")
    assert made.state is RecordState.CONFIRMED and platform(direct).committed == AMOUNT
    face: DirectContract = direct.payday.see(DirectContract, made.commitment_id)
    assert (face.number, face.provider_id, face.document_hash.hex()) == (
        contract.number,
        contract.provider_id,
        contract.document_sha256,
    )
    assert refused(lambda: direct.confirm(contract, direct.payday.maker)).code == "state.not_allowed"
    assert platform(direct).committed == AMOUNT
    verbs = direct.act(lambda ctx: [row.verb for row in ctx.session.query(AuditRow).order_by(AuditRow.id)])
    assert [verb for verb in verbs if verb.startswith("contract.")] == ["contract.recorded", "contract.confirmed"]
    told = direct.act(lambda ctx: [row.url for row in ctx.session.query(Notice)])
    assert told.count(f"/contracts/{contract.id}") >= 3, "finance, the office and the provider hear of it"


def test_who_may_not(direct: Direct) -> None:
    town = direct.payday.town
    values = direct.values()
    for actor in (town.provider, town.enterprise, direct.checker):
        with pytest.raises(Forbidden):
            direct.act(lambda ctx: actions.record(ctx, town.pilot.id, **values), actor)
    contract = direct.recorded()
    elsewhere, _ = make_actor(direct.act, Role.CITY, region=OTHER_CITY)
    for verb in (actions.confirm, queries.get):
        with pytest.raises(NotFound):
            direct.act(lambda ctx, verb=verb: verb(ctx, contract.id), elsewhere)
    with pytest.raises(NotFound):
        direct.act(lambda ctx: queries.get(ctx, contract.id), town.provider)  # not before it is confirmed
    direct.confirm(contract, reason="按计划签订。")
    assert direct.act(lambda ctx: queries.get(ctx, contract.id), town.provider).id == contract.id
    with pytest.raises(Forbidden):
        direct.act(lambda ctx: actions.recall(ctx, contract.id, amount_fen=1, reason="x", key="k"), town.provider)


def test_what_the_rules_refuse_names_clause_and_field(direct: Direct) -> None:
    today = direct.payday.today
    provider_id = direct.payday.town.provider.organisation_id
    office = direct.act(
        lambda ctx: (
            ctx.session.get_one(organisations.Organisation, direct.payday.town.pilot.office_organisation_id).uscc
        )
    )
    cases: list[tuple[dict[str, Any], str, str | None]] = [
        ({"category": "welfare"}, "use.prohibited", "四(二)"),
        ({"category": "network"}, "category.not_for_pilot_type", "四(二)"),
        ({"category": "holiday"}, "category.unknown", "四(二)"),
        ({"category": "services"}, "line.none", "四(二)"),
        ({"amount_fen": 2, "total_fen": 1}, "contract.amount_above_total", "四(二)"),
        ({"signed_on": today + timedelta(days=1)}, "contract.signed_in_future", "四(一)"),
        ({"last_day": today - timedelta(days=1)}, "contract.over", "四(一)"),
        ({"signed_on": today - timedelta(days=60)}, "date.outside_period", "四(一)"),
        ({"last_day": today + timedelta(days=900)}, "date.outside_period", "四(一)"),
        ({"provider_uscc": "91360900MA00000000"}, "contract.provider_unknown", None),
        ({"provider_uscc": office}, "party.same", "二(四)"),
    ]
    for changes, code, clause in cases:
        fault = refused(lambda changes=changes: direct.recorded(**changes))
        assert (fault.code, fault.clause) == (code, clause), changes
        assert fault.field is None or fault.field in {*direct.values(), "amount"}, changes
    direct.recorded(number="ZC-1/2031")
    assert refused(lambda: direct.recorded(number="ZC-1/2031 ")).code == "contract.number_taken"
    direct.payday.ban(provider_id)
    assert refused(direct.recorded).code == "ban.active"
    assert platform(direct).committed == 0


@pytest.mark.parametrize(("cents", "fits"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("taken", [0, 700_000_00])
def test_the_last_fen_below_the_ceiling(direct: Direct, cents: int, fits: bool, taken: int) -> None:
    """A fifth of ten million for a county: 1,999,999.99 and 2,000,000.00 are promised, 2,000,000.01 is not."""
    if taken:
        direct.confirmed(amount_fen=taken)
    amount = CEILING - taken + cents
    if fits:
        direct.confirmed(amount_fen=amount)
        assert platform(direct).committed == taken + amount
        return
    fault = refused(lambda: direct.recorded(amount_fen=amount))
    assert fault.clause == "四(二)" and fault.field == "amount"
    assert "2000000.00" in str(fault.text).replace(",", "")


def test_a_contract_of_renovation_counts_as_renovation(direct: Direct) -> None:
    """Any use of the book may be bought by contract; the ceiling of the other uses does not touch this one."""
    made = direct.confirmed(category="renovation", amount_fen=CEILING + 1)
    state = direct.act(lambda ctx: funds.line_of(ctx, made.pilot_id, "renovation"))
    assert state.committed == CEILING + 1


def test_the_provider_is_confirmed_before_the_money_is_promised(direct: Direct) -> None:
    unknown = make_organisation(direct.act, capacity="provider", confirmed=False)
    contract = direct.recorded(provider_uscc=unknown.uscc)
    assert refused(lambda: direct.confirm(contract)).code == "organisation.not_confirmed"
    assert platform(direct).committed == 0
    direct.act(lambda ctx: organisations.confirm(ctx, unknown.id))
    assert direct.confirm(contract, reason="按计划签订。").commitment_id is not None


def test_declined_or_withdrawn_its_number_is_free_again(direct: Direct) -> None:
    first = direct.recorded(number="ZC-A")
    assert (
        "reason"
        in refused(lambda: direct.act(lambda ctx: actions.decline(ctx, first.id, reason=" "), direct.checker)).errors
    )
    direct.act(lambda ctx: actions.decline(ctx, first.id, reason="金额与中标通知书不符"), direct.checker)
    second = direct.recorded(number="ZC-A")
    direct.act(lambda ctx: actions.withdraw(ctx, second.id, reason="登记有误"), direct.maker)
    third = direct.recorded(number="ZC-A")
    states = [direct.payday.see(ContractRecord, c.id).state for c in (first, second, third)]
    assert states == [RecordState.DECLINED, RecordState.WITHDRAWN, RecordState.PROPOSED]


def test_parts_are_accepted_once_and_within_the_contract(direct: Direct) -> None:
    contract = direct.recorded()
    assert refused(lambda: direct.accept(contract, 1)).code == "contract.not_confirmed"
    direct.confirm(contract, reason="按计划签订。")
    paper = direct.payday.document(direct.maker, "acceptance")
    first = direct.accept(contract, 100_000_00, "part-1", document_id=paper)
    again = direct.accept(contract, 100_000_00, "part-1", document_id=paper)
    assert (again.id, direct.held(contract).accepted_fen) == (first.id, 100_000_00)
    assert refused(lambda: direct.accept(contract, 100_000_01, "part-1", document_id=paper)).status == 422
    fault = refused(lambda: direct.accept(contract, AMOUNT - 100_000_00 + 1))
    assert fault.code == "contract.too_little" and "200,000.00" in str(fault.text)
    early = direct.payday.today - timedelta(days=1)
    assert refused(lambda: direct.accept(contract, 1, accepted_on=early)).code == "contract.accepted_when"
    direct.payday.clock.advance(days=201)
    late = direct.payday.today
    assert refused(lambda: direct.accept(contract, 1, accepted_on=late)).code == "contract.over_before_acceptance"
    direct.accept(contract, 1, accepted_on=late - timedelta(days=1))


def test_what_is_not_needed_goes_back_to_its_line_with_the_reason(direct: Direct) -> None:
    contract = direct.confirmed()
    direct.accept(contract, 120_000_00)
    before = platform(direct).available
    assert refused(lambda: direct.recall(contract, AMOUNT - 120_000_00 + 1)).code == "voucher.too_little"
    assert "reason" in refused(lambda: direct.recall(contract, 1, reason=" ")).errors
    made = direct.recall(contract, AMOUNT - 120_000_00, "once")
    assert direct.recall(contract, AMOUNT - 120_000_00, "once").id == made.id
    assert platform(direct).available == before + AMOUNT - 120_000_00
    held = direct.held(contract)
    assert (held.left_fen, held.recalled_fen, held.accepted_fen) == (0, AMOUNT - 120_000_00, 120_000_00)
    again = direct.confirmed(amount_fen=CEILING - 120_000_00)
    assert again.commitment_id is not None, "what came back may be promised again"


def test_the_claim_stands_on_parts_and_invoices(direct: Direct) -> None:
    contract = direct.confirmed()
    assert refused(lambda: direct.claim(contract)).code == "match.not_accepted"
    direct.accept(contract, 100_000_00)
    assert refused(lambda: direct.claim(contract)).code == "match.amount"
    small = direct.invoice(contract, 99_999_99, confirmed=False)
    assert refused(lambda: direct.claim(contract)).code == "match.invoice_unconfirmed"
    with pytest.raises(Forbidden):
        direct.act(lambda ctx: invoices.confirm(ctx, small.id), direct.payday.town.city)
    direct.act(lambda ctx: invoices.confirm(ctx, small.id), direct.maker)
    fault = refused(lambda: direct.claim(contract))
    assert (fault.code, fault.clause) == ("match.amount", "四(二)") and "99,999.99" in str(fault.text)
    direct.invoice(contract, 1)
    claim = direct.claim(contract)
    assert (claim.asked_fen, claim.claim.mode.value, claim.form.order_id) == (100_000_00, "contract", None)
    papers = direct.act(lambda ctx: claim_queries.pinned(ctx, claim.id, 1), direct.maker)
    assert sorted(p.kind.value for p in papers) == ["acceptance", "contract", "invoice", "invoice"]
    assert all(p.document_sha256 for p in papers)
    assert refused(lambda: direct.claim(contract)).code == "claim.part_claimed"
    above = refused(lambda: direct.invoice(contract, AMOUNT - 100_000_00 + 1))
    assert above.code == "invoice.above_contract"


def test_two_claims_follow_one_another_and_a_cut_returns_to_the_contract(direct: Direct) -> None:
    """A cut of the second part takes from that part alone; the money is the contract's again."""
    payday, contract = direct.payday, direct.confirmed()
    direct.accept(contract, 100_000_00)
    direct.invoice(contract, 100_000_00)
    first = direct.claim(contract)
    direct.accept(contract, 50_000_00)
    direct.accept(contract, 30_000_00, content="培训三场")
    direct.invoice(contract, 80_000_00)
    second = direct.claim(contract)
    assert (first.asked_fen, second.asked_fen) == (100_000_00, 80_000_00)
    cut = Cut(2, 3_000_00, CutCode.EVIDENCE, "少一场培训")
    payday.review(second, cuts=[cut])
    decided = payday.review(second, actor=payday.town.city, cuts=[cut])
    assert decided.decided_fen == 77_000_00
    parts = direct.act(lambda ctx: queries.parts(ctx, contract.id), direct.maker)
    assert [part.taken_back_fen for part in parts] == [0, 0, 3_000_00]
    assert direct.held(contract).left_fen == AMOUNT - 180_000_00 + 3_000_00
    direct.accept(contract, 3_000_00)
    third = direct.claim(contract)
    assert third.asked_fen == 3_000_00, "the invoices cover what stands accepted"


def test_who_files_for_the_provider_does_not_review(direct: Direct) -> None:
    payday, contract = direct.payday, direct.confirmed()
    direct.accept(contract, 10_000_00)
    values = direct.invoice_values(contract, 10_000_00, document_id=payday.document(direct.maker))
    made = direct.act(lambda ctx: invoices.submit_for_contract(ctx, contract.id, **values), direct.maker)
    direct.act(lambda ctx: invoices.confirm(ctx, made.id), direct.maker)
    claim = direct.claim(contract, direct.maker)
    fault = refused(lambda: payday.review(claim))
    assert (fault.code, fault.clause) == ("claim.same_person", "四(二)")
    colleague, _ = make_actor(direct.act, Role.PILOT, pilot_id=payday.town.pilot.id, region=payday.town.pilot.region)
    payday.review(claim, actor=colleague)
    assert payday.review(claim, actor=payday.town.city).decided_fen == 10_000_00
    other = make_organisation(direct.act, capacity="provider")
    stranger, _ = make_actor(direct.act, Role.PROVIDER, organisation=other)
    with pytest.raises(NotFound):
        direct.claim(contract, stranger)


def test_a_held_invoice_stops_the_payment(direct: Direct) -> None:
    payday, contract = direct.payday, direct.confirmed()
    direct.accept(contract, 10_000_00)
    invoice = direct.invoice(contract, 10_000_00)
    claim = direct.claim(contract)
    payday.review(claim)
    payday.review(claim, actor=payday.town.city)
    direct.act(lambda ctx: invoices.hold(ctx, invoice.id, reason="红冲"), payday.town.city)
    assert refused(lambda: payday.batch(claim)).code == "match.invoice_held"
    fault = refused(
        lambda: direct.act(lambda ctx: invoices.withdraw(ctx, invoice.id, reason="重开"), payday.town.provider)
    )
    assert fault.code == "invoice.bound_to_claim"


def test_the_ledger_is_sound_after_all_of_it(direct: Direct) -> None:
    payday, contract = direct.payday, direct.confirmed()
    direct.accept(contract, 10_000_00)
    direct.recall(contract, 20_000_00)
    direct.invoice(contract, 10_000_00)
    claim = direct.claim(contract)
    payday.review(claim)
    payday.review(claim, actor=payday.town.city)
    batch = payday.released(claim, reason="平台先行，改造随后。")
    [end_to_end] = payday.ids(batch)
    payday.load(batch, f"端到端编号,结果,银行流水号,原因,日期\n{end_to_end},成功,BK1,,{payday.today}\n".encode())
    assert direct.held(contract).paid_fen == 10_000_00
    assert direct.act(lambda ctx: verify.verify(ctx.session)).sound


def test_an_unknown_contract_is_not_found(direct: Direct) -> None:
    for verb in (queries.get, queries.held, actions.confirm):
        with pytest.raises(NotFound):
            direct.act(lambda ctx, verb=verb: verb(ctx, uuid.uuid4()), direct.maker)
