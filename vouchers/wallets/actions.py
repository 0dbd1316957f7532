"""The verbs of a voucher that people use."""

from __future__ import annotations

import uuid

from marketplace.base.context import Context
from marketplace.base.errors import Invalid
from marketplace.base.money import Yuan
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.record.audit import actions as audit
from marketplace.record.notices import actions as notices
from vouchers.ledger.actions import freezing, recalls
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


def recall(ctx: Context, voucher_id: uuid.UUID, *, amount_fen: int, reason: str, key: str) -> Wallet:
    """An officer takes back fen that no order holds or spent, with the reason that the enterprise reads (四(二)).

    It returns to its purpose's line, or lapses once that is closed. `key` names the act, made by the client. Refuses
    `voucher.too_little`.
    """
    wallet = queries.get(ctx, voucher_id)
    ctx.require(permissions.RECALL, wallet.voucher)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    posted = recalls.recall(ctx, voucher_id, amount_fen, key)
    if not posted.replayed:
        audit.record(ctx, "voucher.recalled", wallet.voucher, amount_fen=amount_fen, reason=reason.strip())
        text = N_("服务券 {number} 被收回 {amount}：{reason}")
        facts = {"number": wallet.number, "amount": Yuan(amount_fen), "reason": reason.strip()}
        notices.tell(
            ctx, organisation_id=wallet.voucher.enterprise_id, text=Text(text, facts), url=f"/vouchers/{voucher_id}"
        )
    return queries.get(ctx, voucher_id)


def give_back(ctx: Context, voucher_id: uuid.UUID, *, amount_fen: int, reason: str, key: str) -> Wallet:
    """An enterprise gives back fen that it does not need and that no order holds or spent; the pilot office hears why.

    It returns to its purpose's line, or lapses once that is closed. `key` names the act, made by the client. Refuses
    `voucher.too_little`.
    """
    wallet = queries.get(ctx, voucher_id)
    ctx.require(permissions.GIVE_BACK, wallet.voucher)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    posted = recalls.recall(ctx, voucher_id, amount_fen, key)
    if not posted.replayed:
        audit.record(ctx, "voucher.given_back", wallet.voucher, amount_fen=amount_fen, reason=reason.strip())
        facts = {"number": wallet.number, "amount": Yuan(amount_fen), "reason": reason.strip()}
        text = Text(N_("企业退回服务券 {number} 的 {amount}：{reason}"), facts)
        notices.tell(ctx, role=Role.PILOT, pilot_id=wallet.voucher.pilot_id, text=text, url=f"/vouchers/{voucher_id}")
    return queries.get(ctx, voucher_id)


def _set(ctx: Context, voucher_id: uuid.UUID, *, frozen: bool, reason: str) -> Wallet:
    wallet = queries.get(ctx, voucher_id)
    ctx.require(permissions.RECALL, wallet.voucher)
    if not reason.strip():
        raise Invalid({"reason": [N_("请写明理由。")]})
    (freezing.freeze if frozen else freezing.thaw)(ctx, voucher_id)
    audit.record(ctx, "voucher.frozen" if frozen else "voucher.thawed", wallet.voucher, reason=reason.strip())
    return queries.get(ctx, voucher_id)


__all__ = ["examine_sheet", "freeze", "give_back", "issue_one", "issue_sheet", "payload", "recall", "thaw"]
