"""Pictures: the pixels of `open_image` against those that are recorded for `tests/pillow.rs`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dino_web import data
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
