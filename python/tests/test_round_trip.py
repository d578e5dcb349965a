"""`dino` and PyTorch continue each other's runs. `DINO` names the binary; `cargo xtask python` sets it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dino_web import read
from helpers import compare, python, torchrun

DINO = os.environ.get("DINO", "")
needs_dino = pytest.mark.skipif(not DINO, reason="DINO does not name the binary: run `cargo xtask python`")
STEPS, HALF = 8, 5


def dino(*words: str) -> list[dict[str, float]]:
    """Runs the command line and reads its lines of JSON."""
    ended = subprocess.run([DINO, *words], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures no larger than the run's: both programs see the same pixels."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for i in range(9):
        small = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
        (folder / f"kind{i % 2}").mkdir(exist_ok=True)
        small.resize((96 - 5 * i, 70 + 3 * i), Image.Resampling.BICUBIC).save(folder / f"kind{i % 2}" / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def runs(images: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[dict[str, float]]]:
    """One run, whole and stopped on the way, with drop path and a frozen last layer."""
    folder = tmp_path_factory.mktemp("runs")
    whole, half = folder / "whole.safetensors", folder / "half.safetensors"
    train = ["train", "--images", str(images), "--preset", "spark", "--steps", str(STEPS), "--seed", "3", "--json"]
    train += ["--set", "drop_path=0.2", "--set", "freeze=1"]
    curve = dino(*train, "--out", str(whole))
    dino(*train, "--until", str(HALF), "--out", str(half))
    return whole, half, curve


def check_like(found: Path, whole: Path) -> None:
    """The same state within the golden tolerances, at the same step."""
    a, b = read(found), read(whole)
    assert (a.step, a.seed, a.config) == (b.step, b.seed, b.config)
    final = ("student.", "teacher.", "center")
    names = lambda c: {f"final.{n}": t for n, t in c.tensors.items() if n.startswith(final)}  # noqa: E731
    compare(names(a), names(b))


@needs_dino
def test_pytorch_goes_on_with_our_run(images: Path, runs: tuple, tmp_path: Path) -> None:
    whole, half, curve = runs
    out = tmp_path / "on.safetensors"
    ended = python("-m", "dino_web.continue_training", "--checkpoint", str(half), "--images", str(images),
                   "--out", str(out), "--workers", "0", "--json", "--device", "cpu")
    assert ended.returncode == 0, ended.stderr
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["step"] for line in lines] == list(range(HALF, STEPS))
    for ours, theirs in zip(curve[HALF:], lines):
        for name in ("lr", "weightDecay", "momentum", "teacherTemp"):
            assert theirs[name] == pytest.approx(ours[name], rel=1e-6), name
        # The crops differ by a hundredth of a level.
        assert theirs["loss"] == pytest.approx(ours["loss"], rel=1e-3)
        assert theirs["entropy"] == pytest.approx(ours["entropy"], rel=1e-2)
    check_like(out, whole)


@needs_dino
def test_two_processes_go_on_too(images: Path, runs: tuple, tmp_path: Path) -> None:
    whole, half, _ = runs
    out = tmp_path / "on.safetensors"
    torchrun(2, tmp_path, "-m", "dino_web.continue_training", "--checkpoint", str(half), "--images", str(images),
             "--out", str(out), "--workers", "1", "--device", "cpu")
    check_like(out, whole)


@needs_dino
def test_dino_goes_on_with_pytorchs_run(images: Path, runs: tuple, tmp_path: Path) -> None:
    whole, half, _ = runs
    on, out = tmp_path / "on.safetensors", tmp_path / "out.safetensors"
    ended = python("-m", "dino_web.continue_training", "--checkpoint", str(half), "--images", str(images),
                   "--out", str(on), "--steps", "1", "--workers", "0", "--device", "cpu")
    assert ended.returncode == 0, ended.stderr
    assert read(on).step == HALF + 1
    lines = dino("resume", "--checkpoint", str(on), "--images", str(images), "--out", str(out), "--json")
    assert [line["step"] for line in lines] == list(range(HALF + 1, STEPS))
    check_like(out, whole)


@needs_dino
def test_another_run_is_not_like_this_one(images: Path, runs: tuple, tmp_path: Path) -> None:
    """The comparison can fail: another seed draws other crops."""
    whole, half, _ = runs
    other = read(half)
    other.seed += 1
    from dino_web import write

    changed, out = tmp_path / "changed.safetensors", tmp_path / "on.safetensors"
    write(changed, other)
    ended = python("-m", "dino_web.continue_training", "--checkpoint", str(changed), "--images", str(images),
                   "--out", str(out), "--workers", "0", "--device", "cpu")
    assert ended.returncode == 0, ended.stderr
    a, b = read(out), read(whole)
    assert not torch.allclose(a.tensors["center"], b.tensors["center"], rtol=1e-3)


def test_what_is_refused_is_a_sentence(file: Path, images: Path, tmp_path: Path) -> None:
    def refused(*words: str) -> str:
        base = ["--checkpoint", str(file), "--images", str(images), "--out", str(tmp_path / "o.safetensors")]
        ended = python("-m", "dino_web.continue_training", *base, "--workers", "0", *words)
        assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
        return ended.stderr

    assert "no folder" in refused("--out", str(tmp_path / "no" / "o.safetensors"))
    assert "expected a folder with images" in refused("--images", str(tmp_path / "none"))
    assert "found none" in refused("--images", str(tmp_path))
    assert "give it more with" in refused("--steps", "0")
    assert "expected one of batch" in refused("--set", "speed=2")
    assert "cannot be read" in refused("--checkpoint", str(tmp_path / "none"))
