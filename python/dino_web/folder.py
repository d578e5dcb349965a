"""Folder of images, by its paths alone: which of them count, in what order. Labels are in `labels.py`.

Mirrors `src/core/data/folder.rs`, words and all; the reasons stand there. Invariant: both decide alike on
`tests/images/traps.json`, and the name of the folder that was chosen decides nothing.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

# One `*` stands for any characters, `?` for a digit.
LITTER = (
    "thumbs.db", "thumbs.db:*", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini",
    "zbthumbnail.info", "pspbrwse.jbf", "albumartsmall.jpg", "albumart_{*", "$recycle.bin",
    "system volume information", "found.???", "dfsrprivate", "_vti_*", "[originals]", "icon\r",
    "icon\uf00d", "__macosx", "network trash folder", "temporary items", "thevolumesettingsfolder",
    "thefindbycontentfolder", "lost+found", "@eadir", "@tmp", "@synoresource", "*@synoresource",
    "*@synoeastream", "synophoto_thumb_*", "synofile_thumb_*", "synovideo_*", "#recycle", "@recycle",
    "#snapshot", "@recently-snapshot", "~snapshot", "*.thm", "thmbnl", "*.lrdata", "*.lrcat-data",
    "__pycache__",
)

# In a folder of that name, which a class may have, too.
LITTER_IN = {"recycler": ("s-1-*",), "recycled": ("dc?*", "dd?*", "info2")}

LIBRARIES = frozenset(".photoslibrary .photolibrary .migratedphotolibrary .aplibrary".split())

IN_LIBRARIES = frozenset("originals masters".split())

def is_passed_over(path: str) -> bool:
    """True for a file or folder that is hidden, that systems and programs leave behind, or that lies in the library
    of a program but not with the photographs. `path` begins below the chosen folder, with `/` between its parts."""
    above = ""
    for name in path.split("/"):
        hidden = name.startswith(".") and name not in (".", "..")
        aside = is_library(above) and small(name) not in IN_LIBRARIES
        thrown = _is_litter(small(name), LITTER_IN.get(small(above), ()))
        if hidden or aside or thrown or _is_litter(small(name), LITTER):
            return True
        above = name
    return False


def is_library(name: str) -> bool:
    """True if a folder of this name is the library of a program. Where it was chosen itself, its name belongs before
    the path that `is_passed_over` is asked about."""
    return small(name).endswith(tuple(LIBRARIES))


def order(path: str) -> tuple[bytes, ...]:
    """The key by which a set is sorted: by components, each by its bytes."""
    return tuple(os.fsencode(name) for name in path.split("/"))


def small(name: str) -> str:
    """Small letters, as far as they are ASCII."""
    return "".join(c.lower() if c.isascii() else c for c in name)


@lru_cache(maxsize=None)
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    found = (re.escape(p).replace(r"\*", ".*").replace(r"\?", "[0-9]") for p in patterns)
    return re.compile("|".join(found), re.DOTALL)


def _is_litter(name: str, patterns: tuple[str, ...]) -> bool:
    return bool(patterns) and _pattern(patterns).fullmatch(name) is not None
