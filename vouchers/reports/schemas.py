"""The report as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.pilots.programmes.states import PilotState
from marketplace.policy.engine import render
from marketplace.policy.engine.verdict import Check
from marketplace.web.fields import Member, Moment, Money
from marketplace.web.rest import ListArgs, Shape
from vouchers.reports import projection
from vouchers.reports.entries import BOOKED_FIGURES, FIGURES
from vouchers.reports.queries import Whole
from vouchers.reports.words import STATUSES

_COUNT = {"type": ["integer", "null"]}
_SHARE = {"type": ["string", "null"], "examples": ["0.7000"]}


class CategorySchema(Shape):
    """One category; unissued is left of the allotment, granted is issued and unused, committed is promised."""

    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    bucket = fields.String()
    allotted = Money(attribute="money.allotted")
    unissued = Money(attribute="money.unissued")
    granted = Money(attribute="money.granted")
    committed = Money(attribute="money.committed")
    paid = Money(attribute="money.paid")
    recalled = Money(attribute="money.recalled")
    clawed = Money(attribute="money.clawed")


class SourceSchema(Shape):
    """The money from one source, summed over every category of it."""

    source = fields.String(attribute="code", metadata={"description": "province, city, county: who gives the money"})
    awarded = Money(attribute="award")
    received = Money()
    recovered = Money()
    returned = Money()
    interest = Money()
    remitted = Money()
    allotted = Money(attribute="total.allotted")
    granted = Money(attribute="total.granted")
    committed = Money(attribute="total.committed")
    paid = Money(attribute="total.paid")
    recalled = Money(attribute="total.recalled")
    clawed = Money(attribute="total.clawed")


class MonthSchema(Shape):
    """Sums since the beginning, at the end of a month."""

    day = fields.Date()
    received = Money()
    committed = Money()
    paid = Money()


class ArrivalSchema(Shape):
    """A tranche on its way from the province; `received_on` is null while it had not come (五(四))."""

    number = fields.Integer(attribute="tranche.number")
    name_zh = fields.String()
    name_en = fields.String()
    amount = Money(attribute="tranche.amount_fen")
    released_on = fields.Date(attribute="tranche.released_on")
    received_on = fields.Date(attribute="came", allow_none=True)
    days = fields.Integer(
        metadata={"description": "calendar days from release to receipt, else to the day of the report"}
    )


class ExpectedCheckSchema(Shape):
    """What a share or count would be on the last day, and whether its limit would be kept."""

    code = fields.String()
    base = fields.String(allow_none=True)
    limit_share = fields.Function(lambda check: render.share(check.limit_share), metadata=_SHARE)
    share = fields.Function(lambda check: render.share(check.actual_share), metadata=_SHARE)
    count = fields.Function(lambda check: check.actual if check.counts else None, metadata=_COUNT)
    kept = fields.Function(projection.kept, metadata={"type": ["boolean", "null"]})


class ExpectedSchema(Shape):
    """One assumption worked out."""

    committed = Money(attribute="arranged")
    paid = Money()
    checks = fields.List(fields.Nested(ExpectedCheckSchema))


class ProjectionSchema(Shape):
    """Where the pilot would stand on its last day, no check: at the pace so far, or once all granted is spent."""

    until = fields.Date()
    days = fields.Integer(metadata={"description": "since the approval, that day included"})
    left = fields.Integer(metadata={"description": "days until the last day"})
    pace = fields.Nested(ExpectedSchema)
    spent = fields.Nested(ExpectedSchema)


class SettlementSchema(Shape):
    """The settlement report: money by category and source, and the answer of `marketplace check` for the live books."""

    pilot_id = fields.UUID(attribute="report.pilot.id")
    pilot = fields.String(attribute="report.pilot.name")
    as_of = fields.Date(attribute="report.as_of")
    awarded = Money(attribute="report.award")
    received = Money(attribute="report.received")
    committed = Money(attribute="report.total.committed")
    paid = Money(attribute="report.total.paid")
    categories = fields.List(fields.Nested(CategorySchema), attribute="report.rows")
    sources = fields.List(fields.Nested(SourceSchema))
    months = fields.List(fields.Nested(MonthSchema))
    arrivals = fields.List(fields.Nested(ArrivalSchema))
    projection = fields.Nested(ProjectionSchema, attribute="report.projection", allow_none=True)
    answer = fields.Method("_answer", metadata={"type": "object"})

    def _answer(self, whole: Whole) -> dict[str, Any]:
        return render.to_json(whole.report.verdict)


class PilotSumsSchema(Shape):
    """One pilot in a report over several; `verdict` is pass, warn or fail."""

    pilot_id = fields.UUID(attribute="pilot.id")
    pilot = fields.String(attribute="pilot.name")
    city = fields.String(attribute="pilot.city")
    awarded = Money(attribute="award")
    received = Money()
    granted = Money(attribute="total.granted")
    committed = Money(attribute="total.committed")
    paid = Money(attribute="total.paid")
    recalled = Money(attribute="total.recalled")
    verdict = fields.String(attribute="verdict.status")


class TallySchema(Shape):
    """One check over several pilots: how many it finds in which state; a target with what all reach and need."""

    code = fields.String(attribute="rule.code")
    clause = fields.String(attribute="rule.clause")
    base = fields.String(allow_none=True)
    pilots = fields.Function(
        lambda tally: {status: tally.counts[status] for status in STATUSES}, metadata={"type": "object"}
    )
    reached = fields.Integer(attribute="met", allow_none=True)
    wanted = fields.Integer(allow_none=True)


class OverviewArgs(Shape):
    """Which pilots, and which day; without any all within reach, today."""

    city = fields.String(load_default=None, validate=validate.Length(max=6))
    batch_id = fields.UUID(load_default=None)
    as_of = fields.Date(load_default=None, metadata={"description": "the end of this day; today without it"})


class OverviewSchema(Shape):
    """The report over several pilots: sums, each pilot, and the checks with the pilots counted by their result."""

    as_of = fields.Date()
    city = fields.String(allow_none=True)
    batch_id = fields.UUID(attribute="batch.id", dump_default=None)
    awarded = Money(attribute="award")
    received = Money()
    committed = Money(attribute="total.committed")
    paid = Money(attribute="total.paid")
    pilots = fields.List(fields.Nested(PilotSumsSchema), attribute="reports")
    categories = fields.List(fields.Nested(CategorySchema), attribute="rows")
    sources = fields.List(fields.Nested(SourceSchema))
    months = fields.List(fields.Nested(MonthSchema))
    checks = fields.List(fields.Nested(TallySchema), attribute="tallies")


class LedgerLineSchema(Shape):
    """One ledger line as a figure counts it: negative where it lowers the figure."""

    id = fields.Integer()
    day = fields.Date()
    kind = fields.String()
    amount = Money()
    category = fields.String(allow_none=True)
    source = fields.String()
    pilot_id = fields.UUID()
    number = fields.String(metadata={"description": "of the voucher or contract; empty for movements of funds"})


class LineArgs(ListArgs):
    """What narrows the ledger lines; all of them without a figure."""

    pilot_id = fields.UUID(load_default=None)
    batch_id = fields.UUID(load_default=None)
    city = fields.String(load_default=None, validate=validate.Length(max=6))
    source = fields.String(load_default=None, validate=validate.Length(max=40))
    category = fields.String(load_default=None, validate=validate.Length(max=40))
    kind = fields.String(load_default=None, validate=validate.Length(max=40))
    as_of = fields.Date(load_default=None)


class EntryArgs(LineArgs):
    """Lines of vouchers and contracts."""

    figure = fields.String(load_default=None, validate=validate.OneOf(list(FIGURES)))


class BookingArgs(LineArgs):
    """Lines of funds and of what they are divided into."""

    figure = fields.String(load_default=None, validate=validate.OneOf(list(BOOKED_FIGURES)))


class SignedArgs(ListArgs):
    """What narrows the signed reports."""

    pilot_id = fields.UUID(load_default=None)
    city = fields.String(load_default=None, validate=validate.Length(max=6))


class SignedSchema(Shape):
    """A signed report: locked, with its digest; news make a new version."""

    id = fields.UUID()
    pilot_id = fields.UUID()
    as_of = fields.Date()
    version = fields.Integer()
    sha256 = fields.String(metadata={"description": "of the canonical JSON of the content: sorted keys, no spaces"})
    signed_at = Moment(attribute="created_at")
    reason = fields.String(metadata={"description": "why it was signed again; empty for the first version"})


class ChangeSchema(Shape):
    """A value that differs from the version before."""

    place = fields.String()
    before = fields.String()
    after = fields.String()


class SignedContentSchema(Shape):
    """A signed report with its content, whether that has its digest still, and what changed since the last version."""

    signed = fields.Nested(SignedSchema, attribute="row")
    content = fields.Dict(attribute="row.content")
    whole = fields.Boolean()
    changes = fields.List(fields.Nested(ChangeSchema))


class SettlementArgs(Shape):
    """Which day the report is about."""

    as_of = fields.Date(load_default=None, metadata={"description": "the end of this day; today without it"})


class SigningFormSchema(Schema):
    """Which day is signed, and why again."""

    as_of = fields.Date(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class SpendingArgs(ListArgs):
    """What narrows the public list: the prefecture city."""

    city = fields.String(load_default=None, validate=validate.Length(max=6))


class SpendingCategorySchema(Shape):
    """Sums over one category: allotted of the award, committed to orders and contracts, paid by the bank."""

    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    bucket = fields.String(metadata={"description": "renovation, other, or foreign to the pilot's type"})
    allotted = Money(attribute="money.allotted")
    committed = Money(attribute="money.committed")
    paid = Money(attribute="money.paid")


class ShareCheckSchema(Shape):
    """A share of the notice on one base, as `marketplace check` answers it; shares have four decimals, cut."""

    code = fields.String()
    name_zh = fields.String(attribute="rule.name_zh")
    name_en = fields.String(attribute="rule.name_en")
    clause = fields.String()
    base = fields.String(metadata={"description": "award, received, committed or paid"})
    amount = Money(metadata={"description": "of the base"})
    limit = Money()
    actual = Money()
    limit_share = fields.Method("_limit_share", metadata=_SHARE)
    actual_share = fields.Method("_actual_share", metadata=_SHARE)
    status = fields.String(validate=validate.OneOf(list(STATUSES)))
    message_zh = fields.String()
    message_en = fields.String()

    def _limit_share(self, check: Check) -> str | None:
        return render.share(check.limit_share)

    def _actual_share(self, check: Check) -> str | None:
        return render.share(check.actual_share)


class SpendingSchema(Shape):
    """What everybody may know of a pilot's money: sums only, of no enterprise and of no provider."""

    pilot_id = fields.UUID(attribute="pilot.id")
    pilot = fields.String(attribute="pilot.name")
    type = fields.String(attribute="pilot.type")
    klass = fields.String(attribute="pilot.klass", data_key="class")
    region = fields.String(attribute="pilot.region")
    city = fields.String(attribute="pilot.city")
    state = Member(PilotState, attribute="pilot.state")
    approved_on = fields.Date(attribute="pilot.approved_on")
    book = fields.String(attribute="book.code")
    book_version = fields.String(attribute="book.version")
    as_of = fields.Date()
    awarded = Money(attribute="award")
    received = Money()
    committed = Money(attribute="total.committed")
    paid = Money(attribute="total.paid")
    categories = fields.List(fields.Nested(SpendingCategorySchema), attribute="rows")
    checks = fields.List(fields.Nested(ShareCheckSchema), attribute="shares")
