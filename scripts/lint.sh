#!/bin/bash
# Checks what the compiler does not: format, include directions, sizes, marks of unfinished work,
# compiler flags. Prints each finding as FILE:LINE: MESSAGE and ends with 1 where there is any.
#   scripts/lint.sh
set -u
. "$(dirname "$(realpath "$0")")/help.sh"
cd "$(dirname "$0")/.."
for tool in clang-format python3; do
    command -v "$tool" >/dev/null || { scripts/install_deps.sh test && break; } || exit 1
done
failed=0
mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.c' '*.h' |
    while read -r file; do [ -f "$file" ] && echo "$file"; done)
[ ${#sources[@]} -gt 0 ] || { echo "lint: no sources: is this a git checkout?" >&2; exit 1; }

findings=$(printf '%s\n' "${sources[@]}" |
    xargs -P "$(nproc)" -n 16 clang-format --dry-run -Werror 2>&1 |
    sed -n -E 's/^([^:]+:[0-9]+):[0-9]+: error: .*/\1: not in the project'\''s format (make format)/p' |
    sort -u -t: -k1,1 -k2,2n)
if [ -n "$findings" ]; then
    echo "$findings"
    failed=1
fi
python3 scripts/lint.py || failed=1
[ $failed -eq 0 ] && echo "lint: ${#sources[@]} sources, nothing found"
exit $failed
