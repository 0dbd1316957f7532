"""The verbs of a contract: record, confirm or decline, withdraw, accept a part, recall the rest."""

from __future__ import annotations

import uuid
from datetime import date
from types import SimpleNamespace

from sqlalchemy import select

from marketplace.base import uscc
from marketplace.base.context import Context
from marketplace.base.errors import Invalid, Refusal
from marketplace.base.text import N_
from marketplace.people.organisations import queries as organisations
from marketplace.people.organisations.models import Organisation
from marketplace.pilots.programmes import queries as pilots
from marketplace.pilots.programmes.models import Pilot
from marketplace.policy.engine.refusal import refuse, refuse_change
from marketplace.policy.engine.room import refused_category
from marketplace.policy.sanctions import queries as sanctions
from marketplace.policy.sanctions.states import Subject
from marketplace.record.audit import actions as audit
from marketplace.record.documents import actions as documents
from vouchers.contracts import permissions, queries, rules
from vouchers.contracts.events import (
    ContractConfirmed,
    ContractDeclined,
    ContractRecorded,
    ContractReduced,
    PartAccepted,
)
from vouchers.contracts.models import ContractPart, ContractRecall, ContractRecord
from vouchers.contracts.states import RECORD, Method, RecordState
from vouchers.funds import gate
from vouchers.funds import queries as funds
from vouchers.ledger.actions import issue as ledger
from vouchers.ledger.actions import parts, recalls
from vouchers.ledger.actions.funds import exhausted

_ASKED_LATER = "-"
"""Early warnings are for the one who confirms: whoever records is only told what would be broken."""
_LIVING = (RecordState.PROPOSED, RecordState.CONFIRMED)


def record(
    ctx: Context,
    pilot_id: uuid.UUID,
    *,
    category: str,
    provider_uscc: str,
    number: str,
    title: str,
    total_fen: int,
    amount_fen: int,
    signed_on: date,
    last_day: date,
    document_id: uuid.UUID,
    method: Method | None = None,
) -> ContractRecord:
    """An officer records a signed contract of a running pilot; nothing is promised until another one confirms it.

    `total_fen` is the whole contract, `amount_fen` what the subsidy pays of it. The provider is registered, or is
    registered first, the way everybody is. Asked beforehand and refused with the clause: uses that are prohibited or
    not the type's, days outside the implementation, what exceeds the ceiling or the award (四(一), 四(二)), a ban.
    """
    pilot = pilots.require_running(ctx, pilot_id)
    ctx.require(permissions.RECORD, pilot)
    words = rules.check_words(number=number, title=title)
    provider = _provider(ctx, pilot, provider_uscc)
    rules.check_amounts(amount_fen, total_fen)
    rules.check_days(signed_on, last_day, ctx.today)
    _refuse_known(ctx, pilot_id, words["number"])
    document = documents.get(ctx, document_id)
    made = ctx.add(
        ContractRecord(
            pilot_id=pilot_id,
            city=pilot.city,
            category=category,
            buyer_id=pilot.office_organisation_id,
            provider_id=provider.id,
            **words,
            method=method,
            total_fen=total_fen,
            amount_fen=amount_fen,
            signed_on=signed_on,
            last_day=last_day,
            document_id=document.id,
            document_sha256=document.sha256,
            state=RecordState.PROPOSED,
            recorded_by=ctx.who.person_id,
            reason="",
        )
    )
    _check_use(ctx, pilot, made)
    foreseen = gate.foresee(ctx, pilot_id, gate.Act.CONTRACT, {category: amount_fen})
    refuse_change(foreseen, reason=_ASKED_LATER, field="amount")
    _line_for(ctx, made)
    ctx.session.flush()
    documents.open_to(ctx, document, organisation_id=provider.id, pilot_id=pilot_id, city=pilot.city)
    audit.record(ctx, "contract.recorded", made, number=made.number, category=category, amount_fen=amount_fen)
    ctx.announce(ContractRecorded(made.id, pilot_id))
    return made


def _provider(ctx: Context, pilot: Pilot, code: str) -> Organisation:
    found = organisations.by_uscc(ctx, uscc.normal(code))
    if found is None:
        raise Refusal(
            "contract.provider_unknown",
            N_("代码 {given} 尚未登记。请先登记该单位并由另一人确认，再登记合同。"),
            field="provider_uscc",
            given=uscc.normal(code)[:24],
        )
    if found.id == pilot.office_organisation_id:
        raise Refusal("party.same", N_("采购单位与服务商不能是同一单位。"), clause="二(四)", field="provider_uscc")
    sanctions.require_none(ctx, Subject.ORGANISATION, str(found.id), field="provider_uscc")
    return found


def _refuse_known(ctx: Context, pilot_id: uuid.UUID, number: str) -> None:
    known = ctx.session.scalars(
        select(ContractRecord.id)
        .where(ContractRecord.pilot_id == pilot_id, ContractRecord.number == number, ContractRecord.state.in_(_LIVING))
        .limit(1)
    ).one_or_none()
    if known is not None:
        raise Refusal(
            "contract.number_taken", N_("本试点已登记合同 {number}。"), clause="四(二)", field="number", number=number
        )


def _check_use(ctx: Context, pilot: Pilot, contract: ContractRecord) -> None:
    """Refuse a use that is not the pilot type's, and days outside its implementation (四(一), 四(二))."""
    book = pilots.book(ctx, pilot.id)
    refuse(refused_category(book, pilot.type, contract.category), field="category")
    days = {"signed_on": contract.signed_on, "last_day": contract.last_day}
    for field, found in rules.outside_period(book, funds.judged_pilot(ctx, pilot.id), days):
        refuse(found, field=field)


def _line_for(ctx: Context, contract: ContractRecord) -> uuid.UUID:
    """The line that pays; refuses while its category has none, or not enough."""
    state = funds.line_of(ctx, contract.pilot_id, contract.category)
    if contract.amount_fen > state.available:
        refusal = exhausted(state.available, contract.amount_fen)
        refusal.field = "amount"
        raise refusal
    return state.line.id


def confirm(ctx: Context, contract_id: uuid.UUID, *, reason: str = "") -> ContractRecord:
    """Another officer confirms a recorded contract: its money is promised out of the category's line.

    Everything is asked anew, under the fund's lock: of two contracts for the last room one is refused. Where the engine
    warns, it takes a `reason`. The provider's identity is confirmed by then.
    """
    contract = queries.lock(ctx, contract_id)
    ctx.require(permissions.CONFIRM, contract)
    _refuse_maker(ctx, contract)
    RECORD.move(SimpleNamespace(state=contract.state), "confirm")  # the row itself once its money is promised
    pilot = pilots.require_running(ctx, contract.pilot_id)
    organisations.require_confirmed(ctx, contract.provider_id)
    sanctions.require_none(ctx, Subject.ORGANISATION, str(contract.provider_id))
    rules.check_days(contract.signed_on, contract.last_day, ctx.today)
    funds.lock(ctx, funds.governed(ctx, pilot.id).id)
    _check_use(ctx, pilot, contract)
    promised = {contract.category: contract.amount_fen}
    answer = gate.ask(ctx, pilot.id, gate.Act.CONTRACT, promised, reason=reason, field="amount")
    line_id = _line_for(ctx, contract)
    item = ledger.ContractItem(
        contract.amount_fen,
        contract.last_day,
        contract.provider_id,
        contract.number,
        bytes.fromhex(contract.document_sha256),
        contract.signed_on,
    )
    issued = ledger.issue(ctx, line_id, [item], f"contract:{contract.id}")
    RECORD.move(contract, "confirm")
    contract.commitment_id = issued.commitment_ids[0]
    _decided(ctx, contract, "")
    facts = {"number": contract.number, "amount_fen": contract.amount_fen, **answer.kept}
    audit.record(ctx, "contract.confirmed", contract, **facts)
    ctx.announce(ContractConfirmed(contract.id, contract.pilot_id, contract.category, contract.amount_fen))
    return contract


def decline(ctx: Context, contract_id: uuid.UUID, *, reason: str) -> ContractRecord:
    """Another officer does not confirm a recorded contract, and says why; its number is free again."""
    contract = queries.lock(ctx, contract_id)
    ctx.require(permissions.CONFIRM, contract)
    _refuse_maker(ctx, contract)
    reason = _reason(reason)
    RECORD.move(contract, "decline")
    _decided(ctx, contract, reason)
    audit.record(ctx, "contract.declined", contract, number=contract.number, reason=reason)
    ctx.announce(ContractDeclined(contract.id, reason))
    return contract


def withdraw(ctx: Context, contract_id: uuid.UUID, *, reason: str) -> ContractRecord:
    """The recording side takes an unconfirmed contract back; its number is free again."""
    contract = queries.lock(ctx, contract_id)
    ctx.require(permissions.RECORD, contract)
    reason = _reason(reason)
    RECORD.move(contract, "withdraw")
    _decided(ctx, contract, reason)
    audit.record(ctx, "contract.withdrawn", contract, number=contract.number, reason=reason)
    return contract


def _refuse_maker(ctx: Context, contract: ContractRecord) -> None:
    """One person is not two pairs of eyes, under whatever assignment."""
    if contract.recorded_by == ctx.who.person_id:
        raise Refusal("contract.same_person", N_("登记与复核不能是同一人。"), clause="四(二)")


def _decided(ctx: Context, contract: ContractRecord, reason: str) -> None:
    contract.decided_by, contract.decided_at, contract.reason = ctx.who.person_id, ctx.now, reason
    ctx.session.flush()


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    return text.strip()


def _running(ctx: Context, contract: ContractRecord) -> uuid.UUID:
    """The money of a confirmed contract; refuses any other."""
    if contract.commitment_id is None:
        raise Refusal("contract.not_confirmed", N_("合同尚未复核确认，不能验收或调减。"), clause="四(二)")
    return contract.commitment_id


def accept_part(
    ctx: Context,
    contract_id: uuid.UUID,
    *,
    amount_fen: int,
    content: str,
    accepted_on: date,
    document_id: uuid.UUID,
    key: str,
) -> ContractPart:
    """An officer has accepted a delivered part, with the paper that shows it: `amount_fen` may be invoiced and claimed.

    Refused above what the contract has left, after its last day, or on a day before it was signed. `key` names the
    act, made by the client: the same key and arguments accept nothing twice.
    """
    contract = queries.lock(ctx, contract_id)
    ctx.require(permissions.ACCEPT, contract)
    commitment_id = _running(ctx, contract)
    words = rules.check_words(content=content)
    if not contract.signed_on <= accepted_on <= ctx.today:
        raise Refusal(
            "contract.accepted_when",
            N_("验收日期应在签订日期 {first} 与今天之间。"),
            clause="四(一)",
            field="accepted_on",
            first=contract.signed_on,
        )
    if accepted_on > contract.last_day:
        raise Refusal(
            "contract.over_before_acceptance",
            N_("合同已于 {day} 截止，之后不能验收。"),
            clause="四(一)",
            field="accepted_on",
            day=contract.last_day,
        )
    document = documents.get(ctx, document_id)
    posted = parts.redeem_contract(ctx, commitment_id, amount_fen, key)
    if posted.replayed:
        return _part_of(ctx, posted.entry_id)
    part = ctx.add(
        ContractPart(
            contract_id=contract.id,
            redemption_id=posted.entry_id,
            amount_fen=amount_fen,
            **words,
            accepted_on=accepted_on,
            document_id=document.id,
            accepted_by=ctx.who.person_id,
        )
    )
    ctx.session.flush()
    documents.open_to(
        ctx, document, organisation_id=contract.provider_id, pilot_id=contract.pilot_id, city=contract.city
    )
    audit.record(ctx, "contract.part_accepted", contract, part_id=part.id, amount_fen=amount_fen)
    ctx.announce(PartAccepted(contract.id, part.id, posted.entry_id, amount_fen))
    return part


def _part_of(ctx: Context, redemption_id: int) -> ContractPart:
    return ctx.session.scalars(select(ContractPart).where(ContractPart.redemption_id == redemption_id)).one()


def recall(
    ctx: Context,
    contract_id: uuid.UUID,
    *,
    amount_fen: int,
    reason: str,
    key: str,
    document_id: uuid.UUID | None = None,
) -> ContractRecall:
    """The contract was amended downwards: what is not needed goes back to its line, with the reason.

    Only what was not accepted can be recalled. `key` names the act, made by the client.
    """
    contract = queries.lock(ctx, contract_id)
    ctx.require(permissions.RECALL, contract)
    commitment_id = _running(ctx, contract)
    reason = _reason(reason)
    document = documents.get(ctx, document_id) if document_id else None
    posted = recalls.recall(ctx, commitment_id, amount_fen, key)
    if posted.replayed:
        return ctx.session.scalars(select(ContractRecall).where(ContractRecall.entry_id == posted.entry_id)).one()
    made = ctx.add(
        ContractRecall(
            contract_id=contract.id,
            entry_id=posted.entry_id,
            amount_fen=amount_fen,
            reason=reason,
            document_id=document.id if document else None,
            recalled_by=ctx.who.person_id,
        )
    )
    ctx.session.flush()
    if document is not None:
        documents.open_to(
            ctx, document, organisation_id=contract.provider_id, pilot_id=contract.pilot_id, city=contract.city
        )
    audit.record(ctx, "contract.reduced", contract, amount_fen=amount_fen, reason=reason)
    ctx.announce(ContractReduced(contract.id, amount_fen, reason))
    return made
