"""Two processes on halves of the batch hold the state that one process has, and that of the golden case."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dino_web import Run
from helpers import GOLDEN, compare, golden_checkpoint, torchrun


def rows_of(crops: torch.Tensor, batch: int, rows: range) -> torch.Tensor:
    """The crops of the images `rows` in every view of (views·batch, 3, s, s)."""
    views = crops.reshape(-1, batch, *crops.shape[1:])
    return views[:, rows.start : rows.stop].reshape(-1, *crops.shape[1:])


def replay(case: Path, rank: int, world: int) -> dict[str, torch.Tensor]:
    """Losses and final state of a case, on this process's part of each batch."""
    checkpoint, steps = golden_checkpoint(case)
    batch = checkpoint.config.train.batch
    rows = range(rank * batch // world, (rank + 1) * batch // world)
    crops = load_file(case / "crops.safetensors")
    run, found = Run(checkpoint), {}
    for step in range(steps):
        none = torch.empty(0, 3, 1, 1)
        views = [crops[f"step{step}.global"], crops.get(f"step{step}.local", none)]
        metrics = run.step(*(rows_of(v, batch, rows) if len(v) else v for v in views))
        found[f"step{step}.loss"] = torch.tensor([metrics.loss])
    found.update((f"final.{n}", t) for n, t in run.checkpoint().tensors.items())
    return found


def only(names: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {n: t for n, t in names.items() if n.startswith("final.") or n.endswith(".loss")}


@pytest.mark.parametrize("name", ["no_local", "schedules"])
def test_two_processes_are_one(name: str, tmp_path: Path) -> None:
    torchrun(2, tmp_path, __file__, str(GOLDEN / name), str(tmp_path))
    ranks = [load_file(tmp_path / f"rank{rank}.safetensors") for rank in range(2)]
    assert all(torch.equal(ranks[0][n], ranks[1][n]) for n in ranks[0]), "the processes drifted apart"
    alone = replay(GOLDEN / name, 0, 1)
    compare(ranks[0], only(alone))
    compare(ranks[0], only(load_file(GOLDEN / name / "expect.safetensors")))
    # A rank that never heard of the other would hold the state of half a batch.
    half = replay(GOLDEN / name, 0, 2)
    with pytest.raises(AssertionError):
        compare(half, only(alone))


if __name__ == "__main__":
    torch.distributed.init_process_group("gloo")
    rank = torch.distributed.get_rank()
    save_file(replay(Path(sys.argv[1]), rank, 2), Path(sys.argv[2]) / f"rank{rank}.safetensors")
    torch.distributed.destroy_process_group()
