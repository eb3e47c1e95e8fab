"""An application's endpoint for QStash, with the SDK's own signature check: `python qstash_jobs.py PORT`."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bodies import body
from qstash import Receiver

receiver = Receiver(os.environ["QSTASH_CURRENT_SIGNING_KEY"], os.environ["QSTASH_NEXT_SIGNING_KEY"])


class Endpoint(BaseHTTPRequestHandler):
    """One job a request; what it raises is the answer."""

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"])).decode()
        url = f"http://127.0.0.1:{sys.argv[1]}{self.path}"
        receiver.verify(signature=self.headers["Upstash-Signature"], body=content, url=url)
        try:
            body(int(self.headers["Upstash-Retried"]) + 1, os.getpid(), json.loads(content))
        except IndexError as error:
            self._answer(500, str(error))
        else:
            self._answer(200, "done")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Endpoint)
    sys.stdout.write("up\n")
    sys.stdout.flush()
    server.serve_forever()
