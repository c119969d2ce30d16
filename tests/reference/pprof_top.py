"""Asks `go tool pprof` for the functions of every profile of the open corpus, for the tests to compare with.

python3 tests/reference/pprof_top.py GO > tests/reference/pprof_top.json   (GO: a Go toolchain's binary, 1.27 here)

For each file and sample type the ten largest rows, the number of rows and their sum; for some files also
with a filter on one function by its whole name.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

GO = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "../shared/corpus/profiles/pprof"
ENV = dict(os.environ, GOTOOLCHAIN="local", GOPROXY="off", GOSUMDB="off", GOFLAGS="-mod=mod")
ROW = re.compile(r"\s*(\S+)\s+\S+%\s+\S+%\s+(\S+)\s+\S+%\s?\s?(.*)$")


def pprof(path, *options):
    command = [GO, "tool", "pprof", *options, str(path)]
    return subprocess.run(command, env=ENV, capture_output=True, text=True)


def types(path):
    """Names and units of the sample types: the line above the samples."""
    lines = pprof(path, "-raw", "-symbolize=none").stdout.split("\n")
    line = lines[lines.index("Samples:") + 1]
    return [word.removesuffix("[dflt]").rpartition("/")[::2] for word in line.split()]


def top(path, index, unit, *filters):
    shown = pprof(path, "-top", "-symbolize=none", "-functions", "-nodecount=1000000", "-nodefraction=0",
                  "-edgefraction=0", f"-sample_index={index}", f"-unit={unit}", *filters)
    number = lambda text: float(re.match(r"-?[\d.e+]+", text).group())
    rows = []
    heading = False
    for line in shown.stdout.split("\n"):
        if heading and (row := ROW.match(line)):
            name = re.sub(r" \((partial-)?inline\)$", "", row.group(3))
            rows.append([name, number(row.group(1)), number(row.group(2))])
        heading |= line.split()[:1] == ["flat"]
    rows.sort(key=lambda r: (-r[1], -r[2], r[0]))
    return rows


answers = []
for count, path in enumerate(p for p in sorted(CORPUS.rglob("*")) if p.is_file()):
    name = str(path.relative_to(CORPUS))
    if pprof(path, "-raw", "-symbolize=none").returncode:
        answers.append({"file": name, "refused": True})
        continue
    kinds = types(path)
    for index, (kind, unit) in enumerate(kinds):
        rows = top(path, index, unit)
        answers.append({"file": name, "type": index, "name": kind, "unit": unit, "rows": len(rows),
                        "sum": sum(r[1] for r in rows), "top": rows[:10]})
    partial = sorted({(r[2], r[0]) for r in rows if 0 < r[2] < max(x[2] for x in rows)}, reverse=True)
    if count % 4 == 0 and partial:
        function = partial[len(partial) // 8][1]
        for option in ["focus", "ignore", "hide"]:
            kept = top(path, index, unit, f"-{option}=^{re.escape(function)}$")
            answers.append({"file": name, "type": index, option: function, "rows": len(kept),
                            "sum": sum(r[1] for r in kept), "top": kept[:10]})
print("[\n" + ",\n".join(json.dumps(a, ensure_ascii=False) for a in answers) + "\n]")
