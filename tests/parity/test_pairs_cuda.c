/* Statistics of pairs that are made on GPUs, against those that the host makes of the reference's
 * counts: every scale and way to count, memory for all layers or for tiles of them, one GPU and
 * several, parts on their way at once. */
#include <criterion/criterion.h>

#include "host/engine/pairs.h"
#include "tests/parity/cuda_devices.h"
#include "tests/parity/designs.h"

static dss_context *context;

static void set_up(void) {
  context = dss_context_new();
}

static void tear_down(void) {
  dss_context_free(context);
}

TestSuite(pairs_cuda, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static bool same_values(const dss_pair_values *a, const dss_pair_values *b) {
  return a->shared == b->shared && a->agreements == b->agreements &&
         same_number(a->distance, b->distance) && same_number(a->kappa, b->kappa) &&
         same_number(a->correlation, b->correlation);
}

/* --- studies --------------------------------------------------------------------------------- */

static const design designs[] = {
    {1, 30, 3, DSS_NOMINAL, 0.9, {2, 2}, 0.0, 1},     /* a rater alone */
    {40, 60, 2, DSS_NOMINAL, 0.5, {2, 2}, 0.0, 3},    /* one strip, one tile */
    {300, 90, 6, DSS_NOMINAL, 0.3, {2, 3}, 0.0, 2},   /* two tiles */
    {290, 80, 5, DSS_NOMINAL, 0.02, {2, 3}, 0.0, 1},  /* most pairs share nothing */
    {270, 150, 5, DSS_ORDINAL, 0.9, {2, 2}, 0.0, 4},  /* ranks of three digits */
    {60, 60, 9, DSS_ORDINAL, 0.2, {3, 1}, 0.0, 5},    /* some without a spread */
    {70, 80, 7, DSS_INTERVAL, 0.6, {2, 2}, 0.0, 7},   /* codes that are ranks */
    {30, 90, 200, DSS_INTERVAL, 0.9, {2, 2}, 0.0, 9}, /* of two digits */
    {60, 90, 5, DSS_RATIO, 0.7, {2, 2}, 0.0, 3},      /* distances that are no integers */
    {50, 90, 6, DSS_INTERVAL, 0.1, {2, 2}, 0.0, 8},
    {9, 60, 60, DSS_RATIO, 0.9, {2, 2}, 0.0, 3},    /* margins of fewer threads in a block */
    {1300, 6, 2, DSS_NOMINAL, 0.8, {2, 2}, 0.0, 5}, /* two rows of blocks */
};
enum { N_DESIGNS = sizeof designs / sizeof *designs };

/* Everything on and above the diagonal, of n x n: raters without ratings have no place. */
static dss_pair_values *all_pairs(const dss_study *study, dss_pair_way way,
                                  const dss_pairs_options *options, size_t *n_raters) {
  dss_pair_plan plan;
  dss_pair_runner runner;
  dss_pair_maker *maker = NULL;
  must(dss_pair_plan_make(context, study, options, &plan));
  must(dss_pair_plan_products(context, &plan, way));
  must(dss_pair_runner_choose(context, study, &plan, options, &runner));
  must(dss_pair_maker_open(context, &runner, 0, 0, &maker));
  size_t n = *n_raters = plan.problem.n_raters;
  dss_pair_values *values = calloc(n * n, sizeof *values);
  for (bool more = true; more;) {
    dss_pair_strip s;
    must(dss_pair_maker_next(context, maker, &s, &more));
    for (size_t k = 0; more && k < (size_t)s.rows * s.columns; k++)
      values[(s.first_row + k / s.columns) * n + s.first_column + k % s.columns] =
          (dss_pair_values){s.shared[k], s.agreements[k], s.distance[k], s.kappa[k],
                            s.correlation[k]};
  }
  dss_pair_maker_free(maker);
  dss_pair_plan_free(&plan);
  return values;
}

static dss_pairs_options options_of(dss_backend_choice backend) {
  dss_pairs_options options;
  dss_pairs_options_init(&options);
  options.backend = backend;
  options.threads = 2;
  return options;
}

/* Returns how many pairs share something and have a correlation, if the scale has one. */
static size_t compare(const dss_study *study, size_t d, dss_pair_way way,
                      const dss_pairs_options *options) {
  const dss_pairs_options by_host = options_of(DSS_BACKEND_REFERENCE);
  size_t n, n_found, whole = 0;
  dss_pair_values *wanted = all_pairs(study, way, &by_host, &n);
  dss_pair_values *found = all_pairs(study, way, options, &n_found);
  cr_assert_eq(n_found, n);
  for (size_t i = 0; i < n * n; i++) {
    cr_assert(same_values(&found[i], &wanted[i]), "design %zu, way %d, pair %zu: %.17g, not %.17g",
              d, (int)way, i, found[i].kappa, wanted[i].kappa);
    whole +=
        wanted[i].shared > 0 && isnan(wanted[i].correlation) == (designs[d].scale == DSS_NOMINAL);
  }
  free(wanted);
  free(found);
  cr_assert(devices_are_clean());
  return whole;
}

Test(pairs_cuda, every_scale_has_the_hosts_bits) {
  static const dss_pair_way ways[] = {DSS_PAIR_BY_TABLE, DSS_PAIR_BY_MARGINS};
  for (size_t d = 0; d < N_DESIGNS; d++) {
    dss_study *study = design_study(context, &designs[d], NULL, NULL);
    for (int w = 0; w < 2; w++) {
      dss_resources resources = {0};
      dss_pairs_options options = options_of(DSS_BACKEND_CUDA);
      /* 40,000 products; and the same ones a second time. */
      if (designs[d].n_levels == (w == 0 ? 200 : 60)) continue;
      cr_assert(devices_use(1, &resources));
      options.device = resources.device;
      cr_assert_gt(compare(study, d, ways[w], &options), 0, "design %zu", d);
    }
    dss_study_free(study);
  }
}

/* Tiles of items where not all layers fit; small parts where the host has little memory, or the
 * device. */
Test(pairs_cuda, whatever_the_memory) {
  static const struct {
    uint64_t device_bytes, memory;
  } cases[] = {{0, 0}, {5000000, 0}, {1500000, 0}, {500000, 0}, {0, 12 << 20}, {600000, 12 << 20}};
  for (size_t d = 2; d < 5; d += 2) {
    dss_study *study = design_study(context, &designs[d], NULL, NULL);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
      dss_resources resources = {0};
      dss_pairs_options options = options_of(DSS_BACKEND_CUDA);
      cr_assert(devices_use(1, &resources));
      options.device = resources.device;
      options.device_bytes = cases[c].device_bytes;
      if (cases[c].memory > 0) options.memory = cases[c].memory;
      compare(study, d, DSS_PAIR_BY_CHOICE, &options);
    }
    dss_study_free(study);
  }
}

/* Small parts, then whole blocks. */
Test(pairs_cuda, several_devices) {
  for (int n = 2; n <= 5; n++) {
    size_t d = n < 5 ? 2 : N_DESIGNS - 1;
    dss_resources resources = {0};
    dss_pairs_options options = options_of(DSS_BACKEND_CUDA);
    if (!devices_use(n, &resources)) continue;
    dss_study *study = design_study(context, &designs[d], NULL, NULL);
    options.device_bytes = n < 5 ? 1 << 20 : 0;
    compare(study, d, DSS_PAIR_BY_CHOICE, &options);
    dss_study_free(study);
  }
}

/* --- parts ----------------------------------------------------------------------------------- */

/* A nominal question of two levels, by table. */
typedef struct small_problem {
  dss_pair_problem problem;
  dss_pair_reading reading;
  uint64_t *ptr;
  uint32_t *item;
  uint8_t *code;
} small_problem;

static const int8_t two_layers[] = {1, 0, 0, 1};
static const dss_pair_term four_terms[] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 2}, {1, 1, 3}};

/* Rater r rates `each` items from first(r) on. */
static void make_small(small_problem *s, uint32_t n_raters, uint32_t n_items, uint32_t each,
                       uint32_t (*first)(uint32_t r)) {
  s->ptr = calloc((size_t)n_raters + 1, sizeof *s->ptr);
  s->item = calloc((size_t)n_raters * each, sizeof *s->item);
  s->code = calloc((size_t)n_raters * each, 1);
  for (uint32_t r = 0; r < n_raters; r++) {
    for (uint32_t i = 0; i < each; i++) {
      s->item[(size_t)r * each + i] = first(r) + i;
      s->code[(size_t)r * each + i] = (uint8_t)((i * i + r) % 7 % 2);
    }
    s->ptr[r + 1] = (uint64_t)(r + 1) * each;
  }
  s->problem = (dss_pair_problem){n_raters, n_items, s->ptr, s->item,    s->code,   2,
                                  2,        4,       4,      two_layers, four_terms};
  s->reading = (dss_pair_reading){{.kind = DSS_PAIR_NOMINAL, .n_levels = 2, .unit = 1.0},
                                  {.by_table = true}};
}

static void free_small(small_problem *s) {
  free(s->ptr);
  free(s->item);
  free(s->code);
}

/* What was made of a part, against the reference's counts finished here; returns pairs that share
 * an item. */
static size_t check_part(const small_problem *s, const dss_pair_part *part,
                         const dss_pair_made *made) {
  size_t pairs = (size_t)part->rows * part->columns, shared = 0;
  int32_t *counts = calloc(4 * pairs, sizeof *counts);
  uint32_t words[4];
  void *state = NULL;
  const dss_pair_shape shape = {part->rows, part->columns, 64, 0};
  const dss_pair_backend *host = &dss_pair_backend_reference;
  cr_assert_eq(host->open(&s->problem, NULL, &shape, &(dss_resources){.threads = 1}, &state),
               DSS_OK);
  cr_assert_eq(host->product(state, part, counts), DSS_OK);
  for (size_t i = 0; i < pairs; i++) {
    dss_pair_values wanted =
        dss_pair_values_at(&s->reading.scale, &s->reading.products, counts + i, pairs, words, 1);
    dss_pair_values found = dss_pair_made_at(made, s->reading.scale.unit,
                                             i / part->columns * made->stride + i % part->columns);
    cr_assert(same_values(&found, &wanted), "pair %zu: %d shared, not %d", i, found.shared,
              wanted.shared);
    shared += wanted.shared > 0;
  }
  free(counts);
  return shared;
}

static void *open_cuda(const small_problem *s, dss_pair_shape shape, dss_resources resources) {
  void *state = NULL;
  resources.threads = 2;
  cr_assert_eq(dss_pair_cuda->open(&s->problem, &s->reading, &shape, &resources, &state), DSS_OK,
               "%s", dss_pair_cuda->failure());
  return state;
}

static uint32_t from_the_rater(uint32_t r) {
  return r % 40;
}

/* As many as may be, in all orders of starting and taking that are allowed. */
Test(pairs_cuda, parts_come_in_the_order_in_which_they_began) {
  enum { PARTS = 23 };
  small_problem s;
  make_small(&s, 120, 90, 30, from_the_rater);
  for (int n = 1; n <= 3; n++) {
    dss_resources resources = {0};
    independent_random random = {(uint64_t)n};
    dss_pair_part parts[PARTS];
    if (!devices_use(n, &resources)) continue;
    void *state = open_cuda(&s, (dss_pair_shape){30, 50, 64, 0}, resources);
    uint32_t depth = dss_pair_cuda->depth(state), begun = 0, taken = 0;
    cr_assert_eq(depth % 2, 0);
    cr_assert(n > 1 ? depth >= 2 * (uint32_t)n : depth == 2);
    while (taken < PARTS) {
      bool start = begun < PARTS && begun - taken < depth && random_unit(&random) < 0.7;
      if (start) {
        parts[begun] = (dss_pair_part){random_under(&random, 90), 1 + random_under(&random, 30),
                                       random_under(&random, 70), 1 + random_under(&random, 50)};
        cr_assert_eq(dss_pair_cuda->start(state, &parts[begun++]), DSS_OK);
      } else if (begun > taken) {
        dss_pair_made made;
        cr_assert_eq(dss_pair_cuda->take(state, &made), DSS_OK);
        cr_assert_gt(check_part(&s, &parts[taken], &made), 0);
        taken++;
      }
    }
    dss_pair_cuda->close(state);
    cr_assert(devices_are_clean());
  }
  free_small(&s);
}

/* Raters whose numbers of ratings 16 bits do not hold, and those that they just hold. */
Test(pairs_cuda, numbers_of_items_of_either_width) {
  for (uint32_t each = 65535; each <= 65536; each++) {
    small_problem s;
    dss_resources resources = {0};
    dss_pair_made made;
    make_small(&s, 3, 65540, each, from_the_rater);
    cr_assert(devices_use(1, &resources));
    void *state = open_cuda(&s, (dss_pair_shape){3, 3, 64, 0}, resources);
    const dss_pair_part part = {0, 3, 0, 3};
    cr_assert_eq(dss_pair_cuda->start(state, &part), DSS_OK);
    cr_assert_eq(dss_pair_cuda->take(state, &made), DSS_OK);
    cr_assert_eq(made.narrow, each == 65535);
    cr_assert_eq(check_part(&s, &part, &made), 9);
    dss_pair_cuda->close(state);
    free_small(&s);
  }
}

static uint32_t from_the_group(uint32_t r) {
  return r / 256 * 20 + r % 3;
}

/* Groups of raters of which each has items of its own: parts off the diagonal have no item, and no
 * layers are made for them. The others have theirs alone. */
Test(pairs_cuda, parts_that_share_no_item) {
  small_problem s;
  dss_resources resources = {0};
  make_small(&s, 800, 100, 12, from_the_group);
  cr_assert(devices_use(1, &resources));
  void *state = open_cuda(&s, (dss_pair_shape){256, 300, 64, 0}, resources);
  static const struct {
    dss_pair_part part;
    bool shares;
  } cases[] = {{{0, 256, 0, 256}, true},    {{0, 256, 256, 300}, false},
               {{256, 20, 256, 256}, true}, {{256, 256, 512, 256}, false},
               {{250, 12, 255, 300}, true}, {{768, 32, 768, 32}, true},
               {{300, 100, 0, 200}, false}, {{512, 5, 700, 100}, true}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    dss_pair_made made;
    cr_assert_eq(dss_pair_cuda->start(state, &cases[c].part), DSS_OK);
    cr_assert_eq(dss_pair_cuda->take(state, &made), DSS_OK);
    cr_assert_eq(check_part(&s, &cases[c].part, &made) > 0, cases[c].shares, "case %zu", c);
  }
  dss_pair_cuda->close(state);
  cr_assert(devices_are_clean());
  free_small(&s);
}
