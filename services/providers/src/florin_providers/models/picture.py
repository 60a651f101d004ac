"""Pictures: verified, encoded anew so that nothing rides along, kept in a table of their own."""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final, Self
from uuid import UUID

from PIL import Image as Pillow
from PIL import ImageOps
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Malformed
from florin_contracts.images import Image
from florin_providers.models.base import Base

BYTES_MAX: Final = 524_288
SIDE_PIXELS_MAX: Final = 2_048
_FORMATS: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_MODES: Final = {"PNG": ("L", "RGB", "RGBA"), "JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}
# What Pillow raises, of its own and of what it is built on, when bytes are not what they say.
_BROKEN: Final = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error,
    Pillow.DecompressionBombError, Warning,
)  # fmt: skip


class NoPicture(Malformed):
    """What was sent is no picture that is taken: which of the rules it breaks, the detail says."""

    code = "no_picture"


class Purpose(StrEnum):
    """What a picture is for."""

    ICON = "icon"
    LOGO = "logo"
    STAMP = "stamp"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as we encoded it."""

    media_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Its digest."""
        return hashlib.sha256(self.data).hexdigest()

    def as_image(self, path: str) -> Image:
        """As others are told of it."""
        return Image(sha256=self.sha256, path=path)

    @classmethod
    def read(cls, sent: bytes) -> Self:
        """From the bytes of a PNG, JPEG or WebP, turned as it was to be shown; raises `NoPicture`.

        Only pixels are taken over: no metadata, no profile, no second frame, nothing at the end.
        """
        if len(sent) > BYTES_MAX:
            raise NoPicture(f"a picture has at most {BYTES_MAX} bytes", limit=BYTES_MAX)
        try:
            return cls._encoded(sent)
        except _BROKEN as error:
            raise NoPicture("this is no PNG, JPEG or WebP that can be read") from error

    @classmethod
    def _encoded(cls, sent: bytes) -> Self:
        with Pillow.open(BytesIO(sent), formats=tuple(_FORMATS)) as opened:
            kind = opened.format or ""
            if max(opened.size) > SIDE_PIXELS_MAX:  # known from its head: nothing is unpacked yet
                limit = SIDE_PIXELS_MAX
                raise NoPicture(f"a picture has at most {limit} by {limit} pixels", limit=limit)
            if getattr(opened, "n_frames", 1) > 1:
                raise NoPicture("a picture that moves is not taken")
            shown = ImageOps.exif_transpose(opened)
            plain = shown if shown.mode in _MODES[kind] else shown.convert(_MODES[kind][-1])
        pixels = Pillow.frombytes(plain.mode, plain.size, plain.tobytes())
        buffer = BytesIO()
        pixels.save(buffer, kind, **({} if kind == "PNG" else {"quality": 90}))
        return cls(_FORMATS[kind], buffer.getvalue())


class StoredPicture(Base):
    """The picture that an owner shows for a purpose. Who may see the owner, its routes ask."""

    __tablename__ = "pictures"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    media_type: Mapped[str]
    data: Mapped[bytes]


async def replace_picture(
    session: AsyncSession, owner_id: UUID, purpose: Purpose, picture: Picture | None
) -> None:
    """Have the owner show another picture in the place of the one that there was, or none."""
    if picture is None:
        mine = (StoredPicture.owner_id == owner_id) & (StoredPicture.purpose == purpose)
        await session.execute(delete(StoredPicture).where(mine))
        return
    columns = {
        "sha256": picture.sha256,
        "media_type": picture.media_type,
        "data": picture.data,
    }
    row = insert(StoredPicture).values(owner_id=owner_id, purpose=purpose, **columns)
    await session.execute(
        row.on_conflict_do_update(index_elements=["owner_id", "purpose"], set_=columns)
    )
