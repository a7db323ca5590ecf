"""Kinds of run of the check, and what of the cuda backend each is there for."""

from typing import Callable, NamedTuple

from studies import DIVE_BY, SHAPES


class Workload(NamedTuple):
    name: str
    study: Callable  # of Studies
    options: tuple
    permutations: int
    takes: str  # words of parity.CLAIMS, all that hold
    nulls: bool = True
    quick: bool = False  # also where the host runs the kernels
    watched: int = 0  # permutations under the sanitizer; 0: it does not watch this
    force: str = ""  # DSS_CUDA

    @property
    def environment(self):
        return {"DSS_CUDA": self.force}


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


def tiny(name, made_of, options, permutations, takes, *, force="", watched=0, nulls=True):
    return Workload(name, made_of, options, permutations, takes, nulls, True, watched, force)


DIVE, TINY = by(DIVE_BY), by(axes_of("tiny"))
ALL, STOP = ("--metrics", "all"), ("--stop-after", 2000)
UNKNOWN = made("tiny unknown")
WATCH = 40  # permutations: two warps, which the host counts
MANY = 8200  # of which the first 4096 come to the host, and the device counts the others
SMALL = (
    tiny("tiny", made("tiny"), TINY, 300, "products unequal cut", watched=WATCH),
    tiny("tiny, all metrics", made("tiny"), (*TINY, *ALL), 100, "products every cut", watched=WATCH),
    tiny("tiny, ordinal", made("tiny", "ordinal"), TINY, 100, "products pairs cut", watched=WATCH),
    tiny("tiny dense", made("tiny dense"), by(axes_of("tiny dense")), 200, "products unequal"),
    tiny("tiny unknown", UNKNOWN, TINY, 100, "products unequal cut", watched=WATCH),
    tiny("tiny levels", made("tiny levels"), by(axes_of("tiny levels")), 64, "general every",
         watched=WATCH),
    tiny("tiny, strata", made("tiny"), (*by(["a1"]), "--scheme", "strata:a0"), 200,
         "products unequal cut"),
    tiny("tiny, bootstrap", made("tiny"), (*TINY, *bootstrap("both")), 40, "products unequal cut",
         watched=WATCH),
    tiny("tiny, pairs", made("tiny"), (*TINY, "--metrics", "pair-gai"), 100, "products unequal cut",
         watched=WATCH),
    tiny("tiny, stop after", made("tiny"), (*TINY, *STOP), MANY, "products unequal cut",
         nulls=False),
    tiny("all arrangements", made("tiny few"), by(axes_of("tiny few")), 5000, "products unequal",
         watched=WATCH),
    tiny("tiny, lists", made("tiny"), TINY, 300, "lists unequal packs", force="lists",
         watched=WATCH),
    tiny("tiny, lists, all metrics", made("tiny"), (*TINY, *ALL), 100, "lists every packs",
         force="lists", watched=WATCH),
    tiny("tiny, lists, ordinal", made("tiny", "ordinal"), TINY, 100, "lists pairs packs",
         force="lists", watched=WATCH),
    tiny("tiny, lists, ratio", made("tiny", "ratio"), TINY, 100, "lists pairs packs",
         force="lists"),
    tiny("tiny, lists, common units", made("tiny"), (*TINY, "--units", "common"), 100,
         "lists unequal packs", force="lists"),
    tiny("tiny, lists, stop after", made("tiny"), (*TINY, *STOP), MANY, "lists unequal packs",
         force="lists", nulls=False, watched=MANY),
    tiny("tiny, lists, without nulls", made("tiny"), TINY, MANY, "lists unequal packs",
         force="lists", nulls=False, watched=MANY),
    tiny("tiny, lists in parts", made("tiny long"), (*TINY, "--device-memory", 1), 64,
         "lists unequal packs cut parts", force="lists", watched=WATCH),
    tiny("tiny unknown, lists", UNKNOWN, TINY, 100, "lists unequal packs alone", force="lists",
         watched=WATCH),
    tiny("tiny unknown, lists, all metrics", UNKNOWN, (*TINY, *ALL), 100,
         "lists every packs alone", force="lists", watched=WATCH),
    tiny("tiny unknown, lists, ordinal", made("tiny unknown", "ordinal"), TINY, 100,
         "lists pairs packs alone", force="lists", watched=WATCH),
    tiny("tiny unknown, lists, bootstrap", UNKNOWN, (*TINY, *bootstrap("raters")), 40,
         "lists unequal packs alone", force="lists"),
    tiny("tiny unknown, pairs", UNKNOWN, (*TINY, "--metrics", "pair-gai"), 100,
         "lists unequal packs alone", force="lists", watched=WATCH),
    tiny("tiny groups, lists", made("tiny groups"), by(axes_of("tiny groups")), 40,
         "lists unequal packs alone", force="lists", watched=WATCH),
    tiny("tiny, general", made("tiny"), (*TINY, *ALL), 64, "general every", force="general"),
)
LISTS = "lists unequal packs"
LARGE = (
    Workload("DIVE", dive(), DIVE, 10000, LISTS),
    Workload("DIVE, all metrics", dive(), (*DIVE, *ALL), 2000, "lists every packs"),
    Workload("DIVE, pairs", dive(), (*DIVE, "--metrics", "pair-gai"), 1000, LISTS),
    Workload("DIVE, ordinal", dive(1, "ordinal"), DIVE, 4000, "lists pairs packs"),
    Workload("DIVE, interval", dive(1, "interval"), DIVE, 2000, "lists pairs packs"),
    Workload("DIVE, common units", dive(), (*DIVE, "--units", "common"), 2000, LISTS),
    Workload("DIVE, strata", dive(), (*by(["age_group", "ethnicity", "age_group,ethnicity"]),
                                      "--scheme", "strata:gender"), 4000, LISTS),
    Workload("DIVE, within", dive(), (*by(["gender,ethnicity"]), "--scheme", "within:gender"), 4000,
             LISTS),
    Workload("DIVE, bootstrap of raters", dive(), (*DIVE, *bootstrap("raters")), 200, LISTS),
    Workload("DIVE, bootstrap of items", dive(), (*DIVE, *bootstrap("items")), 200, LISTS),
    Workload("DIVE, bootstrap of both", dive(), (*DIVE, *bootstrap("both")), 200, LISTS),
    Workload("DIVE, stop after", dive(), (*DIVE, "--stop-after", 20), 100_000, LISTS, False),
    Workload("DIVE, without nulls", dive(), DIVE, 50_000, LISTS, False),
    Workload("DIVE x10", dive(10), DIVE, 1000, LISTS),
    Workload("dense", made("dense"), by([*axes_of("dense"), "a0,a1"]), 2000, "products unequal"),
    Workload("dense, ordinal", made("dense", "ordinal"), by(axes_of("dense")), 1000,
             "products pairs"),
    Workload("200 levels", made("levels"), by(axes_of("levels")), 200, "general every"),
    Workload("200 levels, ordinal", made("levels", "ordinal"), by(axes_of("levels")), 100,
             "general every"),
    Workload("300 groups", made("groups"), by(axes_of("groups")), 1000, "products unequal cut"),
    Workload("300 groups, lists", made("groups"), by(axes_of("groups")), 500,
             "lists unequal packs alone", force="lists"),
    # Room for the labels and not for the ratings.
    Workload("DIVE x10, in parts", dive(10),
             (*by(["gender", "age_group,ethnicity"]), "--device-memory", 8), 500,
             "lists unequal packs cut parts"),
)
PUBLISHED = (
    Workload("POPQUORN", lambda studies: studies.popquorn(),
             by(["gender", "race", "age", "education", "gender,race", "gender,age"]), 10000, LISTS),
    Workload("London", lambda studies: studies.london(),
             by(["rater_sex", "rater_sexpref", "rater_age", "rater_sex,rater_age"]), 4000,
             "products unequal cut"),
)
WORKLOADS = SMALL + LARGE
