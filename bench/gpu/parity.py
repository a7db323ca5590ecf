"""Every number that `cuda` gives is that of `cpu`: the tidy CSV byte by byte and, with --save-null,
every value of every resample, on every kind of study and of run."""

from typing import Callable, NamedTuple

from programs import Failed
from studies import DIVE_BY, SHAPES


class Workload(NamedTuple):
    name: str
    study: Callable  # of Studies
    options: tuple
    permutations: int
    nulls: bool = True
    quick: bool = False  # also where the host runs the kernels


def by(axes):
    return tuple(word for axis in axes for word in ("--by", axis))


def bootstrap(over):
    return ("--bootstrap", 200, "--over", over)


def axes_of(name):
    return tuple(f"a{i}" for i in range(len(SHAPES[name].attributes)))


def made(name, scale="nominal"):
    return lambda studies: studies.made(name, scale)


def dive(times=1, scale="nominal"):
    return lambda studies: studies.dive(times, scale)


DIVE, TINY = by(DIVE_BY), by(axes_of("tiny"))
WORKLOADS = (
    Workload("tiny", made("tiny"), TINY, 300, quick=True),
    Workload("tiny, all metrics", made("tiny"), (*TINY, "--metrics", "all"), 100, quick=True),
    Workload("tiny, ordinal", made("tiny", "ordinal"), TINY, 100, quick=True),
    Workload("tiny dense", made("tiny dense"), by(axes_of("tiny dense")), 200, quick=True),
    Workload("tiny levels", made("tiny levels"), by(axes_of("tiny levels")), 64, quick=True),
    Workload("tiny, strata", made("tiny"), (*by(["a1"]), "--scheme", "strata:a0"), 200, quick=True),
    Workload("tiny, bootstrap", made("tiny"), (*TINY, *bootstrap("both")), 40, quick=True),
    Workload("tiny, pairs", made("tiny"), (*TINY, "--metrics", "pair-gai"), 100, quick=True),
    Workload("tiny, stop after", made("tiny"), (*TINY, "--stop-after", 5), 5000, False, True),
    Workload("DIVE", dive(), DIVE, 10000),
    Workload("DIVE, all metrics", dive(), (*DIVE, "--metrics", "all"), 2000),
    Workload("DIVE, pairs", dive(), (*DIVE, "--metrics", "pair-gai"), 1000),
    Workload("DIVE, ordinal", dive(1, "ordinal"), DIVE, 4000),
    Workload("DIVE, interval", dive(1, "interval"), DIVE, 2000),
    Workload("DIVE, common units", dive(), (*DIVE, "--units", "common"), 2000),
    Workload("DIVE, strata", dive(), (*by(["age_group", "ethnicity", "age_group,ethnicity"]),
                                      "--scheme", "strata:gender"), 4000),
    Workload("DIVE, within", dive(), (*by(["gender,ethnicity"]), "--scheme", "within:gender"), 4000),
    Workload("DIVE, bootstrap of raters", dive(), (*DIVE, *bootstrap("raters")), 200),
    Workload("DIVE, bootstrap of items", dive(), (*DIVE, *bootstrap("items")), 200),
    Workload("DIVE, bootstrap of both", dive(), (*DIVE, *bootstrap("both")), 200),
    Workload("DIVE, stop after", dive(), (*DIVE, "--stop-after", 20), 100_000, False),
    Workload("DIVE, without nulls", dive(), DIVE, 50_000, False),
    Workload("DIVE x10", dive(10), DIVE, 1000),
    Workload("dense", made("dense"), by([*axes_of("dense"), "a0,a1"]), 2000),
    Workload("dense, ordinal", made("dense", "ordinal"), by(axes_of("dense")), 1000),
    Workload("200 levels", made("levels"), by(axes_of("levels")), 200),
    Workload("200 levels, ordinal", made("levels", "ordinal"), by(axes_of("levels")), 100),
    Workload("300 groups", made("groups"), by(axes_of("groups")), 1000),
    # Room for the labels and not for the ratings.
    Workload("DIVE x10, in parts", dive(10),
             (*by(["gender", "age_group,ethnicity"]), "--device-memory", 8), 500),
)
PUBLISHED = (
    Workload("POPQUORN", lambda studies: studies.popquorn(),
             by(["gender", "race", "age", "education", "gender,race", "gender,age"]), 10000),
    Workload("London", lambda studies: studies.london(),
             by(["rater_sex", "rater_sexpref", "rater_age", "rater_sex,rater_age"]), 4000),
)


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
    found = {}
    for backend in ("cpu", "cuda"):
        found[backend] = work / f"parity-{backend}.h5"
        more = ["--save-null"] if workload.nulls else []
        programs.gai(study, workload.options, workload.permutations, found[backend], backend, *more)
    ours, theirs = (programs.csv(found[backend]) for backend in ("cuda", "cpu"))
    if theirs.count("\n") < 2:
        raise Failed("a CSV without rows")
    differs = difference(ours, theirs)
    if differs:
        raise Failed(differs)
    result = {"workload": workload.name, "csv_rows": theirs.count("\n") - 1}
    if workload.nulls:
        ran = programs.run([programs.find("dissensus-same"), found["cuda"], found["cpu"]],
                           check=False)
        if ran.status != 0:
            raise Failed(f"saved nulls: {ran.output.strip() or ran.errors.strip()}")
        result["nulls"] = ran.output.strip()
    for path in found.values():
        path.unlink()
    return result
