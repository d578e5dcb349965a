"""Pictures with known masks: objects with an alpha channel pasted on photographs.

    python compose.py OBJECTS PHOTOGRAPHS OUT [--count 200] [--seed 0] [--side 128]

OBJECTS and PHOTOGRAPHS are folders of images, OUT gets `images/` and `masks/` with the same names, as
`dino evaluate --images OUT/images --masks OUT/masks` reads them. Invariant: the same folders, count and
seed give the same pictures, on every machine.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from PIL import Image

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
SHARE = (0.35, 0.7)  # side of an object over that of the picture
BACKGROUND = (0.5, 1.0)  # side of the part of the photograph that is used, over its short side


def images(folder: Path) -> list[Path]:
    """All images under a folder, in an order that is the same everywhere."""
    found = [path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def background(rng: random.Random, path: Path, side: int) -> Image.Image:
    """A random square of a photograph."""
    photograph = Image.open(path).convert("RGB")
    part = round(min(photograph.size) * rng.uniform(*BACKGROUND))
    left = rng.randint(0, photograph.width - part)
    top = rng.randint(0, photograph.height - part)
    square = photograph.crop((left, top, left + part, top + part))
    return square.resize((side, side), Image.BICUBIC)


def compose(rng: random.Random, object_path: Path, photograph: Path, side: int) -> tuple[Image.Image, Image.Image]:
    """A picture and its mask, white where the object is."""
    picture = background(rng, photograph, side)
    thing = Image.open(object_path).convert("RGBA")
    size = round(side * rng.uniform(*SHARE))
    thing = thing.resize((size, size), Image.BICUBIC)
    if rng.random() < 0.5:
        thing = thing.transpose(Image.FLIP_LEFT_RIGHT)
    # Anywhere, the corners as likely as the middle, so that a map that only knows the middle is not enough.
    place = (rng.randint(0, side - size), rng.randint(0, side - size))
    picture.paste(thing, place, thing)
    mask = Image.new("L", (side, side), 0)
    mask.paste(thing.getchannel("A").point(lambda alpha: 255 if alpha >= 128 else 0), place)
    return picture, mask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objects", type=Path)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--side", type=int, default=128)
    args = parser.parse_args()
    objects, photographs = images(args.objects), images(args.photographs)
    for folder, found in ((args.objects, objects), (args.photographs, photographs)):
        if not found:
            parser.error(f"{folder}: expected images, found none")
    rng = random.Random(args.seed)
    for kind in ("images", "masks"):
        (args.out / kind).mkdir(parents=True, exist_ok=True)
    for index in range(args.count):
        picture, mask = compose(rng, rng.choice(objects), rng.choice(photographs), args.side)
        picture.save(args.out / "images" / f"{index:04}.png")
        mask.save(args.out / "masks" / f"{index:04}.png")
    print(f"{args.count} pictures with masks in {args.out}")


if __name__ == "__main__":
    main()
