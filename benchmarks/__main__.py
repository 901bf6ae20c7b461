"""Run the named benchmarks, or all of them."""

import importlib
import sys
from pathlib import Path

NAMES = (
    *("digests", "growth", "launches", "module_page", "picker", "post_texts", "roster", "scores"),
    *("scorm_build", "scorm_many", "slow_network"),
)


def main(selected: list[str]) -> None:
    """Print the tables of each benchmark."""
    names = [name for name in NAMES if (Path(__file__).parent / f"{name}.py").is_file()]
    unknown = set(selected) - set(names)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. Known: {', '.join(names)}")
    for name in selected or names:
        sys.argv = [name]  # benchmarks that parse arguments get none here
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
