"""The values of variables, each read as what it is to be; SettingsError names the variable and the remedy."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from server.addresses import site_problem
from server.errors import SettingsError

Lockdown = Literal["service", "all", "off"]

_SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/boot", "/run/secrets")
_KEY = re.compile(r"~?[A-Za-z0-9_.:-]+")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})
_LOCKDOWNS: dict[str, Lockdown] = {"": "service", "service": "service", "all": "all", "off": "off"}
_LOG_LEVELS: dict[str, Literal["DEBUG", "INFO", "WARNING", "ERROR"]] = {
    "": "WARNING",
    "DEBUG": "DEBUG",
    "INFO": "INFO",
    "WARNING": "WARNING",
    "ERROR": "ERROR",
}


class Environment:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return self._values.get(name, "").strip()

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in _YES | _NO:
            raise SettingsError(f"{name} is neither true nor false. Set it to one of them.")
        return value in _YES

    def folder(self, name: str) -> Path | None:
        value = self.text(name)
        if value and _too_much(Path(value)):
            raise SettingsError(f"{name} names a folder of the system, or your home. Make a folder for files alone.")
        if value and not (Path(value).is_absolute() and Path(value).is_dir()):
            raise SettingsError(
                f"{name} is no absolute path of a folder that exists. Make the folder, or unset {name}."
            )
        return Path(value) if value else None

    def place(self, name: str) -> Path | None:
        """A folder that may yet have to be made."""
        value = self.text(name)
        if value and not Path(value).is_absolute():
            raise SettingsError(f"{name} is no absolute path. Set it to one, or unset {name}.")
        return Path(value) if value else None

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        value = self.text(name) or str(default)
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            raise SettingsError(f"{name} is not a number from {least:g} to {most:g}. Set it to one.")
        return number

    def whole(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        number = self.number(name, default, least=least, most=most)
        if number != int(number):
            raise SettingsError(f"{name} is not a whole number. Set it to one.")
        return int(number)

    def most(self, name: str) -> int | None:
        return self.whole(name, 0, most=1_000_000) if self.text(name) else None

    def keys(self, name: str) -> tuple[str, ...]:
        """Raises SettingsError where it is set to no key at all: that would narrow nothing."""
        keys = self.names(name)
        if self.text(name) and not (keys and all(_KEY.fullmatch(key) for key in keys)):
            raise SettingsError(f"{name} is no list of keys. Set it to keys, comma-separated, such as ENG,WEB.")
        return keys

    def pattern(self, name: str) -> str:
        value = self.text(name)
        try:
            re.compile(value)
        except re.error:
            raise SettingsError(f"{name} is no regular expression. Correct it, or unset it.") from None
        return value

    def lockdown(self) -> Lockdown:
        value = self.text("ISTHMUS_LOCKDOWN").lower()
        if value not in _LOCKDOWNS:
            raise SettingsError("ISTHMUS_LOCKDOWN is none of its values. Set it to service, all or off.")
        return _LOCKDOWNS[value]

    def address(self, name: str, example: str) -> str:
        url = self.text(name)
        problem = site_problem(url, own_path=True) if url else None
        if problem:
            raise SettingsError(f"{name} is wrong: {problem}. It should look like {example}")
        return url

    def log_level(self) -> Literal["DEBUG", "INFO", "WARNING", "ERROR"]:
        value = self.text("ISTHMUS_LOG_LEVEL").upper()
        if value not in _LOG_LEVELS:
            raise SettingsError("ISTHMUS_LOG_LEVEL is no level. Set it to DEBUG, INFO, WARNING or ERROR.")
        return _LOG_LEVELS[value]


def _too_much(folder: Path) -> bool:
    """Whether it holds what no agent may be given: all there is, what the system is made of, a home."""
    real = folder.resolve()
    return real in (Path("/"), Path.home().resolve()) or any(real.is_relative_to(system) for system in _SYSTEM)
