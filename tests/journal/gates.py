"""What stands outside the house in these tests: a mail server and a gateway for text messages."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

DESK = "truc@sonla.example"
NUMBER = "0212000123"


@contextmanager
def serving(server: Any) -> Iterator[int]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def text_gateway() -> Iterator[SimpleNamespace]:
    """`got` is what came, `answer(request)` says (status, body, headers) for each."""
    gate = SimpleNamespace(got=[], answer=lambda _request: (200, b"{}", {}))

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gate.got.append({**body, "path": self.path, "headers": dict(self.headers)})
            status, said, headers = gate.answer(gate.got[-1])
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_said):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Door)) as port:
        gate.url = f"http://127.0.0.1:{port}/sms"
        yield gate


@contextmanager
def mail_server() -> Iterator[SimpleNamespace]:
    """`got` is (recipients, text) of each message; `says(command)` may answer in its own words."""
    server = SimpleNamespace(got=[], says=lambda _command: None)
    usual = {"EHLO": "250 mail", "HELO": "250 mail", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
             "RSET": "250 ok", "NOOP": "250 ok", "QUIT": "221 bye"}  # fmt: skip

    class Door(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 mail")
            recipients: list[str] = []
            for raw in self.rfile:
                command = raw.decode().strip()
                verb = command[:4].upper()
                answer = server.says(command) or usual.get(verb, "502 what?")
                self.say(answer)
                if verb == "RCPT":
                    recipients.append(command)
                if verb == "DATA" and answer.startswith("354"):
                    server.got.append((recipients, self.text()))
                    recipients = []
                    self.say("250 taken")
                if verb == "QUIT":
                    return

        def text(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                lines.append(line)
            return b"".join(lines)

        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Door)) as port:
        server.port = port
        yield server
