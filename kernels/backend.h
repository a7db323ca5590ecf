/* The table every backend fills, and the plan as the kernels see it.
 *
 * The observed arrangement is the resample DSS_RESAMPLE_NONE (kernels/common/sample.h) and runs
 * through the same code as the others. Every backend gives the bits of the reference. */
#ifndef DSS_KERNELS_BACKEND_H
#define DSS_KERNELS_BACKEND_H

#include "dissensus/devices.h"
#include "dissensus/plan.h"
#include "kernels/common/accumulate.h"
#include "kernels/common/formulas.h"
#include "kernels/common/resources.h"
#include "kernels/common/sample.h"
#include "kernels/common/weights.h"

/* One axis: disjoint groups, numbered through over all axes from first_group. */
typedef struct dss_kernel_axis {
  size_t first_group;
  uint32_t n_groups;
  const int32_t *group; /* [n_raters] 0 .. n_groups-1 of the observed profile; -1: unknown */
} dss_kernel_axis;

/* One question's ratings, compressed by item (see dss_question), and its tables. */
typedef struct dss_kernel_question {
  uint32_t n_items;
  uint64_t n_ratings;
  const uint64_t *item_ptr; /* [n_items + 1] */
  const uint32_t *rater;    /* [n_ratings] */
  const uint8_t *code;      /* [n_ratings] < tables.n_levels */
  dss_tables tables;
} dss_kernel_question;

typedef struct dss_kernel_plan {
  dss_exchange exchange; /* the raters, and how profiles move among them */
  size_t n_axes;
  const dss_kernel_axis *axes;
  size_t n_groups;
  const uint8_t *tested; /* [n_groups] 0: too few raters, every value NaN */
  size_t n_questions;
  const dss_kernel_question *questions;
  unsigned metrics;    /* DSS_STATISTIC_BITs: the columns of a group */
  size_t n_statistics; /* bits in metrics */
  dss_sums_choice choice;
} dss_kernel_plan;

/* Doubles a resample: [n_questions][n_groups][n_statistics]. */
static inline size_t dss_kernel_columns(const dss_kernel_plan *plan) {
  return plan->n_questions * plan->n_groups * plan->n_statistics;
}

/* The statistics in metrics, in the public list's order, to out. */
DSS_DEVICE static inline double dss_value_of(unsigned statistic, const dss_values *v) {
  switch (statistic) {
  case DSS_IRR:
    return v->irr;
  case DSS_XRR:
    return v->xrr;
  case DSS_NXRR:
    return v->nxrr;
  case DSS_GAI:
    return v->gai;
  case DSS_DIFFERENCE:
    return v->difference;
  case DSS_PLURALITY:
    return v->plurality;
  case DSS_NEGENTROPY:
    return v->negentropy;
  case DSS_CROSS_NEGENTROPY:
    return v->cross_negentropy;
  case DSS_VOTING:
    return v->voting;
  default:
    return NAN;
  }
}

static inline void dss_put_values(unsigned metrics, const dss_values *v, double *out) {
  for (unsigned statistic = 0; statistic < DSS_N_STATISTICS; statistic++)
    if (metrics >> statistic & 1u) *out++ = dss_value_of(statistic, v);
}

typedef struct dss_backend_report {
  char method[96];       /* "scalar walk over rating lists" ... */
  char why[512];         /* why this method, or why not at all; one line */
  uint64_t host_bytes;   /* beyond the plan, for all threads */
  uint64_t device_bytes; /* of each GPU */
  bool absent;           /* there is no device at all, which is nothing to complain about */
  char note[256];        /* what makes the run slower than it could be here, or "" */
} dss_backend_report;

/* Bootstrap resamples of one question and group, by the reference; below. */
typedef struct dss_bootstrap_group dss_bootstrap_group;
/* Statistics of pairs of raters beside a plan's: kernels/pairwise.h. */
struct dss_pairwise_plan;

typedef struct dss_backend {
  const char *name;
  /* Whether the backend can run the plan (DSS_OK), with what memory and by which method. Where it
   * cannot, `why` says what is missing. */
  dss_status (*probe)(const dss_kernel_plan *plan, const dss_resources *resources,
                      dss_backend_report *report);
  /* The plan must outlive the state. Where memory is short there may be fewer threads. */
  dss_status (*open)(const dss_kernel_plan *plan, const dss_resources *resources, void **state);
  /* Both at once, for a backend whose probe makes much of what open needs; NULL: it does not. */
  dss_status (*probe_and_open)(const dss_kernel_plan *plan, const dss_resources *resources,
                               dss_backend_report *report, void **state);
  /* The same for a backend that makes statistics of pairs of raters itself: `run` and `values` of
   * what is opened so go over the columns of both, dss_pairwise_columns. To probe, the lists need
   * not be there. NULL: it makes none, and the engine joins what a table of their own makes. */
  dss_status (*probe_both)(const struct dss_pairwise_plan *plan, const dss_resources *resources,
                           dss_backend_report *report);
  dss_status (*open_both)(const struct dss_pairwise_plan *plan, const dss_resources *resources,
                          void **state);
  /* Adds resamples first .. first + count - 1 to the accumulators. Where a resample takes long a
   * backend may look up within a call: once resources->stop is true it returns DSS_INTERRUPTED, has
   * added whole resamples only, as many as the accumulators know of, and can do no more but close;
   * what `values` has written is then nothing. */
  dss_status (*run)(void *state, uint64_t first, uint64_t count, dss_accumulators *accumulators);
  /* Every value of resamples first .. first + count - 1; out [count][dss_kernel_columns].
   * first = DSS_RESAMPLE_NONE with count 1: the observed values. */
  dss_status (*values)(void *state, uint64_t first, uint64_t count, double *out);
  void (*close)(void *state);
  /* One line on the calling thread's last failure, "" for none beyond its status; NULL: there never
   * is one. */
  const char *(*failure)(void);
  /* As dss_devices (dissensus/devices.h); NULL: the backend is the host's. */
  dss_status (*devices)(dss_device *devices, size_t room, size_t *n, char why[256]);
  /* Bootstrap resamples of one question and group, as dss_bootstrap_values makes them; NULL: that
   * does. One may be open at a time; the group must outlive it. */
  dss_status (*bootstrap_open)(void *state, const dss_bootstrap_group *group);
  dss_status (*bootstrap_values)(void *state, uint64_t first, uint64_t count, double *out);
  void (*bootstrap_close)(void *state);
} dss_backend;

extern const dss_backend dss_backend_reference, dss_backend_cpu;
extern const dss_backend *const dss_cuda; /* NULL: this build has none */

/* The observed sums of every tested group, which stand behind a report's details; the reference
 * makes them whichever backend resamples. `see` is called once a (question, group marked tested);
 * sums are valid during the call only. */
typedef void (*dss_sums_fn)(size_t question, size_t group, const dss_group_sums *sums, void *user);
DSS_MUST_USE dss_status dss_reference_observe(const dss_kernel_plan *plan, dss_sums_fn see,
                                              void *user);

/* --- bootstrap ------------------------------------------------------------------------------ */

/* What is drawn anew in a resample. */
typedef struct dss_kernel_bootstrap {
  bool raters, items;
  const dss_tables *tables; /* [n_questions] large enough for weighted counts */
} dss_kernel_bootstrap;

/* The plan and the bootstrap must outlive it. */
DSS_MUST_USE dss_status dss_bootstrap_open(const dss_kernel_plan *plan,
                                           const dss_kernel_bootstrap *bootstrap, size_t question,
                                           size_t group, unsigned threads,
                                           dss_bootstrap_group **opened);
void dss_bootstrap_close(dss_bootstrap_group *opened);
/* What it resamples, for backends that do so themselves. */
const dss_listing *dss_bootstrap_listing(const dss_bootstrap_group *opened);
const dss_tables *dss_bootstrap_tables(const dss_bootstrap_group *opened);
const dss_kernel_bootstrap *dss_bootstrap_kind(const dss_bootstrap_group *opened);
/* Every value of resamples first .. first + count - 1; out [count][n_statistics]. first =
 * DSS_RESAMPLE_NONE with count 1: every weight is 1. */
void dss_bootstrap_values(dss_bootstrap_group *opened, uint64_t first, uint64_t count, double *out);
/* The jackknife's strata: raters of the group, of the complement, items; 0 for what is not drawn.
 */
enum { DSS_N_STRATA = 3 };
void dss_bootstrap_strata(const dss_bootstrap_group *opened, uint32_t sizes[DSS_N_STRATA]);
/* Every value with one of them left out, for those first .. first + count - 1 of all, numbered
 * through stratum by stratum; out [count][n_statistics]. The first call counts all ratings, which
 * the group then keeps: 12 bytes a rating. */
DSS_MUST_USE dss_status dss_bootstrap_leave_out(dss_bootstrap_group *opened, uint64_t first,
                                                uint64_t count, double *out);

#endif
