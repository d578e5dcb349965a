"""Images that Pillow reads otherwise than `src/core/data/decode.rs`: PNGs with damage beside their pixels or grey that is
transparent, BMPs with unusual masks. Invariant: what Rust reads is read here, with the same pixels.
"""

from __future__ import annotations

import zlib
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .orientation import png_chunks

# Pillow has more, which Rust refuses. MPO, several JPEGs in a file, is recognised as JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


# Chunks without which a PNG is no picture.
NEEDED = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
END = b"\0\0\0\0IEND\xae\x42\x60\x82"


def opened(content: bytes) -> Image.Image:
    """The image of a file, not yet decoded where Pillow can do so later. Raises what Pillow raises."""
    try:
        return Image.open(BytesIO(_mended(content)), formats=FORMATS)
    except Exception:
        image = _masked_bmp(content)
        if image is None:
            raise
        return image


def flattened(image: Image.Image, content: bytes) -> Image.Image:
    """The image in red, green and blue, transparency laid over white."""
    seen = _grey_alpha(image, content)
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    # Programs that know no transparency leave its byte 0. Of a BMP nothing is meant to be invisible.
    if content[:2] == b"BM" and image.mode == "RGBA" and image.getextrema()[3] == (0, 0):
        image = image.convert("RGB")
    if seen is not None:
        image = image.convert("L").convert("LA")
        image.putalpha(seen)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits as grey of 8, which Pillow would cut off at 255 (`I;16`, and `I` of Pillow before 11)."""
    grey = (np.asarray(image).astype(np.int64).clip(0, 65535) + 128) // 257
    return Image.fromarray(grey.astype(np.uint8))


def _grey_alpha(image: Image.Image, content: bytes) -> Image.Image | None:
    """Where a grey PNG is seen: of 16 bits Pillow forgets it, of 2 and 4 bits it compares other numbers."""
    if not content.startswith(b"\x89PNG") or content[25] != 0 or content[24] not in (2, 4, 16):
        return None
    value = next((data for kind, data, at in png_chunks(content) if kind == b"tRNS" and _is_whole(content, at)), b"")
    if len(value) < 2:
        return None
    scale = {2: 85, 4: 17, 16: 1}[content[24]]
    seen = np.asarray(image).astype(np.int64) != int.from_bytes(value[:2], "big") * scale
    return Image.fromarray(seen.astype(np.uint8) * 255)


def _is_whole(content: bytes, at: int) -> bool:
    """True if the checksum of a PNG's chunk is right."""
    length = int.from_bytes(content[at : at + 4], "big")
    expected = content[at + 8 + length : at + 12 + length]
    return zlib.crc32(content[at + 4 : at + 8 + length]).to_bytes(4, "big") == expected


def _mended(content: bytes) -> bytes:
    """A PNG without the chunks beside its pixels, of which Rust leaves aside those that are damaged, and with an end; a
    BMP with what fills up its last row."""
    if content[:2] == b"BM":
        return content + bytes(3)
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content
    kept = [content[:8]]
    for kind, data, at in png_chunks(content):
        end = at + 12 + len(data)
        if not kind[:1].islower() and kind not in NEEDED:
            raise ValueError("a chunk that no decoder may leave aside is not known")
        # Small letters at the beginning: a decoder may do without it.
        if not kind[:1].islower() or (kind == b"tRNS" and _is_whole(content, at)):
            kept.append(content[at:end])
        if kind == b"IEND":
            break
    else:
        kept.append(END)
    return b"".join(kept)


def _masked_bmp(content: bytes) -> Image.Image | None:
    """A BMP without compression, of 2 bits or with masks that Pillow does not know."""
    def number(at: int, length: int = 4) -> int:
        return int.from_bytes(content[at : at + length], "little")

    header, width, high = number(14), number(18), int.from_bytes(content[22:26], "little", signed=True)
    bits, compression, height = number(28, 2), number(30), abs(high)
    if content[:2] != b"BM" or header not in (40, 52, 56, 64, 108, 124) or not width * height:
        return None
    if (bits, compression) not in ((2, 0), (16, 0), (16, 3), (32, 0), (32, 3)):
        return None
    masks = [number(54 + 4 * i) for i in range(3)] + [number(66) if header >= 56 else 0]
    if compression == 0:
        masks = [0x7C00, 0x3E0, 0x1F, 0] if bits == 16 else [0xFF0000, 0xFF00, 0xFF, 0]
    row = (width * bits + 31) // 32 * 4
    behind = 14 + header + (12 if compression == 3 and header == 40 else 0) + (16 if bits == 2 else 0)
    start = number(10) or behind
    data = np.frombuffer(content[start : start + row * height], np.uint8)
    if data.size < row * height:
        raise OSError("image file is truncated")
    rows = data.reshape(height, row)[:: 1 if high < 0 else -1]
    if bits == 2:
        places = np.stack([rows >> shift & 3 for shift in (6, 4, 2, 0)], axis=2).reshape(height, -1)[:, :width]
        count = min(number(46) or 4, 4)
        palette = np.zeros((4, 4), np.uint8)
        palette[:count] = np.frombuffer(content[14 + header : 14 + header + 4 * count], np.uint8).reshape(-1, 4)
        return Image.fromarray(np.ascontiguousarray(palette[places][..., 2::-1]))
    values = np.ascontiguousarray(rows).view("<u2" if bits == 16 else "<u4")[:, :width].astype(np.int64)
    channels = [_channel(values, mask) for mask in (masks if masks[3] else masks[:3])]
    return Image.fromarray(np.stack(channels, axis=2))


def _channel(values: NDArray[np.int64], mask: int) -> NDArray[np.uint8]:
    """The bits of a mask as 0 to 255; of more than 8, the highest."""
    if not mask:
        return np.zeros(values.shape, np.uint8)
    shift = (mask & -mask).bit_length() - 1
    length = (mask >> shift).bit_length()
    found = (values & mask) >> shift
    if length > 8:
        return (found >> (length - 8)).astype(np.uint8)
    most = (1 << length) - 1
    return ((found * 255 + most // 2) // most).astype(np.uint8)
