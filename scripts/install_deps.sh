#!/bin/sh
# Installs what third_party/packages.txt lists and is not there yet (Debian, Ubuntu and their kin).
#   scripts/install_deps.sh [build] [test] [plots] ...     build and test where none is named
set -eu
. "$(dirname "$(realpath "$0")")/help.sh"
cd "$(dirname "$0")/.."
list=third_party/packages.txt
uses=${*:-build test}

# A program, a pkg-config module, python3:MODULE, or clang:HEADER. Modules are those of Debian's own python3: another
# that comes first in PATH does not see what is installed here.
present() {
    case $1 in
    python3:*) /usr/bin/python3 -c "import ${1#python3:}" 2>/dev/null ;;
    clang:*) echo "#include <${1#clang:}>" | clang -fsyntax-only -x c - 2>/dev/null ;;
    *) command -v "$1" >/dev/null 2>&1 || pkg-config --exists "$1" 2>/dev/null ;;
    esac
}

missing=
while IFS='|' read -r use package probe rest; do
    use=$(echo "$use" | tr -d ' ') package=$(echo "$package" | tr -d ' ')
    probe=$(echo "${probe:-}" | tr -d ' ')
    case $use in '#'* | '') continue ;; esac
    case " $uses " in *" $use "*) present "$probe" || missing="$missing $package" ;; esac
done <"$list"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "handseg: these packages are missing:$missing" >&2
    echo "    hint: this script knows apt-get only; install their equivalents and run it again" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "handseg: needs root to install:$missing" >&2
        echo "    hint: apt-get install$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "Installing with ${as_root:+sudo }apt-get:$missing" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086  # a list of packages
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
