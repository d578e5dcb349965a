"""Pictures: the pixels of `open_image` against those that are recorded for `tests/pillow.rs`."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dino_web import data, images
from helpers import ROOT

CORPUS = ROOT / "tests" / "images" / "pillow"
FILES = sorted(file for file in CORPUS.iterdir() if (CORPUS / f"{file.name}.png").exists())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_pixels_are_those_of_rust(file: Path) -> None:
    with Image.open(CORPUS / f"{file.name}.png") as recorded:
        expected = np.asarray(recorded.convert("RGB")).astype(int)
    found = np.asarray(data.open_image(file, 1 << 16)).astype(int)
    assert found.shape == expected.shape
    # Another libjpeg than Pillow's own may filter colours otherwise.
    assert abs(found - expected).mean() <= (1 if file.suffix in (".jpg", ".webp") else 0)


def test_grey_of_sixteen_bits_is_divided_not_cut_off(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype("<u2")
    for values in (ramp, ramp // 16):
        Image.fromarray(values).save(tmp_path / "deep.png")
        found = np.asarray(data.open_image(tmp_path / "deep.png", 64))
        expected = (values.astype(int) + 128) // 257
        assert (found == expected[..., None]).all()


def test_a_bmp_whose_transparency_is_zero_everywhere_is_seen() -> None:
    seen = np.asarray(data.open_image(CORPUS / "alpha0.bmp", 64))
    assert seen.std() > 10 and seen.mean() < 250


def test_an_invisible_png_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (230, 40, 30, 0)).save(tmp_path / "none.png")
    assert (np.asarray(data.open_image(tmp_path / "none.png", 64)) == 255).all()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def grey_png(depth: int, row: bytes, width: int, transparent: int) -> bytes:
    """One row of grey, one value of which is transparent."""
    head = struct.pack(">IIBBBBB", width, 1, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tRNS", struct.pack(">H", transparent)) + chunk(
        b"IDAT", zlib.compress(b"\0" + row)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("depth, row, expected", [
    (1, b"\x40", [0, 255]), (2, b"\x18", [0, 255, 170]), (4, b"\x01\x20", [0, 255, 34]), (8, b"\0\1\2", [0, 255, 2]),
    (16, b"\0\0\0\1\1\1", [0, 255, 1])])
def test_grey_that_is_transparent_is_white(tmp_path: Path, depth: int, row: bytes, expected: list[int]) -> None:
    (tmp_path / "grey.png").write_bytes(grey_png(depth, row, len(expected), 1))
    found = np.asarray(data.open_image(tmp_path / "grey.png", 64))
    assert found[0, :, 0].tolist() == expected


def test_damage_beside_the_pixels_is_no_damage(tmp_path: Path) -> None:
    file = tmp_path / "plain.png"
    Image.linear_gradient("L").save(file)
    content = file.read_bytes()
    expected = np.asarray(data.open_image(file, 256))
    broken = bytearray(chunk(b"tEXt", b"Comment\0words"))
    broken[-1] ^= 1
    for note in (bytes(broken), chunk(b"gAMA", b"\1")):
        file.write_bytes(content[:33] + note + content[33:])
        assert images.find_images([tmp_path]) == [file]
        assert (np.asarray(data.open_image(file, 256)) == expected).all()
    # What begins with a capital letter may not be left aside.
    file.write_bytes(content[:33] + chunk(b"ABCD", b"") + content[33:])
    with pytest.raises(images.Rejected):
        images.examine(file)


def bmp(bits: int, masks: list[int], pixels: bytes, palette: bytes = b"") -> bytes:
    """Two by one pixels with the header of Windows 4."""
    body = struct.pack("<IiiHHIIiiII", 108, 2, 1, 1, bits, 3 if masks else 0, 0, 0, 0, len(palette) // 4, 0)
    body += struct.pack("<4I", *(masks or [0] * 4)) + bytes(52) + palette
    return b"BM" + struct.pack("<IHHI", 14 + len(body) + len(pixels), 0, 0, 14 + len(body)) + body + pixels


@pytest.mark.parametrize("content, expected", [
    (bmp(16, [0xF00, 0xF0, 0xF, 0xF000], struct.pack("<HH", 0xFF00, 0xF0F8)), [[255, 0, 0], [0, 255, 136]]),
    (bmp(32, [0x3FF00000, 0xFFC00, 0x3FF, 0], struct.pack("<II", 0x3FF00000, 0x200)), [[255, 0, 0], [0, 0, 128]]),
    (bmp(2, [], b"\x60\0\0\0", bytes([0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0])), [[0, 0, 255], [0, 255, 0]]),
], ids=["4444", "10-10-10", "2 bits"])
def test_a_bmp_of_any_masks_is_read(tmp_path: Path, content: bytes, expected: list[list[int]]) -> None:
    (tmp_path / "a.bmp").write_bytes(content)
    assert len(images.find_images([tmp_path])) == 1
    assert np.asarray(data.open_image(tmp_path / "a.bmp", 64))[0].tolist() == expected


EXIF = b"MM\0\x2a\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
XMP = b'<rdf:Description tiff:Orientation="6"/>'


def segment(content: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def test_the_orientation_is_found_wherever_it_stands(tmp_path: Path) -> None:
    for name in ("jpeg", "png", "webp"):
        Image.linear_gradient("L").resize((64, 32)).convert("RGB").save(tmp_path / name, format=name)
    jpeg, png, webp = ((tmp_path / name).read_bytes() for name in ("jpeg", "png", "webp"))
    profile = b"\nexif\n      %d\n%s\n" % (len(EXIF), EXIF.hex().encode())
    xmp = b"XML:com.adobe.xmp\0\0\0\0\0" + XMP

    def boxed(flags: int, kind: bytes, content: bytes) -> bytes:
        content += bytes(len(content) % 2)
        body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0, 63, 0, 0, 31, 0, 0]) + webp[12:]
        body += kind + struct.pack("<I", len(content)) + content
        return b"RIFF" + struct.pack("<I", len(body)) + body

    turned = [jpeg[:2] + segments + jpeg[2:] for segments in (
        segment(b"Exif\0\0" + EXIF), segment(b"Exif\0\0Exif\0\0" + EXIF), segment(b"Exif\0\0") + segment(b"Exif\0\0" + EXIF),
        segment(b"http://ns.adobe.com/xap/1.0/\0" + XMP))]
    for kind, content in ((b"eXIf", EXIF), (b"eXIf", b"Exif\0\0Exif\0\0" + EXIF), (b"tEXt", b"Raw profile type exif\0" + profile),
                          (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile)), (b"iTXt", xmp)):
        turned += [png[:33] + chunk(kind, content) + png[33:], png[:-12] + chunk(kind, content) + png[-12:]]
    turned += [boxed(8, b"EXIF", EXIF), boxed(8, b"EXIF", b"Exif\0\0" + EXIF), boxed(4, b"XMP ", XMP)]
    byte = EXIF.replace(b"\0\3\0\0\0\1\0\6", b"\0\1\0\0\0\1\6\0")
    upright = [jpeg, png, webp, boxed(0, b"EXIF", EXIF), jpeg[:2] + segment(b"Exif\0\0" + byte) + jpeg[2:]]
    for size, files in (((32, 64), turned), ((64, 32), upright)):
        for i, content in enumerate(files):
            (tmp_path / "file").write_bytes(content)
            assert data.open_image(tmp_path / "file", 64).size == size, i
