"""Shapes of programmes, batches, pilots and tranches for pages and API. The book's `class` is `klass` in code."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.pilots.programmes.states import ChangeState, Grade, PilotState, TrancheState
from marketplace.policy.books.model import Book
from marketplace.web.fields import Member, Moment, Money, Several, Upload
from marketplace.web.rest import ListArgs, Shape

_NAME = validate.Length(min=1, max=200)
_WORDS = validate.Length(min=1, max=5000)


class ProgrammeSchema(Shape):
    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    region = fields.String()
    edition_id = fields.UUID()
    industry_department_id = fields.UUID()
    finance_department_id = fields.UUID()
    publicity_days = fields.Integer()


class OpenProgrammeSchema(Shape):
    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9-]{0,59}$"))
    name = fields.String(required=True, validate=_NAME)
    edition_id = fields.UUID(required=True)
    finance_department_id = fields.UUID(required=True)
    publicity_days = fields.Integer(load_default=5, validate=validate.Range(min=1, max=60))


class ProgrammeBatchSchema(Shape):
    id = fields.UUID()
    programme_id = fields.UUID()
    edition_id = fields.UUID()
    number = fields.Integer()
    name = fields.String()
    book_batch = fields.String(allow_none=True)
    applications_until = fields.Date(allow_none=True)
    year1_end = fields.Date()
    year2_end = fields.Date()


class OpenProgrammeBatchSchema(Shape):
    name = fields.String(required=True, validate=_NAME)
    book_batch = fields.String(load_default=None)
    year1_end = fields.Date(load_default=None)
    year2_end = fields.Date(load_default=None)
    applications_until = fields.Date(load_default=None)
    edition_id = fields.UUID(load_default=None)


class PilotSchema(Shape):
    """What everybody may know of an approved pilot."""

    id = fields.UUID()
    programme_id = fields.UUID()
    batch_id = fields.UUID()
    edition_id = fields.UUID()
    name = fields.String()
    type = fields.String()
    klass = fields.String(data_key="class")
    region = fields.String()
    city = fields.String()
    cluster = fields.String(allow_none=True)
    chain = fields.String(allow_none=True)
    target_enterprises = fields.Integer()
    state = Member(PilotState)
    award = Money(attribute="award_fen", allow_none=True)
    approved_on = fields.Date(allow_none=True)


class PilotLetterSchema(Shape):
    department = fields.String(required=True)
    letter_number = fields.String(required=True, validate=_NAME)
    document_id = fields.UUID(required=True)


class PilotDeclarationSchema(Shape):
    condition = fields.String(required=True)
    clause = fields.String(dump_only=True)
    statement = fields.String(required=True, validate=_WORDS)
    document_id = fields.UUID(load_default=None, allow_none=True)


class PilotApplicationSchema(Shape):
    """What was handed in for a pilot, for those who decide about it."""

    plan_document_id = fields.UUID()
    letters = fields.List(fields.Nested(PilotLetterSchema))
    declarations = fields.List(fields.Nested(PilotDeclarationSchema))
    reviewed_on = fields.Date(allow_none=True)
    review_note = fields.String(allow_none=True)
    state_reason = fields.String(allow_none=True)


class PilotNominationSchema(Shape):
    batch_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=_NAME)
    type = fields.String(required=True)
    klass = fields.String(required=True, data_key="class")
    region = fields.String(required=True)
    office_organisation_id = fields.UUID(required=True)
    focus = fields.String(required=True, validate=_NAME)
    target_enterprises = fields.Integer(required=True, validate=validate.Range(min=1, max=100_000))
    plan_document_id = fields.UUID(required=True)
    letters = fields.List(fields.Nested(PilotLetterSchema), required=True, validate=Several(max=10))
    declarations = fields.List(fields.Nested(PilotDeclarationSchema), required=True, validate=Several(max=50))


class PilotArgs(ListArgs):
    state = Member(PilotState, load_default=None)
    type = fields.String(load_default=None)
    city = fields.String(load_default=None)
    batch_id = fields.UUID(load_default=None)


class PilotReviewSchema(Shape):
    passed = fields.Boolean(required=True)
    note = fields.String(required=True, validate=_WORDS)


class PilotReviewFormSchema(Schema):
    """A choice between two words: an unticked box would be a failed review."""

    result = fields.String(required=True, validate=validate.OneOf(["pass", "fail"]))
    note = fields.String(required=True, validate=_WORDS)


class PilotShortlistSchema(Shape):
    """The pilots to publish; without any, all that passed the review."""

    pilot_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)


class ShortlistNoticeSchema(Shape):
    id = fields.UUID()
    title = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()


class PilotApprovalSchema(Shape):
    award = Money(required=True)
    edition_id = fields.UUID(load_default=None)


class PilotReasonSchema(Shape):
    reason = fields.String(required=True, validate=_WORDS)


class TrancheSchema(Shape):
    id = fields.UUID()
    pilot_id = fields.UUID()
    number = fields.Integer()
    book_tranche = fields.String()
    amount = Money(attribute="amount_fen")
    state = Member(TrancheState)
    released_on = fields.Date(allow_none=True)
    release_number = fields.String(allow_none=True)
    received_on = fields.Date(allow_none=True)
    bank_reference = fields.String(allow_none=True)
    refusal_reason = fields.String(allow_none=True)
    proposed_at = Moment(attribute="created_at")


class TrancheProposalSchema(Shape):
    amount = Money(required=True)


class TrancheReleaseSchema(Shape):
    release_number = fields.String(required=True, validate=_NAME)


class TrancheReceiptSchema(Shape):
    received_on = fields.Date(required=True)
    bank_reference = fields.String(required=True, validate=_NAME)


class MidTermEvaluationSchema(Shape):
    id = fields.UUID(dump_only=True)
    pilot_id = fields.UUID(dump_only=True)
    evaluated_on = fields.Date(dump_only=True)
    grade = Member(Grade, required=True)
    comment = fields.String(required=True, validate=_WORDS)
    document_id = fields.UUID(load_default=None, allow_none=True)


class MidTermEvaluationFormSchema(Schema):
    grade = Member(Grade, required=True)
    comment = fields.String(required=True, validate=_WORDS)
    file = Upload(load_default=None)


class PlanChangeSchema(Shape):
    id = fields.UUID(dump_only=True)
    pilot_id = fields.UUID(dump_only=True)
    title = fields.String(required=True, validate=_NAME)
    text = fields.String(required=True, validate=_WORDS)
    document_id = fields.UUID(load_default=None, allow_none=True)
    state = Member(ChangeState, dump_only=True)
    decision_reason = fields.String(dump_only=True)


class PlanChangeFormSchema(Schema):
    title = fields.String(required=True, validate=_NAME)
    text = fields.String(required=True, validate=_WORDS)
    file = Upload(load_default=None)


class PlanDecisionSchema(Shape):
    approved = fields.Boolean(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=5000))


class PlanDecisionFormSchema(Schema):
    """The same as a choice between two words."""

    result = fields.String(required=True, validate=validate.OneOf(["approve", "reject"]))
    reason = fields.String(load_default="", validate=validate.Length(max=5000))


class OpenProgrammeFormSchema(Schema):
    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9-]{0,59}$"))
    name = fields.String(required=True, validate=_NAME)
    edition_id = fields.UUID(required=True)
    finance_uscc = fields.String(required=True, validate=_NAME)
    publicity_days = fields.Integer(load_default=5, validate=validate.Range(min=1, max=60))


def nomination_form(book: Book, type_code: str) -> type[Schema]:
    """The form of a recommendation: one letter per department and one statement per condition of the book's type."""
    shape: dict[str, Any] = {
        "name": fields.String(required=True, validate=_NAME),
        "class": fields.String(required=True),
        "region": fields.String(required=True),
        "office_uscc": fields.String(required=True, validate=_NAME),
        "focus": fields.String(required=True, validate=_NAME),
        "target_enterprises": fields.Integer(required=True, validate=validate.Range(min=1, max=100_000)),
        "plan": Upload(required=True),
    }
    for place in range(len(book.application.departments_zh)):
        shape[f"letter_number_{place}"] = fields.String(load_default="", validate=validate.Length(max=200))
        shape[f"letter_file_{place}"] = Upload(load_default=None)
    for code, condition in book.application.conditions.items():
        if type_code in condition.types:
            shape[f"statement_{code}"] = fields.String(load_default="", validate=validate.Length(max=5000))
            shape[f"evidence_{code}"] = Upload(load_default=None)
    return Schema.from_dict(shape, name="NominationFormSchema")
