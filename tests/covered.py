"""Check that the tests cover enough of every package.

`python -m tests.covered` reads what `make test` counted, prints a line for each package, and fails
if one is below its minimum. Lines and branches count together, as coverage tools count them.
"""

import json
import sys
from collections import Counter
from pathlib import Path

COUNTED = Path(__file__).resolve().parents[1] / ".coverage.json"
BAR = 85
# Packages whose faults reach people: they decide, store and notify.
HIGHER = dict.fromkeys(
    (f"ewarn/{room}" for room in ("access", "alerting", "domain", "notify", "panel", "store")), 95
)


def main() -> None:
    """Print the coverage of each package, and what is missing in those below their minimum."""
    files = json.loads(COUNTED.read_text(encoding="utf-8"))["files"]
    all_of, reached = Counter[str](), Counter[str]()
    for name, file in files.items():
        counts = file["summary"]
        found = counts["covered_lines"] + counts["covered_branches"]
        reached[room_of(name)] += found
        all_of[room_of(name)] += found + counts["missing_lines"] + counts["missing_branches"]
    short = [room for room in all_of if 100 * reached[room] < bar(room) * all_of[room]]
    for room in sorted(all_of):
        verdict = "  too low" if room in short else ""
        print(f"{100 * reached[room] / all_of[room]:6.1f}% of {bar(room)}%  {room}{verdict}")
    for name, file in sorted(files.items()):
        if room_of(name) in short and (file["missing_lines"] or file["missing_branches"]):
            print(f"{name}: lines {file['missing_lines']}, branches {file['missing_branches']}")
    sys.exit(bool(short))


def room_of(name: str) -> str:
    """Return the package of a file: the folder, or the file, below a top-level package."""
    return "/".join(Path(name).parts[:2])


def bar(room: str) -> int:
    """Return the percentage of lines and branches that the tests of a package must reach."""
    return HIGHER.get(room, BAR)


if __name__ == "__main__":
    main()
