"""Run the benchmarks that were named, or all of them."""

import importlib
import sys
from pathlib import Path

NAMES = ("launches", "module_page", "post_texts", "scorm_build", "scorm_many")


def main(wanted: list[str]) -> None:
    """Print the tables of each benchmark."""
    names = [name for name in NAMES if (Path(__file__).parent / f"{name}.py").is_file()]
    unknown = set(wanted) - set(names)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. Known: {', '.join(names)}")
    for name in wanted or names:
        sys.argv = [name]  # a benchmark that takes arguments when run by itself gets none here
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
