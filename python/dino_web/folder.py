"""Folder of images, by its paths alone: which of them count, in what order, under what label.

Mirrors `src/core/data/folder.rs`, words and all; the reasons stand there. Invariant: both decide alike on
`tests/images/traps.json`, and the name of the folder that was chosen decides nothing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Iterable

# One `*` stands for any characters, `?` for a digit.
LITTER = (
    "thumbs.db", "thumbs.db:*", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini",
    "zbthumbnail.info", "pspbrwse.jbf", "albumartsmall.jpg", "albumart_{*", "$recycle.bin", "recycler",
    "recycled", "system volume information", "found.???", "dfsrprivate", "_vti_*", "[originals]", "icon\r",
    "icon\uf00d", "__macosx", "network trash folder", "temporary items", "thevolumesettingsfolder",
    "thefindbycontentfolder", "lost+found", "@eadir", "@tmp", "@synoresource", "*@synoresource",
    "*@synoeastream", "synophoto_thumb_*", "synofile_thumb_*", "synovideo_*", "#recycle", "@recycle",
    "#snapshot", "@recently-snapshot", "~snapshot", "*.thm", "thmbnl", "*.lrdata", "*.lrcat-data",
    "__pycache__",
)

LIBRARIES = frozenset(".photoslibrary .photolibrary .migratedphotolibrary .aplibrary".split())

IN_LIBRARIES = frozenset("originals masters".split())

SPLITS = frozenset("""
    train training trainset trainingset trn val valid validate validation valset validationset test tests
    testing testset tst dev devset eval evaluation holdout heldout trainval trainvaltest minitrain minival
    unlabeled unlabelled labeled labelled pred publictest privatetest
""".split())

NUMBERED = frozenset("""
    fold kfold part partition batch shard chunk split set subset cv vol volume disc disk archive
""".split())

CONTAINERS = frozenset("""
    images image img imgs im ims photos photographs pictures picture pics pic jpegimages jpg jpgs jpeg jpegs png
    pngs webp gif gifs bmp bmps jfif data dataset datasets raw raws originals masters dcim files file frames
    frame input inputs output outputs download downloads imagefolder
""".split())

KINDS = frozenset("""
    photo photograph sketch sketches painting paintings drawing drawings cartoon cartoons clipart cliparts real
    realworld art arts artpainting infograph infographs infographic infographics quickdraw comic comics
    watercolor watercolour product products render renders rendered rendering renderings synthetic synth
    simulated sim amazon dslr webcam left right front back rear top bottom side centre center middle view views
    cam camera rgb rgba bgr depth grey gray greyscale grayscale colour color coloured colored bw ir nir infrared
    thermal visible mask masks segmentation segmentations edge edges original orig crop crops cropped resized
    processed preprocessed augmented lr hr small medium large thumb thumbs thumbnail thumbnails day night
""".split())


def is_passed_over(path: str) -> bool:
    """True for a file or folder that is hidden, that systems and programs leave behind, or that lies in the library
    of a program but not with the photographs. `path` begins below the chosen folder, with `/` between its parts."""
    above = ""
    for name in path.split("/"):
        hidden = name.startswith(".") and name not in (".", "..")
        aside = is_library(above) and _small(name) not in IN_LIBRARIES
        if hidden or aside or _is_litter(_small(name)):
            return True
        above = name
    return False


def is_library(name: str) -> bool:
    """True if a folder of this name is the library of a program. Where it was chosen itself, its name belongs before
    the path that `is_passed_over` is asked about."""
    return _small(name).endswith(tuple(LIBRARIES))


def order(path: str) -> tuple[bytes, ...]:
    """The key by which a set is sorted: by components, each by its bytes."""
    return tuple(os.fsencode(name) for name in path.split("/"))


@dataclass(frozen=True)
class Level:
    """Folders that lie equally deep, with the names that can be labels, sorted."""

    depth: int
    names: tuple[str, ...]


def levels(paths: Iterable[str]) -> list[Level]:
    """All levels of folders that tell images apart by two names or more."""
    depths: list[set[str]] = []
    for path in paths:
        for depth, name in enumerate(path.split("/")[:-1]):
            if depth == len(depths):
                depths.append(set())
            depths[depth].add(name)
    found = []
    for depth, names in enumerate(depths):
        labels = sorted(filter(_can_be_label, names), key=os.fsencode)
        if len({_essence(name) for name in labels}) > 1:
            found.append(Level(depth, tuple(labels)))
    return found


def label_level(found: list[Level]) -> int | None:
    """The depth whose folders give the labels: the topmost that tells more than kinds of pictures or an alphabet."""
    by_depth = {level.depth: level for level in found}
    for level in found:
        after = by_depth.get(level.depth + 1)
        if not all(map(_is_kind, level.names)) and not (after and _is_alphabet(level, after)):
            return level.depth
    return found[0].depth if found else None


def label(path: str, depth: int) -> str | None:
    """The label of an image by the folder at `depth` of its path."""
    folders = path.split("/")[:-1]
    return folders[depth] if depth < len(folders) and _can_be_label(folders[depth]) else None


def _small(name: str) -> str:
    """Small letters, as far as they are ASCII."""
    return "".join(c.lower() if c.isascii() else c for c in name)


@lru_cache(maxsize=None)
def _litter() -> re.Pattern[str]:
    patterns = (re.escape(p).replace(r"\*", ".*").replace(r"\?", "[0-9]") for p in LITTER)
    return re.compile("|".join(patterns), re.DOTALL)


def _is_litter(small: str) -> bool:
    return _litter().fullmatch(small) is not None


def _words(name: str) -> list[str]:
    """The words and numbers of a name, in small letters."""
    found = re.findall(r"[0-9]+|(?:[a-z]|[^\x00-\x7f]|[A-Z])(?:(?<![a-z])[A-Z]|[a-z]|[^\x00-\x7f])*", name)
    return [_small(word) for word in found]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _is_part(word: str) -> bool:
    return word in SPLITS or word in CONTAINERS


def _can_be_label(name: str) -> bool:
    if not name or re.fullmatch(r"[1-9][0-9]{2}(?=.*[A-Z])[A-Z0-9_]{5}", name):
        return False
    words = _words(name)
    letters = [word for word in words if not _is_number(word)]
    if not letters:
        return True
    beside = len(letters) < len(words) or any(map(_is_part, letters))
    parts = all(_is_part(word) or (beside and word in NUMBERED) for word in letters)
    return not (parts or _is_part("".join(letters)))


def _essence(name: str) -> str:
    """What of a name tells it from others: without the words for parts and containers, if anything else is left."""
    words = _words(name)
    rest = [word for word in words if not _is_part(word)]
    return name if len(rest) == len(words) or all(map(_is_number, rest)) else " ".join(rest)


def _is_kind(name: str) -> bool:
    """True if a name says only what kind of picture it is."""
    letters = [word for word in _words(name) if not _is_number(word)]
    known = all(word in KINDS or _is_part(word) for word in letters)
    return (known and any(word in KINDS for word in letters)) or "".join(letters) in KINDS


def _is_alphabet(level: Level, after: Level) -> bool:
    """True if the names of a level are the first letters of the next level's."""
    if not all(len(name) == 1 and name.isascii() and name.isalpha() for name in level.names):
        return False
    return {_small(name) for name in level.names} == {_small(name[0]) for name in after.names}
