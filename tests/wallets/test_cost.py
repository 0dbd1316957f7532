"""What a redemption costs through HTTP: statements, counted at the driver."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from marketplace.people.accounts import signing
from marketplace.web.db import db
from tests.support.purse import Purse
from tests.support.shop import place_order
from tests.wallets.test_spending import deliver


def test_a_redemption_is_ten_statements(purse: Purse, listing: Any) -> None:
    voucher = purse.issue()
    order = place_order(purse.town, listing, voucher_id=voucher)
    deliver(purse, order, 100_000_00)
    _, secret = purse.act(
        lambda ctx: signing.make_token(ctx, "till", ["order.confirm", "order.read"], 30), purse.town.enterprise
    )
    app = purse.town.app
    said: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = app.test_client().post(
            f"/api/v1/orders/{order.id}/confirmation",
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "till-1"},
        )
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200, answer.get_json()
    listed = [s for s in said if not s.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]
    assert len(listed) <= 10, "\n\n".join(listed)
