"""Shapes of claims and their reviews, for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from marketplace.base.text import N_
from marketplace.web.fields import Member, Moment, Money, Several, Upload
from marketplace.web.i18n import say
from marketplace.web.rest import ListArgs, Shape
from vouchers.claims.rules import MAX_TEXT, Cut
from vouchers.claims.states import FIELDS, CutCode, Decision, Step
from vouchers.ledger.states import ClaimMode, ClaimState

MAX_CUTS = 8
"""Lines of a contract that the review form shows a cut for."""
_TEXT = validate.Length(max=MAX_TEXT)
_NAME = validate.Length(max=200)
_PARTY = validate.Length(min=1, max=200)


class OwnPaymentSchema(Shape):
    """What the bank's receipt of the enterprise's own payment says: payer and receiver by name, as printed."""

    paid_on = fields.Date(required=True)
    amount = Money(attribute="amount_fen", required=True)
    payer = fields.String(required=True, validate=_PARTY)
    receiver = fields.String(required=True, validate=_PARTY)
    reference = fields.String(load_default="", validate=validate.Length(max=100))


class ClaimInput(Shape):
    """A claim over everything redeemed of an order, or every accepted part of a contract: one of the two.

    `proof_document_id`: for an order the receipt of the enterprise's own payment, uploaded
    before; `payment` what it says.
    """

    order_id = fields.UUID(load_default=None, allow_none=True)
    contract_id = fields.UUID(load_default=None, allow_none=True)
    statement = fields.String(required=True, validate=_TEXT)
    promise = fields.Boolean(required=True)
    proof_document_id = fields.UUID(load_default=None, allow_none=True)
    payment = fields.Nested(OwnPaymentSchema, load_default=None, allow_none=True)

    @validates_schema
    def about(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data.get("order_id") is None) == (data.get("contract_id") is None):
            raise ValidationError({"order_id": [say(N_("请填写订单或合同，二者择一。"))]})


class CorrectionInput(Shape):
    """A returned claim corrected; without a proof or receipt the former ones stay."""

    statement = fields.String(required=True, validate=_TEXT)
    promise = fields.Boolean(required=True)
    proof_document_id = fields.UUID(load_default=None, allow_none=True)
    payment = fields.Nested(OwnPaymentSchema, load_default=None, allow_none=True)


class CutInput(Shape):
    """A part of the claim that is not accepted: line of the contract (1 for the first), amount, code, reason."""

    line = fields.Integer(required=True, validate=validate.Range(min=1, max=1000))
    amount = Money(attribute="amount_fen", required=True)
    code = Member(CutCode, required=True)
    clause = fields.String(load_default="", validate=validate.Length(max=40))
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))

    @post_load
    def cut(self, data: dict[str, Any], **kwargs: Any) -> Cut:
        return Cut(**data)


class ReviewInput(Shape):
    """A decision on the desk on which the claim lies; `notes` are by field of the form."""

    decision = Member(Decision, required=True)
    reason = fields.String(load_default="", validate=_TEXT)
    notes = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(FIELDS))),
        values=fields.String(validate=_TEXT),
        load_default=dict,
    )
    cuts = fields.List(fields.Nested(CutInput), load_default=list, validate=Several(max=1000))


class ClaimReason(Shape):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class ClaimSchema(Shape):
    """A claim with its clock: `due_on` is the last working day of its present step, `escalated_on` when the province
    was told that it is still late."""

    id = fields.UUID()
    number = fields.String(attribute="form.number")
    order_id = fields.UUID(attribute="form.order_id", allow_none=True)
    contract_id = fields.UUID(attribute="form.contract_id", allow_none=True)
    enterprise_id = fields.UUID(attribute="form.enterprise_id")
    provider_id = fields.UUID(attribute="form.provider_id")
    payee_id = fields.UUID(attribute="form.payee_id")
    pilot_id = fields.UUID(attribute="form.pilot_id")
    city = fields.String(attribute="form.city")
    fund_id = fields.UUID(attribute="claim.fund_id")
    mode = Member(ClaimMode, attribute="claim.mode")
    state = Member(ClaimState, attribute="claim.state")
    asked = Money(attribute="asked_fen")
    approved = Money(attribute="approved_fen", allow_none=True)
    statement = fields.String(attribute="form.statement")
    round = fields.Integer(attribute="form.round")
    submitted_at = Moment(attribute="form.submitted_at")
    due_on = fields.Date(attribute="form.due_on", allow_none=True)
    due_provisional = fields.Boolean(attribute="form.due_provisional")
    escalated_on = fields.Date(attribute="form.escalated_on", allow_none=True)
    paid_on = fields.Date(attribute="form.paid_on", allow_none=True)


class ReviewSchema(Shape):
    """One decision."""

    id = fields.UUID()
    round = fields.Integer()
    step = Member(Step)
    decision = Member(Decision)
    reason = fields.String()
    notes = fields.Dict()
    cuts = fields.List(fields.Dict(), metadata={"description": "line, amount in fen, code, clause, reason"})
    due_on = fields.Date(allow_none=True)
    decided_at = Moment(attribute="created_at")


class PaperSchema(Shape):
    """One paper that the claim stands on, with its digests."""

    kind = fields.String()
    object_id = fields.UUID()
    facts_sha256 = fields.String()
    document_id = fields.UUID(allow_none=True)
    document_sha256 = fields.String(allow_none=True)


class PaymentSchema(Shape):
    """One try to pay the claim."""

    amount = Money(attribute="amount_fen")
    state = fields.String()
    end_to_end_id = fields.String()
    bank_reference = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class WholeClaimSchema(Shape):
    """A claim with its reviews, papers and payments."""

    claim = fields.Nested(ClaimSchema)
    reviews = fields.List(fields.Nested(ReviewSchema))
    own_payment = fields.Nested(OwnPaymentSchema, allow_none=True)
    papers = fields.List(fields.Nested(PaperSchema))
    payments = fields.List(fields.Nested(PaymentSchema))


class ClaimArgs(ListArgs):
    """Claims by state, pilot, order, contract or number; `overdue` those whose step is late today."""

    state = Member(ClaimState, load_default=None)
    pilot_id = fields.UUID(load_default=None)
    order_id = fields.UUID(load_default=None)
    contract_id = fields.UUID(load_default=None)
    number = fields.String(load_default="", validate=validate.Length(max=40))
    overdue = fields.Boolean(load_default=None)


class TimingSchema(Shape):
    """One step: `target` working days, how many claims were done, half (`median`) and nine of ten (`ninetieth`) of them
    within so many working days, and how many in time. Null where there were too few to tell."""

    code = fields.String(validate=validate.OneOf(["pilot", "city", "payment", "whole"]))
    target = fields.Integer()
    count = fields.Integer()
    median = fields.Integer(allow_none=True)
    ninetieth = fields.Integer(allow_none=True)
    in_time = fields.Integer(allow_none=True)


class TimingsSchema(Shape):
    """Every step over the last year, and how many claims wait for an office now, how many of them too long."""

    steps = fields.List(fields.Nested(TimingSchema))
    waiting = fields.Integer()
    late = fields.Integer()


class ClaimFormSchema(Schema):
    """A claim as a form, new or corrected."""

    statement = fields.String(required=True, validate=_TEXT)
    proof = Upload(load_default=None)
    paid_on = fields.Date(load_default=None)
    paid = Money(load_default=None)
    payer = fields.String(load_default="", validate=_NAME)
    receiver = fields.String(load_default="", validate=_NAME)
    reference = fields.String(load_default="", validate=validate.Length(max=100))
    promise = fields.Boolean(load_default=False)


def _rows() -> dict[str, Any]:
    """A cut for each line of the contract, and a note for each field, as flat fields."""
    made: dict[str, Any] = {f"note_{name}": fields.String(load_default="", validate=_TEXT) for name in FIELDS}
    for line in range(1, MAX_CUTS + 1):
        made[f"cut{line}_amount"] = Money(load_default=None)
        made[f"cut{line}_code"] = Member(CutCode, load_default=None)
        made[f"cut{line}_clause"] = fields.String(load_default="", validate=validate.Length(max=40))
        made[f"cut{line}_reason"] = fields.String(load_default="", validate=validate.Length(max=500))
    return made


class _ReviewForm(Schema):
    decision = Member(Decision, required=True)
    reason = fields.String(load_default="", validate=_TEXT)

    @post_load
    def gather(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        cuts, faults = [], {}
        for line in range(1, MAX_CUTS + 1):
            amount, code, clause, reason = (
                data.pop(f"cut{line}_{part}") for part in ("amount", "code", "clause", "reason")
            )
            if amount is None:
                continue
            if code is None:
                faults[f"cut{line}_code"] = [say(N_("请选择核减原因。"))]
            elif not reason.strip():
                faults[f"cut{line}_reason"] = [say(N_("请写明核减理由。"))]
            else:
                cuts.append(Cut(line, amount, code, reason, clause))
        if faults:
            raise ValidationError(faults)
        notes = {name: data.pop(f"note_{name}") for name in FIELDS}
        return {**data, "cuts": cuts, "notes": {name: text for name, text in notes.items() if text.strip()}}


ReviewForm = type("ReviewForm", (_ReviewForm,), {"__doc__": "A review as a form.", **_rows()})
