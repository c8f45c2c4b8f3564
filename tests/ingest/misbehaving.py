"""A local server that misbehaves: one path a kind of trouble."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Misbehaving(BaseHTTPRequestHandler):
    """One path a kind of trouble; `server.pages` may be changed between visits."""

    def do_GET(self) -> None:
        pages, path = self.server.pages, self.path  # type: ignore[attr-defined]
        self.server.asked.append((path, dict(self.headers)))  # type: ignore[attr-defined]
        if path == "/loop":
            self._answer(302, b"", Location="/loop")
        elif path.startswith("/to/"):
            self._answer(302, b"", Location=path.removeprefix("/to/"))
        elif path == "/slow":
            self._head(200, {"Content-Length": "100000"})
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)
        elif path == "/truncated":
            self._head(200, {"Content-Length": "100000"})
            self.wfile.write(b"<p>half")
            self.close_connection = True
        elif path == "/huge":
            self._head(200, {})
            for _ in range(64):
                self.wfile.write(b"x" * 1024 * 1024)
        elif path in pages:
            body, headers = pages[path]
            known = headers.get("ETag")
            same = known and self.headers.get("If-None-Match") == known
            self._answer(304 if same else 200, b"" if same else body, **headers)
        else:
            self._answer(500 if path == "/broken" else 404, b"no")

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self._head(status, {"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):  # the reader hung up, as it should
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A local server: `pages` maps a path to body and headers, `asked` is what came in."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Misbehaving)
        self.pages: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"
