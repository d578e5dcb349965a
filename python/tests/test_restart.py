"""Processes that torchrun starts again go on from what was written, and other images than before are told first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dino_web import Checkpoint, continue_training, read, write
from dino_web.identity import SetIdentity
from helpers import torchrun


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for i in range(9):
        Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(folder / f"{i}.png")
    return folder


def words(file: Path, images: Path, out: Path, *more: str) -> list[str]:
    return ["--checkpoint", str(file), "--images", str(images), "--out", str(out), "--workers", "0", "--device", "cpu",
            *more]


def same(a: Path, b: Path) -> bool:
    return a.read_bytes() == b.read_bytes()


def test_a_second_life_goes_on_from_what_was_written(file: Path, images: Path, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    whole, out = tmp_path / "whole.safetensors", tmp_path / "out.safetensors"
    assert continue_training.main(words(file, images, whole, "--steps", "5")) == 0
    assert continue_training.main(words(file, images, out, "--steps", "2")) == 0
    assert read(out).step == 5
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    capsys.readouterr()
    assert continue_training.main(words(file, images, out, "--steps", "5", "--json")) == 0
    told = capsys.readouterr()
    assert f"started again by torchrun: goes on from step 5 in {out}\n" in told.err
    assert [line.split(",")[0] for line in told.out.splitlines()] == ['{"step": 5', '{"step": 6', '{"step": 7']
    assert same(out, whole), "to the bit the run that never stopped"
    # All is done when another process fails after the last write.
    assert continue_training.main(words(file, images, out, "--steps", "5")) == 0
    assert "0 to go" in capsys.readouterr().err and same(out, whole)


def test_a_file_of_another_run_is_not_gone_on_with(checkpoint: Checkpoint, file: Path, images: Path, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.safetensors"
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    checkpoint.step, checkpoint.seed = 5, 77
    write(out, checkpoint)
    for _ in range(2):
        assert continue_training.main(words(file, images, out, "--steps", "2")) == 0
        told = capsys.readouterr().err
        assert f"goes on from step 3 in {file}, because {out} holds no later step of this run" in told
        out.write_bytes(b"no checkpoint")
    assert continue_training.main(words(file, images, out, "--steps", "2")) == 0
    (images / "8.png").unlink()
    capsys.readouterr()
    assert continue_training.main(words(file, images, out, "--steps", "2")) == 0
    assert "holds no later step of this run" in capsys.readouterr().err, "of other images"


def test_a_first_life_begins_at_the_checkpoint(file: Path, images: Path, tmp_path: Path,
                                               capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.safetensors"
    for _ in range(2):
        assert continue_training.main(words(file, images, out, "--steps", "1")) == 0
        assert read(out).step == 4 and "started again" not in capsys.readouterr().err


def test_a_goal_that_would_be_lost_is_refused(file: Path, images: Path, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TORCHELASTIC_MAX_RESTARTS", "3")
    assert continue_training.main(words(file, images, file, "--steps", "1")) == 1
    assert "name one file" in capsys.readouterr().err


def test_torchrun_restarts_to_the_same_end(file: Path, images: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.safetensors", tmp_path / "out.safetensors"
    more = ["--steps", "6", "--every", "2", "--set", "batch=2"]
    torchrun(2, tmp_path, __file__, *words(file, images, whole, *more))
    told = torchrun(2, tmp_path, __file__, "die", *words(file, images, out, *more), options=["--max_restarts", "1"])
    assert "goes on from step 5 in" in told
    assert read(out).step == 9 and same(out, whole)


def test_another_set_of_images_is_told(file: Path, images: Path, tmp_path: Path,
                                       capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    assert continue_training.main(words(file, images, first, "--steps", "1")) == 0
    noted = read(first).images
    assert "than before" not in capsys.readouterr().err, "nothing was noted in the file"
    assert noted is not None and noted.count == 9
    assert continue_training.main(words(first, images, second, "--steps", "1")) == 0
    assert "than before" not in capsys.readouterr().err and read(second).images == noted
    (images / "8.png").unlink()
    assert continue_training.main(words(first, images, second, "--steps", "1")) == 0
    assert "9 images then, 8 images now" in capsys.readouterr().err.split(" to go")[0]
    assert read(second).images not in (noted, None)


def test_a_file_without_images_stays_as_it_was(checkpoint: Checkpoint, file: Path) -> None:
    before = file.read_bytes()
    assert b"images" not in before[:2000]
    found = read(file)
    found.images = SetIdentity(3, 0x2A)
    write(file, found)
    assert read(file).images == SetIdentity(3, 0x2A) and b'\\"fingerprint\\":\\"0000002a\\"' in file.read_bytes()
    found.images = None
    write(file, found)
    assert file.read_bytes() == before


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "die":
        arguments = arguments[1:]
        if os.environ["TORCHELASTIC_RESTART_COUNT"] == "0" and os.environ["RANK"] == "0":
            # Killed right after the first write.
            kept = continue_training.write

            def last(path: str, checkpoint: Checkpoint) -> None:
                kept(path, checkpoint)
                os._exit(1)

            continue_training.write = last
    sys.exit(continue_training.main(arguments))
