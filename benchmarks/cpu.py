"""CPU time of other processes, from ``/proc/pid/stat`` (Linux, proc(5))."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""Indexes of ``utime`` and ``stime``, counted after the name in parentheses."""


def children_of(process: int) -> list[int]:
    """Return the child processes of a process."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


def seconds_of(processes: Iterable[int]) -> float:
    """Return the user and system time of these processes, in all threads."""
    ticks = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[_USER]) + int(fields[_SYSTEM])
    return ticks / _TICKS
