/* The plan in memory: the kernels' view, and the names that a report needs. */
#ifndef DSS_ENGINE_PLAN_H
#define DSS_ENGINE_PLAN_H

#include "dissensus/plan.h"
#include "kernels/backend.h"

typedef struct dss_plan_question {
  char *name;
  dss_scale scale;
  uint32_t n_levels;
  char **labels; /* [n_levels] */
} dss_plan_question;

typedef struct dss_plan_axis {
  char *name;
  size_t n_attributes;
  size_t *attributes; /* of the study's rater attributes */
} dss_plan_axis;

typedef struct dss_plan_group {
  size_t axis;
  char *name;
  uint32_t raters;
} dss_plan_group;

struct dss_plan {
  dss_kernel_plan kernel;      /* its arrays belong to the plan; of the metrics those of items */
  unsigned metrics;            /* all that were asked for */
  struct dss_pair_plan *pairs; /* [n_questions] where statistics of pairs are among them, or NULL */
  dss_plan_question *questions;
  dss_plan_axis *axes;
  dss_plan_group *groups;
  dss_kernel_axis *kernel_axes;
  dss_kernel_question *kernel_questions;
  dss_scheme scheme;
  char *scheme_attribute; /* "" for free */
  uint64_t permutations;  /* resamples: those asked for, or all distinct arrangements */
  uint64_t stop_after;    /* exceedances in both tails; 0: every test gets every resample */
  uint32_t min_raters;
  uint32_t n_items;              /* with a rating left in any question */
  uint64_t n_ratings, n_dropped; /* of the plan's questions: kept, dropped by the filters */
  uint64_t bootstrap;            /* resamples; 0: none, and the rest unused */
  dss_over over;
  dss_ci interval;
  dss_kernel_bootstrap kernel_bootstrap;
  dss_tables *bootstrap_tables; /* [n_questions] */
  bool shared;                  /* its arrays are in a team's block: share.c */
  char *filters;                /* "topic=Bias; age=18-29", "" without */
  char input_sha256[65];
};

/* What the filters leave of a study. */
typedef struct dss_selection {
  size_t n_questions;
  size_t *questions;      /* of the study */
  uint8_t *keep_item;     /* [U] */
  uint8_t *keep_rater;    /* [N] */
  uint32_t n_raters;      /* with a rating left */
  uint32_t *rater_number; /* [N] number in the plan, or UINT32_MAX */
  uint32_t *study_rater;  /* [n_raters] number in the study */
} dss_selection;

/* A plan as dss_plan_new makes it, and what it is a selection of, which the caller frees too, also
 * where it fails. */
DSS_MUST_USE dss_status dss_plan_and_selection(dss_context *context, const dss_study *study,
                                               const dss_plan_options *options,
                                               dss_selection *selection, dss_plan **plan);

/* --- its steps, in order --- */
dss_status dss_select(dss_context *context, const dss_study *study, const dss_plan_options *options,
                      dss_selection *selection, dss_plan *plan);
void dss_selection_free(dss_selection *selection);
dss_status dss_plan_axes(dss_context *context, const dss_study *study,
                         const dss_plan_options *options, const dss_selection *selection,
                         dss_plan *plan);
dss_status dss_plan_strata(dss_context *context, const dss_study *study,
                           const dss_plan_options *options, const dss_selection *selection,
                           dss_plan *plan);
/* Counts the distinct arrangements; no more than the permutations asked for, and they are visited.
 */
dss_status dss_plan_enumeration(dss_context *context, dss_plan *plan);
dss_status dss_plan_ratings(dss_context *context, const dss_study *study,
                            const dss_selection *selection, dss_plan *plan);
/* Refuses (USAGE) a bootstrap of too few resamples for intervals. */
DSS_MUST_USE dss_status dss_check_bootstrap(dss_context *context, uint64_t resamples);
/* Refuses what would not fit; the tables for weighted counts. */
dss_status dss_plan_bootstrap(dss_context *context, const dss_study *study,
                              const dss_plan_options *options, const dss_selection *selection,
                              dss_plan *plan);

/* What statistics of pairs need of the study; pairwise.c. */
dss_status dss_plan_pairwise(dss_context *context, const dss_study *study,
                             const dss_selection *selection, dss_plan *plan);
void dss_plan_free_pairwise(dss_plan *plan);

/* SIZE_MAX when the study has no such rater (or item) attribute. */
size_t dss_find_attribute(const dss_study *study, bool of_raters, const char *name);

#endif
