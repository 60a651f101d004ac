"""Stands in for a service: the same commands and answers, and nothing behind them."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Readiness(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()


def main(name: str, what: str) -> None:
    if os.environ.get("STAND_IN_REFUSES") == f"{name} {what}":
        sys.exit(f"{name} refuses to {what}")
    if what == "install":
        sys.stdout.write(json.dumps({"user_id": "1", "invitation_token": "once"}) + "\n")
    if what in {"all", "api"}:
        address = os.environ["FLORIN_HTTP_HOST"], int(os.environ["FLORIN_HTTP_PORT"])
        HTTPServer(address, Readiness).serve_forever()


main(*sys.argv[1:3])
