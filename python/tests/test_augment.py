"""Crops: recorded draws against recorded pixels, and our draws against those of `src/augment.rs`."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from dino_web import augment, data
from dino_web.config import Crops
from dino_web.rng import Rng, _philox
from helpers import GOLDEN

import numpy as np

CASE = GOLDEN / "augment"


def drawn(entry: dict) -> augment.Draw:
    jitter = entry["jitter"] or {"order": []}
    return augment.Draw(tuple(entry["crop"]), entry["size"], entry["flip"],
                        [(name, jitter[name]) for name in jitter["order"]], entry["grayscale"],
                        entry["blur_sigma"], entry["solarize"])


def test_pixels_are_the_recorded_ones() -> None:
    case = json.loads((CASE / "augment.json").read_text())
    expected = load_file(CASE / "expect.safetensors")
    std = torch.tensor(augment.STD).view(3, 1, 1)
    for i, entry in enumerate(case["crops"]):
        picture = Image.open(CASE / entry["image"]).convert("RGB")
        found = augment.apply(picture, drawn(entry))
        levels = ((found - expected[f"crop{i}"]) * std * 255).abs()
        assert levels.mean() <= 0.6, f"crop {i}: {levels.mean():.3f}"
        assert (levels > 4).float().mean() <= 0.01, f"crop {i}"


def test_another_factor_is_noticed() -> None:
    case = json.loads((CASE / "augment.json").read_text())
    entry = next(e for e in case["crops"] if e["jitter"] and not e["grayscale"])
    picture = Image.open(CASE / entry["image"]).convert("RGB")
    entry["jitter"]["saturation"] *= 0.9
    found = augment.apply(picture, drawn(entry))
    expected = load_file(CASE / "expect.safetensors")[f"crop{case['crops'].index(entry)}"]
    assert (found - expected).abs().mean() * 255 * 0.225 > 0.6


@pytest.mark.parametrize("key, counter, expected", [
    (0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    (0xFFFF_FFFF, 0xFFFF_FFFF, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
])
def test_philox_known_answers(key: int, counter: int, expected: str) -> None:
    """Published with Random123."""
    found = _philox((key, key), np.full((1, 4), counter, dtype=np.uint64))[0]
    assert " ".join(f"{word:08x}" for word in found) == expected


def test_numbers_come_in_order_however_they_are_asked_for() -> None:
    one, other = Rng(3, 1 << 40, 5, 7), Rng(3, 1 << 40, 5, 7)
    numbers = [one._next() for _ in range(100)]
    assert numbers == other.u64(60).tolist() + [other._next() for _ in range(3)] + other.u64(37).tolist()


def test_an_epoch_sees_every_picture_once() -> None:
    seen = [i for step in range(5) for i in data.picks(3, step, 20, 4)]
    assert sorted(seen) == list(range(20))
    assert data.picks(1, 9, 1, 3) == [0, 0, 0]


@pytest.mark.parametrize("blur, jitter", [(0.0, 0.0), (0.5, 0.5), (2.0, 1.0)])
def test_blur_and_jitter_are_as_strong_as_they_are_set(blur: float, jitter: float) -> None:
    crops = Crops(global_size=32, local_size=16, n_local=2, blur=blur, jitter=jitter)
    draws = [augment.draw(crops, 3, 1, image, (300, 200), crop) for image in range(200) for crop in range(4)]
    sigmas = [draw.blur_sigma for draw in draws if draw.blur_sigma is not None]
    assert bool(sigmas) == (blur > 0) and all(0.1 <= sigma <= blur for sigma in sigmas)
    assert max(sigmas, default=0) >= 0.95 * blur
    changes = [abs(factor - 1) for draw in draws for name, factor in draw.jitter if name == "brightness"]
    assert 0.95 * 0.4 * jitter <= max(changes) <= 0.4 * jitter + 1e-12
