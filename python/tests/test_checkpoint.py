"""Checkpoints: what is written is read, a run goes on from one as if it had never stopped, and what is wrong
with a file is said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from dino_web import (
    Checkpoint, CheckpointError, Config, ConfigError, Run, backbone_state, features, load_backbone, read, write,
)
from dino_web.checkpoint import ROLES, shapes
from dino_web.config import _read
from helpers import GOLDEN


def test_what_is_written_is_read(checkpoint: Checkpoint, file: Path) -> None:
    found = read(file)
    assert (found.config, found.seed, found.step) == (checkpoint.config, 0, 3)
    assert set(found.tensors) == set(checkpoint.tensors)
    assert all(torch.equal(found.tensors[n], t) for n, t in checkpoint.tensors.items())
    again = file.with_name("again.safetensors")
    write(again, found)
    assert again.read_bytes() == file.read_bytes()


def test_keys_of_later_versions_survive(checkpoint: Checkpoint, file: Path) -> None:
    checkpoint.metadata = {"made_by": "somebody"}
    write(file, checkpoint)
    assert Run(read(file)).checkpoint().metadata["made_by"] == "somebody"


def test_a_run_that_stopped_goes_on_to_the_bit(file: Path) -> None:
    """With a frozen last layer in between, whose Adam steps are counted apart."""
    from helpers import golden_checkpoint

    case = GOLDEN / "schedules"
    crops = load_file(case / "crops.safetensors")
    whole, other = (Run(golden_checkpoint(case)[0]) for _ in range(2))
    for step in range(8):
        views = crops[f"step{step}.global"], crops[f"step{step}.local"]
        whole.step(*views)
        other.step(*views)
        if step in (1, 5):
            write(file, other.checkpoint())
            other = Run(read(file))
    for name, tensor in whole.checkpoint().tensors.items():
        assert torch.equal(other.checkpoint().tensors[name], tensor), name


def test_the_backbone_is_a_timm_model(checkpoint: Checkpoint, file: Path) -> None:
    images = torch.randn(2, 3, 16, 16)
    run = Run(checkpoint)
    for network, own in [("teacher", run.teacher), ("student", run.student)]:
        model = load_backbone(file, network)
        assert torch.allclose(model(images), features(own.backbone, images), atol=1e-6), network
    assert not torch.equal(load_backbone(file, "student")(images), load_backbone(file)(images))


def test_timms_own_model_takes_the_names_unchanged() -> None:
    """A ViT-Tiny/16 of ours, by its shapes, in a model that timm makes by itself."""
    source = json.loads((GOLDEN / "basic" / "case.json").read_text())
    source["vit"] = {"img_size": 224, "patch_size": 16, "embed_dim": 192, "depth": 12, "num_heads": 3}
    source["crops"] = {"global_size": 224, "local_size": 96, "n_local": 2}
    config = Config.from_json(source)
    tensors = {f"{role}.{n}": torch.randn(s) * 0.02 for role in ROLES for n, s in shapes(config).items()}
    state = backbone_state(Checkpoint(config, 0, 0, tensors, {}))
    model = timm.create_model("vit_tiny_patch16_224", num_classes=0)
    model.load_state_dict(state)
    images = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        assert torch.allclose(model.eval()(images), features(model, images), atol=1e-5)


def rewritten(file: Path, change: object) -> str:
    """The message for a file whose tensors or metadata were changed by hand."""
    from safetensors import safe_open

    with safe_open(str(file), framework="pt") as opened:
        metadata = opened.metadata()
    tensors = load_file(file)
    change(tensors, metadata)  # type: ignore[operator]
    save_file(tensors, file, metadata=metadata)
    with pytest.raises(CheckpointError) as error:
        read(file)
    return str(error.value)


@pytest.mark.parametrize("change, words", [
    (lambda t, m: t.pop("center"), "`center` in"),
    (lambda t, m: t.pop("first_moment.backbone.norm.bias"), "first_moment.backbone.norm.bias"),
    (lambda t, m: t.update(x=torch.zeros(1)), "unknown"),
    (lambda t, m: t["student.backbone.pos_embed"].fill_(float("nan")), "finite numbers"),
    (lambda t, m: t["second_moment.backbone.pos_embed"].fill_(-1), "no negative numbers"),
    (lambda t, m: t.update({"teacher.backbone.norm.bias": torch.zeros(3)}), "expected shape (24,), found (3,)"),
    (lambda t, m: m.update(other=m.pop("dino")), "metadata `dino`"),
    (lambda t, m: m.update(dino=m["dino"].replace('"version":1', '"version":9')), "version 1, found 9"),
    (lambda t, m: m.update(dino=m["dino"].replace('"num_heads":3', '"num_heads":5')), "5 heads"),
    (lambda t, m: m.update(dino=m["dino"].replace('"depth":2', '"depth":3')), "blocks.2"),
    (lambda t, m: m.update(dino="{"), "not valid"),
])
def test_what_is_wrong_is_named(file: Path, change: object, words: str) -> None:
    assert words in rewritten(file, change)


def test_no_checkpoint_at_all(tmp_path: Path) -> None:
    file = tmp_path / "c.safetensors"
    with pytest.raises(CheckpointError, match="c.safetensors"):
        read(file)
    for content in [b"", b"not a safetensors file at all"]:
        file.write_bytes(content)
        with pytest.raises(CheckpointError, match="c.safetensors"):
            read(file)


def test_settings_are_judged(checkpoint: Checkpoint) -> None:
    assert checkpoint.config.changed("epochs", 7).train.total_steps == 28
    assert checkpoint.config.changed("lr", 0.5).to_json()["lr"] == 0.5
    for key, value in [("speed", 1), ("batch", 0), ("batch", 1.5), ("teacher_temp", 0), ("momentum_teacher", 2)]:
        with pytest.raises(ConfigError, match="expected"):
            checkpoint.config.changed(key, value)


@dataclass(frozen=True)
class _Chosen:
    loss: Literal["ce", "mse"]
    lr: float


def test_a_choice_is_read_by_its_word() -> None:
    """No setting is a choice yet: a dataclass of its own shows that one would be read."""
    assert _read(_Chosen, {"loss": "mse", "lr": 0.5}) == _Chosen("mse", 0.5)
    for value in ("huber", 1, None):
        with pytest.raises(ConfigError, match="`loss`: expected one of ce, mse"):
            _read(_Chosen, {"loss": value})


def test_a_word_for_a_number_is_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(ConfigError, match="`lr`: expected a number, found 'fast'"):
        checkpoint.config.changed("lr", "fast")
