"""Folders of images as batches of crops. Invariant: batch `step` is the same whoever makes it, as in
`src/sampling.rs`, so every process makes its own rows and no other's."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import Dataset

from . import augment
from .config import Config
from .decoding import flattened, opened
from .images import find_images
from .orientation import upright
from .rng import DROP_PATH, SAMPLE, Rng

def open_image(path: str | os.PathLike[str], side: int) -> Image.Image:
    """An upright RGB picture whose long side is at most `side` pixels, transparency laid over white."""
    content = Path(path).read_bytes()
    with opened(content) as file:
        image = upright(flattened(file, content), content)
    long = max(image.size)
    if long > side:
        width, height = (max((n * side + long // 2) // long, 1) for n in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def picks(seed: int, step: int, images: int, batch: int) -> list[int]:
    """Which of `images` pictures step `step` takes: each once an epoch; repeated where there are fewer
    than a batch."""
    epoch, at = divmod(step, max(images // batch, 1))
    order = _permutation(seed, epoch, images)
    return [int(order[(at * batch + i) % images]) for i in range(batch)]


@lru_cache(maxsize=2)
def _permutation(seed: int, epoch: int, images: int) -> NDArray[np.int64]:
    return Rng(seed, epoch, 0, SAMPLE).permutation(images)


def drop_path(config: Config, seed: int, step: int, rows: range) -> torch.Tensor:
    """Scale of every branch (2 · depth) and crop (views · rows) for the images `rows` of the batch: 0 for
    a dropped branch, else 1 / keep."""
    depth, batch, rate = config.vit.depth, config.train.batch, config.vit.drop_path_rate
    scales = torch.ones(2 * depth, config.views * len(rows))
    for branch in range(2 * depth) if rate > 0 else ():
        p = rate * (branch // 2) / max(depth - 1, 1)
        crops = (view * batch + image for view in range(config.views) for image in rows)
        for i, crop in enumerate(crops) if p > 0 else ():
            dropped = Rng(seed, step, crop, DROP_PATH + branch).chance(p)
            scales[branch, i] = 0.0 if dropped else 1.0 / (1.0 - p)
    return scales


class Batches(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Item `i` is step `first + i`: the crops of the images `rows` of its batch.

    (views of globals (2·n, 3, G, G), locals (L·n, 3, l, l)), rows view by view; locals may be empty.
    """

    def __init__(self, config: Config, seed: int, paths: Sequence[Path], first: int, steps: int,
                 rows: range) -> None:
        self.config, self.seed, self.paths = config, seed, paths
        self.first, self.steps, self.rows = first, steps, rows

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        step, crops = self.first + index, self.config.crops
        order = picks(self.seed, step, len(self.paths), self.config.train.batch)
        views: list[list[torch.Tensor]] = [[] for _ in range(self.config.views)]
        for image in self.rows:
            picture = self._picture(order[image])
            for crop, view in enumerate(views):
                drawn = augment.draw(crops, self.seed, step, image, picture.size, crop)
                view.append(augment.apply(picture, drawn))
        globals_ = torch.stack(views[0] + views[1])
        locals_ = [crop for view in views[2:] for crop in view]
        size = crops.local_size
        return globals_, torch.stack(locals_) if locals_ else torch.empty(0, 3, size, size)

    def _picture(self, index: int) -> Image.Image:
        """The picture, or the next one that can be decoded: one bad file must not end a long run."""
        for path in (self.paths[(index + k) % len(self.paths)] for k in range(len(self.paths))):
            try:
                return open_image(path, self.config.crops.picture_side)
            except (OSError, ValueError, Image.DecompressionBombError) as error:
                print(f"skipped {path}: {error}", file=sys.stderr)
        raise FileNotFoundError("no image can be decoded any more")
