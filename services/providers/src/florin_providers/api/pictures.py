"""How pictures are sent and answered, whoever they belong to."""

from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from florin_providers.models import Picture, StoredPicture

_FORMATS: Final = ("image/png", "image/jpeg", "image/webp")
_BINARY: Final = {"type": "string", "format": "binary"}

SENT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {media_type: {"schema": _BINARY} for media_type in _FORMATS},
    }
}
"""For the document: what a route takes that is sent a picture."""

ANSWERED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media_type: {"schema": _BINARY} for media_type in _FORMATS}},
    304: {"description": "It is the one that you have"},
}
"""For the document: what a route answers that shows one."""


async def _sent(request: Request) -> Picture:
    """What it is, its bytes say, whatever the header does; other threads go on meanwhile."""
    return await run_in_threadpool(Picture.read, await request.body())


SentPicture = Annotated[Picture, Depends(_sent)]
IfNoneMatch = Annotated[str | None, Header()]


def shown(picture: StoredPicture, if_none_match: str | None) -> Response:
    """The picture, which nothing may take for anything else."""
    tag = f'"{picture.sha256}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(picture.data, media_type=picture.media_type, headers=headers)
