#!/usr/bin/env python3
"""The checks of scripts/lint.sh that read text: include directions, sizes, marks, flags."""
import pathlib
import re
import subprocess
import sys

FILE_LINES, FUNCTION_LINES, MAKEFILE_LINES = 500, 60, 250

# What each module of src/ may include besides itself: the modules named, and what those may. Includes
# point one way, so this list has no cycles. include/handseg/ is open to all.
MODULES = {
    "base": [],
    "config": ["base"],
    "io": ["config"],
    "kernels": ["base"],
    "ops": ["config", "kernels"],
    "graph": ["ops"],
    "net": ["graph"],
    "image": ["config"],
    "glove": ["image"],
    "heuristic": ["image"],
    "synth": ["glove"],
    "optim": ["config"],
    "data": ["io", "image", "kernels"],
    "eval": ["data", "net"],
    "report": ["eval"],
    "forest": ["kernels"],
    "train": ["optim", "eval", "report", "forest"],
    "segment": ["train", "heuristic", "studio"],
    "recording": ["io", "glove"],
    "studio": ["recording", "report"],
    "review": ["studio"],
    "cli": ["segment", "synth", "review"],
}
# Files that may not do what the rest of their module may.
PURE = {"src/data/augment": {"io"}, "src/report/": {"io"}, "src/eval/metrics": {"data", "net", "io"},
        "src/eval/bootstrap": {"data", "net", "io"}, "src/eval/boundary": {"data", "net", "io"},
        "src/eval/calibration": {"data", "net", "io"}}

# Headers of libraries and of instruction sets, and the only folders that may include them.
SYSTEM = [
    (r"hdf5\w*\.h|H5\w+\.h|png\.h|zlib\.h|lz4\w*\.h|jansson\.h|matio\.h", ["src/io/"]),
    (r"ini\.h", ["src/config/"]),
    (r"microhttpd\.h", ["src/review/"]),
    (r"\w*intrin\.h|arm_\w+\.h", ["src/kernels/avx2/", "src/kernels/avx512/", "src/kernels/amx/",
                                   "src/kernels/simd/"]),
]

MARKS = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK"]) + r")\b|^\s*#\s*if\s+0\b")
FLAGS = re.compile("-O" r"fast\b|-f" r"fast-math\b|-march=" "native|-f" "unsafe-math")
PRAGMAS = re.compile(r"#\s*pragma\s+GCC\s+(optimize|target)|__attribute__\s*\(\(\s*(optimize|target)")
VECTOR = re.compile(r"-m(avx|fma|sse|amx|f16c|bmi|prefer-vector)")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')

findings = 0


def report(path, line, message):
    global findings
    findings += 1
    print(f"{path}:{line}: {message}")


def reachable(module):
    """Modules that `module` may include."""
    found, todo = {module}, [module]
    while todo:
        for other in MODULES[todo.pop()]:
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def check_includes(path, lines):
    parts = path.split("/")
    inside = parts[0] in ("src", "include")
    allowed = reachable(parts[1]) if parts[0] == "src" and parts[1] in MODULES else set()
    if parts[0] == "src" and parts[1] not in MODULES:
        report(path, 1, f"module '{parts[1]}' is not in the table of scripts/lint.py")
    for start, refused in PURE.items():
        if path.startswith(start):
            allowed -= refused
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        name, module = match[2], match[2].split("/")[0]
        if inside and match[1] == '"' and module != "handseg" and module not in allowed:
            report(path, number, f"'{name}': {'/'.join(parts[:2])} may not include this module")
        if inside and match[1] == "<":
            for pattern, folders in SYSTEM:
                if re.fullmatch(pattern, pathlib.PurePath(name).name) and \
                        not any(path.startswith(f) for f in folders):
                    report(path, number, f"<{name}>: only {', '.join(folders)} may include this")


def check_functions(path, lines):
    """Functions as clang-format leaves them: a brace of its own line, at the margin, on both ends."""
    first = 0  # first line of the declaration in hand
    for number, line in enumerate(lines, 1):
        if line == "}" and first:
            if number - first + 1 > FUNCTION_LINES:
                report(path, first, f"function of {number - first + 1} lines, expected at most "
                                    f"{FUNCTION_LINES}")
            first = 0
        elif line == "{":
            first = number
            while first > 1 and re.match(r"[\w ].*[^;}/]$", lines[first - 2]):
                first -= 1


def check_flags(path, lines):
    for number, line in enumerate(lines, 1):
        code = re.sub(r"(^|\s)#.*", "", line)
        if FLAGS.search(code):
            report(path, number, "forbidden flag: " + FLAGS.search(code)[0])
        if VECTOR.search(code) and not code.startswith("ISA_src/kernels/"):
            report(path, number, "vector flags belong to the folders of src/kernels only")


def check(path):
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return  # not text: no source
    if not lines:
        report(path, 1, "empty file")
    suffix, name = pathlib.PurePath(path).suffix, pathlib.PurePath(path).name
    c_source = suffix in (".c", ".h")
    script = suffix in (".sh", ".py", ".mk") or name == "Makefile" or path.startswith(".ci/")
    golden = path.startswith("tests/golden/") and not script
    if (c_source or suffix in (".py", ".sh", ".js")) and not golden and len(lines) > FILE_LINES:
        report(path, len(lines), f"file of {len(lines)} lines, expected at most {FILE_LINES}")
    if name == "Makefile" and len(lines) > MAKEFILE_LINES:
        report(path, len(lines), f"{len(lines)} lines, expected at most {MAKEFILE_LINES}")
    if c_source or script or suffix in (".def", ".ini"):
        for number, line in enumerate(lines, 1):
            if MARKS.search(line):
                report(path, number, "mark of unfinished work: " + MARKS.search(line)[0].strip())
    if c_source:
        check_includes(path, lines)
        check_functions(path, lines)
        for number, line in enumerate(lines, 1):
            if PRAGMAS.search(line):
                report(path, number, "optimisation and targets are set in the Makefile")
    if script and path != "scripts/lint.py":
        check_flags(path, lines)


def main():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout.split("\n")
    for path in sorted(set(listed)):
        if pathlib.Path(path).is_file():
            check(path)
    sys.exit(findings > 0)


main()
