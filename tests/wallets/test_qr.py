"""The QR proves and never spends: every changed bit is found, and the command says so offline."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace.base import ids
from marketplace.cli import cli
from marketplace.config import SettingsError
from tests.conftest import make_settings
from vouchers.wallets import qr

KEY = "22" * 32
PUBLIC = qr.public_key(KEY)
KEYS = {qr.key_id(PUBLIC): PUBLIC}
NUMBER = ids.random_number()
PAYLOAD = qr.sign(
    KEY, scheme="RX-1", number=NUMBER, uscc="91350100M000100Y43", face_fen=12_345_67, use_by=date(2032, 2, 29)
)


def test_what_was_signed_is_what_is_read() -> None:
    said = qr.verify(PAYLOAD, KEYS)
    assert (said.number, said.face_fen, said.use_by, said.scheme) == (NUMBER, 12_345_67, date(2032, 2, 29), "RX-1")
    assert "91350100M000100Y43" not in base64.urlsafe_b64decode(PAYLOAD.split(".")[1] + "==").decode()


def test_the_signature_is_plain_ed25519_over_the_documented_bytes() -> None:
    head, body, signature = PAYLOAD.split(".")
    pad = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))  # noqa: E731
    Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEY)).public_key().verify(
        pad(signature), head.encode() + b"\n" + pad(body)
    )


@given(st.integers(0, len(PAYLOAD) - 1), st.sampled_from("AZaz09-_.="))
def test_no_changed_character_passes(place: int, symbol: str) -> None:
    if PAYLOAD[place] == symbol:
        return
    with pytest.raises(qr.Unverified):
        qr.verify(PAYLOAD[:place] + symbol + PAYLOAD[place + 1 :], KEYS)


@pytest.mark.parametrize("text", ["", "DTV1", "DTV1..", "DTV2." + PAYLOAD[5:], PAYLOAD + ".x", "券" * 50, PAYLOAD * 20])
def test_nonsense_is_said_to_be_none(text: str) -> None:
    with pytest.raises(qr.Unverified):
        qr.verify(text, KEYS)


def test_another_installation_s_voucher() -> None:
    with pytest.raises(qr.Unverified):
        qr.verify(qr.sign("33" * 32, scheme="RX-1", number=NUMBER, uscc="X", face_fen=1, use_by=date(2032, 1, 1)), KEYS)


def test_after_a_change_of_keys_the_old_one_still_proves() -> None:
    new = "33" * 32
    kept = qr.published(new, [PUBLIC.hex()])
    assert list(kept) == [qr.key_id(qr.public_key(new)), qr.key_id(PUBLIC)], "the one that signs now comes first"
    assert qr.verify(PAYLOAD, kept).number == NUMBER
    with pytest.raises(qr.Unverified, match="unknown key"):
        qr.verify(PAYLOAD, qr.published(new))
    forged = qr.sign(new, scheme="RX-1", number=NUMBER, uscc="X", face_fen=1, use_by=date(2032, 1, 1))
    with pytest.raises(qr.Unverified):
        qr.verify(forged, KEYS)


def test_the_installation_publishes_and_reads_its_earlier_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    monkeypatch.setattr(app.extensions["settings"], "old_voucher_keys", PUBLIC.hex())
    told = client.get("/.well-known/voucher-keys.json").json["keys"]
    assert [key["id"] for key in told][1:] == [qr.key_id(PUBLIC)]
    said = client.post("/api/v1/vouchers/verification", json={"payload": PAYLOAD}).json
    assert said["genuine"] and said["number"] == ids.spoken(NUMBER)
    assert ids.spoken(NUMBER) in client.get("/vouchers/verify", query_string={"text": PAYLOAD}).text


@pytest.mark.parametrize("keys", ["nonsense", PUBLIC.hex()[:-1], PUBLIC.hex() + ",xx"])
def test_a_wrong_earlier_key_stops_the_start(tmp_path: Path, keys: str) -> None:
    with pytest.raises(SettingsError, match="OLD_VOUCHER_KEYS"):
        make_settings(tmp_path, old_voucher_keys=keys)


def test_the_picture_reads_back() -> None:
    svg = qr.svg(PAYLOAD, label="x")
    size = int(svg.split('viewBox="0 0 ')[1].split(" ")[0])
    side = size * 4
    picture = bytearray(b"\xff" * side * side)
    path = svg.split('class="qr-ink" d="')[1].split('"')[0]
    for run in path.split("M")[1:]:
        x, rest = run.split(" ", 1)
        y, width = rest.split("h")[0], rest.split("h")[1].split("v")[0]
        for row in range(int(y) * 4, int(y) * 4 + 4):
            start = row * side + int(x) * 4
            picture[start : start + int(width) * 4] = bytes(int(width) * 4)
    assert [code.text for code in zxingcpp.read_barcodes(memoryview(picture).cast("B", (side, side)))] == [PAYLOAD]


def test_the_command(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [{"id": qr.key_id(PUBLIC), "public": PUBLIC.hex()}]}))
    run = CliRunner().invoke(cli, ["voucher", "verify", PAYLOAD, "--key", str(file)])
    assert run.exit_code == 0 and ids.spoken(NUMBER) in run.output
    forged = PAYLOAD[:-20] + ("B" if PAYLOAD[-20] == "A" else "A") + PAYLOAD[-19:]
    run = CliRunner().invoke(cli, ["voucher", "verify", forged, "--key", str(file)])
    assert run.exit_code == 1
    file.write_text("nonsense")
    run = CliRunner().invoke(cli, ["voucher", "verify", PAYLOAD, "--key", str(file)])
    assert run.exit_code == 2


@given(st.text(ids.ALPHABET, min_size=15, max_size=15), st.integers(0, 15), st.sampled_from(ids.ALPHABET))
def test_a_number_finds_every_wrong_symbol(body: str, place: int, symbol: str) -> None:
    number = body + ids.check_symbol(body)
    assert ids.normal_number(ids.spoken(number).lower()) == number
    changed = number[:place] + symbol + number[place + 1 :]
    assert changed == number or ids.normal_number(changed) is None


@given(st.text(ids.ALPHABET, min_size=15, max_size=15), st.integers(0, 14))
def test_a_number_finds_swapped_neighbours(body: str, place: int) -> None:
    number = body + ids.check_symbol(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or ids.normal_number(swapped) is None
