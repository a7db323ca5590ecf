/* Every assignment of profiles is equally likely: chi-squared tests over all assignments of a split
 * and all orders, for each scheme, the reference and the cpu backend with every instruction set;
 * and shuffles planted to be wrong, which these tests catch. Here the profiles themselves, in
 * test_uniform_values.c what values tell of them. */
#include "assignments.h"
#include "chi_squared.h"
#include "cpu_sets.h"
#include "kernels/cpu/profiles.h"

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
  dss_cpu_layout *layout = dss_cpu_layout_make(plan, false, false);
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

/* --- counting -------------------------------------------------------------------------------- */

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
