"""An owner's alarm: a real HTTP server on 127.0.0.1 that answers as a test says."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Alarm:
    """What it has been told, and what it answers; `drips`: headers without end, slowly."""

    url: str = ""
    status: int = 204
    location: str = ""
    drips: bool = False
    told: list[dict[str, Any]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


@contextmanager
def alarm_up() -> Iterator[Alarm]:
    alarm = Alarm()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            alarm.told.append(json.loads(body))
            alarm.raw.append(f"{self.requestline}\n{self.headers}\n{body}")
            if alarm.drips:
                self._drip()
                return
            self.send_response(alarm.status)
            if alarm.location:
                self.send_header("Location", alarm.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(600):
                try:
                    self.wfile.write(f"X-{number}: x\r\n".encode())
                except OSError:
                    return
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    alarm.url = f"http://127.0.0.1:{server.server_address[1]}/samvy/s3cr3t"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield alarm
    finally:
        server.shutdown()
        server.server_close()
