"""Contents of the files in `traps.json`, as hexadecimal digits: every kind once, a few hundred bytes each; and the
identity of each set of images in it.

    python tests/images/traps.py          (needs Pillow; paths and what is expected of them are written by hand)
"""

import io
import json
import struct
import zlib
from pathlib import Path

from PIL import Image

TRAPS = Path(__file__).with_name("traps.json")


def written(**options: object) -> bytes:
    """A small picture with something to see in a format."""
    picture = Image.linear_gradient("L").resize((9, 7)).convert("RGB")
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()


def contents() -> dict[str, bytes]:
    jpeg, png = written(format="JPEG", quality=30, optimize=True), written(format="PNG")
    second = Image.new("RGB", (9, 7), "navy")
    return {
        "jpeg": jpeg,
        "mpo": written(format="MPO", quality=30, save_all=True, append_images=[second]),
        "png": png,
        "webp": written(format="WEBP", quality=30),
        "gif": written(format="GIF"),
        "bmp": written(format="BMP"),
        "tiff": written(format="TIFF"),
        "ico": written(format="ICO"),
        "ppm": written(format="PPM"),
        # The mark of a frame that is coded by arithmetic.
        "arithmetic": jpeg.replace(b"\xff\xc0", b"\xff\xc9", 1),
        "cut": jpeg[: len(jpeg) - 30],
        "cut png": png[: len(png) // 2 + 20],
        "text": b"these are words\n",
        "letters": b"BMW and other makers of cars, of which there are many\n",
        "empty": b"",
    }


def lines(value: object, depth: int) -> str:
    """JSON with one line for each entry of the outer `depth` levels."""
    if depth == 0 or not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        entries = [f"{json.dumps(k, ensure_ascii=False)}: {lines(v, depth - 1)}" for k, v in value.items()]
    else:
        entries = [lines(v, depth - 1) for v in value]
    begin, end = "{}" if isinstance(value, dict) else "[]"
    return begin + "\n" + ",\n".join(entries) + "\n" + end


def identity(contents: list[bytes]) -> dict[str, object]:
    """As `src/core/data/identity.rs` says."""
    rows = b"".join(struct.pack("<IQ", zlib.crc32(content), len(content)) for content in contents)
    return {"count": len(contents), "fingerprint": f"{zlib.crc32(rows):08x}"}


if __name__ == "__main__":
    traps = json.loads(TRAPS.read_text())
    found = contents()
    traps["contents"] = {kind: content.hex() for kind, content in found.items()}
    for chosen in traps["chosen"]:
        # Behind links lie JPEGs.
        names = [f"{chosen['folder']}/{name}" for name, _ in chosen["images"]]
        chosen["identity"] = identity([found[traps["files"].get(name, "jpeg")] for name in names])
    TRAPS.write_text(lines(traps, 2) + "\n")
