"""Bodies are bounded: a request that sends more is refused before it is held in memory."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from florin_chassis.errors import TooLarge
from florin_chassis.http.problems import problem_of


class BodyLimit:
    """Middleware: answers 413 to a body over `bytes_max`, whether or not it declared its length."""

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app, self._bytes_max = app, bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body is within the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = TooLarge(f"a body has at most {self._bytes_max} bytes", limit=self._bytes_max)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._bytes_max:
            await problem_of(refusal)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._bytes_max:
                raise refusal
            return message

        await self._app(scope, counted, send)
