"""What is run: studies, their axes, and how each comes about."""

from dataclasses import dataclass
from itertools import combinations

DIVE_AXES = tuple(",".join(names) for depth in (1, 2, 3)
                  for names in combinations(("gender", "age_group", "ethnicity"), depth))
POPQUORN_AXES = ("gender", "race", "age", "education", "gender,race", "gender,age")
LONDON_AXES = ("rater_sex", "rater_sexpref", "rater_age", "rater_sex,rater_age")


@dataclass(frozen=True)
class Workload:
    name: str
    kind: str  # made (by the generator), popquorn or london
    axes: tuple
    scale: str = "nominal"
    times: int = 1  # of the generator's --scale
    settings: str = "data/demo/dive.ini"
    metrics: str = "gai"
    peers: tuple = ("loop-matrix", "loop-counts", "batch")

    @property
    def study(self):
        """Rows of one study differ in what is computed alone."""
        return f"{self.kind}-{self.settings.split('/')[-1][:-4]}-x{self.times}-{self.scale}"


# The reliability matrix of DIVE x10 would have 64 million cells, that of x100 6.4 billion.
WORKLOADS = (
    Workload("POPQUORN", "popquorn", POPQUORN_AXES),
    Workload("POPQUORN, all metrics", "popquorn", POPQUORN_AXES, metrics="all", peers=()),
    Workload("POPQUORN, ordinal", "popquorn", POPQUORN_AXES, scale="ordinal",
             peers=("loop-counts", "batch")),
    Workload("London", "london", LONDON_AXES),
    Workload("London, all metrics", "london", LONDON_AXES, metrics="all", peers=()),
    Workload("London, ordinal", "london", LONDON_AXES, scale="ordinal",
             peers=("loop-counts", "batch")),
    Workload("DIVE", "made", DIVE_AXES),
    Workload("DIVE, all metrics", "made", DIVE_AXES, metrics="all", peers=()),
    Workload("DIVE, ordinal", "made", DIVE_AXES, scale="ordinal", peers=("loop-counts", "batch")),
    Workload("DIVE x10", "made", DIVE_AXES, times=10, peers=("loop-counts", "batch")),
    Workload("DIVE x100", "made", DIVE_AXES, times=100, peers=("loop-counts", "batch")),
)
SMALL = (
    Workload("small", "made", DIVE_AXES, settings="tests/cli/small.ini"),
    Workload("small, ordinal", "made", DIVE_AXES, scale="ordinal", settings="tests/cli/small.ini"),
    Workload("small, all metrics", "made", DIVE_AXES, metrics="all",
             settings="tests/cli/small.ini", peers=()),
)


def import_arguments(workload, shared):
    """(files that must be there, arguments of dissensus import), for published data."""
    data = shared / "data"
    if workload.kind == "popquorn":
        table = data / "popquorn_offensiveness.csv"
        return [table], [table, "--rater", "user_id", "--item", "instance_id", "--rating",
                         f"offensiveness:{workload.scale}", "--rater-attr",
                         "gender,race,age,education"]
    table = data / "london_faces_ratings.csv"
    return [table], [table, "--layout", "wide", "--rating", f"attractiveness:{workload.scale}",
                     "--rater-attr", "rater_sex,rater_sexpref,rater_age",
                     "--bin", "rater_age=25,35,50"]


def make_study(workload, tools, work, shared):
    """The study file, or None with a reason printed."""
    study = work / f"{workload.study}.h5"
    if study.exists():
        return study
    if workload.kind == "made":
        folder = work / f"{workload.kind}-x{workload.times}"
        tools.generate("--settings", tools.source / workload.settings, "--out", folder,
                       "--scale", workload.times)
        arguments = [folder / "ratings.csv", "--rater", "rater_id", "--item", "item_id",
                     "--rating", f"harm_to_self:{workload.scale}",
                     "--rater-attr", "gender,age_group,ethnicity"]
    else:
        needed, arguments = import_arguments(workload, shared)
        if not all(path.is_file() for path in needed):
            tools.say(f"SKIPPED: {workload.name}: its data is not beside the project")
            return None
    tools.dissensus("import", *arguments, "-o", study, "--quiet")
    if workload.kind == "made":  # hundreds of megabytes at x100, and it has served its turn
        (folder / "ratings.csv").unlink()
    return study
