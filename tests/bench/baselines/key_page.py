"""A service that costs the least: every GET, whatever its path, is answered with the key set."""

import os

from starlette.types import Receive, Scope, Send

KEYS_VARIABLE = "BARE_KEYS"


async def app(scope: Scope, _: Receive, send: Send) -> None:
    """Answer; nothing is read of what was sent."""
    if scope["type"] != "http":
        return
    content = os.environ[KEYS_VARIABLE].encode()
    length = str(len(content)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})
