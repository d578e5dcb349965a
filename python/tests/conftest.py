"""A small checkpoint that is no beginning: a golden case after a few steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file

from dino_web import Checkpoint, Run, write
from helpers import GOLDEN, golden_checkpoint


@pytest.fixture
def checkpoint() -> Checkpoint:
    run = Run(golden_checkpoint(GOLDEN / "basic")[0])
    crops = load_file(GOLDEN / "basic" / "crops.safetensors")
    for step in range(3):
        run.step(crops[f"step{step}.global"], crops[f"step{step}.local"])
    return run.checkpoint()


@pytest.fixture
def file(checkpoint: Checkpoint, tmp_path: Path) -> Path:
    path = tmp_path / "run.safetensors"
    write(path, checkpoint)
    return path
