"""Pictures known by their first bytes: PNG, JPEG, WebP and GIF, and how large they are in pixels."""

from collections.abc import Callable
from struct import error, unpack_from
from typing import Final

from chatcli.core.messages import Image
from chatcli.errors import UsageError

KINDS: Final = "PNG, JPEG, WebP or GIF"
MOST_BYTES: Final = 20_000_000
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")


def picture(name: str, data: bytes) -> Image | None:
    """The picture that ``data`` is; None if it is none that models read.

    Raises:
        UsageError: It begins like one, and is damaged or too large.
    """
    for mime, begins, size in _KINDS:
        if begins(data):
            try:
                width, height = size(data)
            except error:  # it ends before it says how large it is
                width = height = 0
            if not (width and height):
                raise UsageError(f"{name} is a damaged picture.", "Look whether another program opens it.")
            if len(data) > MOST_BYTES:
                large = f"{len(data) / 1e6:,.1f} MB"
                raise UsageError(f"{name} has {large}: 20 MB is the most.", "Make it smaller first.")
            return Image(name, mime, data, width, height)
    return None


def _png_size(data: bytes) -> tuple[int, int]:
    width, height = unpack_from(">II", data, 16)
    return width, height


def _gif_size(data: bytes) -> tuple[int, int]:
    width, height = unpack_from("<HH", data, 6)
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """From the segment that begins the picture itself: there may be others before it, thumbnails in them."""
    at = 2
    while True:
        mark, marker = unpack_from(">BB", data, at)
        if mark != 0xFF:
            return 0, 0
        if marker == 0xFF:  # filling
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + (0 if 0xD0 <= marker <= 0xD8 or marker == 0x01 else _length(data, at + 2))


def _length(data: bytes, at: int) -> int:
    (length,) = unpack_from(">H", data, at)
    return int(length)


def _webp_size(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8X":
            wide, wider, high, higher = unpack_from("<HBHB", data, 24)
            return (wide | wider << 16) + 1, (high | higher << 16) + 1
        case b"VP8L":
            (bits,) = unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case _:
            return 0, 0


_Begins = Callable[[bytes], bool]
_Size = Callable[[bytes], tuple[int, int]]

_KINDS: Final[tuple[tuple[str, _Begins, _Size], ...]] = (
    ("image/png", lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _png_size),
    ("image/jpeg", lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg_size),
    ("image/gif", lambda data: data[:6] in {b"GIF87a", b"GIF89a"}, _gif_size),
    ("image/webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp_size),
)
