"""What was promised and paid before the platform, posted as if it had been here: contracts, parts, claims, a batch."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.base.context import Context
from marketplace.base.ids import new_id
from vouchers.ledger import posting
from vouchers.ledger.actions import batches, payouts
from vouchers.ledger.actions.issue import ContractItem, issue
from vouchers.ledger.models.funds import BudgetLine
from vouchers.ledger.models.openings import Opening
from vouchers.ledger.models.payments import BatchItem, PaymentBatch
from vouchers.ledger.posting import Head, Move
from vouchers.ledger.refusals import civil
from vouchers.ledger.statements import Statement, insert_many
from vouchers.ledger.states import ClaimMode, ClaimState, CommitmentKind, ItemState

NOBODY = uuid.UUID(int=0)
"""The provider of a contract whose payee the platform does not know: nobody can be paid out of it here."""

_HEADS = Statement(
    "SELECT id, seq, chain FROM commitment WHERE issue_batch_id = :batch_id",
    columns="id chain",
)
_STEP = Statement(
    "UPDATE claim SET state = :state"
    " WHERE commitment_id IN (SELECT id FROM commitment WHERE issue_batch_id = :batch_id)"
)


@dataclass(frozen=True)
class Balance:
    """What one contract within one category had come to, in fen, and how it is known from now on.

    `paid` is net of what was refunded. `number` is its number in the ledger, unique in the pilot; `reference` stands in
    the place of the bank's: it names the rows of the sheet. `provider_id` is None where the platform does not know it.
    """

    category: str
    contract: str
    contract_key: str
    first_row: int
    signed_on: date
    arranged: int
    paid: int
    refunded: int
    number: str
    reference: str
    provider_id: uuid.UUID | None = None


@dataclass(frozen=True)
class _Part:
    """A paid part of one balance on its way through claim, batch and bank."""

    balance: Balance
    commitment_id: uuid.UUID
    line_id: uuid.UUID
    redemption_id: int
    claim_id: uuid.UUID


def post(
    ctx: Context, opening: Opening, lines: Mapping[str, BudgetLine], balances: Sequence[Balance]
) -> uuid.UUID | None:
    """Post every balance of a submitted opening; gives the batch of what it had paid, or None when that is nothing.

    `lines` are the fund's lines by category, with the money unissued. Statements do not grow with the balances, but by
    category. The batch is made by the opening's maker and released by the acting person. Refuses `line.exhausted`,
    `contract.number_taken`, `batch.four_eyes`, and `fund.not_received` (四(一)) when more was paid than has arrived.
    """
    commitments: dict[tuple[str, str], uuid.UUID] = {}
    parts: list[_Part] = []
    for category, line in lines.items():
        mine = [b for b in balances if b.category == category and b.arranged]
        if not mine:
            continue
        made = issue(ctx, line.id, [_contract(opening, line, b) for b in mine], f"opening:{opening.id}:{category}")
        ids = dict(zip([b.contract_key for b in mine], made.commitment_ids, strict=True))
        commitments |= {(category, contract): commitment_id for contract, commitment_id in ids.items()}
        with civil():
            parts += _redeem(ctx, opening, line, made.batch_id, [(b, ids[b.contract_key]) for b in mine if b.paid])
    batch_id = _pay(ctx, opening, parts) if parts else None
    with civil():
        insert_many(
            ctx.session,
            "opening_balance",
            [_kept(opening, b, commitments.get((b.category, b.contract_key))) for b in balances],
            {},
        )
    return batch_id


def _contract(opening: Opening, line: BudgetLine, balance: Balance) -> ContractItem:
    return ContractItem(
        face=balance.arranged,
        last_day=line.closes_on,
        provider_id=balance.provider_id or NOBODY,
        number=balance.number,
        document_hash=bytes.fromhex(opening.file_sha256),
        signed_on=balance.signed_on,
    )


def _redeem(
    ctx: Context,
    opening: Opening,
    line: BudgetLine,
    issue_id: uuid.UUID,
    paid: Sequence[tuple[Balance, uuid.UUID]],
) -> list[_Part]:
    """The paid part of each contract as delivered and claimed, all of it approved: two people have read the sheet."""
    if not paid:
        return []
    heads = {
        row.id: Head(row.id, opening.pilot_id, row.seq, row.chain) for row in _HEADS.run(ctx.session, batch_id=issue_id)
    }
    shared = posting.who(ctx)
    entries = [
        entry
        for balance, commitment_id in paid
        for entry in posting.link(
            shared,
            heads[commitment_id],
            [Move("redeem", "available", "payable", balance.paid, provider_id=balance.provider_id or NOBODY)],
        )
    ]
    made = posting.write(ctx, entries)
    parts = [
        _Part(balance, commitment_id, line.id, redemption_id, new_id())
        for (balance, commitment_id), redemption_id in zip(paid, made, strict=True)
    ]
    insert_many(ctx.session, "claim", [_claim(opening, part) for part in parts], {"created_at": ctx.now})
    insert_many(
        ctx.session,
        "claim_item",
        [
            {
                "claim_id": part.claim_id,
                "redemption_id": part.redemption_id,
                "commitment_id": part.commitment_id,
                "asked": part.balance.paid,
                "approved": part.balance.paid,
            }
            for part in parts
        ],
        {},
    )
    for state in (ClaimState.REVIEWED, ClaimState.APPROVED):
        _STEP.run(ctx.session, state=state.value, batch_id=issue_id)
    return parts


def _claim(opening: Opening, part: _Part) -> dict[str, Any]:
    return {
        "id": part.claim_id,
        "commitment_id": part.commitment_id,
        "kind": CommitmentKind.CONTRACT.value,
        "line_id": part.line_id,
        "fund_id": opening.fund_id,
        "pilot_id": opening.pilot_id,
        "city": opening.city,
        "payee_organisation_id": part.balance.provider_id or NOBODY,
        "mode": ClaimMode.CONTRACT.value,
        "state": ClaimState.SUBMITTED.value,
    }


def _pay(ctx: Context, opening: Opening, parts: Sequence[_Part]) -> uuid.UUID:
    """The batch: made by one, released by the other, and confirmed by what the sheet says instead of the bank."""
    batch: PaymentBatch = batches.open_batch(ctx, opening.fund_id, opening.number, maker_id=opening.maker_id)
    batch_id = batch.id
    items: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "claim_id": part.claim_id,
            "batch_id": batch_id,
            "fund_id": opening.fund_id,
            "amount": part.balance.paid,
            "account_id": NOBODY,
            "account": {},
            "state": ItemState.OPEN,
            "created_at": ctx.now,
        }
        # the trigger locks each commitment: always in the same order
        for part in sorted(parts, key=lambda part: str(part.commitment_id))
    ]
    with civil():
        ctx.session.execute(BatchItem.__table__.insert(), items)  # type: ignore[attr-defined]
        batches.retotal(ctx, batch_id)
    batches.approve(ctx, batch_id, f"opening:{opening.id}:pay")
    references = {part.claim_id: part.balance.reference for part in parts}
    of_item = {item["id"]: references[item["claim_id"]] for item in items}
    told = payouts.try_first(ctx, list(of_item))
    payouts.send(ctx, batch_id)
    payouts.confirm(ctx, {attempt_id: of_item[item_id] for item_id, attempt_id in told.items()})
    batches.close(ctx, batch_id)
    return batch_id


def _kept(opening: Opening, balance: Balance, commitment_id: uuid.UUID | None) -> dict[str, Any]:
    return {
        "opening_id": opening.id,
        "category": balance.category,
        "contract_key": balance.contract_key,
        "contract": balance.contract,
        "first_row": balance.first_row,
        "arranged": balance.arranged,
        "paid": balance.paid,
        "refunded": balance.refunded,
        "commitment_id": commitment_id,
    }
