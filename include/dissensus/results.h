/* Running a plan, and what comes out: estimates, null distributions, p-values, corrections.
 *
 * Rows are question x group; columns are the plan's statistics (dss_statistic). Definitions and
 * sources: docs/statistics.md. A missing number is NaN, with its reason.
 */
#ifndef DISSENSUS_RESULTS_H
#define DISSENSUS_RESULTS_H

#include "dissensus/batch.h"
#include "dissensus/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a run has found, or a file of it. */
typedef struct dss_results dss_results;

typedef enum dss_backend_choice {
  DSS_BACKEND_AUTO = 0,
  DSS_BACKEND_REFERENCE = 1,
  DSS_BACKEND_CPU = 2,
  DSS_BACKEND_CUDA = 3
} dss_backend_choice;

/* "auto", "reference", "cpu" or "cuda"; false for another name. */
bool dss_backend_parse(const char *name, dss_backend_choice *choice);

/* A results file that is begun before a run and also takes every value of every resample
 * (/null/values, docs/file-format.md) while the run goes on; its memory does not grow with the
 * number of resamples. */
typedef struct dss_results_writer dss_results_writer;

/* How a plan is run. */
typedef struct dss_run_options {
  dss_backend_choice backend;
  unsigned threads;           /* 0: as many as the process may use */
  unsigned device;            /* one more than the number of the only GPU to use; 0: all */
  uint64_t device_bytes;      /* of each GPU's memory; 0: nearly all that is free */
  const char *command;        /* for provenance, outputs and threads left out; may be NULL */
  dss_results_writer *writer; /* takes the null distributions; the caller's; may be NULL */
  bool save_null;             /* with checkpoints: keep the values of resamples beside them, for
                                 dss_checkpoint_values; in a team: process 0 saves them */
  dss_batch batch;            /* shards, checkpoints, processes */
} dss_run_options;

/* The defaults: AUTO, all threads, all GPUs. Of AUTO's backends the fastest that can run the plan
 * is taken, a GPU where so many resamples are worth its start; should it fail during the run, the
 * cpu goes on, and a line in the log says so. The results' bytes are those of any other backend.
 * dss_explain (explain.h) tells beforehand. */
void dss_run_options_init(dss_run_options *options);

/* Why an estimate is missing. X(enumerator, text) */
#define DSS_REASONS(X)                                                                             \
  X(NONE, "")                                                                                      \
  X(TOO_FEW_RATERS, "fewer raters than the minimum")                                               \
  X(NO_PAIRABLE_UNITS, "no item with two ratings in the group")                                    \
  X(NO_VARIATION, "no variation: every pairable rating is equal")                                  \
  X(NO_SHARED_UNITS, "no item rated by both sides")                                                \
  X(NO_CROSS_VARIATION, "no variation on the shared items")                                        \
  X(XRR_NOT_POSITIVE, "XRR is not positive")                                                       \
  X(IRR_PRODUCT_NOT_POSITIVE, "the product of both sides' IRR is not positive")                    \
  X(NO_RATINGS, "the group rated no item")                                                         \
  X(NEEDS_IRR, "IRR is undefined")                                                                 \
  X(NEEDS_XRR, "XRR is undefined")                                                                 \
  X(ONLY_TIES, "every shared item is a tie and ties are skipped")                                  \
  X(NEEDS_COMPLEMENT_IRR, "IRR of the complement is undefined")                                    \
  X(SMALL_DISTANCES, "distances are too small beside the question's largest")                      \
  X(NO_PREDICTIONS, "no item with both a rating and a prediction")                                 \
  X(CONSTANT_RATINGS, "the ratings do not vary")                                                   \
  X(CONSTANT_PREDICTIONS, "the predictions do not vary")                                           \
  X(NO_POSITIVES, "no item is positive in the group's view")                                       \
  X(NO_NEGATIVES, "no item is negative in the group's view")                                       \
  X(NO_PREDICTED_POSITIVES, "the classifier calls no item positive")                               \
  X(ONE_GROUP, "fewer than two groups have ratings")                                               \
  X(NO_VERSUS, "the other group has no rating")                                                    \
  X(NO_CONSENSUS, "no item with another rater's rating")                                           \
  X(FLAT, "the ratings, or the consensus on what they rate, do not vary")                          \
  X(ONE_ITEM, "a group's ratings are all of one item")                                             \
  X(ONE_PREDICTION, "no group has both its own predictions and another group's")

typedef enum dss_reason {
#define DSS_X(enumerator, text) DSS_REASON_##enumerator,
  DSS_REASONS(DSS_X)
#undef DSS_X
      DSS_N_REASONS
} dss_reason;

/* The text; "" for NONE. */
const char *dss_reason_text(dss_reason reason);

/* Resamples of the bootstrap without which there is no 95% interval (2.5% of 40 is one of them),
 * and the percentage of them in which a statistic may be undefined; docs/statistics.md, "Intervals
 * that are withheld". */
#define DSS_INTERVAL_LEAST_RESAMPLES 40u
#define DSS_INTERVAL_MOST_UNDEFINED 10u

/* An evaluation's BCa interval gives way to the normal one where more than this percentage of the
 * resamples lie on one side of the estimate; docs/evaluation.md, "Intervals". */
#define DSS_INTERVAL_MOST_ON_ONE_SIDE 70u

/* Why there is an estimate and a bootstrap, but no interval. X(enumerator, text) */
#define DSS_WITHHELDS(X)                                                                           \
  X(NONE, "")                                                                                      \
  X(ALL_EQUAL,                                                                                     \
    "no interval: undefined in some of the bootstrap's resamples and equal in all others")         \
  X(OFTEN_UNDEFINED, "no interval: undefined in more than 10% of the bootstrap's resamples")       \
  X(FEW_RESAMPLES, "no interval: defined in fewer than 40 of the bootstrap's resamples")           \
  X(BIASED, "no interval: a bootstrap is biased for this statistic")                               \
  X(AT_LIMIT, "no interval: as low or as high as it can be")

typedef enum dss_withheld {
#define DSS_X(enumerator, text) DSS_WITHHELD_##enumerator,
  DSS_WITHHELDS(DSS_X)
#undef DSS_X
      DSS_N_WITHHELDS
} dss_withheld;

/* The text; "" for NONE. */
const char *dss_withheld_text(dss_withheld withheld);

#define DSS_HISTOGRAM_BINS 128u /* between the edges; two more hold what lies outside */
#define DSS_N_QUANTILES 7u      /* 0.005 0.025 0.05 0.5 0.95 0.975 0.995 */
/* Which quantiles a cell has. */
extern const double dss_quantile_levels[DSS_N_QUANTILES];

/* With stop_after, tests end at multiples of so many resamples. */
#define DSS_STOP_EVERY 4096u

/* One statistic of one group: estimate, null distribution, significance. Counts satisfy
 * below + equal + above + undefined = resamples; ge = above + equal + undefined and
 * le = below + equal + undefined (an undefined resample is an exceedance on both sides). */
typedef struct dss_cell {
  double estimate;
  dss_reason reason;
  uint64_t resamples, undefined, below, equal, above, ge, le;
  uint64_t ge_at, le_at; /* with stop_after h: the resamples it took to count h; 0: never so many */
  double null_mean, null_sd, null_min, null_max, z;
  double quantiles[DSS_N_QUANTILES]; /* interpolated in the histogram; NaN when outside its edges */
  double p_up, p_down, p;            /* (count + 1) / (B + 1), count / B when exact, h / ge_at and
                                      * h / le_at when stopped; p = min(1, 2 min(p_up, p_down)) */
  double p_low, p_high;              /* 95% Monte-Carlo interval of p (Clopper and Pearson) */
  /* p beyond the resamples, from a generalized Pareto distribution fitted to the null's tail, and
   * its 95% interval (p_tail_low may be 0); NaN where p does not need it (10 resamples exceed) or
   * nothing can be fitted. */
  double p_tail, p_tail_low, p_tail_high;
  double p_grasp; /* below / B when under the null's median, else above / B */
  int direction;  /* +1 above the null's median, -1 below, 0 neither */
  double q_bh, p_holm, p_bonferroni, p_maxt;
  bool flagged;               /* more than 1% of the resamples undefined */
  double ci_low, ci_high, se; /* 95% bootstrap interval, standard error; NaN when none was made */
  const char *ci_method;      /* "" when none; in place of BCa "percentile", "normal", "logit" */
  dss_withheld ci_withheld;   /* why none, of an estimate that the bootstrap resampled */
  double percentile_low, percentile_high, basic_low, basic_high, bca_low, bca_high;
  uint64_t boot_undefined; /* bootstrap resamples in which the statistic is undefined: left out */
  bool boot_flagged;       /* these are more than 1% */
  bool ci_misses;          /* ci_low .. ci_high does not hold the estimate */
} dss_cell;

/* The values c of a ratio that a test of A - c X = 0 keeps (von Luxburg and Franz 2009). */
typedef enum dss_set_kind {
  DSS_SET_NONE = 0,    /* not computed */
  DSS_SET_BOUNDED = 1, /* low .. high */
  DSS_SET_OUTSIDE = 2, /* up to low, and from high on */
  DSS_SET_ABOVE = 3,   /* from low on */
  DSS_SET_BELOW = 4,   /* up to high */
  DSS_SET_WHOLE = 5,   /* every number: the data do not tell */
  DSS_SET_EMPTY = 6    /* no number: X is 0 in every resample, and A is not */
} dss_set_kind;
/* "none", "bounded", "outside", "above", "below", "whole", "empty". */
const char *dss_set_kind_name(dss_set_kind kind);

/* What stands behind a group's numbers, for "high agreement, yet alpha near 0". */
typedef struct dss_group_detail {
  uint64_t ratings;                                    /* of the group, for the question */
  uint64_t units_rated;                                /* items with m_u >= 1 */
  uint64_t units_irr;                                  /* items that enter IRR */
  uint64_t units_xrr;                                  /* items that enter XRR */
  uint64_t pairable;                                   /* n., ratings that enter IRR */
  double observed_disagreement, expected_disagreement; /* D_o / n., D_e / n. */
  double cross_observed_disagreement, cross_expected_disagreement; /* d_o, d_e of kappa_x */
  double percent_agreement; /* 1 - nominal D_o / n.: share of equal pairs, weighted as alpha does */
  double xrr_nonpositive;   /* share of resamples with XRR <= 0; NaN without resamples */
  uint64_t units_voting, units_tied; /* items both rated; of these, with a tie on either side */
  double fieller_low, fieller_high;  /* 95% Fieller-type set of GAI; NaN where it has no such end */
  dss_set_kind fieller_kind;         /* NONE without a bootstrap, or without IRR, XRR and GAI */
  dss_withheld fieller_withheld;     /* why NONE, where there are all of them */
  uint64_t fieller_pairs;    /* bootstrap resamples in which both are defined: the set is theirs */
  const uint64_t *marginals; /* [K] pairable ratings by level; belongs to the results */
} dss_group_detail;

/* Largest GAI on an axis (DSI). group is SIZE_MAX when no group of the axis has a GAI. */
typedef struct dss_dsi {
  double estimate;
  size_t group;
} dss_dsi;

/* DSS_ERR_DEVICE: the backend is not there, or the environment variable DSS_CPU names an
 * instruction set that this machine lacks; DSS_ERR_MEMORY; DSS_ERR_FILE of the writer or of a
 * checkpoint; DSS_ERR_DATA of a checkpoint of another run; DSS_ERR_USAGE: a shard of a run whose
 * tests stop early; DSS_INTERRUPTED: stopped, and a checkpoint was written where there is a folder
 * for it. The caller frees the results; in a team only process 0 gets whole ones, the others' are
 * to be freed. */
DSS_MUST_USE dss_status dss_run(dss_context *context, const dss_plan *plan,
                                const dss_run_options *options, dss_results **results);
void dss_results_free(dss_results *results);

/* How many there are; which statistics, and the most resamples that any test got. */
size_t dss_results_n_questions(const dss_results *results);
size_t dss_results_n_axes(const dss_results *results);
size_t dss_results_n_groups(const dss_results *results);
unsigned dss_results_metrics(const dss_results *results); /* bits */
uint64_t dss_results_resamples(const dss_results *results);

/* Names and what belongs to them, by numbers from 0; NULL, 0 or SIZE_MAX out of range. */
const char *dss_results_question(const dss_results *results, size_t question);
dss_scale dss_results_scale(const dss_results *results, size_t question);
uint32_t dss_results_n_levels(const dss_results *results, size_t question);
const char *dss_results_level(const dss_results *results, size_t question, uint32_t level);
const char *dss_results_axis(const dss_results *results, size_t axis);
size_t dss_results_group_axis(const dss_results *results, size_t group);
const char *dss_results_group(const dss_results *results, size_t group);
uint32_t dss_results_group_raters(const dss_results *results, size_t group);
/* NULL for a statistic that is not in the plan. */
const dss_cell *dss_results_cell(const dss_results *results, size_t question, size_t group,
                                 dss_statistic statistic);
const dss_group_detail *dss_results_detail(const dss_results *results, size_t question,
                                           size_t group);
/* NULL when GAI is not in the plan. */
const dss_dsi *dss_results_dsi(const dss_results *results, size_t question, size_t axis);
/* The null's histogram: DSS_HISTOGRAM_BINS + 2 counts, first and last beyond the edges; NULL when
 * there is none. edges[0], edges[1]: where the inner bins begin and end, equally wide between. */
const uint64_t *dss_results_histogram(const dss_results *results, size_t question, size_t group,
                                      dss_statistic statistic, double edges[2]);

/* Provenance by key; NULL for another key than created_by, created_at, command, input_sha256,
 * backend, seed, scheme, permutations, arrangements ("random", or "all" when every distinct
 * arrangement was visited once), stop_after ("0": off), units, ties, min_raters, raters, items,
 * ratings, ratings_dropped (by the filters), filters, bootstrap (resamples), over, interval (both
 * empty without one). */
const char *dss_results_provenance(const dss_results *results, const char *key);
const char *dss_results_provenance_key(size_t index); /* NULL past the last */

/* As dss_study_save and dss_study_open. */
DSS_MUST_USE dss_status dss_results_save(dss_context *context, const dss_results *results,
                                         const char *path, bool overwrite);
DSS_MUST_USE dss_status dss_results_open(dss_context *context, const char *path,
                                         dss_results **results);

/* To save the null distributions too: create a writer, run one plan with it in the run's options,
 * finish it with that run's results (instead of dss_results_save), free it in any case. All of it
 * counts as calls that use HDF5: one thread of the process at a time (status.h).
 *
 * create refuses what dss_results_save would, DSS_ERR_FILE, and makes a temporary file beside path.
 * A write that fails while the run goes on (a full disk) ends dss_run with DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_results_writer_create(dss_context *context, const char *path,
                                                  bool overwrite, dss_results_writer **writer);
/* The same for a shard's part. */
DSS_MUST_USE dss_status dss_results_writer_create_part(dss_context *context, const char *path,
                                                       bool overwrite, dss_results_writer **writer);
/* Writes the results and puts the file in place, whole; without a run's resamples the file is that
 * of dss_results_save. Whether it succeeds or not, nothing more can be written. */
DSS_MUST_USE dss_status dss_results_writer_finish(dss_context *context, dss_results_writer *writer,
                                                  const dss_results *results);
/* The temporary file's path, for a program that wants to remove it when a signal ends it (the name
 * is used no more once the file is finished). Valid until the writer is freed. */
const char *dss_results_writer_temporary(const dss_results_writer *writer);
/* Unless it was finished, removes what was written. */
void dss_results_writer_free(dss_results_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
