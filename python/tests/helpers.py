"""What the tests share: golden cases as checkpoints, and their tolerances."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Sequence

import torch
from safetensors.torch import load_file

from dino_web import Checkpoint, Config
from dino_web.checkpoint import CENTER, ROLES

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"

# (quantity, how its names begin and end, measure, largest error)
QUANTITIES = [
    ("loss", "step", ".loss", "value", 1e-4),
    ("schedule", "step", ".schedule", "value", 1e-6),
    ("teacher_logits", "step0.teacher_logits", "", "norm", 2e-5),
    ("student_logits", "step0.student_logits", "", "norm", 2e-5),
    ("features", "step0.features", "", "norm", 2e-5),
    ("attention", "step0.attention", "", "norm", 2e-5),
    ("pos_embed_local", "step0.pos_embed_local", "", "norm", 2e-5),
    ("gradients", "step0.grad.", "", "gradient", 1e-4),
    ("final.center", "final.center", "", "norm", 1e-4),
    ("final.teacher", "final.teacher.", "", "norm", 5e-3),
    ("final.student", "final.student.", "", "norm", 5e-2),
]


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs Python, with the package and these helpers in its path; its output as text."""
    path = os.pathsep.join([str(ROOT / "python"), str(ROOT / "python" / "tests")])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True)


def torchrun(processes: int, logs: Path, *words: str, options: Sequence[str] = ()) -> str:
    """`torchrun` with so many processes on this machine, and what it says on standard error; fails with their output."""
    # Standard output goes to a file too: torch 1.13 on Python 3.11 takes no other value, nor the default.
    options = ["--standalone", "--redirects", "1", "--tee", "1", "--log_dir", str(logs), *options]
    ended = python("-m", "torch.distributed.run", *options, "--nproc_per_node", str(processes), *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stderr


def golden_checkpoint(case: Path) -> tuple[Checkpoint, int]:
    """The beginning of a golden case as a checkpoint, and the number of recorded steps."""
    source = json.loads((case / "case.json").read_text())
    config = Config.from_json(source)
    tensors = {CENTER: torch.zeros(1, config.head.out_dim)}
    for name, tensor in load_file(case / "init.safetensors").items():
        for role in ROLES:
            moment = role.endswith("_moment")
            tensors[f"{role}.{name}"] = torch.zeros_like(tensor) if moment else tensor.clone()
    return Checkpoint(config, 0, 0, tensors, {}), source["steps"]


def compare(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> dict[str, float]:
    """The worst error of each quantity that is expected; fails where one is too large or missing."""
    grads = [t for n, t in expected.items() if n.startswith("step0.grad.")]
    everything = torch.stack([g.double().norm() for g in grads]).norm() if grads else torch.tensor(0.0)
    worst: dict[str, float] = {}
    for name, wanted in expected.items():
        for quantity, begin, end, measure, most in QUANTITIES:
            if not (name.startswith(begin) and name.endswith(end)):
                continue
            assert name in found, f"{name} was not measured"
            a, b = found[name].double(), wanted.double()
            assert a.shape == b.shape, f"{name}: expected {tuple(b.shape)}, found {tuple(a.shape)}"
            if measure == "value":
                error = float(((a - b).abs() / b.abs().clamp(min=1e-300)).where(a != b, 0 * a).max())
            else:
                floor = 1e-3 * everything if measure == "gradient" else torch.tensor(0.0)
                size = float(torch.maximum(b.norm(), floor))
                distance = float((a - b).norm())
                error = distance / size if distance else 0.0
            assert error <= most, f"{name}: {error:.2e} is more than {most:.0e}"
            worst[quantity] = max(worst.get(quantity, 0.0), error)
    return worst
