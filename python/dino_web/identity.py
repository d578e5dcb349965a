"""Identity of a set of images: how many files it has, and a fingerprint of their bytes in the set's order. Mirrors
`src/core/data/identity.rs`."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any, Iterable


@dataclass(frozen=True)
class FileIdentity:
    """A file's bytes: their CRC-32 and their number."""

    crc: int
    length: int

    @classmethod
    def of(cls, content: bytes) -> FileIdentity:
        return cls(zlib.crc32(content), len(content))


@dataclass(frozen=True)
class SetIdentity:
    """A set of images, as a checkpoint remembers it."""

    count: int
    fingerprint: int

    @classmethod
    def of(cls, files: Iterable[FileIdentity]) -> SetIdentity:
        count, crc = 0, 0
        for file in files:
            crc = zlib.crc32(struct.pack("<IQ", file.crc, file.length), crc)
            count += 1
        return cls(count, crc)

    @classmethod
    def from_json(cls, value: Any) -> SetIdentity:
        """Raises ValueError or TypeError for anything else than `to_json` gives."""
        count, digits = value["count"], value["fingerprint"]
        if not isinstance(count, int) or count < 0 or len(digits) != 8 or not digits.isalnum():
            raise ValueError(f"expected a number of images and 8 hexadecimal digits, found {value}")
        return cls(count, int(digits, 16))

    def to_json(self) -> dict[str, Any]:
        return {"count": self.count, "fingerprint": f"{self.fingerprint:08x}"}

    def change_from(self, before: SetIdentity) -> str | None:
        """A sentence, if the set that a run goes on with is not the one that it had until `before`."""
        def images(count: int) -> str:
            return "1 image" if count == 1 else f"{count} images"

        if self == before:
            return None
        if self.count == before.count:
            how = f"{images(self.count)} as then, but other files or another order"
        else:
            how = f"{images(before.count)} then, {images(self.count)} now"
        return f"the set of images is another than before: {how}, so the run goes on with other images in its batches"
