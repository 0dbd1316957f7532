"""Registering and confirming organisations; two persons claiming one; facts through time."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.base.errors import Forbidden, NotFound, Refusal
from marketplace.people.accounts import queries as accounts
from marketplace.people.organisations import actions, facts, queries, rules
from marketplace.people.organisations.models import Organisation, OrganisationFact, OwnershipCase
from marketplace.people.organisations.states import CapacityKind, CaseState, FactKind, FactState, PaperKind
from marketplace.record.audit.models import AuditRow
from marketplace.record.documents import actions as documents
from tests.support.people import (
    CITY,
    COUNTY,
    OTHER_CITY,
    OTHER_COUNTY,
    ZONE,
    make_actor,
    make_organisation,
    make_person,
    make_uscc,
    newcomer,
)

REAL_BUT_FAILING = "91350211M0000XUF46"
"""A real firm's code, reported to fail the check of GB 32100-2015."""


def details(**values: Any) -> dict[str, Any]:
    return {
        "uscc": make_uscc(),
        "name": "江西某某电子有限公司",
        "capacity": CapacityKind.ENTERPRISE,
        "region": COUNTY,
        "legal_representative": "张三",
        "phone": "0795-3998877",
        "industry": "C39",
        **values,
    }


def test_whoever_registers_becomes_the_first_member_and_nothing_binds_yet(act: Any) -> None:
    person = make_person(act)
    made = act(lambda ctx: actions.register(ctx, **details()), newcomer(person))
    assert isinstance(made, Organisation)
    held = act(lambda ctx: accounts.live_assignments(ctx, person.id))
    assert [(a.role, a.organisation_id, a.city) for a in held] == [("enterprise", made.id, CITY)]
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: queries.require_confirmed(ctx, made.id))
    assert refused.value.code == "organisation.not_confirmed"
    city, _ = make_actor(act, "city")
    act(lambda ctx: actions.confirm(ctx, made.id), city)
    assert act(lambda ctx: queries.require_confirmed(ctx, made.id)).id == made.id


def test_a_visitor_registers_nothing(act: Any) -> None:
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.register(ctx, **details()), visitor=True)


@pytest.mark.parametrize(
    ("role", "place", "outcome"),
    [
        ("city", {}, None),
        ("city", {"region": OTHER_CITY}, NotFound),
        ("pilot", {}, None),
        ("pilot", {"region": OTHER_COUNTY}, NotFound),
        ("pilot", {"region": ZONE}, NotFound),
        ("province", {}, Forbidden),
        ("finance", {}, Forbidden),
        ("auditor", {}, Forbidden),
        ("admin", {}, Forbidden),
        ("expert", {}, NotFound),
        ("enterprise", {}, NotFound),
    ],
)
def test_only_officers_of_the_place_confirm(act: Any, role: str, place: dict[str, Any], outcome: Any) -> None:
    firm = make_organisation(act, confirmed=False)
    actor, _ = make_actor(act, role, **place)
    if outcome is None:
        assert act(lambda ctx: actions.confirm(ctx, firm.id), actor).state == "confirmed"
        return
    with pytest.raises(outcome):
        act(lambda ctx: actions.confirm(ctx, firm.id), actor)
    assert act(lambda ctx: ctx.session.get(Organisation, firm.id)).state == "registered"


def test_whoever_registered_it_never_confirms_it(act: Any) -> None:
    city, person = make_actor(act, "city")
    made = act(lambda ctx: actions.register(ctx, **details()), city)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.confirm(ctx, made.id), city)
    assert refused.value.code == "person.same"


def test_a_rejected_organisation_is_corrected_and_submitted_again(act: Any) -> None:
    member, _ = make_actor(act, "enterprise", organisation=make_organisation(act, confirmed=False))
    city, _ = make_actor(act, "city")
    act(lambda ctx: actions.reject(ctx, member.organisation_id, "法定代表人与执照不符"), city)
    act(lambda ctx: facts.change(ctx, member.organisation_id, FactKind.LEGAL_REPRESENTATIVE, "李四"), member)
    act(lambda ctx: actions.resubmit(ctx, member.organisation_id), member)
    made = act(lambda ctx: actions.confirm(ctx, member.organisation_id), city)
    assert (made.state, made.legal_representative) == ("confirmed", "李四")
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.reject(ctx, member.organisation_id, "x"), city)
    assert refused.value.code == "state.not_allowed"


@pytest.mark.parametrize("code", ["123", "91360981MA0000000O", REAL_BUT_FAILING, ""])
def test_a_wrong_credit_code_is_refused(act: Any, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.register(ctx, **details(uscc=code)))
    assert (refused.value.code, refused.value.clause) == ("uscc.invalid", "GB 32100-2015")


def test_an_officer_admits_a_real_code_that_fails_and_it_is_written_down(act: Any) -> None:
    city, person = make_actor(act, "city")
    with pytest.raises(Forbidden):
        enterprise, _ = make_actor(act, "enterprise")
        act(lambda ctx: actions.admit_code(ctx, REAL_BUT_FAILING, "x"), enterprise)
    act(lambda ctx: actions.admit_code(ctx, REAL_BUT_FAILING, "已核对营业执照原件"), city)
    made = act(lambda ctx: actions.register(ctx, **details(uscc=REAL_BUT_FAILING.lower())))
    assert made.uscc == REAL_BUT_FAILING
    row = act(lambda ctx: ctx.session.scalars(select(AuditRow).where(AuditRow.verb == "uscc.admitted")).one())
    assert (row.person_id, row.object_id) == (person.id, REAL_BUT_FAILING)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.admit_code(ctx, make_uscc(), "x"), city)
    assert refused.value.code == "uscc.valid"
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.admit_code(ctx, "TOOSHORT", "x"), city)
    assert refused.value.code == "uscc.invalid"


def claim(act: Any, firm: Organisation, person: Any, **values: Any) -> Any:
    return act(lambda ctx: actions.register(ctx, **details(uscc=firm.uscc, **values)), newcomer(person))


def test_a_second_claimant_opens_a_case_and_takes_nothing_over(act: Any) -> None:
    first, _ = make_actor(act, "enterprise")
    firm = act(lambda ctx: queries.by_id(ctx, first.organisation_id))
    impostor = make_person(act)
    case = claim(act, firm, impostor, name="别的名称", phone="13900000000")
    assert isinstance(case, OwnershipCase)
    assert claim(act, firm, impostor).id == case.id, "the same claim is the same case"
    unchanged = act(lambda ctx: queries.by_id(ctx, firm.id))
    assert (unchanged.name, unchanged.phone) == (firm.name, firm.phone)
    assert act(lambda ctx: accounts.live_assignments(ctx, impostor.id)) == []
    assert case.claimed["name"] == "别的名称"


def test_an_officer_decides_a_case_and_may_end_the_others_membership(act: Any) -> None:
    first, early = make_actor(act, "enterprise")
    firm = act(lambda ctx: queries.by_id(ctx, first.organisation_id))
    owner = make_person(act)
    case = claim(act, firm, owner)
    stranger, _ = make_actor(act, "city", region=OTHER_CITY)
    with pytest.raises(NotFound):
        act(lambda ctx: actions.decide_case(ctx, case.id, True, "x"), stranger)
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.decide_case(ctx, case.id, True, "x"), newcomer(owner))
    city, _ = make_actor(act, "city")
    decided = act(lambda ctx: actions.decide_case(ctx, case.id, True, "核对了执照原件", exclusive=True), city)
    assert decided.state is CaseState.GRANTED
    held = act(lambda ctx: accounts.live_assignments(ctx, owner.id))
    assert [a.organisation_id for a in held] == [firm.id]
    assert act(lambda ctx: accounts.live_assignments(ctx, early.id)) == []


@pytest.mark.parametrize("role", ["city", "pilot", "province", "admin"])
def test_an_officer_registers_on_behalf_and_stays_outside(act: Any, role: str) -> None:
    """The firm's own person claims it afterwards, and another officer decides."""
    officer, person = make_actor(act, role)
    made = act(lambda ctx: actions.register(ctx, **details()), officer)
    assert act(lambda ctx: accounts.persons_of(ctx, organisation_id=made.id)) == []
    assert len(act(lambda ctx: accounts.live_assignments(ctx, person.id))) == 1
    owner = make_person(act)
    case = act(lambda ctx: actions.register(ctx, **details(uscc=made.uscc)), newcomer(owner))
    act(lambda ctx: actions.decide_case(ctx, case.id, True, "执照与身份证相符"), make_actor(act, "city")[0])
    assert [p.id for p in act(lambda ctx: accounts.persons_of(ctx, organisation_id=made.id))] == [owner.id]


def test_an_officer_claims_no_firm(act: Any) -> None:
    firm = make_organisation(act)
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: actions.register(ctx, **details(uscc=firm.uscc)), make_actor(act, "city")[0])
    assert (refused.value.code, refused.value.field) == ("organisation.known", "uscc")


@pytest.mark.parametrize("role", ["auditor", "finance"])
def test_who_only_reads_or_pays_registers_nothing(act: Any, role: str) -> None:
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.register(ctx, **details()), make_actor(act, role)[0])


def test_the_auditor_and_the_province_read_cases_and_decide_none(act: Any) -> None:
    firm = make_organisation(act)
    case = act(lambda ctx: actions.register(ctx, **details(uscc=firm.uscc)), newcomer(make_person(act)))
    for role in ("auditor", "province"):
        who, _ = make_actor(act, role)
        assert act(lambda ctx: queries.case(ctx, case.id), who)[0].id == case.id
        assert [row.id for row in act(lambda ctx: ctx.session.scalars(queries.cases(ctx)).all(), who)] == [case.id]
        with pytest.raises(Forbidden):
            act(lambda ctx: actions.decide_case(ctx, case.id, True, "可以"), who)
    stranger, _ = make_actor(act, "auditor", region=OTHER_CITY)
    assert act(lambda ctx: ctx.session.scalars(queries.cases(ctx)).all(), stranger) == []
    with pytest.raises(NotFound):
        act(lambda ctx: queries.case(ctx, case.id), stranger)


def test_a_refused_claim_changes_nothing(act: Any) -> None:
    first, early = make_actor(act, "enterprise")
    firm = act(lambda ctx: queries.by_id(ctx, first.organisation_id))
    impostor = make_person(act)
    case = claim(act, firm, impostor)
    city, _ = make_actor(act, "city")
    act(lambda ctx: actions.decide_case(ctx, case.id, False, "材料不符", exclusive=True), city)
    assert act(lambda ctx: accounts.live_assignments(ctx, impostor.id)) == []
    assert len(act(lambda ctx: accounts.live_assignments(ctx, early.id))) == 1


def test_a_member_claims_nothing_but_adds_a_capacity_when_acting_for_it(act: Any) -> None:
    member, person = make_actor(act, "enterprise")
    firm = act(lambda ctx: queries.by_id(ctx, member.organisation_id))
    with pytest.raises(Refusal) as refused:
        claim(act, firm, person)
    assert refused.value.code == "case.own"
    again = act(lambda ctx: actions.register(ctx, **details(uscc=firm.uscc, capacity=CapacityKind.PROVIDER)), member)
    assert again.id == firm.id
    assert act(lambda ctx: queries.capacities(ctx, firm.id)) == {CapacityKind.ENTERPRISE, CapacityKind.PROVIDER}
    roles = {a.role for a in act(lambda ctx: accounts.live_assignments(ctx, person.id))}
    assert roles == {"enterprise", "provider"}


@pytest.mark.parametrize("capacity", [CapacityKind.BUREAU, CapacityKind.PILOT_OFFICE, CapacityKind.BANK])
def test_offices_are_registered_by_officers_and_stand_confirmed(act: Any, capacity: CapacityKind) -> None:
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.register(ctx, **details(capacity=capacity)), newcomer(make_person(act)))
    stranger, _ = make_actor(act, "city", region=OTHER_CITY)
    with pytest.raises(Forbidden):
        act(lambda ctx: actions.register(ctx, **details(capacity=capacity, industry="S92")), stranger)
    city, _ = make_actor(act, "city")
    made = act(lambda ctx: actions.register(ctx, **details(capacity=capacity, industry="S92")), city)
    assert made.state == "confirmed"


def test_identity_waits_for_an_officer_and_the_rest_holds_at_once(act: Any) -> None:
    member, person = make_actor(act, "enterprise")
    own = member.organisation_id
    phone = act(lambda ctx: facts.change(ctx, own, FactKind.PHONE, "0795-1112223"), member)
    name = act(lambda ctx: facts.change(ctx, own, FactKind.NAME, "江西新名称有限公司"), member)
    firm = act(lambda ctx: queries.by_id(ctx, own))
    assert (phone.state, name.state) == (FactState.CURRENT, FactState.PROPOSED)
    assert firm.phone == "0795-1112223" and firm.name != "江西新名称有限公司"
    with pytest.raises(Forbidden):
        act(lambda ctx: facts.decide(ctx, name.id, True), member)
    stranger, _ = make_actor(act, "city", region=OTHER_CITY)
    with pytest.raises(NotFound):
        act(lambda ctx: facts.decide(ctx, name.id, True), stranger)
    city, _ = make_actor(act, "city")
    act(lambda ctx: facts.decide(ctx, name.id, True), city)
    assert act(lambda ctx: queries.by_id(ctx, own)).name == "江西新名称有限公司"
    with pytest.raises(Refusal) as refused:
        act(lambda ctx: facts.decide(ctx, name.id, False), city)
    assert refused.value.code == "state.not_allowed"
    kept = act(
        lambda ctx: ctx.session.scalars(
            select(OrganisationFact.state)
            .where(OrganisationFact.organisation_id == own, OrganisationFact.kind == FactKind.NAME)
            .order_by(OrganisationFact.created_at, OrganisationFact.id)
        ).all()
    )
    assert kept == [FactState.PAST, FactState.CURRENT]


def test_size_follows_the_figures(act: Any) -> None:
    member, _ = make_actor(act, "enterprise")
    figures = {"employees": 1000, "revenue_fen": 400_000_000_00}
    act(lambda ctx: facts.change(ctx, member.organisation_id, FactKind.SIZE, figures), member)
    assert act(lambda ctx: queries.by_id(ctx, member.organisation_id)).size_class == "large"
    act(lambda ctx: facts.change(ctx, member.organisation_id, FactKind.INDUSTRY, "I65"), member)
    assert act(lambda ctx: queries.by_id(ctx, member.organisation_id)).size_class is None


def test_a_foreign_document_is_no_evidence(act: Any) -> None:
    member, _ = make_actor(act, "enterprise")
    other, _ = make_actor(act, "enterprise")
    foreign = act(lambda ctx: documents.store(ctx, b"%PDF-1.4\n%%EOF\n", "licence.pdf", "licence"), other)
    with pytest.raises(NotFound):
        act(lambda ctx: facts.file_paper(ctx, member.organisation_id, PaperKind.LICENCE, foreign.id), member)
    own = act(lambda ctx: documents.store(ctx, b"%PDF-1.4\n%%EOF\n", "licence.pdf", "licence"), member)
    act(lambda ctx: facts.file_paper(ctx, member.organisation_id, PaperKind.LICENCE, own.id), member)


def test_the_pilot_office_of_the_place_may_read_the_licence(act: Any) -> None:
    pilot, _ = make_actor(act, "pilot")
    stranger, _ = make_actor(act, "pilot", region=OTHER_COUNTY)
    member, _ = make_actor(act, "enterprise", organisation=make_organisation(act, confirmed=False))
    own = act(lambda ctx: documents.store(ctx, b"%PDF-1.4\n%%EOF\n", "licence.pdf", "licence", personal=True), member)
    act(lambda ctx: facts.file_paper(ctx, member.organisation_id, PaperKind.LICENCE, own.id), member)
    assert act(lambda ctx: documents.get(ctx, own.id), pilot).id == own.id
    with pytest.raises(NotFound):
        act(lambda ctx: documents.get(ctx, own.id), stranger)


def test_shareholders_are_history_too(act: Any) -> None:
    member, _ = make_actor(act, "enterprise")
    holders = [rules.Holder("张三", None, 6000), rules.Holder("江西投资有限公司", make_uscc(), 4000)]
    act(lambda ctx: facts.state_shareholders(ctx, member.organisation_id, holders), member)
    act(lambda ctx: facts.state_shareholders(ctx, member.organisation_id, [rules.Holder("李四", None, 10000)]), member)
    now = act(lambda ctx: queries.shareholders(ctx, member.organisation_id))
    assert [(s.holder_name, s.share_bps) for s in now] == [("李四", 10000)]
    whole = act(lambda ctx: queries.profiles(ctx, [member.organisation_id]))[member.organisation_id]
    assert {h.name for h in whole.holders} == {"张三", "江西投资有限公司", "李四"}
    with pytest.raises(Refusal) as refused:
        too_much = [rules.Holder("甲", None, 6000), rules.Holder("乙", None, 4001)]
        act(lambda ctx: facts.state_shareholders(ctx, member.organisation_id, too_much), member)
    assert refused.value.code == "shareholders.sum"
    assert len(act(lambda ctx: queries.shareholders(ctx, member.organisation_id))) == 1


def test_relations_are_read_from_history(act: Any) -> None:
    firm = make_organisation(act, legal_representative="赵六", phone="0795-7770001")
    provider = make_organisation(act, capacity="provider", legal_representative="钱七", phone="0795-7770002")
    assert act(lambda ctx: queries.relations(ctx, firm.id, provider.id)) == []
    act(lambda ctx: facts.state_shareholders(ctx, provider.id, [rules.Holder("赵 六", None, 100)]))
    assert act(lambda ctx: queries.relations(ctx, firm.id, provider.id)) == ["representative.holds"]
    act(lambda ctx: facts.change(ctx, firm.id, FactKind.PHONE, "0795-7770002"))
    act(lambda ctx: facts.change(ctx, firm.id, FactKind.PHONE, "0795-7770003"))
    found = act(lambda ctx: queries.relations(ctx, provider.id, firm.id))
    assert found == ["same.phone", "representative.holds"]


def test_lists_hold_what_is_within_reach_only(act: Any) -> None:
    here = make_organisation(act)
    there = make_organisation(act, region=OTHER_COUNTY)
    zone = make_organisation(act, region=ZONE)

    def seen(actor: Any) -> set[uuid.UUID]:
        return set(act(lambda ctx: [o.id for o in ctx.session.scalars(queries.visible(ctx))], actor))

    city, _ = make_actor(act, "city")
    pilot, _ = make_actor(act, "pilot")
    province, _ = make_actor(act, "province")
    member, _ = make_actor(act, "enterprise", organisation=here)
    assert seen(city) == {here.id, zone.id}
    assert seen(pilot) == {here.id}
    assert seen(province) == {here.id, there.id, zone.id}
    assert seen(member) == {here.id}
    assert seen(newcomer(make_person(act))) == set()


def test_searching_finds_by_code_and_by_part_of_the_name(act: Any) -> None:
    firm = make_organisation(act, "江西百分之%一有限公司")
    make_organisation(act, "江西百分之二有限公司")
    city, _ = make_actor(act, "city")

    def found(**asked: Any) -> list[str]:
        return act(lambda ctx: [o.name for o in ctx.session.scalars(queries.search(ctx, **asked))], city)

    assert found(words=firm.uscc.lower()) == [firm.name]
    assert found(words="%") == [firm.name]
    assert len(found(capacity=CapacityKind.ENTERPRISE)) == 2
    assert found(capacity=CapacityKind.BANK) == []
    assert len(found(region=COUNTY)) == 2


def test_two_registrations_of_one_code_leave_one_organisation(act: Any) -> None:
    code = make_uscc()
    act(lambda ctx: actions.register(ctx, **details(uscc=code)), newcomer(make_person(act)))
    act(lambda ctx: actions.register(ctx, **details(uscc=code)), newcomer(make_person(act)))
    count = select(func.count()).select_from(Organisation).where(Organisation.uscc == code)
    assert act(lambda ctx: ctx.session.scalar(count)) == 1
