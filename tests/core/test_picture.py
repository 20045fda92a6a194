"""Pictures, made here byte by byte as their formats say."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcli.core.messages import Image
from chatcli.core.picture import picture
from chatcli.errors import UsageError


def png(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width + 1) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def gif(width, height, version=b"GIF89a"):
    return version + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(width, height, *before, frame=0xC0):
    size = struct.pack(">BHHB", 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + b"".join(before) + segment(frame, size) + b"\xff\xd9"


def webp(kind, body):
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


EXTENDED = bytes(4) + (799).to_bytes(3, "little") + (599).to_bytes(3, "little")
LOSSLESS = b"\x2f" + struct.pack("<I", 799 | 599 << 14 | 1 << 28)
LOSSY = bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 800 | 1 << 14, 600 | 2 << 14)

EXIF = segment(0xE1, b"Exif\0\0" + jpeg(160, 120))  # with its thumbnail
TABLES = segment(0xC4, bytes(20)) + segment(0xDB, bytes(64))


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (png(800, 600), "image/png"),
        (gif(800, 600), "image/gif"),
        (gif(800, 600, b"GIF87a"), "image/gif"),
        (jpeg(800, 600), "image/jpeg"),
        (jpeg(800, 600, frame=0xC2), "image/jpeg"),
        (jpeg(800, 600, EXIF, TABLES), "image/jpeg"),
        (jpeg(800, 600, b"\xff\xff\xff", segment(0xFE, b"filled")), "image/jpeg"),
        (webp(b"VP8X", EXTENDED), "image/webp"),
        (webp(b"VP8L", LOSSLESS), "image/webp"),
        (webp(b"VP8 ", LOSSY), "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_bytes_and_its_size_read(data, mime):
    assert picture("shot", data) == Image("shot", mime, data, 800, 600)


@pytest.mark.parametrize(
    "data",
    [b"", b"x = 1\n", b"PNG", b"GIF88a", b"RIFF\0\0\0\0WAVEfmt ", b"BM6\0", b"%PDF-1.7", b"<svg/>"],
)
def test_anything_else_is_no_picture(data):
    assert picture("shot.png", data) is None


@pytest.mark.parametrize(
    "data",
    [
        png(800, 600)[:20],
        png(0, 600),
        gif(800, 600)[:8],
        gif(800, 0),
        jpeg(800, 600)[:6],
        jpeg(0, 600),
        b"\xff\xd8\xff\xe0\0\x04ab no segment",
        webp(b"VP8X", EXTENDED)[:25],
        webp(b"EXIF", bytes(30)),
    ],
)
def test_a_picture_that_does_not_say_how_large_it_is_is_damaged(data):
    with pytest.raises(UsageError) as refused:
        picture("shot.png", data)
    assert refused.value.message == "shot.png is a damaged picture."


BEGINNINGS = [
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xd9\xff",
    b"RIFF\0\0\0\0WEBPVP8 ",
]


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=80))
def test_whatever_follows_it_is_a_picture_or_damaged(beginning, rest):
    try:
        found = picture("shot", beginning + rest)
    except UsageError:
        return
    assert found.width > 0 < found.height
