"""The golden cases of the official implementation, within their tolerances (tests/golden/README.md)."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dino_web import Config, Run, schedule
from dino_web.model import attention, features, positions
from helpers import GOLDEN, compare, golden_checkpoint

CASES = ["basic", "no_local", "schedules"]


def measure(case: Path) -> dict[str, torch.Tensor]:
    """Everything that a case may expect, under its names."""
    checkpoint, steps = golden_checkpoint(case)
    config, crops = checkpoint.config, load_file(case / "crops.safetensors")
    run = Run(checkpoint)
    found: dict[str, torch.Tensor] = {}
    for step in range(steps):
        globals_, locals_ = crops[f"step{step}.global"], crops.get(f"step{step}.local", torch.empty(0))
        if step == 0:
            first = globals_[: config.train.batch]
            with torch.no_grad():
                found["step0.teacher_logits"] = run.teacher(globals_, locals_[:0])
                found["step0.student_logits"] = run.student(globals_, locals_)
                found["step0.features"] = features(run.student.backbone, first)
                found["step0.attention"] = attention(run.student.backbone, first)
                if config.crops.n_local:
                    grid = config.crops.local_size // config.vit.patch_size
                    found["step0.pos_embed_local"] = positions(run.student.backbone.pos_embed, grid, grid)
            found.update(gradients(run, globals_, locals_))
        values = schedule.at(config.train, step)
        found[f"step{step}.schedule"] = torch.tensor(
            [values.lr, values.weight_decay, values.momentum, values.teacher_temp])
        found[f"step{step}.loss"] = torch.tensor([run.step(globals_, locals_).loss])
    for name, tensor in run.checkpoint().tensors.items():
        found[f"final.{name}"] = tensor
    return found


def gradients(run: Run, globals_: torch.Tensor, locals_: torch.Tensor) -> dict[str, torch.Tensor]:
    """Gradients before clipping: those of a step that is not taken."""
    from dino_web.run import dino_loss

    temp = schedule.at(run.config.train, 0).teacher_temp
    teacher = run.teacher(globals_, locals_[:0])
    loss, _ = dino_loss(run.student(globals_, locals_), teacher, run.center, run.config, temp)
    trained = {n: p for n, p in run.parameters.items() if p.requires_grad}
    grads = torch.autograd.grad(loss, list(trained.values()))
    return {f"step0.grad.{n}": g for n, g in zip(trained, grads)}


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_the_official_code(name: str) -> None:
    expected = load_file(GOLDEN / name / "expect.safetensors")
    worst = compare(measure(GOLDEN / name), expected)
    print(name, {k: f"{v:.1e}" for k, v in worst.items()})
    # Nothing that was recorded may have been passed over.
    wanted = {"loss", "schedule", "teacher_logits", "student_logits", "features", "attention", "gradients",
              "final.center", "final.teacher", "final.student"}
    assert wanted <= set(worst)


def test_a_wrong_step_is_noticed() -> None:
    """The comparison itself: centre subtracted with the wrong sign, and another momentum."""
    expected = load_file(GOLDEN / "basic" / "expect.safetensors")
    found = measure(GOLDEN / "basic")
    for name in ("step3.loss", "step0.grad.backbone.cls_token", "final.center", "final.teacher.head.mlp.0.bias"):
        wrong = dict(found)
        wrong[name] = found[name] * 1.02
        with pytest.raises(AssertionError):
            compare(wrong, expected)


def test_settings_go_back_to_the_same_json() -> None:
    for name in CASES:
        source = json.loads((GOLDEN / name / "case.json").read_text())
        assert Config.from_json(source).to_json() == source


def test_a_backbone_rests_while_its_head_warms_up() -> None:
    case = GOLDEN / "basic"
    checkpoint = golden_checkpoint(case)[0]
    crops = load_file(case / "crops.safetensors")
    frozen = 2 / checkpoint.config.train.steps_per_epoch
    checkpoint = dataclasses.replace(
        checkpoint, config=checkpoint.config.changed("freeze_backbone", frozen).changed("warmup_epochs", 0))
    run = Run(checkpoint)
    before = {name: tensor.clone() for name, tensor in run.parameters.items()}
    for step in range(3):
        run.step(crops[f"step{step}.global"], crops[f"step{step}.local"])
        for name in ("backbone.blocks.0.mlp.fc1.weight", "head.mlp.0.weight"):
            rests = name.startswith("backbone.") and step < 2
            assert torch.equal(before[name], run.parameters[name]) == rests, f"{name} in step {step}"
    assert schedule.adam_steps(run.config.train, 3, "backbone.norm.bias") == 1
