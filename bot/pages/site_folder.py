"""A folder whose files are replaced together: all new ones are written beside first, then each takes its place."""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

MANIFEST = ".concierge-site.json"
"""The names of the files that stand in the folder by us, so that no other one is ever replaced or deleted."""
NEW = ".concierge-site.new"


class ForeignFiles(Exception):
    """The folder is not ours, or a file in it that we would replace; says which."""


def check(folder: Path) -> None:
    """Raises ForeignFiles unless it is absent, empty (hidden files aside) or one of ours; OSError."""
    if not folder.exists() or (folder / MANIFEST).is_file():
        return
    if not folder.is_dir() or any(not one.name.startswith(".") for one in folder.iterdir()):
        raise ForeignFiles(str(folder))


def replace(folder: Path, files: Mapping[str, bytes]) -> Mapping[str, int]:
    """Return the numbers of files: written, unchanged, removed. `files`: by path with slashes; the last one is put
    in place last. Raises ForeignFiles, OSError; until all is written beside, nothing has changed. A run that was
    cut short is completed by the next one."""
    check(folder)
    old = _manifest(folder)
    there = {name for name in files if (folder / name).exists()}
    changed = [name for name in files if name not in there or (folder / name).read_bytes() != files[name]]
    for name in changed:
        if name in there and name not in old:
            raise ForeignFiles(str(folder / name))
    removed, new = old - files.keys(), folder / NEW
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        for name in changed:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(files[name])
        _note(folder, {*old, *files})
        for name in changed:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(new / name, folder / name)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    for path in map(folder.joinpath, removed):
        path.unlink(missing_ok=True)
        with suppress(OSError):  # and the folders that are empty without it
            for emptied in list(path.relative_to(folder).parents)[:-1]:
                (folder / emptied).rmdir()
    _note(folder, files)
    return {"written": len(changed), "unchanged": len(files) - len(changed), "removed": len(removed)}


def _manifest(folder: Path) -> set[str]:
    """Without what leads out of the folder; empty where there is none or it cannot be read."""
    with suppress(FileNotFoundError, ValueError, TypeError, KeyError):
        names = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        paths = [PurePosixPath(name) for name in names if isinstance(name, str)]
        return {str(path) for path in paths if path.parts and not path.is_absolute() and ".." not in path.parts}
    return set()


def _note(folder: Path, names: Mapping[str, bytes] | set[str]) -> None:
    text = json.dumps({"files": sorted(names)}, ensure_ascii=False, indent=0) + "\n"
    beside = folder / f"{MANIFEST}.new"
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, folder / MANIFEST)
