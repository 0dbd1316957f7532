"""A small real SMTP server of the tests' own: it takes mail over a socket, and can refuse it."""

from __future__ import annotations

import base64
import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class Letter:
    """One mail as it arrived."""

    sender: str
    recipients: list[str]
    message: EmailMessage


@dataclass
class Post:
    """What arrived, and how the server behaves: `refuse` is an answer to every recipient, like ``550 no``."""

    letters: list[Letter] = field(default_factory=list)
    refuse: str = ""
    drop_after_data: bool = False
    credentials: list[str] = field(default_factory=list)


class _Talk(socketserver.StreamRequestHandler):
    post: Post

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        post: Post = self.server.post  # type: ignore[attr-defined]
        sender, recipients = "", []
        self.say("220 test ready")
        while line := self.rfile.readline():
            text = line.decode().strip()
            verb = text.upper()
            if verb.startswith("EHLO"):
                self.say("250-test")
                self.say("250-8BITMIME")
                self.say("250 AUTH PLAIN")
            elif verb.startswith("AUTH PLAIN"):
                post.credentials.append(base64.b64decode(text.split()[2]).decode())
                self.say("235 welcome")
            elif verb.startswith("MAIL FROM:"):
                sender, recipients = _address(text), []
                self.say("250 ok")
            elif verb.startswith("RCPT TO:"):
                if post.refuse:
                    self.say(post.refuse)
                    continue
                recipients.append(_address(text))
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                data = self._data()
                message: Any = message_from_bytes(data, policy=policy.default)
                post.letters.append(Letter(sender, recipients, message))
                if post.drop_after_data:
                    return
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


def _address(text: str) -> str:
    return text.partition("<")[2].partition(">")[0]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class MailServer:
    """``with MailServer() as (post, url):`` a server on a free port of the loopback interface."""

    def __enter__(self) -> tuple[Post, str]:
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.post = Post()  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self._server.post, f"smtp://127.0.0.1:{self._server.server_address[1]}"  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
