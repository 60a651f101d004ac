"""A picture is taken for its pixels only, and within limits."""

import contextlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from services.providers.tests.pictures import picture

from florin_providers.models.picture import BYTES_MAX, SIDE_PIXELS_MAX, NoPicture, Picture


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")],
)
def test_a_picture_keeps_its_kind_and_size(kind: str, media_type: str) -> None:
    read = Picture.read(picture(kind, (31, 17)))
    assert read.media_type == media_type
    with Image.open(BytesIO(read.data)) as again:
        assert (again.format, again.size) == (kind, (31, 17))


def test_nothing_rides_along_with_the_pixels() -> None:
    words = PngInfo()
    words.add_text("comment", "<script>alert(1)</script>")
    exif = Image.Exif()
    exif[0x010E] = "<script>"
    for sent in (
        picture(pnginfo=words) + b"<script>after the end</script>",
        picture("JPEG", exif=exif, comment=b"<script>"),
        picture("WEBP", exif=exif, xmp=b"<script>", icc_profile=b"<script>"),
        picture(icc_profile=b"<script>"),
    ):
        assert b"<script>" not in Picture.read(sent).data


def test_a_picture_that_was_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(BytesIO(Picture.read(picture("JPEG", (30, 10), exif=exif)).data)) as upright:
        assert upright.size == (10, 30)


def moving() -> bytes:
    buffer = BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        picture("GIF"),
        picture("BMP"),
        picture()[:40],
        picture("JPEG")[:-30],
        picture(size=(SIDE_PIXELS_MAX + 1, 1)),
        picture(size=(20_000, 20_000)),
        moving(),
        picture() + b" " * BYTES_MAX,
    ],
    ids=["empty", "svg", "gif", "bmp", "cut png", "cut jpeg", "wide", "bomb", "moving", "long"],
)
def test_what_is_no_still_picture_within_the_limits_is_refused(sent: bytes) -> None:
    with pytest.raises(NoPicture):
        Picture.read(sent)


@given(st.data())
def test_whatever_is_broken_in_a_picture_is_refused_or_read_and_never_a_fault(
    data: st.DataObject,
) -> None:
    sent = bytearray(picture(data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NoPicture):
        assert Picture.read(bytes(sent)).data
