#include "response_values.h"

#include <math.h>
#include <string.h>

#include "host/core/alloc.h"

enum { MOST_LOGS = 1 << 20 };

static double n_log_n(double n) {
  return n > 0 ? n * log(n) : 0;
}

dss_status dss_logs_make(dss_context *context, uint64_t n_ratings, dss_logs *logs) {
  logs->n = n_ratings < MOST_LOGS ? (size_t)n_ratings + 1 : MOST_LOGS;
  DSS_TRY(DSS_ALLOC(context, &logs->n_log_n, logs->n));
  for (size_t n = 0; n < logs->n; n++)
    logs->n_log_n[n] = n_log_n((double)n);
  return DSS_OK;
}

void dss_logs_free(dss_logs *logs) {
  free(logs->n_log_n);
}

static double find_log(const dss_logs *logs, double n) {
  return n < (double)logs->n ? logs->n_log_n[(size_t)n] : n_log_n(n);
}

/* --- one side ------------------------------------------------------------------------------ */

/* Several groups, or what is left of each axis without them, and what is summed over their
 * ratings, each [n] or rows of n. */
typedef struct side {
  const dss_response_scale *scale;
  uint32_t n;
  const double *x; /* [n_levels * n_bins][stride] */
  size_t stride;
  double *ratings, *agree, *differ; /* of pairs of ratings: concordant, discordant */
  double *level_pairs, *bin_pairs;  /* twice the pairs of different levels, of different bins */
  double *running;                  /* scratch */
  double *below;                    /* [n_bins] ratings of lower levels; then of all */
  double *sum;                      /* [n_bins] of values */
  double *values;                   /* [DSS_N_RESPONSES] */
} side;

enum { SIDE_ROWS = 6 };

static size_t side_room(const dss_response_scale *scale, uint32_t n) {
  return (SIDE_ROWS + DSS_N_RESPONSES + 2 * (size_t)scale->n_bins) * n;
}

static side place(const dss_response_scale *scale, const double *x, size_t stride, uint32_t n,
                  double *room) {
  side s = {.scale = scale, .n = n, .x = x, .stride = stride};
  double **rows[SIDE_ROWS] = {&s.ratings,     &s.agree,     &s.differ,
                              &s.level_pairs, &s.bin_pairs, &s.running};
  for (size_t i = 0; i < SIDE_ROWS; i++, room += n)
    *rows[i] = room;
  s.below = room;
  s.sum = s.below + (size_t)scale->n_bins * n;
  s.values = s.sum + (size_t)scale->n_bins * n;
  return s;
}

static const double *cell(const side *s, uint32_t level, uint32_t bin) {
  return &s->x[(size_t)(level * s->scale->n_bins + bin) * s->stride];
}

/* One bin of a level: pairs with the `running` ratings of lower levels in bins passed so far, to
 * which those of this bin then come. */
static void pass(const double *restrict x, const double *restrict below, uint32_t n,
                 double *restrict running, double *restrict pairs) {
  for (uint32_t g = 0; g < n; g++) {
    pairs[g] += x[g] * running[g];
    running[g] += below[g];
  }
}

static void count_pairs(side *s) {
  uint32_t n = s->n, n_bins = s->scale->n_bins;
  size_t row = n * sizeof(double);
  memset(s->ratings, 0, SIDE_ROWS * row);
  memset(s->below, 0, 2 * (size_t)n_bins * row); /* and sum */
  for (uint32_t k = 0; k < s->scale->n_levels; k++) {
    memset(s->running, 0, row);
    for (uint32_t j = 0; j < n_bins; j++)
      pass(cell(s, k, j), &s->below[(size_t)j * n], n, s->running, s->agree);
    memset(s->running, 0, row);
    for (uint32_t j = n_bins; j-- > 0;)
      pass(cell(s, k, j), &s->below[(size_t)j * n], n, s->running, s->differ);
    memset(s->running, 0, row);
    for (uint32_t j = 0; j < n_bins; j++) {
      const double *restrict x = cell(s, k, j);
      double *restrict below = &s->below[(size_t)j * n], *restrict sum = &s->sum[(size_t)j * n];
      double value = s->scale->values[k];
      for (uint32_t g = 0; g < n; g++) {
        below[g] += x[g];
        sum[g] += value * x[g];
        s->running[g] += x[g];
      }
    }
    for (uint32_t g = 0; g < n; g++) {
      s->ratings[g] += s->running[g];
      s->level_pairs[g] -= s->running[g] * s->running[g];
    }
  }
  for (uint32_t j = 0; j < n_bins; j++)
    for (uint32_t g = 0; g < n; g++)
      s->bin_pairs[g] -= s->below[(size_t)j * n + g] * s->below[(size_t)j * n + g];
  for (uint32_t g = 0; g < n; g++) {
    s->level_pairs[g] += s->ratings[g] * s->ratings[g];
    s->bin_pairs[g] += s->ratings[g] * s->ratings[g];
  }
}

static double *values_of(const side *s, dss_response_statistic statistic) {
  return &s->values[(size_t)statistic * s->n];
}

static void put_monotonicity(const side *s) {
  double *gamma = values_of(s, DSS_RESPONSE_GAMMA), *d = values_of(s, DSS_RESPONSE_SOMERS_D);
  double *tau = values_of(s, DSS_RESPONSE_TAU_B);
  for (uint32_t g = 0; g < s->n; g++) {
    double apart = s->agree[g] - s->differ[g], pairs = s->agree[g] + s->differ[g];
    double both = s->level_pairs[g] * s->bin_pairs[g];
    gamma[g] = pairs > 0 ? apart / pairs : NAN;
    d[g] = s->bin_pairs[g] > 0 ? 2 * apart / s->bin_pairs[g] : NAN;
    tau[g] = both > 0 ? 2 * apart / sqrt(both) : NAN;
  }
}

/* Of one group: sums of n log n over the table, its rows and its columns. */
static void put_information(const side *s, uint32_t g) {
  const dss_logs *logs = s->scale->logs;
  double *information = values_of(s, DSS_RESPONSE_INFORMATION);
  double *share = values_of(s, DSS_RESPONSE_INFORMATION_SHARE);
  double cells = 0, rows = 0, columns = 0, n = s->ratings[g], all = find_log(logs, n);
  for (uint32_t k = 0; k < s->scale->n_levels; k++) {
    double row = 0;
    for (uint32_t j = 0; j < s->scale->n_bins; j++) {
      cells += find_log(logs, cell(s, k, j)[g]);
      row += cell(s, k, j)[g];
    }
    rows += find_log(logs, row);
  }
  for (uint32_t j = 0; j < s->scale->n_bins; j++)
    columns += find_log(logs, s->below[(size_t)j * s->n + g]);
  double shared = cells - rows - columns + all, entropy = all - columns;
  bool flat = !(s->level_pairs[g] > 0) || !(s->bin_pairs[g] > 0);
  if (flat || shared < 0) shared = 0; /* rounding aside, it is never less */
  information[g] = n > 0 ? shared / n : NAN;
  share[g] = s->bin_pairs[g] > 0 ? shared / entropy : NAN;
}

/* Of neighbouring bins that both have ratings, where the mean is higher in the higher one. */
static void put_rising(const side *s, uint32_t g) {
  double rises = 0, steps = 0;
  for (uint32_t j = 1; j < s->scale->n_bins; j++) {
    size_t low = (size_t)(j - 1) * s->n + g, high = (size_t)j * s->n + g;
    if (!(s->below[low] > 0) || !(s->below[high] > 0)) continue;
    steps++;
    rises += s->sum[high] * s->below[low] > s->sum[low] * s->below[high];
  }
  values_of(s, DSS_RESPONSE_RISING)[g] = steps > 0 ? rises / steps : NAN;
}

static bool has(const dss_response_scale *scale, dss_response_statistic statistic) {
  return scale->statistics >> (unsigned)statistic & 1u;
}

static void compute(side *s) {
  bool information =
      has(s->scale, DSS_RESPONSE_INFORMATION) || has(s->scale, DSS_RESPONSE_INFORMATION_SHARE);
  count_pairs(s);
  put_monotonicity(s);
  for (uint32_t g = 0; information && g < s->n; g++)
    put_information(s, g);
  for (uint32_t g = 0; has(s->scale, DSS_RESPONSE_RISING) && g < s->n; g++)
    put_rising(s, g);
}

/* --- an axis ------------------------------------------------------------------------------- */

/* Scratch: both sides' sums, then everyone else's table. */
static size_t scratch_of(const void *of, uint32_t n_groups) {
  const dss_response_scale *scale = of;
  return 2 * side_room(scale, n_groups) + (size_t)scale->n_levels * scale->n_bins * n_groups;
}

static void make_rest(const dss_response_scale *scale, const double *x, size_t stride, uint32_t n,
                      double *rest) {
  for (size_t c = 0; c < (size_t)scale->n_levels * scale->n_bins; c++, x += stride, rest += n) {
    double all = 0;
    for (uint32_t g = 0; g < n; g++)
      all += x[g];
    for (uint32_t g = 0; g < n; g++)
      rest[g] = all - x[g];
  }
}

/* own less everyone else, whose table and sums are in scratch. says: as in dss_compared_axis. */
static double *put_rest(const side *own, const uint8_t *says, const double *tallies, size_t stride,
                        double *scratch, double *out) {
  uint32_t n = own->n;
  double *table = scratch + side_room(own->scale, n);
  side rest = place(own->scale, table, n, n, scratch);
  make_rest(own->scale, tallies, stride, n, table);
  compute(&rest);
  for (dss_response_statistic i = 0; says && i < DSS_N_RESPONSES; i++)
    for (uint32_t g = 0; g < n; g++)
      if (!says[g]) values_of(&rest, i)[g] = NAN;
  for (dss_response_statistic i = 0; i < DSS_N_RESPONSES; i++)
    for (uint32_t g = 0; has(own->scale, i) && g < n; g++)
      *out++ = values_of(own, i)[g] - values_of(&rest, i)[g];
  return out;
}

static void put_pairs(const side *own, double *out) {
  for (uint32_t x = 0; x < own->n; x++)
    for (dss_response_statistic i = 0; i < DSS_N_RESPONSES; i++) {
      if (!has(own->scale, i)) continue;
      const double *values = values_of(own, i);
      for (uint32_t y = x + 1; y < own->n; y++)
        *out++ = values[x] - values[y];
    }
}

static void axis_values(const void *of, const dss_compared_axis *axis, const double *tallies,
                        size_t stride, double *scratch, double *out) {
  const dss_response_scale *scale = of;
  uint32_t n = axis->n_groups;
  side own = place(scale, tallies, stride, n, scratch);
  compute(&own);
  for (dss_response_statistic i = 0; i < DSS_N_RESPONSES; i++)
    for (uint32_t g = 0; g < n; g++)
      if (!axis->tested[g]) values_of(&own, i)[g] = NAN;
  for (dss_response_statistic i = 0; i < DSS_N_RESPONSES; i++)
    for (uint32_t g = 0; has(scale, i) && g < n; g++)
      *out++ = values_of(&own, i)[g];
  if (axis->rest)
    out = put_rest(&own, axis->rest_says, tallies, stride, scratch + side_room(scale, n), out);
  if (axis->pairs) put_pairs(&own, out);
}

static void everyone_values(const void *of, const double *tallies, double *scratch, double *out) {
  side all = place(of, tallies, 1, 1, scratch);
  compute(&all);
  for (dss_response_statistic i = 0; i < DSS_N_RESPONSES; i++)
    if (has(all.scale, i)) *out++ = *values_of(&all, i);
}

const dss_formulas dss_response_formulas = {scratch_of, axis_values, everyone_values};
