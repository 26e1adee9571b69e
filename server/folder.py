"""The one folder that the operator named for files: nothing outside it is read or written, whatever a name says."""

import errno
import os
import re
import stat
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from unicodedata import category, normalize

import anyio
import anyio.to_thread
from anyio import AsyncFile

from server.errors import Refused

PART = 2**18  # bytes read or written at once
LONGEST_SUFFIX = 20
LONGEST_NAME = 200  # bytes of a file's name, with room for a number
MOST_SAME = 1000  # files of one name
MOST_TOLD = 20
_FOREIGN = re.compile(r'[<>:"|?*]')  # what some file systems don't take


@dataclass(frozen=True)
class Opened:
    """A regular file, open to read."""

    file: AsyncFile[bytes]
    name: str
    size: int

    async def parts(self) -> AsyncIterator[bytes]:
        """Its bytes from the start, as many as it had when it was opened."""
        await self.file.seek(0)
        left = self.size
        while left and (part := await self.file.read(min(PART, left))):
            left -= len(part)
            yield part


@dataclass(frozen=True)
class Created:
    """A new file, open to write; it is as well what a download goes into."""

    file: AsyncFile[bytes]
    name: str

    async def begin(self) -> None:
        await self.file.seek(0)
        await self.file.truncate()

    async def write(self, part: bytes) -> None:
        await self.file.write(part)


@dataclass(frozen=True)
class Folder:
    root: Path

    @asynccontextmanager
    async def reading(self, name: str) -> AsyncGenerator[Opened]:
        """The file that `name` is the way to from here. Raises Refused."""
        steps = self._steps(name)
        try:
            descriptor = await anyio.to_thread.run_sync(_open, self.root, steps)
        except OSError as error:
            raise Refused(await anyio.to_thread.run_sync(self._why_not, name, error)) from error
        async with anyio.wrap_file(os.fdopen(descriptor, "rb")) as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise Refused(f"`{name}` is no regular file. Name one in the folder that ISTHMUS_FILES names.")
            yield Opened(file, steps[-1], about.st_size)

    @asynccontextmanager
    async def creating(self, name: str) -> AsyncGenerator[Created]:
        """A new file of about this name, never one that is there; gone again where the work on it fails."""
        try:
            descriptor, taken = await anyio.to_thread.run_sync(_create, self.root, safe(name))
        except OSError as error:
            raise Refused(f"`{name}` can't be written to the folder of files ({error.strerror}).") from error
        file = anyio.wrap_file(os.fdopen(descriptor, "wb"))
        try:
            async with file:
                yield Created(file, taken)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(os.unlink, self.root / taken)
            raise

    def _steps(self, name: str) -> list[str]:
        """The folders and the file of a name; the folder's own path may stand in front."""
        steps = name.removeprefix(f"{self.root}/").split("/")
        if any(step == "" or step.startswith(".") or "\\" in step or not step.isprintable() for step in steps):
            raise Refused(
                f"Nothing was sent: {name!a} is not in the folder that ISTHMUS_FILES names, or hidden there. Pass the "
                "name of a file inside it, such as report.pdf, or the file itself as content_base64 with filename."
            )
        return steps

    def _why_not(self, name: str, error: OSError) -> str:
        try:
            held = [each.name for each in os.scandir(self.root) if each.is_file(follow_symlinks=False)]
        except OSError:
            held = []
        shown = sorted(each for each in held if not each.startswith("."))
        near = get_close_matches(name, shown, n=5) or shown[:MOST_TOLD]
        there = f" There are: {', '.join(near)}." if near else " It is empty."
        why = "links are not followed" if error.errno in (errno.ELOOP, errno.ENOTDIR) else error.strerror
        return f"Nothing was sent: `{name}` can't be read from the folder of files ({why}).{there}"


def safe(name: str) -> str:
    """A name that stays in its folder, is not hidden and does no harm in a terminal."""
    last = re.split(r"[/\\]", normalize("NFC", name))[-1]
    shown = "".join(character for character in last if category(character)[0] != "C")
    stem, suffix = _divided(_FOREIGN.sub("_", shown).strip(". "))
    room = LONGEST_NAME - len(suffix.encode())
    return (stem.encode()[:room].decode(errors="ignore") + suffix) or "attachment"


def _divided(name: str) -> tuple[str, str]:
    suffix = PurePosixPath(name).suffix
    return (name.removesuffix(suffix), suffix) if len(suffix) <= LONGEST_SUFFIX else (name, "")


def _open(root: Path, steps: list[str]) -> int:
    """Step by step from the folder itself, so that no link on the way leads out of it."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for step in steps[:-1]:
            below = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        # Without waiting, so that a pipe holds nobody up.
        return os.open(steps[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)


def _create(root: Path, name: str) -> tuple[int, str]:
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    stem, suffix = _divided(name)
    try:
        for number in range(1, MOST_SAME):
            taken = name if number == 1 else f"{stem} ({number}){suffix}"
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                return os.open(taken, flags, 0o600, dir_fd=here), taken
            except FileExistsError:
                continue
        raise FileExistsError(0, f"there are {MOST_SAME - 1} of this name")
    finally:
        os.close(here)
