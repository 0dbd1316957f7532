"""What is asked of passwords, how they are kept, and how phone numbers and addresses are read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from marketplace.base.errors import Refusal
from marketplace.people.accounts import passwords, rules
from marketplace.people.accounts.pages.door import safe_next


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-one", "password.short"),
        ("x" * 129 + "yz12", "password.long"),
        ("13912345678", "password.own_data"),
        ("my13912345678!", "password.own_data"),
        ("wanglihong88", "password.own_data"),
        ("1234567890", "password.common"),
        ("Password123", "password.common"),
        ("aaaaaaaaaabb", "password.common"),
        ("23456789012345", "password.common"),
        ("jihgfedcba", "password.common"),
        ("１２３４５６７８９０", "password.common"),
    ],
)
def test_weak_passwords_are_refused(password: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        passwords.check(password, phone="13912345678", email="wanglihong@example.cn")
    assert (refused.value.code, refused.value.field) == (code, "password")


@pytest.mark.parametrize(
    "password", ["tea-field-over-the-river", "茶园过了河就是我的家乡", "x7#Kp2!mQ9", "a b c d e f"]
)
def test_long_enough_and_uncommon_is_enough(password: str) -> None:
    assert passwords.check(password, phone="13912345678")


def test_ten_characters_are_enough_and_nine_are_not() -> None:
    assert passwords.check("abcd!fgh1j")
    with pytest.raises(Refusal):
        passwords.check("abcd!fgh1")


def test_the_hash_is_argon2id_of_the_size_we_promise() -> None:
    stored = passwords.hashed("tea-field-over-the-river")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches("tea-field-over-the-river", stored)
    assert not passwords.matches("tea-field-over-the-rivers", stored)
    assert not passwords.matches("tea-field-over-the-river", None)
    assert not passwords.matches("tea-field-over-the-river", "garbage")


def test_a_full_width_password_is_the_same_one(monkeypatch: Any) -> None:
    stored = passwords.hashed(passwords.check("ｔｅａ-field-9"))
    assert passwords.matches("tea-field-9", stored)
    assert passwords.matches("ｔｅａ-field-9", stored)


def test_secrets_are_long_random_and_kept_as_digests() -> None:
    first, second = passwords.new_secret(), passwords.new_secret()
    assert first != second
    assert re.fullmatch(r"[\w-]{43}", first)
    assert len(passwords.digest(first)) == 32


@pytest.mark.parametrize("text", ["13912345678", "+86 139 1234 5678", "0086-139-1234-5678", "１３９１２３４５６７８"])
def test_phone_numbers_have_one_form(text: str) -> None:
    assert rules.normal_phone(text) == "13912345678"
    assert rules.normal_login(text) == "13912345678"


@pytest.mark.parametrize("text", ["", "12912345678", "1391234567", "139123456789", "0795-3998877", "abc"])
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        rules.normal_phone(text)


def test_addresses_have_one_form() -> None:
    assert rules.normal_email("  Wang@Example.CN ") == "wang@example.cn"
    assert rules.normal_login("Wang@Example.CN") == "wang@example.cn"
    assert rules.normal_email("") is None
    for text in ("a@b", "a b@c.cn", "@c.cn", "a@@c.cn", "a" * 65 + "@c.cn"):
        with pytest.raises(Refusal):
            rules.normal_email(text)


@pytest.mark.parametrize("target", ["/", "/orders/1?x=%2F%2Fevil.example", "/account#top", "/a//b"])
def test_paths_of_ours_are_followed(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/%0a\nSet-Cookie: x",
        "/\tx",
        "javascript:alert(1)",
        "orders",
        "/x\\y",
        "/" + "x" * 1000,
    ],
)
def test_anything_else_is_not(target: str | None) -> None:
    assert safe_next(target) is None
