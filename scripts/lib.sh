# What the project's scripts share: sourced, with the project as the working directory.

CACHE=${TICKETROOM_CACHE:-$PWD/target/real}
mkdir -p "$CACHE"

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

# Ends with a message that says what to do, and the end of a log where there is one.
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  [ -z "${2:-}" ] || tail -n 20 "$2" >&2
  exit 1
}

# The folder of PostgreSQL's server programs; Debian keeps them off the PATH, one folder per version.
postgres_bin() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -x "${found:-}/initdb" ] || found=$(dirname "$(command -v initdb 2>/dev/null)" 2>/dev/null)
  [ -x "${found:-}/initdb" ] && printf '%s\n' "$found"
}
