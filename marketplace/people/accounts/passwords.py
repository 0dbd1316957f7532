"""Passwords and other secrets: what is asked of them, and how they are kept."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.base.errors import Refusal
from marketplace.base.text import N_

MIN_LENGTH = 10
MAX_LENGTH = 128
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with 19 MiB: OWASP's first recommendation."""

_COMMON = frozenset(
    """
    1234567890 12345678910 123456789a 0123456789 0987654321 9876543210 1111111111 0000000000 8888888888 6666666666
    5201314520 1314520520 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345 asdfghjkl1 asdfghjkl; zxcvbnm123
    1qazxsw23edc qazwsxedcr password12 password123 password1234 passw0rd123 p@ssw0rd123 admin12345 admin123456
    administrator abcd123456 abc1234567 abcdefghij a123456789 aa12345678 aa123456789 woaini1314 woaini5201314
    iloveyou12 iloveyou123 welcome123 letmein123 changeme123 test123456 root123456 user123456 china12345 jiangxi123
    qq12345678 wang123456 zhang123456 li12345678 woaizhongguo nihao12345 123123123123 123321123321 112233445566
    11223344556 1122334455 147258369a 159357159357 789456123a 123qweasdzxc 1234qwerasdf q1w2e3r4t5 zaq12wsxcde
    """.split()
)


def check(password: str, *, phone: str = "", email: str | None = None) -> str:
    """The password in normal form, or a refusal naming what is wrong: too short, too long, too easily guessed."""
    text = unicodedata.normalize("NFKC", password)
    bare = text.casefold()
    if len(text) < MIN_LENGTH:
        raise Refusal("password.short", N_("密码至少 {least} 个字符。"), field="password", least=MIN_LENGTH)
    if len(text) > MAX_LENGTH:
        raise Refusal("password.long", N_("密码最多 {most} 个字符。"), field="password", most=MAX_LENGTH)
    mailbox = (email or "").casefold().partition("@")[0]
    if (phone and phone in bare) or (mailbox and bare.rstrip("0123456789") == mailbox):
        raise Refusal("password.own_data", N_("密码不能包含手机号或邮箱名。"), field="password")
    if bare in _COMMON or len(set(bare)) < 4 or _runs(bare):
        raise Refusal("password.common", N_("密码过于常见，请换一个他人不易猜到的密码。"), field="password")
    return text


def _runs(text: str) -> bool:
    """Whether the whole text counts up or down, like 23456789012 or jihgfedcba."""
    pairs = zip(text, text[1:], strict=False)
    steps = {(ord(b) - ord(a)) % 10 if (a + b).isdigit() else ord(b) - ord(a) for a, b in pairs}
    return len(steps) == 1 and steps <= {-1, 1, 9}


def hashed(password: str) -> str:
    """The argon2id hash that is stored."""
    return HASHER.hash(password)


@cache
def _nobody() -> str:
    return HASHER.hash(secrets.token_urlsafe(16))


def matches(password: str, stored: str | None) -> bool:
    """Whether a password fits; without a stored hash it takes as long and says no, so that nobody learns who exists."""
    text = unicodedata.normalize("NFKC", password[: MAX_LENGTH * 4])
    try:
        return HASHER.verify(stored or _nobody(), text) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def new_secret() -> str:
    """256 random bits for a cookie, a token or a link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a random secret; it needs no salt, because it cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
