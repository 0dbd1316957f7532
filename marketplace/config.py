"""Settings from ``MARKETPLACE_*`` environment variables: typed, checked once, documented in one table."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as setting
from pathlib import Path
from typing import Any

from marketplace.base.text import N_


class SettingsError(Exception):
    """A setting that the platform refuses to start with."""


def _doc(text: str, **kwargs: Any) -> Any:
    return setting(metadata={"doc": text}, **kwargs)


@dataclass
class Settings:
    """Everything an installation may set; each field is ``MARKETPLACE_`` plus its name in capitals."""

    environment: str = _doc("`development`, `demo` or `production`", default="development")
    data_dir: Path = _doc("folder of the SQLite database, documents and keys", default=Path("var"))
    database_url: str = _doc(
        "`sqlite:///…` or `postgresql+psycopg://…`; default: SQLite in the data folder", default=""
    )
    secret_key: str = _doc("signs cookies and forms; in production at least 32 characters, kept secret", default="")
    seal_key: str = _doc("Ed25519 private key (hex, 32 bytes) that seals the ledger and signs voucher QR", default="")
    old_voucher_keys: str = _doc(
        "public keys (hex, 32 bytes each, separated by commas) of earlier seal keys; the QR they signed still verify",
        default="",
    )
    public_url: str = _doc("address under which people reach the platform", default="http://127.0.0.1:8000")
    proxies: int = _doc(
        "how many proxies of our own stand before the platform; a visitor's address is what the outermost of them saw",
        default=0,
    )
    cookie_secure: bool = _doc("send cookies over HTTPS only", default=False)
    debug: bool = _doc("never in production", default=False)
    smtp_url: str = _doc("`smtp://user:password@host:port`; empty: mail waits in the outbox", default="")
    sms_url: str = _doc("address of the SMS gateway; empty: messages wait in the outbox", default="")
    webhook_networks: str = _doc(
        "networks (CIDR, separated by commas) that webhooks may reach beside the public internet, over http as well; "
        "empty: public addresses over https only",
        default="",
    )
    invoice_checks: bool = _doc(
        "pay only claims whose invoices an officer looked up in the tax service, as recorded within 30 days",
        default=False,
    )
    max_upload_mb: int = _doc("largest upload in MiB", default=20)
    metrics: bool = _doc("serve /metrics to administrators", default=True)
    instance_name: str = _doc("name of the installation in the header", default=N_("数字化转型服务券平台"))

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; names every bad value at once."""
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        faults = []
        for item in fields(cls):
            raw = environ.get("MARKETPLACE_" + item.name.upper())
            if raw is None:
                continue
            try:
                values[item.name] = _convert(str(item.type), raw)
            except ValueError as fault:
                faults.append(f"MARKETPLACE_{item.name.upper()}: {fault}")
        if faults:
            raise SettingsError("; ".join(faults))
        settings = cls(**values)
        settings.complete()
        return settings

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def voucher_keys_before(self) -> list[str]:
        """The public halves of earlier keys, in hexadecimal, newest first."""
        return [key.strip() for key in self.old_voucher_keys.split(",") if key.strip()]

    @property
    def networks_opened(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """Networks of our own that webhooks may reach."""
        return [ipaddress.ip_network(part.strip()) for part in self.webhook_networks.split(",") if part.strip()]

    def complete(self) -> None:
        """Fill in what development may leave out, and refuse what production must not have."""
        self.data_dir = Path(self.data_dir).resolve()
        if self.environment not in ("development", "demo", "production"):
            raise SettingsError("MARKETPLACE_ENVIRONMENT must be development, demo or production")
        if self.production:
            self._check_production()
        else:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self.secret_key = self.secret_key or _kept(self.data_dir / "secret.key")
            self.seal_key = self.seal_key or _kept(self.data_dir / "seal.key")
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data_dir / 'marketplace.db'}"
        if not self.seal_key or len(self.seal_key) != 64 or set(self.seal_key.lower()) - set("0123456789abcdef"):
            raise SettingsError("MARKETPLACE_SEAL_KEY must be 64 hexadecimal characters")
        if any(len(key) != 64 or set(key.lower()) - set("0123456789abcdef") for key in self.voucher_keys_before):
            raise SettingsError("MARKETPLACE_OLD_VOUCHER_KEYS must be public keys of 64 hexadecimal characters each")

        try:
            self.networks_opened  # noqa: B018 - read for its fault
        except ValueError as fault:
            raise SettingsError(f"MARKETPLACE_WEBHOOK_NETWORKS: {fault}") from None

    def _check_production(self) -> None:
        faults = []
        if len(self.secret_key) < 32:
            faults.append("MARKETPLACE_SECRET_KEY must be set, with at least 32 characters")
        if not self.seal_key:
            faults.append("MARKETPLACE_SEAL_KEY must be set")
        if self.debug:
            faults.append("MARKETPLACE_DEBUG must be off")
        if not self.cookie_secure:
            faults.append("MARKETPLACE_COOKIE_SECURE must be on")
        if faults:
            raise SettingsError("; ".join(faults))

    @classmethod
    def table(cls) -> list[tuple[str, str, str]]:
        """(variable, default, meaning) of every setting, for the documentation."""
        return [("MARKETPLACE_" + item.name.upper(), str(item.default), item.metadata["doc"]) for item in fields(cls)]


def _convert(kind: str, raw: str) -> Any:
    if kind == "bool":
        if raw.lower() not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
            raise ValueError(f"{raw!r} is neither yes nor no")
        return raw.lower() in ("1", "true", "yes", "on")
    if kind == "int":
        return int(raw)
    return Path(raw) if kind == "Path" else raw


def _kept(path: Path) -> str:
    """A random key of this installation, made once and readable by its owner only."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()
