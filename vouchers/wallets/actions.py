"""The verbs of a voucher that people use."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.text import N_
from marketplace.record.audit import actions as audit
from vouchers.ledger.actions import freezing
from vouchers.wallets import permissions, qr, queries
from vouchers.wallets.issuing import examine_sheet, issue_one, issue_sheet
from vouchers.wallets.queries import Wallet


def payload(ctx: Context, wallet: Wallet) -> str:
    """The signed text of a voucher's QR, for whoever may see the voucher."""
    return qr.sign(
        ctx.house.settings.seal_key,
        scheme=f"{wallet.scheme.code}-{wallet.version.number}",
        number=wallet.voucher.number,
        uscc=wallet.holder_uscc,
        face_fen=wallet.balance.face,
        use_by=wallet.balance.last_day,
    )


def thaw(ctx: Context, voucher_id: uuid.UUID, *, reason: str) -> Wallet:
    """An officer lifts a freeze after looking into it."""
    return _set(ctx, voucher_id, frozen=False, reason=reason)


def freeze(ctx: Context, voucher_id: uuid.UUID, *, reason: str) -> Wallet:
    """An officer freezes a voucher: no new orders, nothing redeemed, until it is thawed."""
    return _set(ctx, voucher_id, frozen=True, reason=reason)


def _set(ctx: Context, voucher_id: uuid.UUID, *, frozen: bool, reason: str) -> Wallet:
    wallet = queries.get(ctx, voucher_id)
    ctx.require(permissions.RECALL, wallet.voucher)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    (freezing.freeze if frozen else freezing.thaw)(ctx, voucher_id)
    audit.record(ctx, "voucher.frozen" if frozen else "voucher.thawed", wallet.voucher, reason=reason.strip())
    return queries.get(ctx, voucher_id)


__all__ = ["examine_sheet", "freeze", "issue_one", "issue_sheet", "payload", "thaw"]
