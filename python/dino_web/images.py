"""Images of folders: which files there are, and which of them are images, as `src/cli/folder.rs` and
`src/core/data/decode.rs` decide it. Invariant: a file is judged by its content, never by its name; what is listed here
opens later, and is what `dino` and the page take of the same folder. (Only where single bits of a JPEG's data are damaged may they
disagree: libjpeg tells nobody that it goes on with what is wrong.)

Links to files and to folders are followed. Passed over are links that lead nowhere or to a folder above, and folders
that were read already, by another link or as they are.
"""

from __future__ import annotations

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

from PIL import Image

from .decoding import opened
from .folder import is_library, is_passed_over
from .identity import FileIdentity, SetIdentity

# The limits of `src/core/error/rejected.rs`.
MAX_BYTES = 64_000_000
MAX_DECODED = 400_000_000
MAX_JPEG_PIXELS = 110_000_000

# Names of what is passed over that are told before the rest is left out.
TOLD = 5

if Image.MAX_IMAGE_PIXELS is not None:
    # The limits are judged here; Pillow would warn of 90 megapixels.
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, MAX_JPEG_PIXELS)


class Rejected(ValueError):
    """A file that is no image, or not one that can be used; the message is a sentence without its name."""


@dataclass
class Listing:
    """The files of a folder and of the folders in it, in the order of their paths."""

    files: list[Path] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # below the folder, with `/`
    passed_over: list[str] = field(default_factory=list)  # hidden files and folders, and litter, below the folder
    links: int = 0  # that were not followed
    unreadable: list[str] = field(default_factory=list)  # a sentence each

    def tell(self) -> None:
        """Says on standard error what does not count."""
        for sentence in self.unreadable:
            print(f"skipped {sentence}", file=sys.stderr)
        if self.passed_over:
            told = ", ".join(self.passed_over[:TOLD])
            more = len(self.passed_over) - TOLD
            print(f"passed over: {len(self.passed_over)} files and folders, hidden or litter of systems and programs "
                  f"({told}{f' and {more} more' if more > 0 else ''})", file=sys.stderr)
        if self.links:
            print(f"passed over: {self.links} links or folders that lead nowhere, above themselves, or where all is "
                  "read already", file=sys.stderr)


def list_files(folder: str | os.PathLike[str]) -> Listing:
    """Lists a folder.

    Raises FileNotFoundError with a sentence for one that is not there, OSError for one that cannot be read.
    """
    top = Path(folder)
    if not top.is_dir():
        raise FileNotFoundError(f"{folder}: expected a folder with images")
    root = os.path.realpath(top)
    own = os.path.basename(root)
    walk = _Walk(f"{own}/" if is_library(own) else "", root)
    walk.entries(top, os.listdir(top), root, "")
    return walk.listing


class _Walk:
    def __init__(self, library: str, root: str) -> None:
        self.library, self.root, self.read, self.listing = library, root, {root}, Listing()

    def entries(self, folder: Path, entries: list[str], real: str, above: str) -> None:
        """Takes in the entries of a folder whose real path is `real`."""
        for own in sorted(entries, key=os.fsencode):
            path, name = folder / own, above + own
            if is_passed_over(self.library + name):
                self.listing.passed_over.append(name)
                continue
            try:
                mode = os.stat(path).st_mode
            except OSError as error:
                if os.path.islink(path):
                    self.listing.links += 1
                else:
                    self.listing.unreadable.append(f"{path}: cannot be read: {error.strerror}")
                continue
            if stat.S_ISDIR(mode):
                self.subfolder(path, real, name)
            elif stat.S_ISREG(mode):
                self.listing.files.append(path)
                self.listing.names.append(name)

    def subfolder(self, path: Path, above: str, name: str) -> None:
        real = os.path.realpath(path)
        if real in self.read or _is_above(real, above) or _is_above(real, self.root):
            self.listing.links += 1
            return
        try:
            entries = os.listdir(path)
        except OSError as error:
            self.listing.unreadable.append(f"{path}: cannot be read: {error.strerror}")
            return
        self.read.add(real)
        self.entries(path, entries, real, name + "/")


def _is_above(folder: str, path: str) -> bool:
    """True for the folder itself, too."""
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def examine(path: str | os.PathLike[str]) -> FileIdentity:
    """The identity of an image's file, which is decoded once.

    Raises Rejected for a file that is no image, is cut off or damaged, or exceeds a limit.
    """
    try:
        size = os.stat(path).st_size
        if size == 0:
            raise Rejected("the file is empty")
        if size > MAX_BYTES:
            raise Rejected(f"the file has {size / 1e6:.0f} MB; at most {MAX_BYTES // 1_000_000} MB")
        content = Path(path).read_bytes()
        with opened(content) as image:
            _check_size(image, content)
            if content[:2] == b"\xff\xd8":
                _check_frame(content)
                # Decoded to an eighth: all of the file is read, and 110 megapixels take no 330 MB.
                image.draft(None, (1, 1))
            if _is_cut(content):
                raise Rejected("the file is cut off before the end of the image")
            image.load()
        return FileIdentity.of(content)
    except Rejected:
        raise
    except Image.UnidentifiedImageError as error:
        raise Rejected("not an image: expected JPEG, PNG, WebP, GIF or BMP") from error
    except Exception as error:  # Decoders raise anything; whatever it is, the file is at fault.
        raise Rejected(f"the image cannot be read: {error}") from error


def _check_size(image: Image.Image, content: bytes) -> None:
    width, height = image.size
    most = MAX_JPEG_PIXELS
    if image.format not in ("JPEG", "MPO"):
        deep = image.format == "PNG" and content[24] == 16
        most = MAX_DECODED // ({2: 6, 6: 8}.get(content[25], 4) if deep else 4)
    if width * height > most:
        raise Rejected(f"{width}×{height} pixels are {width * height / 1e6:.0f} MP; at most {most / 1e6:.0f} MP")


def _is_cut(content: bytes) -> bool:
    """True where Rust misses the end of a file, though Pillow has all pixels or shows those that there are."""
    def number(at: int, length: int) -> int:
        return int.from_bytes(content[at : at + length], "little")

    if content[8:12] == b"WEBP":
        return len(content) < number(4, 4) + 8
    if content[:4] == b"\x89PNG":
        # Of the pixels nothing may be missing; of what stands behind them, anything.
        at, whole = 8, False
        while at + 8 <= len(content):
            data, end = content[at + 4 : at + 8] == b"IDAT", at + 12 + int.from_bytes(content[at : at + 4], "big")
            if data and end > len(content):
                return True
            at, whole = end, whole or data
        return not whole
    if content[:2] == b"BM":
        header = number(14, 4)
        if 0 < number(10, 4) < 14 + header:
            raise Rejected("the image cannot be read: its pixels begin inside its header")
        old = number(14, 4) == 12
        width, height, bits = (number(18, 2), number(20, 2), number(24, 2)) if old else (
            number(18, 4), abs(int.from_bytes(content[22:26], "little", signed=True)), number(28, 2))
        plain = old or number(30, 4) in (0, 3)
        row, used = (width * bits + 31) // 32 * 4, (width * bits + 7) // 8
        # What fills up the last row may be missing.
        return plain and len(content) < number(10, 4) + row * height - (row - used)
    return False


def _check_frame(content: bytes) -> None:
    """Refuses kinds of JPEG that Rust does not decode, though libjpeg might."""
    at = 2
    while at + 9 < len(content):
        marker = content[at + 1]
        if content[at] != 0xFF:
            return  # damaged: the decoder says how
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if marker > 0xC2:
                raise Rejected("a lossless, hierarchical or arithmetic JPEG, which is not read here")
            if content[at + 4] != 8 or content[at + 9] not in (1, 3, 4):
                raise Rejected("a JPEG with another number of bits or colours than is read here")
            return
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")


def examine_all(paths: Sequence[Path]) -> list[FileIdentity | str]:
    """What `examine` says of each, or the reason why it is none."""
    def one(path: Path) -> FileIdentity | str:
        try:
            return examine(path)
        except Rejected as reason:
            return str(reason)

    # Decoding leaves other threads alone; each may hold a large image.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        return list(pool.map(one, paths))


def select(paths: Sequence[Path], examined: Sequence[FileIdentity | str],
           tell: bool = True) -> tuple[list[Path], SetIdentity]:
    """The images among files, and which they are; the others are named on standard error.

    Raises FileNotFoundError with a sentence when there is none.
    """
    good, identities = [], []
    for path, found in zip(paths, examined):
        if isinstance(found, FileIdentity):
            good.append(path)
            identities.append(found)
        elif tell:
            print(f"skipped {path}: {found}", file=sys.stderr)
    if not good:
        raise FileNotFoundError(f"expected at least one image, found none among {len(paths)} files")
    return good, SetIdentity.of(identities)


def find_images(folders: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """All images in folders and the folders in them, in the order of their paths. What does not count is told on
    standard error.

    Raises FileNotFoundError with a sentence for a folder that is not there or when no image is found.
    """
    files: list[Path] = []
    for folder in folders:
        listing = list_files(folder)
        listing.tell()
        files += listing.files
    return select(files, examine_all(files))[0]
