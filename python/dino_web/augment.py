"""DINO's multi-crop augmentation: what is drawn for a crop, and the crop made of it.

The draws are those of `src/augment.rs`, number for number; the pixels are torchvision's and Pillow's, which
define them. Invariant: a crop depends on (seed, step, index in the batch, crop) and its picture alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
import torchvision.transforms.functional as F
from PIL import Image, ImageFilter, ImageOps
from torchvision.transforms import InterpolationMode

from .config import Crops
from .rng import CROP, Rng

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
_ASPECT = (3 / 4, 4 / 3)
LEAST_BLUR = 0.1  # pixels, where a larger one is allowed


@dataclass(frozen=True)
class Draw:
    """Everything random about one crop."""

    frame: tuple[int, int, int, int]  # top, left, height, width in pixels of the picture
    size: int  # side of the crop in pixels
    flip: bool = False
    jitter: list[tuple[str, float]] = field(default_factory=list)  # operations in order, with factors
    grayscale: bool = False
    blur_sigma: float | None = None  # pixels of the crop
    solarize: bool = False


def draw(crops: Crops, seed: int, step: int, image: int, picture: tuple[int, int], crop: int) -> Draw:
    """Draws crop `crop` (0 and 1 global, then locals) of image `image` of the batch at `step`, for a
    picture of (width, height) pixels."""
    rng = Rng(seed, step, image, CROP + crop)
    if crop < 2:
        size, scale = crops.global_size, crops.global_scale
        blur, solarize = (1.0, 0.0) if crop == 0 else (0.1, 0.2)
    else:
        size, scale, blur, solarize = crops.local_size, crops.local_scale, 0.5, 0.0
    # In the order in which the keywords are written.
    return Draw(
        frame=_frame(rng, picture, scale),
        size=size,
        flip=rng.chance(0.5),
        jitter=_jitter(rng, crops.jitter) if rng.chance(0.8) else [],
        grayscale=rng.chance(0.2),
        blur_sigma=(rng.range(min(LEAST_BLUR, crops.blur), crops.blur) or None) if rng.chance(blur) else None,
        solarize=rng.chance(solarize),
    )


def apply(picture: Image.Image, draw: Draw) -> torch.Tensor:
    """The crop (3, size, size), normalised, of an RGB picture."""
    top, left, height, width = draw.frame
    size = [draw.size, draw.size]
    image = F.resized_crop(picture, top, left, height, width, size, InterpolationMode.BICUBIC)
    if draw.flip:
        image = F.hflip(image)
    for name, factor in draw.jitter:
        image = _ADJUST[name](image, factor)
    if draw.grayscale:
        image = F.rgb_to_grayscale(image, num_output_channels=3)
    if draw.blur_sigma is not None:
        image = image.filter(ImageFilter.GaussianBlur(radius=draw.blur_sigma))
    if draw.solarize:
        image = ImageOps.solarize(image)
    pixels = torch.from_numpy(np.array(image, dtype=np.float32)).permute(2, 0, 1) / 255
    return (pixels - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


_ADJUST = {
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "hue": F.adjust_hue,
}


def _frame(rng: Rng, picture: tuple[int, int], scale: tuple[float, float]) -> tuple[int, int, int, int]:
    """A box of random area and aspect ratio inside the picture; after ten misses the central one."""
    width, height = picture
    for _ in range(10):
        area = width * height * rng.range(*scale)
        aspect = math.exp(rng.range(math.log(_ASPECT[0]), math.log(_ASPECT[1])))
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 1 <= w <= width and 1 <= h <= height:
            top = rng.below(height - h + 1)
            return top, rng.below(width - w + 1), h, w
    w, h = width, height
    if width / height < _ASPECT[0]:
        h = min(round(width / _ASPECT[0]), height)
    elif width / height > _ASPECT[1]:
        w = min(round(height * _ASPECT[1]), width)
    w, h = max(w, 1), max(h, 1)
    return (height - h) // 2, (width - w) // 2, h, w


def _jitter(rng: Rng, strength: float) -> list[tuple[str, float]]:
    order = ["brightness", "contrast", "saturation", "hue"]
    for last in (3, 2, 1):
        other = rng.below(last + 1)
        order[last], order[other] = order[other], order[last]
    factors = {
        "brightness": rng.range(1.0 - 0.4 * strength, 1.0 + 0.4 * strength),
        "contrast": rng.range(1.0 - 0.4 * strength, 1.0 + 0.4 * strength),
        "saturation": rng.range(1.0 - 0.2 * strength, 1.0 + 0.2 * strength),
        "hue": rng.range(-0.1 * strength, 0.1 * strength),
    }
    return [(name, factors[name]) for name in order]
