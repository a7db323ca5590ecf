/* How often a test finds a group's cohesion: by simulated studies, each tested by permutation.
 *
 * Planning: how many raters a group, or ratings an item, are needed to find a GAI of a given size.
 * And the reverse: the smallest GAI that the design of a study could have found. The model is that
 * of simulate.h; definitions, what is promised and limits: docs/power.md.
 */
#ifndef DISSENSUS_POWER_H
#define DISSENSUS_POWER_H

#include <stdio.h>

#include "dissensus/simulate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How studies are simulated and tested. */
typedef struct dss_power_test {
  uint64_t studies;      /* for each point, 1 .. 1000000 */
  uint64_t permutations; /* for each study, 1 .. 1000000 */
  double alpha;          /* a group is found when p < alpha; 0 < alpha < 1 */
  bool adjusted;         /* by the Benjamini and Hochberg q of all groups' GAI and their other
                            statistics instead of p; of plans alone */
  double power;          /* that is wanted, above alpha and below 1 */
  unsigned threads;      /* 0: as many as the process may use; no result depends on it */
  const char *command;   /* for provenance; may be NULL */
} dss_power_test;

/* The defaults: 200 studies, 999 permutations, alpha 0.05, p, power 0.8. */
void dss_power_test_init(dss_power_test *test);

/* A plan: a pool (of whose options raters and effects are not used, and ratings_per_item is used
 * where the grid has none) and a grid over it. */
typedef struct dss_power_plan {
  dss_simulate_options pool; /* at most one question; n_effects 0 */
  const char *group; /* that has the cohesion, "gender=Woman"; NULL: the first attribute's first
                        value. The axis that is tested has its attributes */
  const uint32_t *raters_per_group; /* raters of the group; others by their shares. At least one */
  size_t n_raters_per_group;
  const uint32_t *ratings_per_item; /* n 0: as the pool's options say */
  size_t n_ratings_per_item;
  const double *gai; /* at least one, each positive; 1, where nothing is to be found, is added */
  size_t n_gai;
} dss_power_plan;

/* Along what a number is looked for. */
typedef enum dss_power_along {
  DSS_POWER_RATERS = 0,  /* raters a group */
  DSS_POWER_RATINGS = 1, /* ratings an item */
  DSS_POWER_GAI = 2      /* the smallest GAI */
} dss_power_along;

/* "raters_per_group" ...; NULL out of range. */
const char *dss_power_along_name(dss_power_along along);

/* A point of the grid, or between its points. */
typedef struct dss_power_point {
  const char *group;
  uint32_t raters_per_group;          /* of the group */
  uint32_t raters;                    /* in all */
  double ratings_per_item;            /* before any are missing */
  double gai, cohesion;               /* the model's, exactly; k of simulate.h */
  uint64_t studies, found, undefined; /* undefined: studies in which the group has no GAI: not found
                                       */
  double power, low, high;            /* found / studies, and its 95% interval (Clopper, Pearson) */
  double mean_gai;                    /* of the studies in which it is defined; NaN: none */
  bool added;            /* not of the grid, but between its points, to find what is needed along */
  dss_power_along along; /* this */
} dss_power_point;

/* A number that was looked for between the ends of a grid. */
typedef struct dss_power_bound {
  double value;
  int beyond; /* -1: at most value, the grid's first; 1: more than value, the grid's last */
} dss_power_bound;

/* How much is needed of one thing where the others stand still: where the isotonic regression of
 * the powers, linear between the points over the logarithm of that thing, has the power wanted;
 * `low` is the last point that is surely below it (the upper limit of its interval is), `high` the
 * first that surely reaches it. Both limits are made isotonic too. */
typedef struct dss_power_need {
  dss_power_along along;
  const char *group;
  uint32_t raters_per_group; /* 0 along raters */
  double ratings_per_item;   /* 0 along ratings; NaN where it differs from point to point */
  double gai;                /* 0 along GAI */
  dss_power_bound needed, low, high;
} dss_power_need;

/* What was found. */
typedef struct dss_power dss_power;

/* Simulates all points of the grid, and points between them until what is needed is found closely
 * (docs/power.md). Progress counts studies. DSS_ERR_USAGE: options that make no
 * sense, a design there cannot be, a GAI that the pool's agreement leaves no room for;
 * DSS_ERR_DATA: no simulated study has a GAI; DSS_ERR_MEMORY; DSS_INTERRUPTED. */
DSS_MUST_USE dss_status dss_power_of_plan(dss_context *context, const dss_power_plan *plan,
                                          const dss_power_test *test, dss_power **power);

/* A study's design: its raters' groups, who rated what, how ratings are distributed and how much
 * raters agree; everything else is new in each simulated study. */
typedef struct dss_power_design {
  const char *question;    /* NULL: the study's only one */
  const char *const *axes; /* "gender" or "gender,race", of up to three attributes; n 0: each
                              attribute */
  size_t n_axes;
  const double *gai; /* where to look, each positive; n 0: 1.05 to 3 */
  size_t n_gai;
  uint32_t min_raters; /* smaller groups are left out; at least 2 */
  uint64_t seed;
} dss_power_design;

/* For each group the powers at the GAIs, from small to large until one is surely above what is
 * wanted, then between them, and the smallest GAI that has it. DSS_ERR_USAGE: an unknown name,
 * several questions and none named, test->adjusted; DSS_ERR_DATA: a question that cannot be fitted
 * (simulate.h), no group, no simulated study with a GAI; DSS_ERR_MEMORY; DSS_INTERRUPTED. */
DSS_MUST_USE dss_status dss_power_of_study(dss_context *context, const dss_study *study,
                                           const dss_power_design *design,
                                           const dss_power_test *test, dss_power **power);
void dss_power_free(dss_power *power);

/* How many points, and numbers that are needed, there are. */
size_t dss_power_n_points(const dss_power *power);
size_t dss_power_n_needs(const dss_power *power);
/* NULL out of range. Points at GAI 1 are false positives. */
const dss_power_point *dss_power_get_point(const dss_power *power, size_t point);
const dss_power_need *dss_power_get_need(const dss_power *power, size_t need);
/* Whether it is the reverse, of a study. */
bool dss_power_is_of_study(const dss_power *power);
const dss_power_test *dss_power_get_test(const dss_power *power); /* its command is NULL */
/* Provenance by key: created_by, created_at, command, input_sha256 (of a study), seed, question,
 * items, agreement, leniency; NULL for another key. */
const char *dss_power_provenance(const dss_power *power, const char *key);

/* How powers are written: as reports of results, with the same numbers (report.h). */
typedef enum dss_power_format {
  DSS_POWER_TABLE = 0,
  DSS_POWER_CSV = 1,
  DSS_POWER_JSON = 2,
  DSS_POWER_MARKDOWN = 3,
  DSS_POWER_LATEX = 4,
  DSS_POWER_HTML = 5 /* one file that needs no other, with the figure where this build draws */
} dss_power_format;
/* "table", "csv", "json", "markdown", "latex" or "html"; false for another name. */
bool dss_power_format_parse(const char *name, dss_power_format *format);

/* The points and what is needed; CSV: the points alone, a row each. DSS_ERR_FILE: the stream cannot
 * be written; DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_power_report(dss_context *context, const dss_power *power,
                                         dss_power_format format, FILE *stream);
/* The same to a file, whole or not at all. */
DSS_MUST_USE dss_status dss_power_report_save(dss_context *context, const dss_power *power,
                                              dss_power_format format, const char *path,
                                              bool overwrite);

#ifdef __cplusplus
}
#endif
#endif
