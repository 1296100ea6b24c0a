"""Runs the commands behind docs/figures.md, and puts what they print between the page's marks. Called by ./figures."""

import argparse
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path("docs/figures.md")
CRASH = "cargo run -q --locked -p ticketroom-crash -- "
# What is only of interest while one waits for the end.
PROGRESS = re.compile(r"^\d+ kills, \d+ messages$|: \d+ deaths$| is over, \d+ messages$")

SMALL = {
    "bench": ["./bench messages many"],
    "hanging": ["./bench hanging"],
    "synapse": ["./bench synapse"],
    "sweep": [CRASH + "sweep"],
    "kills": [CRASH + "kills", CRASH + "--postgres kills --messages 200 --bridge 4 --database 4"],
    "lost": [CRASH + "lost", CRASH + "lost --percent 10"],
    "hints": [CRASH + "hints"],
    "storms": [CRASH + "storms --strikes 3"],
    "outage": [CRASH + "outage --minutes 0.2 --messages 1000"],
    "real": [CRASH + "--real kills --messages 60 --bridge 4 --homeserver 2 --helpdesk 2"],
    "replicas": [CRASH + "replicas --kills 4 --kill-every-s 2 --pauses 1 --pause-s 20"],
    "simulation": ["scripts/simulate 1 300"],
    "fuzz": ["scripts/fuzz"],
}
FULL = {
    "sweep": [CRASH + "sweep --each 20", CRASH + "--postgres sweep --each 20"],
    "kills": [
        CRASH + "kills --messages 20000 --bridge 500",
        CRASH + "--postgres kills --messages 4000 --bridge 100 --homeserver 100 --helpdesk 100 --database 100",
    ],
    "lost": [
        CRASH + "lost --messages 3000",
        CRASH + "lost --messages 10000 --percent 10 --late 100",
        CRASH + "lost --restarted --messages 200",
        CRASH + "--real lost --restarted --messages 100",
    ],
    "hints": [CRASH + "hints --messages 2000", CRASH + "--real hints --messages 1300"],
    "storms": [CRASH + "storms", CRASH + "--real storms --strikes 10",
               CRASH + "--postgres storms cut-off"],
    "outage": [
        CRASH + "outage --minutes 10 --messages 10000 --of helpdesk",
        CRASH + "outage --minutes 10 --messages 10000 --of homeserver",
        CRASH + "outage --minutes 10 --messages 10000 --of bridge",
    ],
    "real": [CRASH + "--real kills --messages 1500 --bridge 100 --homeserver 100 --helpdesk 110 --most-waiting 40"],
    "replicas": [CRASH + "replicas --kills 101 --kill-every-s 1 --pauses 100 --pause-s 17 --most-waiting 200"],
    "upgrade": [CRASH + f"{how}upgrade --from target/older/ticketroom" for how in ("", "--postgres ")],
    "other": [
        CRASH + "other --messages 2000 kills --kills 100",
        CRASH + "--real other --messages 300 kills --kills 20",
        CRASH + "other --messages 1000 lost --percent 10",
        CRASH + "--real other --messages 300 lost --percent 10",
    ],
    "simulation": ["scripts/simulate 1 100000"],
    "fuzz": ["scripts/fuzz --full"],
}


def measured(command: str) -> tuple[str, bool]:
    """What a command printed, as the page shows it, and whether it succeeded."""
    print(f"figures: {command}", file=sys.stderr, flush=True)
    done = subprocess.run(command.split(), stdout=subprocess.PIPE, text=True, check=False)
    lines = [line.rstrip() for line in done.stdout.splitlines() if not PROGRESS.search(line)]
    if done.returncode != 0:
        lines.append(f"ended with status {done.returncode}")
    shown = command.replace(" -q --locked", "")
    table = [line for line in lines if line.startswith("|")]
    other = [line for line in lines if line and not line.startswith("|")]
    blocks = [f"```\n$ {shown}\n" + "\n".join(other) + "\n```"]
    if table:
        blocks.append("\n".join(table))
    return "\n\n".join(blocks), done.returncode == 0


def put(page: str, name: str, content: str) -> str:
    """The page with this between the marks of that name."""
    begin, end = f"<!-- figures: {name} -->", f"<!-- end: {name} -->"
    if begin not in page or end not in page:
        sys.exit(f"figures: {PAGE} has no place for {name}: write {begin} and {end} where it belongs")
    before, rest = page.split(begin, 1)
    return f"{before}{begin}\n{content}\n{end}{rest.split(end, 1)[1]}"


def main() -> int:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(prog="./figures")
    parser.add_argument("--full", action="store_true", help="the full run instead of the small one")
    parser.add_argument("--list", action="store_true", help="say what there is, with the commands")
    parser.add_argument("names", nargs="*", metavar="NAME")
    wanted = parser.parse_args()
    sections = FULL if wanted.full else SMALL
    unknown = [name for name in wanted.names if name not in sections]
    if unknown:
        parser.error(f"no section {', '.join(unknown)}; there are: {', '.join(sections)}")
    names = wanted.names or list(sections)
    if wanted.list:
        print("\n".join(f"{name}: {command}" for name in names for command in sections[name]))
        return 0
    subprocess.run(["cargo", "build", "-q", "--locked", "--workspace"], check=True)
    all_well = True
    for name in names:
        results = [measured(command) for command in sections[name]]
        all_well = all_well and all(well for _, well in results)
        mark = f"{name}, full" if wanted.full else name
        # Read anew each time: it may be edited while this runs for hours.
        PAGE.write_text(put(PAGE.read_text(), mark, "\n\n".join(text for text, _ in results)))
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
