"""Corpus of image files with the pixels that Pillow reads from them. Invariant: the same files every time; beside
NAME lies NAME.png, which is NAME as `dino_web.data.open_image` shows it: upright, 8 bits, over white.

    python tests/images/corpus.py FOLDER            # about 300 files
    IMAGE_CORPUS=FOLDER cargo test -p dino-core --test pillow -- --nocapture
    python tests/images/corpus.py --small tests/images/pillow    # the files of the repository

It needs Pillow 11 or later, and `cjpeg` of libjpeg-turbo for the orders of scans that Pillow does not write.
"""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

SIZES = [(1, 1), (2, 3), (5, 1), (7, 9), (8, 8), (16, 16), (17, 15), (33, 31), (61, 43), (130, 97), (200, 151)]
SAMPLINGS = [
    "1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4", "3x1", "4x1,2x1,2x1", "4x1,2x1,1x1", "2x4,1x2,1x2",
    "2x2,2x1,1x2", "2x2,1x2,2x1", "1x1,2x2,1x1", "2x1,2x1,1x1", "2x2,1x1,2x2",
]
PROGRESSIVE = "0,1,2: 0-0, 0, 1;\n0: 1-5, 0, 2;\n2: 1-63, 0, 1;\n1: 1-63, 0, 1;\n0: 6-63, 0, 2;\n0: 1-63, 2, 1;\n" \
    "0,1,2: 0-0, 1, 0;\n2: 1-63, 1, 0;\n1: 1-63, 1, 0;\n0: 1-63, 1, 0;\n"
# Restarts are `-restart N`: so many lines of units, or so many units with a B.
ORDERS: dict[str, tuple[str, list[str]]] = {
    "std": ("", []),
    "opt": ("", ["-optimize"]),
    "each": ("0;\n1;\n2;\n", []),
    "back": ("2;\n1;\n0;\n", []),
    "two": ("0;\n1,2;\n", []),
    "rst": ("", ["-restart", "1"]),
    "rst3": ("", ["-restart", "3B"]),
    "eachrst": ("0;\n1;\n2;\n", ["-restart", "2B"]),
    "prog": ("", ["-progressive"]),
    "progrst": (PROGRESSIVE, ["-restart", "5B"]),
    "progdc": ("0: 0-0, 0, 0;\n1: 0-0, 0, 0;\n2: 0-0, 0, 0;\n0: 1-63, 0, 0;\n1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n", []),
}


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    """Soft forms with an edge here and there and a little noise, as photographs have it."""
    draw = random.Random(f"{width} {height} {seed}")
    large = (max(width, 32), max(height, 32))
    image = Image.linear_gradient("L").resize(large)
    image = Image.merge("RGB", [image, ImageOps.mirror(image.rotate(90)), ImageOps.flip(image)])
    forms = ImageDraw.Draw(image)
    for _ in range(14):
        x, y, r = draw.randrange(large[0]), draw.randrange(large[1]), draw.randrange(3, max(large) // 3)
        forms.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=tuple(draw.randrange(256) for _ in range(3)))
    image = image.filter(ImageFilter.GaussianBlur(1.5))
    noise = Image.frombytes("L", large, bytes(draw.randrange(12) for _ in range(large[0] * large[1])))
    return ImageChops.add(image, Image.merge("RGB", [noise] * 3)).crop((0, 0, width, height))


def opened(file: Path) -> Image.Image:
    """What the PyTorch package makes of a file."""
    with Image.open(file) as image:
        kind = image.format
        image = ImageOps.exif_transpose(image)
        if image.mode == "I;16":
            image = grey16(image)
        if kind == "BMP" and image.mode == "RGBA" and image.getextrema()[3] == (0, 0):
            image = image.convert("RGB")
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        return image.convert("RGB")


def grey16(image: Image.Image) -> Image.Image:
    values = struct.unpack(f"<{image.width * image.height}H", image.tobytes())
    return Image.frombytes("L", image.size, bytes((value + 128) // 257 for value in values))


def cjpeg(image: Image.Image, sampling: str, scans: str, options: list[str], folder: Path) -> bytes:
    """A JPEG with its components in that order of scans."""
    source = io.BytesIO()
    image.save(source, "PPM")
    script = folder / "scans.txt"
    script.write_text(scans)
    chosen = ["-scans", str(script)] if scans else []
    command = ["cjpeg", "-quality", "85", "-sample", sampling, *options, *chosen]
    done = subprocess.run(command, input=source.getvalue(), capture_output=True)
    script.unlink()
    return done.stdout if done.returncode == 0 else b""


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def adobe(jpeg: bytes, transform: int) -> bytes:
    """The JPEG with another colour transform in Adobe's marker."""
    at = jpeg.index(b"Adobe") + 11
    return jpeg[:at] + bytes([transform]) + jpeg[at + 1 :]


def jpegs(folder: Path):
    for sampling in SAMPLINGS:
        for order, (scans, options) in ORDERS.items():
            image = photo(61, 43)
            yield f"61x43-{sampling.replace(',', '_')}-{order}.jpg", cjpeg(image, sampling, scans, options, folder)
    for width, height in SIZES:
        for sampling in ("2x2", "2x1", "1x2"):
            for order in ("std", "each", "progrst"):
                name = f"{width}x{height}-{sampling}-{order}.jpg"
                yield name, cjpeg(photo(width, height), sampling, *ORDERS[order], folder)
    for width, height in SIZES[6:10]:
        image = photo(width, height, 1)
        inks = image.convert("CMYK")
        grey = image.convert("L")
        yield f"{width}x{height}-grey.jpg", saved(grey, "JPEG")
        yield f"{width}x{height}-grey2x2.jpg", cjpeg(grey, "2x2", "", ["-grayscale"], folder)
        yield f"{width}x{height}-greyprog.jpg", saved(grey, "JPEG", progressive=True)
        yield f"{width}x{height}-rgb.jpg", saved(image, "JPEG", keep_rgb=True)
        yield f"{width}x{height}-rgbprog.jpg", cjpeg(image, "1x1", "", ["-rgb", "-progressive"], folder)
        yield f"{width}x{height}-cmyk.jpg", saved(inks, "JPEG", quality=90)
        yield f"{width}x{height}-cmykprog.jpg", saved(inks, "JPEG", quality=90, progressive=True)
        # Pillow turns inks around: as brightness and colour they are what was turned before.
        bands = [*ImageOps.invert(image).convert("YCbCr").split(), Image.new("L", image.size, 20)]
        turned = Image.merge("CMYK", [*map(ImageOps.invert, bands[:3]), bands[3]])
        yield f"{width}x{height}-ycck.jpg", adobe(saved(turned, "JPEG", quality=90), 2)
        yield f"{width}x{height}-q100.jpg", saved(image, "JPEG", quality=100, subsampling=0)
        yield f"{width}x{height}-q5.jpg", saved(image, "JPEG", quality=5)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"turned-{orientation}.jpg", saved(photo(30, 20), "JPEG", exif=exif)


def others():
    for width, height in SIZES[::2]:
        size, image = f"{width}x{height}", photo(width, height, 2)
        alpha = image.copy()
        alpha.putalpha(image.convert("L"))
        few = image.quantize(16)
        for name, kind in [("rgb", image), ("rgba", alpha), ("grey", image.convert("L")), ("bit", image.convert("1")),
                           ("greya", alpha.convert("LA")), ("palette", few), ("few", image.quantize(4))]:
            yield f"{size}-{name}.png", saved(kind, "PNG")
        yield f"{size}-seen.png", saved(few, "PNG", transparency=3)
        deep = [min(65535, 257 * v + v % 97) for v in image.convert("L").tobytes()]
        deep = Image.frombytes("I;16", image.size, struct.pack(f"<{len(deep)}H", *deep))
        yield f"{size}-grey16.png", saved(deep, "PNG")
        for name, kind in [("rgb", image), ("rgba", alpha)]:
            yield f"{size}-{name}.webp", saved(kind, "WEBP", quality=80)
            yield f"{size}-{name}-lossless.webp", saved(kind, "WEBP", lossless=True)
        for name, kind in [("rgb", image), ("grey", image.convert("L")), ("bit", image.convert("1")), ("palette", few)]:
            yield f"{size}-{name}.bmp", saved(kind, "BMP")
        for name, kind in [("palette", image.quantize(200)), ("grey", image.convert("L")), ("few", image.quantize(4))]:
            yield f"{size}-{name}.gif", saved(kind, "GIF")
        yield f"{size}-seen.gif", saved(few, "GIF", transparency=3)
        yield f"{size}-rows.gif", saved(few, "GIF", interlace=1)
    for value in (0, 255):
        yield f"alpha{value}.bmp", bmp(photo(17, 15), value, masked=True)
        yield f"fourth{value}.bmp", bmp(photo(17, 15), value, masked=False)


def bmp(image: Image.Image, alpha: int, masked: bool) -> bytes:
    """A BMP of 32 bits with a header that has a mask for transparency, or that has none."""
    image = ImageOps.flip(image)
    image.putalpha(alpha)
    body = image.tobytes("raw", "BGRA")
    length, kind = (108, 3) if masked else (40, 0)
    header = struct.pack("<IiiHHIIiiII", length, *image.size, 1, 32, kind, len(body), 2835, 2835, 0, 0)
    if masked:
        header += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + len(header) + len(body), 0, 0, 14 + len(header)) + header + body


# One file of each kind, as small as shows the kind.
SMALL = {
    *(f"61x43-{s}-{o}.jpg" for s in ("1x1", "2x1", "1x2", "2x2") for o in ("each", "std")),
    *(f"61x43-2x2-{order}.jpg" for order in ("two", "rst3", "progrst", "progdc")),
    *(f"61x43-{s}-prog.jpg" for s in ("4x1", "1x4", "4x1_2x1_2x1", "2x2_2x1_1x2")),
    "61x43-4x1_2x1_2x1-each.jpg", "61x43-2x2_1x1_2x2-back.jpg", "61x43-1x1_2x2_1x1-eachrst.jpg",
    *(f"33x31-{kind}.jpg" for kind in ("grey2x2", "rgb", "rgbprog", "cmyk", "cmykprog", "ycck", "q100")),
    "1x1-2x2-each.jpg", "5x1-2x2-progrst.jpg", "turned-6.jpg",
    *(f"17x15-{kind}" for kind in ("rgba.png", "greya.png", "seen.png", "grey16.png", "bit.png", "rgba.webp",
                                   "rgb-lossless.webp", "palette.bmp", "bit.bmp", "seen.gif", "rows.gif")),
    "alpha0.bmp", "alpha255.bmp", "fourth0.bmp",
}


def main() -> None:
    small = "--small" in sys.argv
    folder = Path(sys.argv[-1])
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for name, content in [*jpegs(folder), *others()]:
        # cjpeg makes no interleaved scan of more than ten blocks a unit.
        if not content or (small and name not in SMALL):
            continue
        (folder / name).write_bytes(content)
        opened(folder / name).save(folder / f"{name}.png", optimize=True)
        made += 1
    print(f"{made} files in {folder}")


if __name__ == "__main__":
    main()
