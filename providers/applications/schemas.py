"""Shapes of dossiers and applications for pages and API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.shop.roster.states import ServiceClass
from marketplace.web.fields import Member, Moment, Money, Upload
from marketplace.web.rest import ListArgs, Shape
from providers.applications.states import ApplicationState, ProofKind

_LINE = validate.Length(min=1, max=200)
_TEXT = validate.Length(min=1, max=4000)
_PEOPLE = validate.Range(min=0, max=1_000_000)


class DossierFactsSchema(Shape):
    founded_on = fields.Date(required=True)
    staff = fields.Integer(required=True, validate=_PEOPLE)
    technical_staff = fields.Integer(required=True, validate=_PEOPLE)
    revenue_fen = Money(load_default=None, allow_none=True, attribute="revenue_fen", data_key="revenue")
    bad_credit = fields.Boolean(load_default=False)
    introduction = fields.String(required=True, validate=_TEXT)
    knowledge = fields.String(required=True, validate=_TEXT)
    engineering = fields.String(required=True, validate=_TEXT)
    ecosystem = fields.String(required=True, validate=_TEXT)
    continuity = fields.String(required=True, validate=_TEXT)


class DossierCaseSchema(Shape):
    id = fields.UUID(dump_only=True)
    client_name = fields.String(required=True, validate=_LINE)
    industry = fields.String(required=True, validate=_LINE)
    title = fields.String(required=True, validate=_LINE)
    finished_on = fields.Date(required=True)
    amount_fen = Money(load_default=None, allow_none=True, attribute="amount_fen", data_key="amount")
    effect = fields.String(required=True, validate=_TEXT)
    contact = fields.String(required=True, validate=_LINE)


class DossierProofSchema(Schema):
    id = fields.UUID()
    kind = Member(ProofKind)
    name = fields.String()
    number = fields.String()
    document_id = fields.UUID()


class ProofFormSchema(Schema):
    kind = Member(ProofKind, required=True)
    name = fields.String(required=True, validate=_LINE)
    number = fields.String(load_default="", validate=validate.Length(max=100))
    file = Upload(required=True, metadata={"type": "string", "format": "binary"})


class DossierSchema(Schema):
    facts = fields.Nested(DossierFactsSchema, attribute="dossier")
    cases = fields.List(fields.Nested(DossierCaseSchema))
    proofs = fields.List(fields.Nested(DossierProofSchema))


class OutcomeSchema(Schema):
    """A condition as the machine finds it: pass, fail, or person (for an officer to decide)."""

    code = fields.String(attribute="condition.code")
    label = fields.String(attribute="condition.label")
    needed = fields.Integer(attribute="condition.value", allow_none=True)
    actual = fields.Integer(allow_none=True)
    result = fields.String()


class ApplicationSchema(Schema):
    id = fields.UUID()
    call_id = fields.UUID()
    city = fields.String()
    applicant_organisation_id = fields.UUID()
    subject_kind = fields.String()
    subject_id = fields.UUID()
    klass = Member(ServiceClass, data_key="class")
    industries = fields.List(fields.String())
    proposal = fields.String()
    state = Member(ApplicationState)
    submitted_at = Moment(allow_none=True)
    supplement_until = fields.Date(allow_none=True)
    note = fields.String(allow_none=True)


class ApplicationDetailSchema(ApplicationSchema):
    dossier = fields.Dict(allow_none=True)


class ListedApplicationSchema(Schema):
    name = fields.String()
    application = fields.Nested(ApplicationSchema)


class ApplicationArgs(ListArgs):
    call_id = fields.UUID(load_default=None)
    state = Member(ApplicationState, load_default=None)


class BeginSchema(Shape):
    call_id = fields.UUID(required=True)
    klass = Member(ServiceClass, required=True, data_key="class")
    industries = fields.List(fields.String(validate=_LINE), load_default=list)
    proposal = fields.String(load_default="", validate=validate.Length(max=8000))


class ApplicationTermsSchema(Shape):
    klass = Member(ServiceClass, required=True, data_key="class")
    industries = fields.List(fields.String(validate=_LINE), load_default=list)
    proposal = fields.String(load_default="", validate=validate.Length(max=8000))


class PromiseSchema(Shape):
    promise = fields.Boolean(load_default=False)
