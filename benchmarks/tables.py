"""Run measurements in alternating rounds, and print Markdown tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one contender: CPU and wall-clock seconds for ``count`` operations.

    ``waits`` are the seconds that each operation took, as the client saw it.
    """

    cpu: float
    clock: float
    count: int
    store: float = 0.0
    waits: tuple[float, ...] = ()

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
    """Run each contender once in every round, so that disturbances affect all of them."""
    samples: list[list[Sample]] = [[] for _ in measures]
    for _ in range(rounds):
        for index, measure in enumerate(measures):
            samples[index].append(measure())
    return samples


def percentile_ms(samples: Sequence[Sample], percent: int) -> str:
    """Format the milliseconds within which this percentage of all operations was answered."""
    waits = sorted(wait for sample in samples for wait in sample.waits)
    if not waits:
        return ""
    return f"{waits[min(len(waits) - 1, len(waits) * percent // 100)] * 1000:.0f}"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Format the median and the range."""
    low, high = min(values), max(values)
    return f"{median(values):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table with right-aligned numbers."""
    print(f"\n### {title}\n")
    print(f"| {' | '.join(head)} |")
    print(f"| --- |{' ---: |' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
