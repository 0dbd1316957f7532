"""Shapes of batches and bank files, for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Member, Moment, Money, Reason, Several, Upload
from marketplace.web.rest import ListArgs, Shape
from vouchers.ledger.states import AttemptState, BatchState, ItemState
from vouchers.settlement.batching import MAX_CLAIMS


class BatchInput(Shape):
    """Approved claims of one fund."""

    fund_id = fields.UUID(required=True)
    claims = fields.List(fields.UUID(), required=True, validate=Several(min=1, max=MAX_CLAIMS))


class MoreClaims(Shape):
    """Further claims for a draft."""

    claims = fields.List(fields.UUID(), required=True, validate=Several(min=1, max=MAX_CLAIMS))


class ApprovalForm(Shape):
    """The second person's word, and why, where the payment warns."""

    reason = Reason()


class TierForm(Shape):
    """Batches of more than an amount take so many persons besides the maker."""

    above = Money(required=True, positive=False)
    persons = fields.Integer(required=True, validate=validate.Range(2, 4))


class TierSchema(Shape):
    """A tier that holds: batches of more than `above` take `persons` besides the maker."""

    id = fields.UUID()
    city = fields.String()
    above = Money(attribute="above_fen")
    persons = fields.Integer()
    made_at = Moment(attribute="created_at")


class BatchSchema(Shape):
    """A batch; maker and checker are persons."""

    id = fields.UUID()
    number = fields.String()
    fund_id = fields.UUID()
    pilot_id = fields.UUID()
    city = fields.String()
    state = Member(BatchState)
    total = Money(attribute="total")
    maker_id = fields.UUID()
    checker_id = fields.UUID(allow_none=True)
    approved_on = fields.Date(allow_none=True)
    made_at = Moment(attribute="created_at")


class PinnedAccount(Shape):
    """The payee's account as it was pinned."""

    holder_name = fields.String()
    bank_name = fields.String()
    bank_code = fields.String()
    number = fields.String()


class ItemSchema(Shape):
    """One claim in a batch, and the latest try to pay it."""

    id = fields.UUID(attribute="item.id")
    claim_id = fields.UUID(attribute="item.claim_id")
    claim_number = fields.String(attribute="form.number")
    payee = fields.String()
    amount = Money(attribute="item.amount")
    account = fields.Nested(PinnedAccount, attribute="item.account")
    state = Member(ItemState, attribute="item.state")
    end_to_end_id = fields.String(attribute="attempt.end_to_end_id")
    attempt = Member(AttemptState, attribute="attempt.state")
    bank_reference = fields.String(attribute="attempt.bank_reference", allow_none=True)
    reason = fields.String(attribute="attempt.reason", allow_none=True)


class FileSchema(Shape):
    """A file of a batch: to the bank, or from it."""

    id = fields.UUID()
    kind = fields.String()
    document_id = fields.UUID()
    sha256 = fields.String()
    summary = fields.Dict()
    at = Moment(attribute="created_at")


class WholeBatchSchema(Shape):
    """A batch with its claims and files."""

    batch = fields.Nested(BatchSchema)
    items = fields.List(fields.Nested(ItemSchema))
    files = fields.List(fields.Nested(FileSchema))


class LoadedSchema(Shape):
    """A return file that was read; `repeated`: it was read before and nothing was done now."""

    file = fields.Nested(FileSchema)
    repeated = fields.Boolean()


class BatchArgs(ListArgs):
    """Batches by state or pilot."""

    state = Member(BatchState, load_default=None)
    pilot_id = fields.UUID(load_default=None)


class WaitingArgs(ListArgs):
    """Approved claims of one fund, or of all within reach."""

    fund_id = fields.UUID(load_default=None)


class WaitingSchema(Shape):
    """An approved claim that no batch holds."""

    claim_id = fields.UUID(attribute="claim.id")
    number = fields.String(attribute="form.number")
    fund_id = fields.UUID(attribute="claim.fund_id")
    payee = fields.String()
    amount = Money(attribute="amount_fen")
    due_on = fields.Date(attribute="form.due_on", allow_none=True)


class BatchForm(Schema):
    """Claims ticked on the page of a fund."""

    claims = fields.List(fields.UUID(), required=True, validate=Several(min=1, max=MAX_CLAIMS))


class ReturnFileInput(Shape):
    """A return file to read."""

    file = Upload(required=True)


class ReturnForm(Schema):
    """A return file as a form."""

    file = Upload(required=True)
