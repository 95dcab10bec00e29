"""Looking at a thing after every single step of the code that changes it, as another thread may."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def at_every_step(check: Callable[[], None], *modules: ModuleType) -> Iterator[list[int]]:
    """Call ``check`` between any two instructions of these modules; yields how often so far."""
    files, steps = {module.__file__ for module in modules}, [0]

    def step(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
        check()
        steps[0] += 1
        return step

    def enter(frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
        if frame.f_code.co_filename not in files:
            return None
        frame.f_trace_opcodes = True
        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield steps
    finally:
        sys.settrace(before)


def after_steps(
    count: int, read: Callable[[], T], write: Callable[[], object], *modules: ModuleType
) -> tuple[bool, T]:
    """Read, with ``write`` after so many steps of these modules; tells whether there were so many.

    What ``write`` does takes no steps.
    """
    left = [count]

    def check() -> None:
        left[0] -= 1
        if left[0] == 0:
            write()

    with at_every_step(check, *modules):
        found = read()
    return left[0] <= 0, found
