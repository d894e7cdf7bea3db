"""Refusals that a person reads: `str()` speaks the language active when it is called, not when it was raised."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Words: TypeAlias = "StrOrPromise"


class InWords(ValueError):
    def __init__(self, words: Words, **values: object) -> None:
        super().__init__(words, values)
        self.words, self.values = words, values

    def __str__(self) -> str:
        return str(self.words) % self.values
