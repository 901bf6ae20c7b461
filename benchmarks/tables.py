"""Rounds of measurements, alternating among the contenders, and the Markdown tables of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """What one round of one contender took: processor and clock seconds for ``count`` things."""

    cpu: float
    clock: float
    count: int
    store: float = 0.0

    @property
    def cpu_ms(self) -> float:
        return self.cpu * 1000 / self.count

    @property
    def store_ms(self) -> float:
        return self.store * 1000 / self.count

    @property
    def rate(self) -> float:
        return self.count / self.clock


Measure = Callable[[], Sample]


def alternating(measures: Sequence[Measure], rounds: int) -> list[list[Sample]]:
    """Each contender once in every round, so that what disturbs one disturbs the others too."""
    samples: list[list[Sample]] = [[] for _ in measures]
    for _ in range(rounds):
        for place, measure in enumerate(measures):
            samples[place].append(measure())
    return samples


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and the least and the greatest beside it."""
    low, high = min(values), max(values)
    return f"{median(values):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table, numbers to the right."""
    print(f"\n### {title}\n")
    print(f"| {' | '.join(head)} |")
    print(f"| --- |{' ---: |' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
