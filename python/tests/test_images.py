"""Folders of images: which files count, in what order, under what label, as the command line decides it on the same tree
of traps (`src/cli/folder.rs`, `tests/folders.rs`)."""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dino_web import data, folder, images, labels
from dino_web.identity import FileIdentity, SetIdentity
from helpers import ROOT

TRAPS: dict[str, Any] = json.loads((ROOT / "tests" / "images" / "traps.json").read_text())
CONTENTS = {kind: bytes.fromhex(digits) for kind, digits in TRAPS["contents"].items()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("traps")
    for name, kind in TRAPS["files"].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(CONTENTS[kind])
    for name, target in TRAPS["links"].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)
    return root


def labelled(paths: list[str]) -> list[list[str | None]]:
    levels = labels.levels(paths)
    depth = labels.label_level(levels)
    level = next((level for level in levels if level.depth == depth), None)
    return [[path, None if level is None else level.label(path)] for path in paths]


@pytest.mark.parametrize("chosen", TRAPS["chosen"], ids=lambda chosen: chosen["folder"])
def test_the_tree_of_traps_is_listed_as_expected(tree: Path, chosen: dict[str, Any]) -> None:
    listing = images.list_files(tree / chosen["folder"])
    examined = images.examine_all(listing.files)
    names = [name for name, found in zip(listing.names, examined) if isinstance(found, FileIdentity)]
    assert labelled(names) == chosen["images"]
    assert (len(listing.passed_over), listing.links) == (chosen["passed_over"], chosen["links"])
    paths, identity = images.select(listing.files, examined)
    assert identity.to_json() == chosen["identity"]
    found = data.find_images([tree / chosen["folder"]])
    assert found == paths == [tree / chosen["folder"] / name for name in names]
    for path in found:
        assert data.open_image(path, 32).size == (9, 7)


def test_the_order_needs_no_walk(tree: Path) -> None:
    names = images.list_files(tree / "order").names
    assert sorted(reversed(names), key=folder.order) == names


def test_what_is_litter_is_passed_over() -> None:
    for expected, paths in TRAPS["passed_over"].items():
        for path in paths:
            assert str(folder.is_passed_over(path)) == expected, path


def test_labels_are_of_the_level_that_tells_images_apart() -> None:
    for case in TRAPS["labels"]:
        paths = [path for path, _ in case["images"]]
        for root in ("", "any/"):
            level = labels.label_level(labels.levels([root + path for path in paths]))
            assert (level is None) == (case["level"] is None)
            if level is not None:
                assert level == case["level"] + root.count("/"), case
        assert labelled(paths) == case["images"]


def test_the_words_are_those_of_rust() -> None:
    source = (ROOT / "src" / "core" / "data" / "folder.rs").read_text()
    for name in ("LITTER", "LIBRARIES", "IN_LIBRARIES"):
        listed = re.search(rf"const {name}: &\[&str\] =\s*&\[(.*?)\];", source, re.DOTALL)
        assert listed, name
        text = re.sub(r"//.*", "", listed[1]).replace(r"\u{f00d}", r"\uf00d")
        words = ast.literal_eval(f"[{text}]")
        assert len(words) > 1 and set(words) == set(getattr(folder, name)), name
    inside = re.search(r"const LITTER_IN: .*? =\s*&\[(.*?)\];", source, re.DOTALL)
    assert inside
    assert dict(ast.literal_eval(f"[{inside[1].replace('&[', '[')}]")) == {
        home: list(patterns) for home, patterns in folder.LITTER_IN.items()}
    source = (ROOT / "src" / "core" / "data" / "folder" / "names.rs").read_text()
    for name in ("SPLITS", "NUMBERED", "CONTAINERS", "THINGS", "TARGETS", "KINDS"):
        text = re.search(rf'const {name}: &str = "(.*?)";', source, re.DOTALL)
        assert text and set(text[1].replace("\\", "").split()) == getattr(labels, name), name


def refused(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "x.jpg"
    file.write_bytes(content)
    with pytest.raises(images.Rejected) as error:
        images.examine(file)
    return str(error.value)


def test_a_cut_file_is_no_image(tmp_path: Path) -> None:
    for kind in ("jpeg", "png", "webp", "bmp", "gif"):
        whole = CONTENTS[kind]
        file = tmp_path / kind
        file.write_bytes(whole)
        assert images.examine(file) == FileIdentity.of(whole)
        assert refused(tmp_path, whole[: len(whole) * 2 // 3])
        assert refused(tmp_path, whole[:12])
    # All pixels are there, but not the end, or what fills up the last row.
    for content in (CONTENTS["png"][:-8], CONTENTS["png"][:-12], CONTENTS["bmp"][:-1]):
        file.write_bytes(content)
        assert images.examine(file) == FileIdentity.of(content)
        assert data.open_image(file, 32).size == (9, 7)
    assert "cut off" in refused(tmp_path, CONTENTS["png"][:-17])
    assert "cut off" in refused(tmp_path, CONTENTS["bmp"][:-2])
    file = tmp_path / "end.png"
    file.write_bytes(CONTENTS["png"][:-4] + b"more")
    assert images.examine(file).length == len(CONTENTS["png"])


def test_limits_are_those_of_rust(tmp_path: Path) -> None:
    assert images.MAX_JPEG_PIXELS <= (Image.MAX_IMAGE_PIXELS or images.MAX_JPEG_PIXELS)
    source = (ROOT / "src" / "core" / "error" / "rejected.rs").read_text()
    for name in ("MAX_BYTES", "MAX_DECODED", "MAX_JPEG_PIXELS"):
        value = re.search(rf"const {name}: u64 = ([0-9_]+);", source)
        assert value and int(value[1]) == getattr(images, name), name
    large = tmp_path / "large.jpg"
    # 108 megapixels, as phones have them; 115, as none has.
    Image.new("L", (12000, 9000)).save(large)
    images.examine(large)
    Image.new("L", (12500, 9200)).save(large)
    assert "115 MP; at most 110 MP" in refused(tmp_path, large.read_bytes())
    Image.new("1", (10001, 10000)).save(large, format="PNG")
    assert "at most 100 MP" in refused(tmp_path, large.read_bytes())
    assert refused(tmp_path, b"") == "the file is empty"
    with open(large, "wb") as file:
        file.truncate(images.MAX_BYTES + 1)
    with pytest.raises(images.Rejected, match="64 MB; at most 64 MB"):
        images.examine(large)


def test_an_unreadable_folder_is_named_and_the_rest_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes(CONTENTS["jpeg"])
    listed = os.listdir

    def denied(path: str | os.PathLike[str]) -> list[str]:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "listdir", denied)
    assert data.find_images([tmp_path]) == [tmp_path / "b" / "1.jpg"]
    assert f"skipped {tmp_path / 'a'}: cannot be read: Permission denied" in capsys.readouterr().err


def test_what_is_passed_over_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (".a", ".b", ".c", "Thumbs.db", "x.jpg"):
        (tmp_path / name).write_bytes(CONTENTS["jpeg"])
    for name in ("@eaDir", "lost+found"):
        (tmp_path / name).mkdir()
    assert data.find_images([tmp_path]) == [tmp_path / "x.jpg"]
    assert "programs (.a, .b, .c, @eaDir, Thumbs.db and 1 more)" in capsys.readouterr().err


def test_no_image_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected a folder with images"):
        data.find_images([tmp_path / "none"])
    (tmp_path / "a.jpg").write_bytes(b"words")
    with pytest.raises(FileNotFoundError, match="found none among 1 files"):
        data.find_images([tmp_path])


def test_another_set_is_said_in_a_sentence() -> None:
    a, b = (FileIdentity.of(content) for content in (b"a", b"b"))
    both = SetIdentity.of([a, b])
    assert both.change_from(SetIdentity.of([a, b])) is None
    assert "2 images as then, but other files or another order" in (SetIdentity.of([b, a]).change_from(both) or "")
    assert "2 images then, 1 image now" in (SetIdentity.of([a]).change_from(both) or "")
    assert SetIdentity.from_json(both.to_json()) == both
    for wrong in ({"count": 2}, {"count": 2, "fingerprint": "xyz"}, {"count": "2", "fingerprint": "00000000"}, 5):
        with pytest.raises((KeyError, TypeError, ValueError)):
            SetIdentity.from_json(wrong)
