/* Studies made up of a model: rater pools with known truth, and pools grown from a real study.
 *
 * Rater r of profile cell g gives item u of a question the level in which
 *
 *     y = l_g S(u) + sum over views v of g of c_v V(v,u) + b B(r) + e_g E(r,u)
 *
 * falls between the cell's thresholds. S, V, B and E have mean 0 and variance 1, y has variance 1.
 * l_g^2 is the question's agreement for raters without effects; an effect of cohesion k > 0 gives
 * its group a view of its own with c_v^2 = k agreement, taken from e_g^2, and one of k < 0
 * multiplies l_g by 1 + k: on y's own scale its GAI against raters without effects is 1 + k either
 * way. Definitions and limits: docs/simulate.md.
 *
 * The same options and seed make the same study on every machine.
 */
#ifndef DISSENSUS_SIMULATE_H
#define DISSENSUS_SIMULATE_H

#include <stdint.h>

#include "dissensus/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A pool with known truth. */
typedef struct dss_simulate_options {
  uint32_t raters, items;
  uint32_t items_per_rater;  /* 0: as many as a rater's batch has */
  uint32_t ratings_per_item; /* raters of an item, before any are missing; 0: as the others say.
                                Only one of the two may be given */
  uint32_t batches;          /* raters and items in so many equal parts; a batch's raters rate its
                                items alone; 1: no batches */
  double missing;            /* chance that a rating is missing, 0 <= missing < 1 */
  /* "gender=Woman:1.1,Man:1": the values, each with its share (1 where none is said). Raters of a
   * cell are as many as the products of the shares say, by largest remainder. At least one. */
  const char *const *attributes;
  size_t n_attributes;
  /* "harm:ordinal=10,20,40,20,10": a name, a scale (ordinal where none is said) and each level's
   * share of the ratings of raters without effects; levels are called 1, 2 ... n_questions 0: one,
   * "rating:ordinal=1,1,1,1,1". */
  const char *const *questions;
  size_t n_questions;
  /* "gender=Woman,age=GenZ: severity 0.3 cohesion 0.4": what is added to y, in its standard
   * deviations, and k. Either may be left out; a rater has all effects whose values are its own. */
  const char *const *effects;
  size_t n_effects;
  double agreement; /* of y, between two raters of an item, 0 < agreement < 1 */
  double leniency;  /* b^2, 0 <= leniency; with agreement at most 1 */
  uint64_t seed;
  const char *command; /* for provenance; may be NULL */
} dss_simulate_options;

/* The defaults: 100 raters and items, all rate all, agreement 0.35, leniency 0.1, seed 1. */
void dss_simulate_options_init(dss_simulate_options *options);

/* The study, and what it was made of as JSON (the caller frees it with free()), which is also the
 * provenance's import_log. DSS_ERR_USAGE: options that cannot be read, or a design there cannot be
 * (more raters an item than raters, no value, a share that is not positive, an effect on an unknown
 * attribute or with too much cohesion); DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_simulate(dss_context *context, const dss_simulate_options *options,
                                     dss_study **study, char **truth);

/* Writes a study that was made and what it was made of, both or neither; an existing path of either
 * is refused unless overwrite. truth_path NULL: the study alone. DSS_ERR_FILE, DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_pool_save(dss_context *context, const dss_study *study,
                                      const char *path, const char *truth, const char *truth_path,
                                      bool overwrite);

/* A pool grown from a study. */
typedef struct dss_expand_options {
  uint32_t times;       /* each rater stands for so many new ones, 1 .. 100000; the first rates the
                           rater's items, the others those of raters drawn by the seed */
  uint32_t items_times; /* each item for so many, 1 .. times; a new rater rates one of them */
  const char *const
      *attributes; /* rater attributes whose groups the fit may tell apart; n 0: all */
  size_t n_attributes;
  unsigned depth; /* groups of combinations of up to so many attributes, 1 .. 3 */
  uint64_t seed;
  const char *command; /* for provenance; may be NULL */
} dss_expand_options;

/* The defaults: 10 times, items kept, all attributes, depth 3, seed 1. */
void dss_expand_options_init(dss_expand_options *options);

/* Fits the model to every question and draws a new rating for every rating a new rater gives. The
 * study's attributes, levels and values are kept; new raters are NAME.1, NAME.2 ..., new items too
 * where there are several of each, and these have the attribute "block" that says which: 1, 2 ...
 * *fit becomes the fitted model as JSON, as for dss_simulate. DSS_ERR_USAGE: an unknown attribute,
 * numbers out of range; DSS_ERR_DATA: a question of which no two raters share an item, or whose
 * ratings do not vary; an item attribute "block" of the study; DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_expand(dss_context *context, const dss_study *study,
                                   const dss_expand_options *options, dss_study **pool, char **fit);

#ifdef __cplusplus
}
#endif
#endif
