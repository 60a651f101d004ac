"""Makes pictures, good and bad, for tests."""

from io import BytesIO
from typing import Any

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8), **options: Any) -> bytes:
    """A red rectangle."""
    buffer = BytesIO()
    Image.new("RGB", size, (200, 0, 0)).save(buffer, kind, **options)
    return buffer.getvalue()
