#!/bin/bash
# Runs test programs one after another and sums up what Check counted.
#   scripts/run_tests.sh BUILD_DIR TEST...     names of suites: tests/<module>/<test>
# HS_TEST_BIN tells the tests where the program under test lies.
set -u
. "$(dirname "$(realpath "$0")")/help.sh"
cd "$(dirname "$0")/.."
build=$1
shift
export HS_TEST_BIN=$PWD/$build/handseg
# Waiting threads sleep: on a busy machine those that spin take the processor from the others.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
export CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-600} ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}
passed=0 failed=0 skipped=0 broken=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for test in "$@"; do
    "$test" >"$log" 2>&1
    status=$?
    sed -n '/^[0-9]*%: Checks/!p' "$log"
    line=$(grep -E '^[0-9]+%: Checks' "$log" | tail -n 1)
    [ -n "$line" ] && printf '%-44s %s\n' "${test#"$build"/}" "$line"
    checks=$(sed -E 's/.*Checks: ([0-9]+).*/\1/' <<<"${line:-Checks: 0}")
    bad=$(sed -E 's/.*Failures: ([0-9]+), Errors: ([0-9]+).*/\1+\2/' <<<"${line:-Failures: 0, Errors: 0}")
    bad=$((bad))
    if [ $status -ne 0 ] && [ $bad -eq 0 ]; then
        bad=1 checks=$((checks + 1)) # died without a verdict
        echo "$test: ended with status $status"
    fi
    [ $bad -gt 0 ] && broken+=("$test")
    passed=$((passed + checks - bad)) failed=$((failed + bad))
    skipped=$((skipped + $(grep -c '^SKIPPED' "$log")))
done
for test in "${broken[@]}"; do echo "FAILED: $test"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
