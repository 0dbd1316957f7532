"""Shapes of organisations for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.people.organisations.states import (
    AccountState,
    CapacityKind,
    CaseState,
    FactKind,
    FactState,
    OrganisationState,
    PaperKind,
    SizeClass,
)
from marketplace.web.fields import Exact, Member, Moment, Money, Several, Upload
from marketplace.web.rest import ListArgs, Shape

_TEXT = validate.Length(1, 200)


class RegisterForm(Schema):
    """Registration by a person; the credit code is checked by the act, because an officer may have admitted it."""

    uscc = fields.String(required=True, validate=validate.Length(max=40))
    name = fields.String(required=True, validate=_TEXT)
    capacity = Member(CapacityKind, required=True)
    region = fields.String(required=True)
    address = fields.String(load_default="", validate=validate.Length(max=200))
    legal_representative = fields.String(required=True, validate=_TEXT)
    phone = fields.String(required=True)
    industry = fields.String(required=True)
    employees = fields.Integer(load_default=None, validate=validate.Range(0, 10_000_000))
    revenue_fen = Money(load_default=None, positive=False, data_key="revenue")


class RegisterShape(RegisterForm, Shape):
    """The same for the API: unknown fields are refused."""

    class Meta(Shape.Meta):
        pass


class ReasonForm(Schema):
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class ReasonShape(ReasonForm, Shape):
    class Meta(Shape.Meta):
        pass


class AdmitForm(ReasonForm):
    uscc = fields.String(required=True, validate=validate.Length(max=40))
    document = Upload(load_default=None)


class AdmitShape(Shape):
    uscc = fields.String(required=True, validate=validate.Length(max=40))
    reason = fields.String(required=True, validate=validate.Length(1, 500))
    document_id = fields.UUID(load_default=None)


class ChangeForm(Schema):
    kind = Member(FactKind, required=True)
    value = fields.String(load_default=None, validate=validate.Length(max=200))
    employees = fields.Integer(load_default=None, validate=validate.Range(0, 10_000_000))
    revenue_fen = Money(load_default=None, positive=False, data_key="revenue")
    document = Upload(load_default=None)


class ChangeShape(Shape):
    kind = Member(FactKind, required=True)
    value = fields.String(load_default=None, validate=validate.Length(max=200))
    employees = fields.Integer(load_default=None, validate=validate.Range(0, 10_000_000))
    revenue_fen = Money(load_default=None, positive=False, data_key="revenue")
    document_id = fields.UUID(load_default=None)


def value_of(data: dict[str, Any]) -> Any:
    """The value of a change: two figures for the size, a text for everything else."""
    if data["kind"] is FactKind.SIZE:
        return {"employees": data["employees"], "revenue_fen": data["revenue_fen"]}
    return data["value"] or ""


class PaperForm(Schema):
    kind = Member(PaperKind, required=True)
    document = Upload(required=True)


class PaperShape(Shape):
    kind = Member(PaperKind, required=True)
    document_id = fields.UUID(required=True)


class ShareholdersForm(Schema):
    """One owner per line: name, share in percent, and the credit code when it is an organisation."""

    shareholders = fields.String(load_default="", validate=validate.Length(max=5000))


class HolderShape(Shape):
    name = fields.String(required=True, validate=_TEXT)
    uscc = fields.String(load_default=None)
    percent = Exact(required=True, places=2)


class HoldersShape(Shape):
    shareholders = fields.List(fields.Nested(HolderShape), required=True, validate=Several(max=100))


class ShareholdingSchema(Shape):
    name = fields.String(attribute="holder_name")
    uscc = fields.String(attribute="holder_uscc", allow_none=True)
    percent = fields.Function(lambda row: f"{row.share_bps // 100}.{row.share_bps % 100:02d}")
    valid_from = Moment()


class ShareholdingsSchema(Shape):
    items = fields.List(fields.Nested(ShareholdingSchema))


class AccountForm(Schema):
    holder_name = fields.String(required=True, validate=_TEXT)
    bank_name = fields.String(required=True, validate=_TEXT)
    bank_code = fields.String(load_default="", validate=validate.Length(max=20))
    number = fields.String(required=True, validate=validate.Length(max=60))
    document = Upload(load_default=None)


class AccountShape(Shape):
    holder_name = fields.String(required=True, validate=_TEXT)
    bank_name = fields.String(required=True, validate=_TEXT)
    bank_code = fields.String(load_default="", validate=validate.Length(max=20))
    number = fields.String(required=True, validate=validate.Length(max=60))
    document_id = fields.UUID(load_default=None)


class AccountSchema(Shape):
    id = fields.UUID()
    organisation_id = fields.UUID()
    holder_name = fields.String()
    bank_name = fields.String()
    bank_code = fields.String()
    number = fields.String()
    state = Member(AccountState)
    proposed_by = fields.UUID(allow_none=True)
    confirmed_by = fields.UUID(allow_none=True)
    confirmed_at = Moment(allow_none=True)
    effective_from = Moment(allow_none=True)
    created_at = Moment()


class OrganisationSchema(Shape):
    id = fields.UUID()
    uscc = fields.String()
    name = fields.String()
    region = fields.String()
    city = fields.String()
    address = fields.String()
    legal_representative = fields.String()
    phone = fields.String()
    industry = fields.String()
    employees = fields.Integer(allow_none=True)
    revenue = Money(attribute="revenue_fen", allow_none=True)
    size_class = Member(SizeClass, allow_none=True)
    state = Member(OrganisationState)
    reason = fields.String()
    decided_at = Moment(allow_none=True)
    created_at = Moment()


class OrganisationArgs(ListArgs):
    state = Member(OrganisationState, load_default=None)
    capacity = Member(CapacityKind, load_default=None)
    region = fields.String(load_default=None)
    q = fields.String(load_default="", validate=validate.Length(max=100))


class CaseSchema(Shape):
    id = fields.UUID()
    organisation_id = fields.UUID()
    claimant_id = fields.UUID()
    capacity = Member(CapacityKind)
    claimed = fields.Dict()
    state = Member(CaseState)
    reason = fields.String()
    decided_at = Moment(allow_none=True)
    created_at = Moment()


class CaseArgs(ListArgs):
    state = Member(CaseState, load_default=None)


class RegistrationSchema(Shape):
    """What a registration led to: an organisation, or a case because others registered it before."""

    organisation = fields.Nested(OrganisationSchema, allow_none=True)
    ownership_case = fields.Nested(CaseSchema, allow_none=True)


class ConfirmationShape(Shape):
    decision = fields.String(required=True, validate=validate.OneOf(["confirm", "reject"]))
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class FactSchema(Shape):
    id = fields.UUID()
    organisation_id = fields.UUID()
    kind = Member(FactKind)
    value = fields.Raw()
    state = Member(FactState)
    proposed_by = fields.UUID(allow_none=True)
    document_id = fields.UUID(allow_none=True)
    valid_from = Moment(allow_none=True)
    valid_until = Moment(allow_none=True)
    created_at = Moment()


class FactDecisionShape(Shape):
    accept = fields.Boolean(required=True)


class CaseDecisionForm(Schema):
    grant = fields.Boolean(required=True)
    exclusive = fields.Boolean(load_default=False)
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class CaseDecisionShape(CaseDecisionForm, Shape):
    class Meta(Shape.Meta):
        pass
