/* Tallies against counting every rating again; names, and what the library refuses itself. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/dissensus.h"
#include "host/evaluate/names.h"
#include "host/evaluate/tallies.h"
#include "tests/independent_random.h"

enum { RATERS = 31, ITEMS = 17, LEVELS = 4, BLOCKS = 3, COLUMNS = 3 * LEVELS };

static dss_context *context;

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

/* Two questions, two attributes with unknown values. */
static dss_study *random_study(uint64_t seed) {
  static const char *const labels[LEVELS] = {"a", "b", "c", "d"};
  char text[RATERS][12];
  const char *names[RATERS];
  independent_random random = {seed};
  int32_t sex[RATERS], site[RATERS];
  for (uint32_t r = 0; r < RATERS; r++) {
    snprintf(text[r], sizeof text[r], "%u", r);
    names[r] = text[r];
    sex[r] = (int32_t)random_under(&random, 3) - 1;
    site[r] = (int32_t)random_under(&random, 5) - 1;
  }
  dss_study *study;
  must(dss_study_new(context, RATERS, names, ITEMS, names, &study));
  must(dss_study_add_rater_attribute(context, study,
                                     &(dss_attribute){"sex", 2, labels, sex, false}));
  must(dss_study_add_rater_attribute(context, study,
                                     &(dss_attribute){"site", 4, labels, site, false}));
  for (int q = 0; q < 2; q++) {
    uint32_t rater[RATERS * ITEMS], item[RATERS * ITEMS];
    uint8_t code[RATERS * ITEMS];
    uint64_t n = 0;
    for (uint32_t i = 0; i < RATERS * ITEMS; i++)
      if (random_under(&random, 3) > 0) {
        rater[n] = i / ITEMS;
        item[n] = i % ITEMS;
        code[n++] = (uint8_t)random_under(&random, LEVELS);
      }
    must(dss_study_add_question(context, study, q ? "two" : "one", DSS_ORDINAL, LEVELS, labels,
                                NULL, n, rater, item, code));
  }
  return study;
}

typedef struct made {
  dss_study *study;
  dss_rated *rated;
  dss_tally_ratings ratings[2];
  uint8_t odd[ITEMS];
  dss_tally_block blocks[BLOCKS]; /* question one; its odd items; question two */
  dss_tallies *tallies;
} made;

static void make(made *m, uint64_t seed) {
  dss_evaluation_run run;
  const char *axes[] = {"sex", "site", "sex,site"};
  dss_evaluation_run_init(&run);
  run.plan.axes = axes;
  run.plan.n_axes = 3;
  run.plan.permutations = 1000;
  run.plan.seed = seed;
  m->study = random_study(seed);
  must(dss_rated_new(context, m->study, &run, &m->rated));
  for (int q = 0; q < 2; q++) {
    const dss_rated_question *from = &m->rated->questions[q];
    m->ratings[q] =
        (dss_tally_ratings){from->item_ptr, from->rater, calloc(from->n_ratings, sizeof(uint32_t))};
    for (uint64_t i = 0; i < from->n_ratings; i++)
      m->ratings[q].level[i] = from->code[i];
  }
  for (uint32_t u = 0; u < ITEMS; u++)
    m->odd[u] = u % 2;
  m->blocks[0] = (dss_tally_block){&m->ratings[0], NULL, 0, LEVELS};
  m->blocks[1] = (dss_tally_block){&m->ratings[0], m->odd, LEVELS, LEVELS};
  m->blocks[2] = (dss_tally_block){&m->ratings[1], NULL, 2 * LEVELS, LEVELS};
  must(dss_tallies_new(context, m->rated, m->blocks, BLOCKS, &m->tallies));
  cr_assert_eq(dss_tallies_columns(m->tallies), COLUMNS);
}

static void unmake(made *m) {
  dss_tallies_free(m->tallies);
  free(m->ratings[0].level);
  free(m->ratings[1].level);
  dss_rated_free(m->rated);
  dss_study_free(m->study);
}

/* Every rating, as often as its weights, to the groups of the profile that its rater carries.
 * weights NULL: once each. expected [COLUMNS][n_groups], and everyone's behind it. */
static void count_again(const made *m, const uint32_t *source, const dss_weighting *weights,
                        double *expected) {
  const dss_kernel_plan *plan = &m->rated->plan->kernel;
  memset(expected, 0, COLUMNS * (plan->n_groups + 1) * sizeof *expected);
  for (int n = 0; n < BLOCKS; n++) {
    const dss_tally_ratings *from = m->blocks[n].ratings;
    for (uint32_t u = 0; u < m->rated->n_items; u++)
      for (uint64_t i = from->item_ptr[u]; i < from->item_ptr[u + 1]; i++) {
        uint32_t r = from->rater[i], column = m->blocks[n].first + from->level[i];
        double times = weights ? weights->items[u] : 1;
        if (m->blocks[n].of_item && !m->blocks[n].of_item[u]) continue;
        expected[COLUMNS * plan->n_groups + column] += times * (weights ? weights->everyone[r] : 1);
        for (size_t a = 0; a < plan->n_axes; a++) {
          int32_t group = plan->axes[a].group[source ? source[r] : r];
          size_t at = column * plan->n_groups + plan->axes[a].first_group + (size_t)group;
          if (group >= 0) expected[at] += times * (weights ? weights->raters[a][r] : 1);
        }
      }
  }
}

static void setup(void) {
  context = dss_context_new();
}

static void teardown(void) {
  dss_context_free(context);
}

TestSuite(tallies, .init = setup, .fini = teardown);

Test(tallies, permuted_are_counted_again) {
  for (uint64_t seed = 1; seed <= 5; seed++) {
    made m;
    make(&m, seed);
    const dss_kernel_plan *plan = &m.rated->plan->kernel;
    size_t n = COLUMNS * plan->n_groups;
    double *expected = calloc(n + COLUMNS, sizeof *expected);
    double *found = calloc(n, sizeof *found), everyone[COLUMNS];
    void *scratch = calloc(1, dss_tallies_scratch(m.tallies));
    uint32_t slots[RATERS], source[RATERS];
    for (uint64_t b = 0; b <= 200; b++) {
      uint64_t resample = b == 200 ? DSS_RESAMPLE_NONE : b;
      dss_exchange_profiles(&plan->exchange, resample, slots, source);
      count_again(&m, source, NULL, expected);
      memset(found, 0xa5, n * sizeof *found);
      dss_tallies_permuted(m.tallies, resample, scratch, found);
      cr_assert_arr_eq(found, expected, n * sizeof *found, "resample %zu", (size_t)b);
    }
    dss_tallies_everyone(m.tallies, everyone);
    cr_assert_arr_eq(everyone, expected + n, sizeof everyone);
    free(expected);
    free(found);
    free(scratch);
    unmake(&m);
  }
}

Test(tallies, weighted_are_counted_again) {
  made m;
  make(&m, 9);
  const dss_kernel_plan *plan = &m.rated->plan->kernel;
  size_t n = COLUMNS * plan->n_groups;
  double *expected = calloc(n + COLUMNS, sizeof *expected);
  double *found = calloc(n + COLUMNS, sizeof *found);
  void *scratch = calloc(1, dss_tallies_scratch(m.tallies));
  uint32_t raters[3][RATERS], everyone[RATERS], items[ITEMS];
  const uint32_t *axes[3] = {raters[0], raters[1], raters[2]};
  dss_weighting weights = {axes, everyone, items};
  independent_random random = {4};
  for (int round = 0; round < 50; round++) {
    for (uint32_t i = 0; i < 3 * RATERS; i++)
      raters[i / RATERS][i % RATERS] = round ? random_under(&random, 4) : 1;
    for (uint32_t r = 0; r < RATERS; r++)
      everyone[r] = round ? random_under(&random, 4) : 1;
    for (uint32_t u = 0; u < ITEMS; u++)
      items[u] = round ? random_under(&random, 3) : 1;
    count_again(&m, NULL, &weights, expected);
    memset(found, 0xa5, (n + COLUMNS) * sizeof *found);
    dss_tallies_weighted(m.tallies, &weights, scratch, found, found + n);
    cr_assert_arr_eq(found, expected, (n + COLUMNS) * sizeof *found, "round %d", round);
  }
  free(expected);
  free(found);
  free(scratch);
  unmake(&m);
}

Test(tallies, what_stands_behind_them) {
  made m;
  make(&m, 3);
  const dss_kernel_axis *axis = &m.rated->plan->kernel.axes[1];
  dss_tally_counts counts[8], all;
  must(dss_tallies_count(context, m.rated, &m.blocks[1], 1, counts));
  for (uint32_t g = 0; g <= axis->n_groups; g++) {
    uint64_t ratings = 0, n_raters = 0, n_items = 0;
    bool seen[RATERS] = {false}, rated[ITEMS] = {false};
    const dss_tally_ratings *from = &m.ratings[0];
    for (uint32_t u = 1; u < ITEMS; u += 2)
      for (uint64_t i = from->item_ptr[u]; i < from->item_ptr[u + 1]; i++) {
        int32_t group = axis->group[from->rater[i]];
        if (group < 0 || (g < axis->n_groups && group != (int32_t)g)) continue;
        ratings++;
        n_raters += !seen[from->rater[i]];
        n_items += !rated[u];
        seen[from->rater[i]] = rated[u] = true;
      }
    cr_assert_eq(counts[g].ratings, ratings);
    cr_assert_eq(counts[g].raters, n_raters);
    cr_assert_eq(counts[g].items, n_items);
  }
  must(dss_tallies_count(context, m.rated, &m.blocks[0], DSS_NOWHERE, &all));
  cr_assert_eq(all.ratings, m.rated->questions[0].n_ratings);
  unmake(&m);
}

Test(tallies, names) {
  unsigned bits = 0;
  const char *bad = NULL;
  char text[16];
  cr_assert_str_eq(dss_severity_name(DSS_SEVERITY_CLIFFS_DELTA), "cliffs_delta");
  cr_assert_null(dss_severity_name(DSS_N_SEVERITIES));
  cr_assert_str_eq(dss_response_name(DSS_RESPONSE_GAMMA), "gamma");
  cr_assert_str_eq(dss_response_difference_name(DSS_RESPONSE_GAMMA), "gamma_difference");
  cr_assert_null(dss_response_name(DSS_N_RESPONSES));
  cr_assert_null(dss_response_difference_name(DSS_N_RESPONSES));
  cr_assert(dss_severity_parse("share,mean", &bits, &bad));
  cr_assert_eq(bits, DSS_SEVERITY_BIT(DSS_SEVERITY_MEAN) | DSS_SEVERITY_BIT(DSS_SEVERITY_SHARE));
  cr_assert(dss_response_parse("gamma,all", &bits, &bad));
  cr_assert_eq(bits, DSS_RESPONSE_ALL);
  cr_assert_not(dss_severity_parse("mean,,share", &bits, &bad));
  cr_assert_str_eq(bad, ",share");
  cr_assert_not(dss_severity_parse("", &bits, &bad));
  cr_assert_eq(bits, DSS_RESPONSE_ALL, "left alone where a name is unknown");
  dss_names_print(5, (const char *const[]){"first", "second", "third"}, 3, text, sizeof text);
  cr_assert_str_eq(text, "first,third");
}

Test(tallies, bins_out_of_range_are_refused) {
  dss_study *study = random_study(2);
  dss_evaluation_run run;
  dss_response_options options;
  dss_evaluation *found = NULL;
  dss_evaluation_run_init(&run);
  dss_response_options_init(&options);
  for (int i = 0; i < 2; i++) {
    options.bins = i ? DSS_RESPONSE_MOST_BINS + 1 : DSS_RESPONSE_LEAST_BINS - 1;
    cr_assert_eq(dss_response(context, study, &run, &options, &found), DSS_ERR_USAGE);
    cr_assert_null(found);
    cr_assert(strstr(dss_context_error(context), "there must be 2 to 100"));
  }
  dss_study_free(study);
}
