"""Orientation of an image, as its EXIF data or its XMP data say.

Mirrors `src/core/data/orientation.rs`; the reasons stand there. Invariant: the version of Pillow decides nothing.
"""

from __future__ import annotations

import re
import zlib
from typing import Iterator

from PIL import Image

TAG = 0x0112
PREFIX = b"Exif\0\0"
XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
MOST_TEXT = 1 << 20

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image, content: bytes) -> Image.Image:
    """The image turned as its file says."""
    turn = _TURNS.get(orientation(content))
    return image if turn is None else image.transpose(turn)


def orientation(content: bytes) -> int:
    """1 to 8; 1 where the file says nothing, or nonsense."""
    if content.startswith(b"\xff\xd8"):
        return _of_data(*_of_jpeg(content))
    if content.startswith(b"\x89PNG"):
        return _of_data(*_of_png(content))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _of_data(*_of_webp(content))
    return 1


def _of_data(exif: bytes, xmp: bytes) -> int:
    while exif.startswith(PREFIX):
        exif = exif[len(PREFIX):]
    order: dict[bytes, str] = {b"II*\0": "little", b"MM\0*": "big"}
    found: int | None = None
    if exif[:4] in order:
        big = order[exif[:4]] == "big"

        def number(at: int, length: int) -> int:
            data = exif[at : at + length]
            return int.from_bytes(data, "big" if big else "little") if len(data) == length else -1

        directory = number(4, 4)
        entries = [directory + 2 + 12 * i for i in range(max(number(directory, 2), 0))] if directory >= 0 else []
        entry = next((at for at in entries if number(at, 2) == TAG), None)
        if entry is not None:
            length = {3: 2, 4: 4}.get(number(entry + 2, 2))
            found = number(entry + 8, length) if length else 0
    if found is None:
        match = re.search(rb'tiff:Orientation(?:="|>)([0-9])', xmp)
        found = int(match[1]) if match else 0
    return found if 1 <= found <= 8 else 1


def _of_jpeg(content: bytes) -> tuple[bytes, bytes]:
    exif, xmp, at = b"", b"", 2
    while at + 4 <= len(content):
        marker = content[at + 1]
        if content[at] != 0xFF or marker in (0, 0xFF):
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        elif marker in (0xD9, 0xDA):
            break
        else:
            length = int.from_bytes(content[at + 2 : at + 4], "big")
            data = content[at + 4 : at + 2 + length]
            if marker == 0xE1 and data.startswith(PREFIX):
                exif += data[len(PREFIX):]
            elif marker == 0xE1 and data.startswith(XMP_PREFIX):
                xmp = data[len(XMP_PREFIX):]
            at += 2 + max(length, 2)
    return exif, xmp


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind, data and place of each chunk that is whole but for its checksum."""
    at = 8
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if at + 8 + length > len(content):
            return
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length], at
        at += 12 + length


def _of_png(content: bytes) -> tuple[bytes, bytes]:
    exif, profile, xmp = None, None, b""
    for kind, data, _ in png_chunks(content):
        if kind == b"eXIf":
            exif = data
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, text = _text(kind, data)
            if keyword == b"Raw profile type exif" and text is not None:
                profile = _of_profile(text)
            elif keyword == b"XML:com.adobe.xmp" and text is not None:
                xmp = text
    return next((found for found in (exif, profile) if found is not None), b""), xmp


def _text(kind: bytes, data: bytes) -> tuple[bytes, bytes | None]:
    keyword, _, rest = data.partition(b"\0")
    if kind == b"tEXt":
        return keyword, rest
    if kind == b"zTXt":
        return keyword, _inflated(rest[1:])
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        return keyword, None
    return keyword, _inflated(parts[2]) if rest[:1] != b"\0" else parts[2]


def _inflated(data: bytes) -> bytes | None:
    try:
        stream = zlib.decompressobj()
        text = stream.decompress(data, MOST_TEXT + 1)
    except zlib.error:
        return None
    return text if stream.eof and len(text) <= MOST_TEXT else None


def _of_profile(text: bytes) -> bytes | None:
    try:
        return bytes.fromhex("".join(text.split(b"\n", 3)[3].decode("ascii").split()))
    except (IndexError, ValueError):
        return None


def _of_webp(content: bytes) -> tuple[bytes, bytes]:
    flags = content[20] if content[12:16] == b"VP8X" and len(content) > 20 else 0
    exif, xmp, at = None, None, 12
    while at + 8 <= len(content):
        kind, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            break
        if kind == b"EXIF" and flags & 8 and exif is None:
            exif = data
        elif kind == b"XMP " and flags & 4 and xmp is None:
            xmp = data
        at += 8 + length + length % 2
    return exif or b"", xmp or b""
