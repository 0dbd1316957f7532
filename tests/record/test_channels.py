"""Mail over a real server and short messages over a gateway: sent again under one id, and nothing smuggled in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.support.mail import MailServer
from tests.support.outbox import LETTER, deliver, put, waiting


def test_mail_goes_over_a_real_server(platform: Any) -> None:
    with MailServer() as (post, url):
        platform.house.settings.smtp_url = url.replace("//", "//bot%40city.example:p%3Aw@")
        platform.house.settings.public_url = "https://vouchers.example"
        message_id = put(platform, "mail", LETTER)
        assert deliver(platform) == "1 sent, 0 failed"
    (letter,) = post.letters
    assert letter.recipients == ["owner@example.org"] and letter.sender == "bot@city.example"
    assert letter.message["Subject"] == "您好" and letter.message["To"] == "owner@example.org"
    assert letter.message["Message-ID"] == f"<{message_id}@vouchers.example>"
    assert letter.message.get_content().replace("\r\n", "\n") == LETTER["body"]
    assert post.credentials == ["\0bot@city.example\0p:w"]


def test_a_refused_or_lost_mail_is_sent_again_under_its_id(platform: Any) -> None:
    with MailServer() as (post, url):
        platform.house.settings.smtp_url = url
        put(platform, "mail", LETTER)
        post.refuse = "451 later"
        assert deliver(platform) == "0 sent, 1 failed"
        assert "451" in (waiting(platform)[0].last_error or "")
        post.refuse, post.drop_after_data = "", True
        platform.clock.advance(hours=1)
        assert deliver(platform) == "0 sent, 1 failed", "taken, but the answer never came"
        post.drop_after_data = False
        platform.clock.advance(hours=1)
        assert deliver(platform) == "1 sent, 0 failed"
    assert len(post.letters) == 2 and len({letter.message["Message-ID"] for letter in post.letters}) == 1


def test_headers_cannot_be_smuggled_in(platform: Any) -> None:
    with MailServer() as (post, url):
        platform.house.settings.smtp_url = url
        put(platform, "mail", {**LETTER, "subject": "x\r\nBcc: thief@example.org"})
        assert deliver(platform) == "1 sent, 0 failed"
    (letter,) = post.letters
    assert letter.message["Bcc"] is None and letter.recipients == ["owner@example.org"]


class _Gateway(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append((self.headers["Idempotency-Key"], body))  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def gateway() -> Iterator[Any]:
    server = HTTPServer(("127.0.0.1", 0), _Gateway)
    server.heard, server.answer = [], 202  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_short_messages_go_to_the_gateway(platform: Any, gateway: Any) -> None:
    platform.house.settings.sms_url = f"http://127.0.0.1:{gateway.server_address[1]}/send"
    message_id = put(platform, "sms", {"to": "+8613807971234", "text": "服务券已发放"})
    gateway.answer = 503
    assert deliver(platform) == "0 sent, 1 failed"
    gateway.answer = 202
    platform.clock.advance(minutes=1)
    assert deliver(platform) == "1 sent, 0 failed"
    body = {"id": str(message_id), "to": "+8613807971234", "text": "服务券已发放"}
    assert gateway.heard == [(str(message_id), body)] * 2


def test_the_gateway_must_be_a_web_address(platform: Any) -> None:
    platform.house.settings.sms_url = "file:///etc/passwd"
    put(platform, "sms", {"to": "1", "text": "x"})
    assert deliver(platform) == "0 sent, 1 failed"
