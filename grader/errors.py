"""What can go wrong for the person at the terminal, said once. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable


class UserError(Exception):
    """Something the user can mend: says what is wrong, where, and what to do next."""

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __reduce__(self) -> tuple[Callable[..., UserError], tuple[str, str, str]]:
        return _rebuild, (self.what, self.where, self.next_step)  # crosses between grading processes

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.what}" + (f"\n  {self.next_step}" if self.next_step else "")


def _rebuild(what: str, where: str, next_step: str) -> UserError:
    return UserError(what, where=where, next_step=next_step)
