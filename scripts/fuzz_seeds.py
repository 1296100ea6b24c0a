"""Writes what the fuzz targets begin with: the files of the tests' corpora, and all cases of tests/hostile as words.

fuzz_seeds.py --names | fuzz_seeds.py FOLDER
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
NAMES = re.findall(r'Target \{ name: "(\w+)"', (ROOT / "fuzz/src/lib.rs").read_text())
FILES = {
    "html": ["hostile/html/*.html", "corpus/matrix/*.html"],
    "mail": ["corpus/mail/*.html", "corpus/mail/*.txt"],
    "typed": ["corpus/matrix/*.md", "corpus/matrix/*.txt"],
    "file": ["corpus/files/*", "corpus/disguised/*"],
    "config": ["../config.sample.yaml"],
    "event": ["hostile/html/*.html"],
}
# The first byte chooses in most targets; these read all of it.
WHOLE = {"html", "typed", "border"}
CHOICES = {"file": range(17)}
SEED_BYTES_MAX = 16 * 1024


def words():
    """Every text that stands in a case, each once."""
    found = set()
    for path in sorted(TESTS.glob("hostile/*/cases.yaml")):
        for line in path.read_text().splitlines():
            if line.strip().startswith("- {"):
                case = json.loads(line.strip()[2:])
                found.update(value for value in case.values() if isinstance(value, str) and len(value) > 2)
                found.update(json.dumps(value) for value in case.values() if isinstance(value, (dict, list)))
    return sorted(found)


def main(folder):
    lines = [text.encode() for text in words()]
    for name in NAMES:
        place = folder / name / "seeds"
        place.mkdir(parents=True, exist_ok=True)
        paths = [path for pattern in FILES.get(name, []) for path in sorted(TESTS.glob(pattern))]
        seeds = [path.read_bytes() for path in paths if path.is_file()] + lines
        choices = CHOICES.get(name, [0, 1, 2, 3, 4, 16, 32, 64, 129, 200])
        for number, seed in enumerate(seeds):
            choice = b"" if name in WHOLE else bytes([choices[number % len(choices)]])
            (place / f"{number:04}").write_bytes((choice + seed)[:SEED_BYTES_MAX])


if sys.argv[1:] == ["--names"]:
    print(*NAMES, sep="\n")
else:
    main(pathlib.Path(sys.argv[1]))
