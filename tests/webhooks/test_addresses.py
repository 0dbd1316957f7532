"""Where the platform may speak to: not into a network of its own, by no spelling and through no name."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marketplace.base.errors import Refusal
from marketplace.config import Settings, SettingsError
from marketplace.people.webhooks import actions, addresses, rules, sending
from marketplace.people.webhooks.addresses import Failed
from tests.webhooks.conftest import Bench, Receiver

INSIDE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::f5ff:fffe", "100::1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "223.5.5.5", "8.8.8.8", "2606:4700:4700::1111", "2400:3200::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", INSIDE)
def test_no_address_of_ours(text: str) -> None:
    assert not addresses.public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_addresses_of_the_world(text: str) -> None:
    assert addresses.public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example.com/", "ftp://erp.example.com/", "//erp.example.com/", "erp.example.com", "https://",
        "https://user:secret@erp.example.com/", "https://erp.example.com/#part", "https://erp.example.com:0/",
        "https://erp.example.com:99999/", "https://erp.example.com/a b", "https://erp.example.com/\r\nX: 1",
        "https://127.0.0.1/", "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://017700000001/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://10.0.0.8/", "https://localhost/", "https://LOCALHOST./",
        "https://db.internal/", "https://printer.local/", "https://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_addresses_that_are_not_even_registered(url: str) -> None:
    with pytest.raises(Refusal) as refusal:
        rules.normal_url(url, [])
    assert refusal.value.code in ("webhook.url", "webhook.inside") and refusal.value.field == "url"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://ERP.example.com ", "https://erp.example.com/"),
        ("https://erp.example.com:8443/hook?k=1", "https://erp.example.com:8443/hook?k=1"),
        ("https://中国.example/hook", "https://xn--fiqs8s.example/hook"),
    ],
)
def test_addresses_as_they_are_kept(typed: str, kept: str) -> None:
    assert rules.normal_url(typed, []) == kept


def _names(monkeypatch: pytest.MonkeyPatch, **book: list[str]) -> list[str]:
    """A resolver that knows these names alone; gives the list of what was asked."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        if host not in book:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in book[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["10.0.0.1"], ["1.1.1.1", "192.168.0.1"], ["::ffff:127.0.0.1"], ["2606:4700::1", "fd00::1"]],
)
def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    _names(monkeypatch, **{"rebind.example": found})
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it connected"))
    with pytest.raises(Failed) as fault:
        sending.post("https://rebind.example/", b"{}", {}, [])
    assert fault.value.problem == "address"


def test_a_delivery_to_such_a_name_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook = bench.register("https://rebind.example/hook")
    sent = bench.act(lambda ctx: actions.test(ctx, webhook.id), bench.owner)
    _names(monkeypatch, **{"rebind.example": ["127.0.0.1"]})
    assert bench.deliver() == "0 delivered, 1 failed"
    row = bench.act(lambda ctx: ctx.session.get(type(sent), sent.id))
    assert (row.problem, row.state) == ("address", "waiting")


def test_a_name_is_asked_once_and_the_answer_is_kept(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """The address that was judged is the address that is spoken to; Host is the name's."""
    port = int(receiver.url.split(":")[2].split("/")[0])
    asked = _names(monkeypatch, **{"erp.example": ["127.0.0.1"]})
    networks = [ipaddress.ip_network("127.0.0.0/8")]
    assert sending.post(f"http://erp.example:{port}/hook", b"{}", {}, networks) == 204
    assert asked == ["erp.example"]
    assert receiver.heard[0][0]["host"] == f"erp.example:{port}"


def test_without_tls_only_opened_networks_are_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch, **{"erp.example": ["1.1.1.1"]})
    with pytest.raises(Failed) as fault:
        sending.post("http://erp.example/", b"{}", {}, [ipaddress.ip_network("10.0.0.0/8")])
    assert fault.value.problem == "address"


def test_unknown_names_and_closed_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    _names(monkeypatch, **{"shut.example": ["127.0.0.1"]})
    networks = [ipaddress.ip_network("127.0.0.0/8")]
    for url, problem in ((f"http://shut.example:{port}/", "connection"), ("https://nowhere.example/", "name")):
        with pytest.raises(Failed) as fault:
            sending.post(url, b"{}", {}, networks, patience=2)
        assert fault.value.problem == problem


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate of a name that signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.mark.parametrize(
    ("host", "trusted", "problem"),
    [("erp.example", True, None), ("other.example", True, "tls"), ("erp.example", False, "tls")],
)
def test_the_certificate_is_that_of_the_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, trusted: bool, problem: str | None
) -> None:
    """Pinned to an address, and yet the name is asked for (SNI) and its certificate is demanded."""
    certificate, key = _certificate(tmp_path, "erp.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    wanted: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: wanted.append(name)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def serve() -> None:
        try:
            plain, _ = listener.accept()
            plain.settimeout(5)
            with context.wrap_socket(plain, server_side=True) as spoken:
                while not spoken.recv(65536).endswith(b"{}"):
                    pass
                spoken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _names(monkeypatch, **{host: ["127.0.0.1"]})
    url = f"https://{host}:{listener.getsockname()[1]}/"
    networks = [ipaddress.ip_network("127.0.0.0/8")]
    if problem is None:
        assert sending.post(url, b"{}", {}, networks, patience=5) == 200
    else:
        with pytest.raises(Failed) as fault:
            sending.post(url, b"{}", {}, networks, patience=5)
        assert fault.value.problem == problem
    thread.join(6)
    listener.close()
    assert wanted == [host]


def test_networks_are_named_rightly(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, secret_key="x" * 32, seal_key="11" * 32, webhook_networks="10.0.0.0/8, fd00::/8"
    )
    settings.complete()
    assert [str(network) for network in settings.networks_opened] == ["10.0.0.0/8", "fd00::/8"]
    settings.webhook_networks = "10.0.0.1/8"
    with pytest.raises(SettingsError, match="WEBHOOK_NETWORKS"):
        settings.complete()
