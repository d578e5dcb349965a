"""Labels of images by the folders that they lie in.

Mirrors `src/core/data/folder/labels.rs` and `names.rs`, words and all; the reasons stand there. Invariant: both decide
alike on `tests/images/traps.json`.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Iterable

from .folder import small

SPLITS = frozenset("""
    train training trainset trainingset trn val valid validate validation valset validationset test tests
    testing testset tst dev devset eval evaluation holdout heldout trainval trainvaltest minitrain minival
    unlabeled unlabelled labeled labelled pred publictest privatetest extra query gallery
""".split())

NUMBERED = frozenset("""
    fold kfold part parts partition batch shard chunk split set sets subset cv vol volume disc disk archive
""".split())

CONTAINERS = frozenset("""
    images image img imgs im ims photos photographs pictures picture pics pic jpegimages jpg jpgs jpeg jpegs png
    pngs webp gif gifs bmp bmps jfif data dataset datasets dcim imagefolder voc vocdevkit
""".split())

THINGS = frozenset("""
    raw raws originals masters files file frames frame input inputs output outputs download downloads
""".split())

TARGETS = frozenset("""
    mask masks annotation annotations annot annots label labels gt groundtruth segmentation segmentations
    segmentationclass segmentationobject segmentationclassaug segmentationclassraw trimap trimaps bbox bboxes
""".split())

KINDS = frozenset("""
    photo photograph sketch sketches painting paintings drawing drawings cartoon cartoons clipart cliparts real
    realworld art arts artpainting infograph infographs infographic infographics quickdraw comic comics
    watercolor watercolour product products render renders rendered rendering renderings synthetic synth
    simulated sim amazon dslr webcam left right front back rear top bottom side centre center middle view views
    cam camera rgb rgba bgr depth grey gray greyscale grayscale colour color coloured colored bw ir nir infrared
    thermal visible edge edges original orig crop crops cropped resized processed preprocessed augmented
    segmented masked enhanced denoised blurred noisy normalized normalised binarized binarised lr hr small
    medium large thumb thumbs thumbnail thumbnails day night
""".split())


class Sense(IntEnum):
    """What a name says of its folder."""

    NOTHING = 0
    CONTAINER = 1
    PART = 2
    KIND = 3
    CLASS = 4


@dataclass(frozen=True)
class Level:
    """Folders that lie equally deep, with the names that can be labels, sorted."""

    depth: int
    names: tuple[str, ...]
    folders: frozenset[str]  # that give labels, by their paths
    kinds: bool  # it only tells kinds of pictures apart

    def label(self, path: str) -> str | None:
        """The label of an image by its path."""
        folders = path.split("/")[:-1][: self.depth + 1]
        given = len(folders) > self.depth and "/".join(folders) in self.folders
        return folders[self.depth] if given else None


@dataclass(frozen=True)
class _Folder:
    path: str
    name: str
    sense: Sense
    below: frozenset[str]  # names of the folders in it that can be labels

    def is_part(self) -> bool:
        return self.sense in (Sense.PART, Sense.CONTAINER)

    def is_like(self, other: _Folder) -> bool:
        """True if both divide into the same."""
        return bool(self.below & other.below)


def levels(paths: Iterable[str]) -> list[Level]:
    """All levels of folders that tell images apart by two names or more."""
    depths: list[dict[str, set[str]]] = []
    for path in paths:
        parts = path.split("/")[:-1]
        for depth in range(len(parts)):
            if depth == len(depths):
                depths.append(defaultdict(set))
            depths[depth]["/".join(parts[:depth])].add("/".join(parts[: depth + 1]))
    found, kin = [], {"": ""}
    for depth, groups in enumerate(depths):
        below = depths[depth + 1] if depth + 1 < len(depths) else {}
        together: dict[str, list[_Folder]] = defaultdict(list)
        classes: dict[str, set[str]] = defaultdict(set)
        for above, inside in groups.items():
            group = [_open(path, below) for path in inside]
            classes[kin[above]].update(_classes_of(group))
            together[kin[above]] += group
        kept = [folder for called, group in together.items() for folder in group if folder.name in classes[called]]
        if _apart(kept) > 1:
            names = tuple(sorted({folder.name for folder in kept}, key=os.fsencode))
            found.append(Level(depth, names, frozenset(folder.path for folder in kept), _only_kinds(kept)))
        kin = {folder.path: f"{called}/{folder.name if folder.name in classes[called] else '*'}"
               for called, group in together.items() for folder in group}
    return found


def label_level(found: list[Level]) -> int | None:
    """The depth whose folders give the labels: the topmost that tells more than kinds of pictures or an alphabet."""
    by_depth = {level.depth: level for level in found}
    for level in found:
        after = by_depth.get(level.depth + 1)
        if not level.kinds and not (after and _is_alphabet(level, after)):
            return level.depth
    return found[0].depth if found else None


def _open(path: str, below: dict[str, set[str]]) -> _Folder:
    name = path.rpartition("/")[2]
    inside = (other.rpartition("/")[2] for other in below.get(path, ()))
    return _Folder(path, name, sense(name), frozenset(other for other in inside if sense(other) >= Sense.KIND))


def _classes_of(group: list[_Folder]) -> set[str]:
    """Names of the folders of one folder that are classes."""
    named = [(folder, split) for folder in group if (split := _split(folder.name)) is not None]
    alike = any(one[1] != other[1] and one[0].is_like(other[0]) for one in named for other in named)
    others = sum(folder.sense == Sense.CLASS and _split(folder.name) is None for folder in group)
    pure = {split for folder, split in named if folder.is_part()}
    is_set = bool(pure) and len({split for _, split in named}) > 1 and (alike or len(named) >= others)
    sure = is_set and len(pure) > 1
    classes = set()
    for folder in group:
        if folder.is_part():
            given = not is_set and _is_class_among(folder, group)
        else:
            given = folder.sense != Sense.NOTHING and not (sure and _split(folder.name) is not None)
        if given:
            classes.add(folder.name)
    return classes


def _is_class_among(folder: _Folder, group: list[_Folder]) -> bool:
    """True if a folder with the name of a part is a class all the same, because those beside it are."""
    beside = [other for other in group if other.sense >= Sense.KIND]
    flat = not any(other.below for other in beside)
    divided = len(folder.below) > 1
    container = folder.sense == Sense.CONTAINER
    if len(beside) == 1:
        only = beside[0]
        return only.sense == Sense.CLASS and not container and not (divided and (flat or only.is_like(folder)))
    return bool(beside) and not (container and divided and flat)


def _apart(folders: list[_Folder]) -> int:
    """By how many names folders are told apart, their parts aside."""
    cut: dict[str, set[str]] = defaultdict(set)
    whole: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        rest, shorter = _essence(folder.name)
        (cut if shorter else whole)[rest].update(folder.below)
    alike = sum(bool(cut.get(" ".join(_words(name)), set()) & below) for name, below in whole.items())
    return len(cut) + len(whole) - alike


def _only_kinds(folders: list[_Folder]) -> bool:
    """True if folders are only kinds of pictures."""
    kinds = sum(folder.sense != Sense.CLASS for folder in folders)
    same = len(folders[0].below) > 1 and all(folder.below == folders[0].below for folder in folders)
    return kinds == len(folders) or (2 * kinds > len(folders) and same)


def _is_alphabet(level: Level, after: Level) -> bool:
    """True if the names of a level are the first letters of the next level's."""
    if not all(map(_is_letter, level.names)):
        return False
    return {small(name) for name in level.names} == {small(name[0]) for name in after.names}


@lru_cache(maxsize=None)
def sense(name: str) -> Sense:
    """Judges a name."""
    if not name:
        return Sense.NOTHING
    if re.fullmatch(r"[1-9][0-9]{2}(?=.*[A-Z])[A-Z0-9_]{5}", name):
        return Sense.CONTAINER
    words = _words(name)
    letters = [word for word in words if not _is_number(word)]
    joined = "".join(letters)
    if not letters:
        return Sense.CLASS
    if all(word in CONTAINERS for word in letters) or joined in CONTAINERS:
        return Sense.CONTAINER
    targets = TARGETS if len(letters) == len(words) else frozenset()
    rest = (word for word, part in zip(words, _parts(words)) if not part and not _is_number(word))
    if all(word in targets for word in rest) or _is_part(joined) or joined in targets:
        return Sense.PART
    known = all(word in KINDS or _is_part(word) or word in TARGETS for word in letters)
    kind = (known and any(word in KINDS for word in letters)) or joined in KINDS
    return Sense.KIND if kind else Sense.CLASS


def _essence(name: str) -> tuple[str, bool]:
    """What of a name tells it from others: without its parts, if letters are left; and whether one was left out."""
    words = _words(name)
    rest = [word for word, part in zip(words, _parts(words)) if not part]
    whole = len(rest) == len(words) or all(map(_is_number, rest))
    return (name, False) if whole else (" ".join(rest), True)


def _split(name: str) -> str | None:
    """Which part of a set a name speaks of, by two letters."""
    words = _words(name)
    words.append("".join(word for word in words if not _is_number(word)))
    return next((word[:2] for word in words if word in SPLITS), None)


def _words(name: str) -> list[str]:
    """The words and numbers of a name, in small letters."""
    found = re.findall(r"[0-9]+|(?:[a-z]|[^\x00-\x7f]|[A-Z])(?:(?<![a-z])[A-Z]|[a-z]|[^\x00-\x7f])*", name)
    return [small(word) for word in found]


def _parts(words: list[str]) -> list[bool]:
    """Which words say only that a folder is a part of something."""
    def beside(word: str) -> bool:
        return _is_number(word) or _is_part(word) or word in NUMBERED

    pairs = list(zip(words, words[1:]))
    counted = any(_is_number(word) or _is_part(word) for word in words)
    counted = counted or any(one in NUMBERED and _is_letter(two) for one, two in pairs)
    parts: list[bool] = []
    for at, word in enumerate(words):
        before, after = words[at - 1] if at else None, words[at + 1] if at + 1 < len(words) else None
        near = any(beside(other) for other in (before, after) if other is not None)
        numbered = counted and word in NUMBERED and (near or (after is not None and _is_letter(after)))
        counts = before is not None and (_is_number(word) or (_is_letter(word) and before in NUMBERED))
        parts.append(_is_part(word) or numbered or (bool(parts) and parts[-1] and counts))
    return parts


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word.isalpha()


def _is_part(word: str) -> bool:
    return word in SPLITS or word in CONTAINERS or word in THINGS
