"""Where logins are kept: the operating system's keyring, or a file for this user alone; and who may change one now."""

import hashlib
import os
import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Protocol, TypeVar, cast

import anyio.to_thread
from filelock import FileLock, Timeout
from platformdirs import user_data_path

from server.errors import StoreError

T = TypeVar("T")

SERVICE = "isthmus"
LONGEST_WAIT = 60.0  # seconds, for another process that renews the same login


class Keyring(Protocol):
    """As the library of that name has it."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> Any: ...

    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True)
class Vault:
    """`folder` has the locks, and the logins where no keyring takes them."""

    folder: Path
    keyring: Keyring | None = None

    @classmethod
    def of(cls, folder: Path | None) -> "Vault":
        """In the folder that the operator named; else in the keyring, where there is one. Blocks."""
        return cls(folder) if folder else cls(user_data_path("isthmus", appauthor=False) / "logins", _of_system())

    async def place_of(self, name: str) -> str:
        """In words."""
        there = await anyio.to_thread.run_sync(self._path(name).exists)
        return str(self.folder) if there else "the keyring of the operating system"

    async def read(self, name: str) -> str | None:
        """Raises StoreError."""
        return await anyio.to_thread.run_sync(self._read, name)

    async def write(self, name: str, text: str) -> None:
        """All of it or nothing. Raises StoreError."""
        await anyio.to_thread.run_sync(self._write, name, text)

    async def delete(self, name: str) -> bool:
        """Whether there was one. Raises StoreError."""
        return await anyio.to_thread.run_sync(self._delete, name)

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncGenerator[None]:
        """No other process does this with the same name meanwhile; a process that dies lets go. Raises StoreError."""
        lock = await anyio.to_thread.run_sync(self._locked, name)
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(lock.release)

    def _locked(self, name: str) -> FileLock:
        self._make_folder()
        path = self._path(name).with_suffix(".lock")
        lock = FileLock(path, timeout=LONGEST_WAIT, thread_local=False, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise StoreError(
                f"Another process of yours renews this login, and does not end. Look who has {path}."
            ) from None
        except OSError as error:
            raise StoreError(f"{path} can't be opened ({error.strerror}).") from error
        return lock

    def _read(self, name: str) -> str | None:
        path = self._path(name)
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), encoding="utf-8") as file:
                _check_private(path, os.fstat(file.fileno()))
                return file.read()
        except FileNotFoundError:
            return _tried(partial(self.keyring.get_password, SERVICE, name)) if self.keyring else None
        except OSError as error:
            raise StoreError(f"The login in {path} can't be read ({error.strerror}).") from error

    def _write(self, name: str, text: str) -> None:
        # Where a login is in a file already, no keyring took it: to change the place in between would leave two.
        if self.keyring and not self._path(name).exists() and self._kept(self.keyring, name, text):
            return
        self._make_folder()
        path = self._path(name)
        try:
            # mkstemp is exclusive, and for this user alone.
            descriptor, temporary = mkstemp(dir=self.folder)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(f"The login can't be written to {path} ({error.strerror}).") from error

    def _kept(self, keyring: Keyring, name: str, text: str) -> bool:
        """Whether the keyring has it now; some take no texts of this length."""
        try:
            _tried(partial(keyring.set_password, SERVICE, name, text))
            return _tried(partial(keyring.get_password, SERVICE, name)) == text
        except StoreError:
            return False

    def _delete(self, name: str) -> bool:
        path = self._path(name)
        was = path.exists() or path.is_symlink()
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"The login in {path} can't be deleted ({error.strerror}).") from error
        if self.keyring and _tried(partial(self.keyring.get_password, SERVICE, name)) is not None:
            _tried(partial(self.keyring.delete_password, SERVICE, name))
            return True
        return was

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder {self.folder} can't be made ({error.strerror}).") from error

    def _path(self, name: str) -> Path:
        # What names a login comes from outside, and never becomes a path.
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"


def _check_private(path: Path, found: os.stat_result) -> None:
    if os.name == "posix" and (stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.getuid()):
        raise StoreError(
            f"The login in {path} can be read by others on this machine. Run `isthmus logout`, then `isthmus login`."
        )


def _of_system() -> Keyring | None:
    import keyring

    backend = keyring.get_keyring()
    # Below 1 are those that keep nothing, or keep it in the clear.
    return cast("Keyring", backend) if backend.priority >= 1 else None


def _tried(work: "partial[T]") -> T:
    from keyring.errors import KeyringError

    try:
        return work()
    except (KeyringError, OSError, RuntimeError) as error:
        raise StoreError(f"The keyring does not answer ({type(error).__name__}). Unlock it, then try again.") from error
