"""Two telephones through HTTP: the enterprise shows, the provider scans, types or sends a photograph."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any

import pytest
import qrcode
from flask.testing import FlaskClient
from PIL import Image

from marketplace.base.clock import SetClock
from marketplace.base.roles import Role
from marketplace.shop.orders import actions as orders
from marketplace.shop.orders.models import Order
from marketplace.shop.orders.states import OrderState
from tests.redemption.conftest import SUBSIDY, Counter
from tests.support.people import client_as, csrf_of, make_actor, post, sign_in, token_for
from tests.support.rest import Program
from vouchers.wallets import qr as voucher_qr


def show(counter: Counter, client: FlaskClient) -> str:
    """The digits on the enterprise's telephone."""
    address = f"/redemption/orders/{counter.order.id}"
    assert post(client, address).status_code == 303
    found = re.search(r"\b(\d{4}) (\d{4})\b", client.get(address).text)
    assert found
    return found[1] + found[2]


def picture(text: str, kind: str = "JPEG", **more: Any) -> bytes:
    image = qrcode.make(text, **more).convert("RGB")
    made = io.BytesIO()
    image.rotate(7, expand=True, fillcolor="white").save(made, kind)
    return made.getvalue()


def frame(client: FlaskClient, data: bytes) -> Any:
    return client.post(
        "/redemption/frames", data=data, content_type="image/jpeg", headers={"X-CSRFToken": csrf_of(client)}
    )


def test_show_scan_and_both_are_told(counter: Counter, clock: SetClock) -> None:
    enterprise, provider = counter.browser("enterprise"), counter.browser("provider")
    code = show(counter, enterprise)
    said = frame(provider, picture(f"DTC1.{code}"))
    assert said.json == {"found": "code", "text": code}
    assert counter.redeemed() == 0, "looking spends nothing"
    answer = post(provider, "/redemption/scan", {"text": code})
    assert answer.status_code == 303
    told = provider.get(answer.headers["Location"]).text
    assert "核销成功" in told and "40,000.00" in told
    live = enterprise.get(f"/redemption/orders/{counter.order.id}/live?shown=00000000-0000-0000-0000-000000000000")
    assert (live.status_code, live.headers["HX-Refresh"]) == (204, "true")
    assert "已核销" in enterprise.get(f"/redemption/orders/{counter.order.id}").text
    assert counter.redeemed() == SUBSIDY


def test_a_minute_later_the_page_says_why_the_code_is_gone(counter: Counter, clock: SetClock) -> None:
    enterprise, provider = counter.browser("enterprise"), counter.browser("provider")
    code = show(counter, enterprise)
    clock.advance(seconds=60)
    page = enterprise.get(f"/redemption/orders/{counter.order.id}").text
    assert "已过期，没有扣款" in page and code[:4] + " " not in page
    late = post(provider, "/redemption/scan", {"text": code})
    assert late.status_code == 409 and "请企业重新出示" in late.text
    assert counter.redeemed() == 0


def test_guessing_ends_with_the_time_to_wait(counter: Counter) -> None:
    provider = counter.browser("provider")
    answers = [post(provider, "/redemption/scan", {"text": f"{number:08d}"}).status_code for number in range(21)]
    assert answers[:20] == [409] * 20 and answers[20] == 429


def test_a_voucher_that_is_scanned_is_only_told_about(counter: Counter) -> None:
    provider, enterprise = counter.browser("provider"), counter.browser("enterprise")
    page = enterprise.get(f"/vouchers/{counter.voucher}").text
    number = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert number
    answer = post(provider, "/redemption/scan", {"text": number[0]})
    assert answer.status_code == 303
    told = provider.get(answer.headers["Location"]).text
    assert counter.order.number in told and "真实的服务券" in told
    stranger, person = make_actor(counter.purse.town.act, Role.PROVIDER)
    other = sign_in(counter.purse.town.app.test_client(), person)
    elsewhere = other.get(answer.headers["Location"]).text
    assert counter.order.number not in elsewhere and "没有贵单位的订单" in elsewhere
    assert counter.redeemed() == 0


def test_a_photograph_does_as_well(counter: Counter) -> None:
    provider = counter.browser("provider")
    code = show(counter, counter.browser("enterprise"))
    blank = io.BytesIO()
    Image.new("RGB", (400, 400), "white").save(blank, "PNG")
    nothing = post(provider, "/redemption/photo", {"photo": (io.BytesIO(blank.getvalue()), "空.png")})
    assert nothing.status_code == 422 and "没有找到二维码" in nothing.text
    photo = (io.BytesIO(picture(f"DTC1.{code}", "PNG")), "码.png")
    assert post(provider, "/redemption/photo", {"photo": photo}).status_code == 303
    assert counter.redeemed() == SUBSIDY


def bomb() -> bytes:
    """A PNG of 30,000 by 30,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "empty": b"",
    "no picture": b"<svg onload=alert(1)>",
    "cut": picture("DTC1.12345678")[:200],
    "large": b"\xff\xd8" + b"0" * (1 << 20),
    "bomb": bomb(),
    "another kind": picture("DTC1.12345678", "GIF"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pictures_are_refused(counter: Counter, data: bytes) -> None:
    answer = frame(counter.browser("provider"), data)
    assert 400 <= answer.status_code < 500, answer.status_code


def test_foreign_codes_are_named_as_such(counter: Counter) -> None:
    said = frame(counter.browser("provider"), picture("https://example.com/pay"))
    assert said.json == {"found": "other"}


def test_a_voucher_before_the_camera_leads_to_its_page(counter: Counter) -> None:
    said = frame(counter.browser("provider"), picture(f"{voucher_qr.PREFIX}.what-is-left-of-it")).json
    assert said["found"] == "voucher"
    assert "不是本平台签发" in counter.browser("provider").get(said["url"]).text


def test_the_camera_is_allowed_on_one_page(counter: Counter) -> None:
    provider = counter.browser("provider")
    assert provider.get("/redemption/scan").headers["Permissions-Policy"] == "camera=(self)"
    assert "camera=()" in provider.get("/orders").headers["Permissions-Policy"]


def test_i_did_not_ask_for_this(counter: Counter) -> None:
    """One press freezes the money and opens a case with the city; no code redeems it then."""
    enterprise, provider = counter.browser("enterprise"), counter.browser("provider")
    code = show(counter, enterprise)
    address = f"/orders/{counter.order.id}/why/dispute"
    assert address in enterprise.get(f"/redemption/orders/{counter.order.id}").text
    assert post(enterprise, address, {"reason": "有人让我出示，我没有买过"}).status_code == 303
    answer = post(provider, "/redemption/scan", {"text": code})
    assert answer.status_code == 409 and counter.redeemed() == 0
    row = counter.purse.act(lambda ctx: ctx.session.get(Order, counter.order.id, populate_existing=True))
    assert row.state is OrderState.DISPUTED
    city = counter.browser("city").get("/orders").text
    assert counter.order.number in city


def test_foreign_orders_are_not_found(counter: Counter) -> None:
    stranger = client_as(counter.purse.town.app, Role.ENTERPRISE)
    for address in (f"/redemption/orders/{counter.order.id}", f"/redemption/orders/{counter.order.id}/live"):
        assert stranger.get(address).status_code == 404
    assert post(stranger, f"/redemption/orders/{counter.order.id}").status_code == 404
    other = client_as(counter.purse.town.app, Role.PROVIDER)
    assert post(other, f"/redemption/orders/{counter.order.id}/request").status_code == 404


def test_by_rest(counter: Counter, clock: SetClock) -> None:
    town = counter.purse.town
    shows = Program(town.app, token_for(town.app, town.enterprise))
    scans = Program(town.app, token_for(town.app, town.provider))
    made = shows.post("/redemption/codes", {"order_id": str(counter.order.id)}, 201)
    assert made["qr"] == f"DTC1.{made['code']}"
    scans.refused("POST", "/redemption", {"code": f"{(int(made['code']) + 1) % 10**8:08d}"}, code="code.wrong")
    told = scans.pay("/redemption", {"code": made["code"]})
    assert (told["order_id"], told["amount"]["amount"]) == (str(counter.order.id), "40000.00")
    assert counter.redeemed() == SUBSIDY


def test_asked_on_its_own_device(counter: Counter) -> None:
    provider, enterprise = counter.browser("provider"), counter.browser("enterprise")
    assert post(provider, f"/redemption/orders/{counter.order.id}/request").status_code == 303
    assert "请您确认订单" in enterprise.get("/notices").text
    counter.act(lambda ctx: orders.confirm(ctx, counter.order.id), "enterprise")
    assert counter.redeemed() == SUBSIDY
