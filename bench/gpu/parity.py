"""Every number that `cuda` gives is that of `cpu`: the tidy CSV byte by byte and, with --save-null,
every value of every resample, on every kind of study and of run; and each kind takes the method of the
cuda backend that it is there for, as --explain says."""

import re

from programs import Failed

# What a kind of run may take of kernels/cuda, by what --explain says.
CLAIMS = {
    "lists": r"^lists of ratings", "products": r"^matrix products",
    "general": r"^a thread a resample and group",
    "unequal": r"sums of unequal levels together", "pairs": r"sums of each pair of levels",
    "every": r"sums for every statistic",
    "packs": r"packs of 1 to 4 axes: [\d, ]*[1-9]", "alone": r"axes alone: [1-9]",
    "cut": r"items in \d+ parts", "parts": r"ratings come in parts",
}


def taken(workload, programs, study):
    """The words of CLAIMS that hold; Failed where they are not the workload's."""
    said = programs.explain(study, "cuda", workload.options, extra=workload.environment)
    text = f"{said.get('method', '')}; {said.get('why', '')}"
    found = " ".join(word for word, pattern in CLAIMS.items() if re.search(pattern, text))
    if set(found.split()) != set(workload.takes.split()):
        raise Failed(f"it takes {found or 'nothing that is known'}, not {workload.takes}")
    return found


def difference(ours, theirs):
    """Where two CSVs differ first, or None."""
    if ours == theirs:
        return None
    for number, (a, b) in enumerate(zip(ours.splitlines(), theirs.splitlines())):
        if a != b:
            columns = theirs.splitlines()[0].split(",")
            for name, x, y in zip(columns, a.split(","), b.split(",")):
                if x != y:
                    return f"CSV line {number + 1}, {name}: {x or 'nothing'}, not {y or 'nothing'}"
    return "CSVs of other lengths"


def compare(workload, programs, studies):
    """What was compared, in words; Failed names the first difference."""
    study, work = workload.study(studies), programs.work
    found, takes = {}, taken(workload, programs, study)
    for backend in ("cpu", "cuda"):
        found[backend] = work / f"parity-{backend}.h5"
        more = ["--save-null"] if workload.nulls else []
        programs.gai(study, workload.options, workload.permutations, found[backend], backend, *more,
                     extra=workload.environment)
    ours, theirs = (programs.csv(found[backend]) for backend in ("cuda", "cpu"))
    if theirs.count("\n") < 2:
        raise Failed("a CSV without rows")
    differs = difference(ours, theirs)
    if differs:
        raise Failed(differs)
    result = {"workload": workload.name, "takes": takes, "csv_rows": theirs.count("\n") - 1}
    if workload.nulls:
        ran = programs.run([programs.find("dissensus-same"), found["cuda"], found["cpu"]],
                           check=False)
        if ran.status != 0:
            raise Failed(f"saved nulls: {ran.output.strip() or ran.errors.strip()}")
        result["nulls"] = ran.output.strip()
    for path in found.values():
        path.unlink()
    return result
