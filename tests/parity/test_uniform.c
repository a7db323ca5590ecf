/* Every assignment of profiles is equally likely: chi-squared tests over all assignments of a split
 * and all orders, for each scheme, the reference and the cpu backend with every instruction set;
 * and shuffles planted to be wrong, which these tests catch.
 *
 * A test fails when its p is under 1e-10 or over 1 - 1e-10 (more even than chance). The seeds are
 * fixed; had they been drawn, the few hundred tests would raise a false alarm once in 10^7 runs. */
#include "cpu_sets.h"
#include "designs.h"
#include "host/engine/plan.h"
#include "kernels/cpu/profiles.h"

static const double least_p = 1e-10;

/* --- chi-squared ----------------------------------------------------------------------------- */

/* Q(a, x), the upper regularized incomplete gamma function: by its series below a + 1, by its
 * continued fraction (modified Lentz) above. Abramowitz and Stegun 6.5.29, 6.5.31. */
static double upper_gamma(double a, double x) {
  double scale = exp(a * log(x) - x - lgamma(a));
  if (x <= 0) return 1;
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < 10000 && term > sum * 1e-17; n++)
      sum += term *= x / (a + n);
    return 1 - sum * scale;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
  for (int n = 1; n < 10000; n++) {
    double by = -n * (n - a);
    b += 2;
    d = 1 / (by * d + b);
    c = b + by / c;
    fraction *= d * c;
    if (fabs(d * c - 1) < 1e-15) break;
  }
  return scale * fraction;
}

/* Of equally likely cells. */
static double chi_squared_p(const uint32_t *counts, size_t n_cells) {
  double total = 0, sum = 0;
  for (size_t i = 0; i < n_cells; i++)
    total += counts[i];
  double expected = total / (double)n_cells;
  cr_assert_geq(expected, 20, "%g a cell are too few", expected);
  for (size_t i = 0; i < n_cells; i++)
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  return upper_gamma((double)(n_cells - 1) / 2, sum / 2);
}

static bool looks_uniform(double p) {
  return p > least_p && p < 1 - least_p;
}

static size_t n_tests;

static void assert_uniform(const uint32_t *counts, size_t n_cells, const char *what) {
  double p = chi_squared_p(counts, n_cells);
  cr_assert(looks_uniform(p), "%s: p = %g over %zu cells", what, p, n_cells);
  n_tests++;
}

Test(uniform, upper_gamma_is_right) {
  static const struct {
    double freedom, x, p;
  } known[] = {/* scipy.stats.chi2.sf */
               {1, 3.8, 0.0512525828573695},      {9, 4, 0.911412526831679},
               {9, 16.9, 0.0503051901243108},     {9, 90, 1.62807047196562e-15},
               {99, 60, 0.999319997049849},       {119, 145.5, 0.0497707116307813},
               {119, 400, 4.41277514524254e-32},  {1439, 1439, 0.495042339820806},
               {1439, 1800, 2.06658360193818e-10}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    double p = upper_gamma(known[i].freedom / 2, known[i].x / 2);
    cr_assert(fabs(p - known[i].p) <= 1e-9 * known[i].p, "chi2(%g) %g: %.12g, not %.12g",
              known[i].freedom, known[i].x, p, known[i].p);
  }
}

/* --- assignments as numbers ------------------------------------------------------------------ */

/* Number of the order of 0 .. n-1 in `at`: 0 .. n!-1. */
static size_t order_number(const uint32_t *at, size_t n) {
  size_t number = 0;
  for (size_t i = 0; i < n; i++) {
    size_t smaller = 0;
    for (size_t k = i + 1; k < n; k++)
      smaller += at[k] < at[i];
    number = number * (n - i) + smaller;
  }
  return number;
}

/* Number of the pair a < b. */
static size_t pair_number(size_t a, size_t b) {
  return a < b ? b * (b - 1) / 2 + a : a * (a - 1) / 2 + b;
}

/* --- studies --------------------------------------------------------------------------------- */

/* Five raters alone (scheme free); or with three of another site, two of an unknown one, and one
 * who has a site of his own. They stand mixed. */
enum { FEW = 5, ALL = 11, SECOND = 3, UNKNOWN = 2, MOST_RESAMPLES = 72000 };
static const uint32_t first_site[FEW] = {1, 3, 4, 8, 10}, second_site[SECOND] = {0, 5, 9},
                      no_site[UNKNOWN] = {2, 7};

/* Axes by which values tell the order of the first site's profiles apart: neighbours are a group.
 * The last is a pair of the second site's. */
enum { AXES = 5, UNITS = 8, LEVELS = 9 };

typedef struct tiny {
  bool alone;
  uint32_t n_raters;
  uint32_t first[FEW], second[SECOND], unknown[UNKNOWN];
} tiny;

static tiny tiny_of(dss_scheme scheme) {
  tiny t = {.alone = scheme == DSS_SCHEME_FREE, .n_raters = ALL};
  memcpy(t.first, first_site, sizeof t.first);
  memcpy(t.second, second_site, sizeof t.second);
  memcpy(t.unknown, no_site, sizeof t.unknown);
  if (!t.alone) return t;
  t.n_raters = FEW;
  for (uint32_t i = 0; i < FEW; i++)
    t.first[i] = i;
  return t;
}

static void add_axis(dss_context *context, dss_study *study, const tiny *t, size_t axis,
                     uint32_t one, uint32_t other) {
  static const char *const letters[AXES] = {"a", "b", "c", "d", "e"};
  int32_t codes[ALL];
  for (uint32_t r = 0; r < t->n_raters; r++)
    codes[r] = r != one && r != other;
  dss_attribute attribute = {letters[axis], 2, numbered(), codes, false};
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
}

static void add_site(dss_context *context, dss_study *study, const tiny *t) {
  int32_t codes[ALL];
  for (uint32_t r = 0; r < t->n_raters; r++)
    codes[r] = t->alone ? 0 : 2;
  for (size_t i = 0; i < FEW; i++)
    codes[t->first[i]] = 0;
  for (size_t i = 0; !t->alone && i < SECOND; i++)
    codes[t->second[i]] = 1;
  for (size_t i = 0; !t->alone && i < UNKNOWN; i++)
    codes[t->unknown[i]] = -1;
  dss_attribute attribute = {"site", 3, numbered(), codes, false};
  cr_assert_eq(dss_study_add_rater_attribute(context, study, &attribute), DSS_OK);
}

/* Everyone rates every unit, so that each pair of raters has an alpha of its own. pair: who is in
 * the first group of axis "a"; NULL: neighbours, see above. */
static dss_study *tiny_study(dss_context *context, const tiny *t, const uint32_t *pair) {
  independent_random random = {20};
  dss_study *study;
  double values[LEVELS];
  uint32_t rater[ALL * UNITS], item[ALL * UNITS], n = 0;
  uint8_t code[ALL * UNITS];
  cr_assert_eq(dss_study_new(context, t->n_raters, numbered(), UNITS, numbered(), &study), DSS_OK);
  add_site(context, study, t);
  if (pair) add_axis(context, study, t, 0, pair[0], pair[1]);
  for (size_t i = 0; !pair && i + 1 < FEW; i++)
    add_axis(context, study, t, i, t->first[i], t->first[i + 1]);
  if (!pair && !t->alone) add_axis(context, study, t, AXES - 1, t->second[0], t->second[1]);
  for (uint32_t k = 0; k < LEVELS; k++)
    values[k] = k * k + 1;
  for (uint32_t u = 0; u < UNITS; u++)
    for (uint32_t r = 0; r < t->n_raters; r++, n++) {
      rater[n] = r;
      item[n] = u;
      code[n] = (uint8_t)random_under(&random, LEVELS);
    }
  cr_assert_eq(dss_study_add_question(context, study, "q", DSS_INTERVAL, LEVELS, numbered(), values,
                                      n, rater, item, code),
               DSS_OK, "%s", dss_context_error(context));
  return study;
}

static dss_plan *tiny_plan(dss_context *context, const tiny *t, dss_scheme scheme,
                           const uint32_t *pair, uint64_t permutations, uint64_t seed) {
  static const char *const axes[AXES] = {"a", "b", "c", "d", "e"};
  dss_study *study = tiny_study(context, t, pair);
  dss_plan_options options;
  dss_plan *plan;
  dss_plan_options_init(&options);
  options.axes = axes;
  options.n_axes = pair ? 1 : t->alone ? AXES - 1 : AXES;
  options.metrics = DSS_STATISTIC_BIT(DSS_IRR);
  options.scheme = scheme;
  options.scheme_attribute = "site";
  options.permutations = permutations;
  options.seed = seed;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s",
               dss_context_error(context));
  cr_assert_eq(plan->kernel.exchange.n_raters, t->n_raters);
  dss_study_free(study);
  return plan;
}

/* --- shuffles -------------------------------------------------------------------------------- */

/* Sources of resamples first .. first + count - 1 into out [count][n_raters]. */
typedef struct shuffler {
  const char *name;
  void (*make)(const struct shuffler *self, const dss_kernel_plan *plan, uint64_t first,
               uint64_t count, uint32_t *out);
  const dss_cpu_kernels *kernels;
} shuffler;

static void reference_sources(const shuffler *self, const dss_kernel_plan *plan, uint64_t first,
                              uint64_t count, uint32_t *out) {
  size_t n = plan->exchange.n_raters;
  uint32_t *slots = calloc(n, sizeof *slots);
  for (uint64_t b = 0; b < count; b++)
    dss_exchange_profiles(&plan->exchange, first + b, slots, &out[b * n]);
  free(slots);
}

/* As kernels/cpu/cpu.c makes it, so far as profiles go: labels of four bases, which together are
 * the number of the rater who lends them. */
static void cpu_sources(const shuffler *self, const dss_kernel_plan *plan, uint64_t first,
                        uint64_t count, uint32_t *out) {
  enum { BASES = DSS_WORD_BASES };
  size_t n = plan->exchange.n_raters, padded = (n + 63) / 64 * 64, lanes = self->kernels->lanes;
  dss_cpu_layout *layout = dss_cpu_layout_make(plan, false);
  cr_assert_not_null(layout);
  size_t n_bases = layout->n_bases;
  free(layout->words);
  layout->words = calloc(n, sizeof *layout->words);
  layout->n_bases = BASES;
  dss_cpu_scratch s = {
      .draws = aligned_alloc(64, (padded + 64) * sizeof *s.draws),
      .words = aligned_alloc(64, dss_cpu_words(n) * lanes * sizeof *s.words),
      .labels = aligned_alloc(64, BASES * padded * lanes),
  };
  cr_assert(layout->words && s.draws && s.words && s.labels);
  memcpy(layout->words, plan->exchange.order, n * sizeof *layout->words);
  for (uint64_t b = 0; b < count; b += lanes) {
    unsigned now = (unsigned)(count - b < lanes ? count - b : lanes);
    memset(s.labels, 0xa5, BASES * n * lanes);
    dss_cpu_profiles(layout, self->kernels, first + b, now, &s);
    for (unsigned lane = 0; lane < lanes; lane++)
      for (size_t r = 0; r < n; r++) {
        uint32_t source = 0;
        for (size_t base = 0; base < BASES; base++)
          source |= (uint32_t)s.labels[(base * n + r) * lanes + lane] << 8 * base;
        if (lane < now)
          out[(b + lane) * n + r] = source;
        else /* further lanes repeat the last one */
          cr_assert_eq(source, out[(b + now - 1) * n + r]);
      }
  }
  free(s.draws);
  free(s.words);
  free(s.labels);
  layout->n_bases = n_bases;
  dss_cpu_layout_free(layout);
}

/* Planted: everyone swaps with anyone of all, 5^5 = 3125 equally likely paths to 120 orders. */
static void naive_sources(const shuffler *self, const dss_kernel_plan *plan, uint64_t first,
                          uint64_t count, uint32_t *out) {
  independent_random random = {plan->exchange.seed + first};
  uint32_t n = plan->exchange.n_raters;
  for (uint64_t b = 0; b < count; b++, out += n) {
    for (uint32_t i = 0; i < n; i++)
      out[i] = i;
    for (uint32_t i = 0; i < n; i++) {
      uint32_t k = random_under(&random, n), moved = out[i];
      out[i] = out[k];
      out[k] = moved;
    }
  }
}

/* Planted: Fisher and Yates' shuffle whose draws leave out the last, so that nobody keeps his. */
static void short_sources(const shuffler *self, const dss_kernel_plan *plan, uint64_t first,
                          uint64_t count, uint32_t *out) {
  independent_random random = {plan->exchange.seed + first};
  uint32_t n = plan->exchange.n_raters;
  for (uint64_t b = 0; b < count; b++, out += n) {
    for (uint32_t i = 0; i < n; i++)
      out[i] = i;
    for (uint32_t i = n; i-- > 1;) {
      uint32_t k = random_under(&random, i), moved = out[i];
      out[i] = out[k];
      out[k] = moved;
    }
  }
}

static size_t shufflers(shuffler out[CPU_SETS + 1]) {
  const char *sets[CPU_SETS];
  size_t n = machine_sets(sets);
  out[0] = (shuffler){"reference", reference_sources, NULL};
  for (size_t i = 0; i < n; i++) {
    out[i + 1] = (shuffler){sets[i], cpu_sources, set_kernels(sets[i])};
    cr_assert_not_null(out[i + 1].kernels);
  }
  return n + 1;
}

/* --- what is counted ------------------------------------------------------------------------- */

enum { ORDERS = 120, SPLITS = 10, SECOND_ORDERS = 6, UNKNOWN_ORDERS = 2 };
enum { JOINT = ORDERS * SECOND_ORDERS * UNKNOWN_ORDERS };

typedef struct tally {
  uint32_t orders[ORDERS], splits[SPLITS], following[SPLITS * SPLITS];
  uint32_t second[SECOND_ORDERS], unknown[UNKNOWN_ORDERS], joint[JOINT];
} tally;

/* The order of a site's profiles among its raters, who keep to themselves. */
static size_t site_order(const uint32_t *source, const uint32_t *site, size_t n) {
  uint32_t at[FEW];
  for (size_t i = 0; i < n; i++) {
    at[i] = UINT32_MAX;
    for (uint32_t k = 0; k < n; k++)
      if (source[site[i]] == site[k]) at[i] = k;
    cr_assert_neq(at[i], UINT32_MAX, "rater %u has a profile of another stratum", site[i]);
    for (size_t k = 0; k < i; k++)
      cr_assert_neq(at[k], at[i], "a profile was dealt twice");
  }
  return order_number(at, n);
}

/* Which two raters carry the first two profiles. */
static size_t split_number(const uint32_t *source, const tiny *t) {
  size_t who[2] = {0, 0}, n = 0;
  for (size_t i = 0; i < FEW; i++)
    if (source[t->first[i]] == t->first[0] || source[t->first[i]] == t->first[1]) who[n++ % 2] = i;
  cr_assert_eq(n, 2);
  return pair_number(who[0], who[1]);
}

static void count_source(const tiny *t, const uint32_t *source, uint64_t b, size_t *last,
                         tally *counts) {
  size_t order = site_order(source, t->first, FEW), split = split_number(source, t);
  counts->orders[order]++;
  counts->splits[split]++;
  if (b % 2) counts->following[*last * SPLITS + split]++;
  *last = split;
  if (t->alone) return;
  size_t second = site_order(source, t->second, SECOND);
  size_t unknown = site_order(source, t->unknown, UNKNOWN);
  counts->second[second]++;
  counts->unknown[unknown]++;
  counts->joint[(order * SECOND_ORDERS + second) * UNKNOWN_ORDERS + unknown]++;
}

static void count_shuffles(const shuffler *by, const tiny *t, const dss_plan *plan, uint64_t first,
                           uint64_t count, tally *counts) {
  uint32_t *sources = calloc(count * t->n_raters, sizeof *sources);
  size_t last = 0;
  cr_assert_not_null(sources);
  memset(counts, 0, sizeof *counts);
  by->make(by, &plan->kernel, first, count, sources);
  for (uint64_t b = 0; b < count; b++)
    count_source(t, &sources[b * t->n_raters], b, &last, counts);
  free(sources);
}

static void assert_tally(const tiny *t, const tally *counts, const char *what) {
  assert_uniform(counts->orders, ORDERS, what);
  assert_uniform(counts->splits, SPLITS, what);
  assert_uniform(counts->following, SPLITS * SPLITS, what);
  if (t->alone) return;
  assert_uniform(counts->second, SECOND_ORDERS, what);
  assert_uniform(counts->unknown, UNKNOWN_ORDERS, what);
  assert_uniform(counts->joint, JOINT, what);
}

static const struct {
  uint64_t seed, first;
} starts[] = {{1, 0}, {2, 0}, {0xfedcba9876543210, 4294900000}, {1u << 31, (uint64_t)1 << 61}};
enum { STARTS = sizeof starts / sizeof *starts };

static void profiles_are_uniform(dss_scheme scheme) {
  shuffler by[CPU_SETS + 1];
  size_t n = shufflers(by), before = n_tests;
  tiny t = tiny_of(scheme);
  tally *counts = calloc(1, sizeof *counts);
  uint64_t count = t.alone ? MOST_RESAMPLES / 3 : MOST_RESAMPLES;
  for (size_t i = 0; i < STARTS; i++) {
    dss_context *context = dss_context_new();
    dss_plan *plan = tiny_plan(context, &t, scheme, NULL, 1, starts[i].seed);
    cr_assert_eq(plan->kernel.exchange.n_arrangements, 0, "drawn, not enumerated");
    for (size_t k = 0; k < n; k++) {
      char what[80];
      snprintf(what, sizeof what, "%s, scheme %d, start %zu", by[k].name, (int)scheme, i);
      count_shuffles(&by[k], &t, plan, starts[i].first, count, counts);
      assert_tally(&t, counts, what);
    }
    dss_plan_free(plan);
    dss_context_free(context);
  }
  free(counts);
  cr_assert_eq(n_tests - before, n * STARTS * (t.alone ? 3 : 6));
}

Test(uniform, profiles_free) {
  profiles_are_uniform(DSS_SCHEME_FREE);
}

Test(uniform, profiles_strata) {
  profiles_are_uniform(DSS_SCHEME_STRATA);
}

Test(uniform, profiles_within) {
  profiles_are_uniform(DSS_SCHEME_WITHIN);
}

/* --- the tests can fail ---------------------------------------------------------------------- */

static double p_of_orders(const shuffler *by, uint64_t permutations, uint64_t count) {
  dss_context *context = dss_context_new();
  tiny t = tiny_of(DSS_SCHEME_FREE);
  dss_plan *plan = tiny_plan(context, &t, DSS_SCHEME_FREE, NULL, permutations, 5);
  tally *counts = calloc(1, sizeof *counts);
  count_shuffles(by, &t, plan, 0, count, counts);
  double p = chi_squared_p(counts->orders, ORDERS);
  cr_log_info("%s: p = %g", by->name, p);
  free(counts);
  dss_plan_free(plan);
  dss_context_free(context);
  return p;
}

Test(uniform, wrong_shuffles_are_caught) {
  const shuffler naive = {"naive", naive_sources, NULL}, cut = {"short", short_sources, NULL};
  const shuffler reference = {"reference", reference_sources, NULL};
  cr_assert(!looks_uniform(p_of_orders(&naive, 1, MOST_RESAMPLES / 3)));
  cr_assert(!looks_uniform(p_of_orders(&cut, 1, MOST_RESAMPLES / 3)));
  cr_assert(looks_uniform(p_of_orders(&reference, 1, MOST_RESAMPLES / 3)));
  /* Visited in turn instead of drawn: too even. */
  cr_assert(!looks_uniform(p_of_orders(&reference, 1000, MOST_RESAMPLES / 3)));
}

/* --- end to end, through values --------------------------------------------------------------- */

enum { PAIRS = ALL * (ALL - 1) / 2 };

/* pairs [PAIRS]: the IRR of each pair of raters as an observed group; all differ. */
static void pair_values(const tiny *t, double *pairs) {
  for (uint32_t b = 0; b < t->n_raters; b++)
    for (uint32_t a = 0; a < b; a++) {
      dss_context *context = dss_context_new();
      const uint32_t pair[2] = {a, b};
      dss_plan *plan = tiny_plan(context, t, DSS_SCHEME_FREE, pair, 1, 1);
      double values[2];
      void *state;
      cr_assert_eq(dss_kernel_columns(&plan->kernel), 2);
      cr_assert_eq(
          dss_backend_reference.open(&plan->kernel, &(dss_resources){.threads = 1}, &state),
          DSS_OK);
      cr_assert_eq(dss_backend_reference.values(state, DSS_RESAMPLE_NONE, 1, values), DSS_OK);
      dss_backend_reference.close(state);
      pairs[pair_number(a, b)] = values[0];
      cr_assert(isfinite(values[0]));
      for (size_t i = 0; i < pair_number(a, b); i++)
        cr_assert(pairs[i] != values[0], "two pairs have one alpha");
      dss_plan_free(plan);
      dss_context_free(context);
    }
}

/* Bits [2]: the raters whose IRR this is. */
static uint32_t pair_of(const tiny *t, const double *pairs, double value) {
  for (uint32_t b = 0; b < t->n_raters; b++)
    for (uint32_t a = 0; a < b; a++)
      if (same_number(pairs[pair_number(a, b)], value)) return 1u << a | 1u << b;
  cr_assert_fail("%a is no pair's alpha", value);
  return 0;
}

static uint32_t index_of(const uint32_t *site, size_t n, uint32_t bit) {
  for (uint32_t i = 0; i < n; i++)
    if (1u << site[i] == bit) return i;
  cr_assert_fail("a profile left its stratum");
  return 0;
}

/* irr [axes] of the axes' first groups. A rater who stands in two neighbouring pairs carries the
 * profile that these have in common. */
static void count_values(const tiny *t, const double *pairs, const double *irr, tally *counts) {
  uint32_t held[FEW - 1], at[FEW];
  for (size_t i = 0; i < FEW - 1; i++)
    held[i] = pair_of(t, pairs, irr[i]);
  for (size_t i = 0; i < FEW; i++) {
    uint32_t bit = i == 0         ? held[0] & ~held[1]
                   : i == FEW - 1 ? held[FEW - 2] & ~held[FEW - 3]
                                  : held[i - 1] & held[i];
    at[i] = index_of(t->first, FEW, bit);
  }
  size_t order = order_number(at, FEW);
  counts->orders[order]++;
  counts->splits[pair_number(at[0], at[1])]++;
  if (t->alone) return;
  uint32_t pair = pair_of(t, pairs, irr[FEW - 1]), out = 0;
  for (uint32_t i = 0; i < SECOND; i++)
    if (!(pair & 1u << t->second[i])) out = i;
  cr_assert_eq(pair | 1u << t->second[out],
               1u << t->second[0] | 1u << t->second[1] | 1u << t->second[2]);
  counts->second[out]++;
  counts->joint[order * SECOND + out]++;
}

static void count_backend(const dss_backend *backend, const tiny *t, const double *pairs,
                          const dss_plan *plan, uint64_t first, uint64_t count, tally *counts) {
  size_t columns = dss_kernel_columns(&plan->kernel), axes = plan->kernel.n_axes;
  double *values = malloc(count * columns * sizeof *values);
  void *state;
  cr_assert_not_null(values);
  memset(values, 0xa5, count * columns * sizeof *values);
  memset(counts, 0, sizeof *counts);
  cr_assert_eq(backend->open(&plan->kernel, &(dss_resources){.threads = 2}, &state), DSS_OK);
  cr_assert_eq(backend->values(state, first, count, values), DSS_OK);
  backend->close(state);
  for (uint64_t b = 0; b < count; b++) {
    double irr[AXES];
    for (size_t a = 0; a < axes; a++)
      irr[a] = values[b * columns + plan->kernel.axes[a].first_group];
    count_values(t, pairs, irr, counts);
  }
  free(values);
}

static void assert_values(const tiny *t, const tally *counts, const char *what) {
  assert_uniform(counts->orders, ORDERS, what);
  assert_uniform(counts->splits, SPLITS, what);
  if (t->alone) return;
  assert_uniform(counts->second, SECOND, what);
  assert_uniform(counts->joint, ORDERS * SECOND, what);
}

static void values_are_uniform(dss_scheme scheme) {
  const char *sets[CPU_SETS];
  size_t n = machine_sets(sets), before = n_tests;
  tiny t = tiny_of(scheme);
  double pairs[PAIRS];
  tally *counts = calloc(1, sizeof *counts);
  pair_values(&t, pairs);
  for (size_t i = 0; i < STARTS; i += 2) {
    dss_context *context = dss_context_new();
    dss_plan *plan = tiny_plan(context, &t, scheme, NULL, 1, starts[i].seed + 10);
    cr_assert_eq(plan->kernel.exchange.n_arrangements, 0);
    for (size_t k = 0; k <= n; k++) {
      char what[80];
      snprintf(what, sizeof what, "values by %s, scheme %d", k < n ? sets[k] : "reference",
               (int)scheme);
      setenv("DSS_CPU", k < n ? sets[k] : "", 1);
      count_backend(k < n ? &dss_backend_cpu : &dss_backend_reference, &t, pairs, plan,
                    starts[i].first, MOST_RESAMPLES / 4, counts);
      assert_values(&t, counts, what);
    }
    dss_plan_free(plan);
    dss_context_free(context);
  }
  free(counts);
  cr_assert_eq(n_tests - before, (n + 1) * STARTS / 2 * (t.alone ? 2 : 4));
}

Test(uniform, values_free) {
  values_are_uniform(DSS_SCHEME_FREE);
}

Test(uniform, values_strata) {
  values_are_uniform(DSS_SCHEME_STRATA);
}

Test(uniform, values_within) {
  values_are_uniform(DSS_SCHEME_WITHIN);
}

/* --- rejected words --------------------------------------------------------------------------- */

/* Words that an unbiased draw must reject come about once in 2^33 / n draws below n: so many raters
 * that some do. The cpu backend makes whole draws again when one is in doubt. */
Test(uniform, rejected_words_are_drawn_again) {
  enum { MANY = 30000, RESAMPLES = 130 };
  uint32_t *order = calloc(MANY, sizeof *order);
  const uint32_t ptr[] = {0, 7, MANY};
  shuffler by[CPU_SETS + 1];
  size_t n = shufflers(by), rejected = 0;
  for (uint32_t i = 0; i < MANY; i++)
    order[i] = MANY - 1 - i;
  const dss_kernel_plan plan = {
      .exchange = {
          .seed = 77, .n_raters = MANY, .n_strata = 2, .stratum_ptr = ptr, .order = order}};
  for (uint64_t b = 0; b < RESAMPLES; b++)
    for (uint32_t i = 8; i < MANY; i++) {
      uint32_t below = i - 7 + 1;
      uint64_t product = (uint64_t)dss_random_word(77, DSS_PURPOSE_PERMUTATION, b, i, 0) * below;
      rejected += (uint32_t)product < ((uint64_t)1 << 32) % below;
    }
  cr_assert_gt(rejected, 0);
  cr_log_info("%zu words rejected", rejected);
  uint32_t *expected = calloc((size_t)MANY * RESAMPLES, sizeof *expected);
  uint32_t *found = calloc((size_t)MANY * RESAMPLES, sizeof *found);
  cr_assert(expected && found);
  by[0].make(&by[0], &plan, 0, RESAMPLES, expected);
  for (size_t k = 1; k < n; k++) {
    by[k].make(&by[k], &plan, 0, RESAMPLES, found);
    cr_assert_eq(memcmp(expected, found, (size_t)MANY * RESAMPLES * sizeof *found), 0, "%s",
                 by[k].name);
  }
  free(expected);
  free(found);
  free(order);
}
