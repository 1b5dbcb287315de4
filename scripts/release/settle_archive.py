"""Writes a source archive anew without what differs from one build to the next: `python settle_archive.py ARCHIVE.tar.gz`.

Members are sorted by name and belong to nobody, and every time is SOURCE_DATE_EPOCH. Contents stay as they are.
"""

from __future__ import annotations

import gzip
import os
import sys
import tarfile
from pathlib import Path


def settle(path: Path, seconds: int) -> None:
    """Replaces the archive at `path` by one whose every time is `seconds` since 1970."""
    fresh = path.with_suffix(".fresh")
    with (
        tarfile.open(path) as old,
        fresh.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=seconds) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda each: each.name):
            member.mtime = seconds
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    fresh.replace(path)


if __name__ == "__main__":
    settle(Path(sys.argv[1]), int(os.environ["SOURCE_DATE_EPOCH"]))
