/* A hundred thousand raters: matrices that no memory would hold, tile by tile. */
#include <criterion/criterion.h>

#include "host/engine/pairs.h"

static dss_context *context;

static void set_up(void) {
  context = dss_context_new();
}

static void tear_down(void) {
  dss_context_free(context);
}

TestSuite(pairs_crowd, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

enum { CROWD = 100000, CROWD_ITEMS = 10000, CROWD_LEVELS = 5, CROWD_RATINGS = 50, CLASSES = 200 };

/* Raters r and s share all their items where r mod 200 is s mod 200, and none else; then they
 * always agree where r / 200 and s / 200 are the same modulo 5, and never else. */
static void make_crowd(uint64_t *ptr, uint32_t *item, uint8_t *code) {
  for (uint32_t r = 0; r < CROWD; r++) {
    for (uint32_t k = 0; k < CROWD_RATINGS; k++) {
      size_t at = (size_t)r * CROWD_RATINGS + k;
      item[at] = k * (CROWD_ITEMS / CROWD_RATINGS) + (r + 13 * k) % CLASSES;
      code[at] = (uint8_t)((r / CLASSES + k) % CROWD_LEVELS);
    }
    ptr[r + 1] = (uint64_t)(r + 1) * CROWD_RATINGS;
  }
}

/* They are computed within the default memory, tile by tile. */
Test(pairs_crowd, a_hundred_thousand_raters_within_a_gigabyte) {
  size_t ratings = (size_t)CROWD * CROWD_RATINGS;
  uint64_t *ptr = calloc(CROWD + 1, sizeof *ptr);
  uint32_t *item = calloc(ratings, sizeof *item);
  uint8_t *code = malloc(ratings);
  make_crowd(ptr, item, code);
  dss_plan whole = {.kernel = {.exchange = {.n_raters = CROWD}}};
  dss_pair_plan plan = {.plan = &whole,
                        .shared = true,
                        .n_ratings = ratings,
                        .most_ratings = CROWD_RATINGS,
                        .problem = {.n_raters = CROWD,
                                    .n_items = CROWD_ITEMS,
                                    .rater_ptr = ptr,
                                    .item = item,
                                    .code = code,
                                    .n_levels = CROWD_LEVELS},
                        .scale = {.kind = DSS_PAIR_NOMINAL, .n_levels = CROWD_LEVELS, .unit = 1.0},
                        .most_distance = 1.0};
  dss_pairs_options options;
  dss_pairs_options_init(&options);
  options.backend = DSS_BACKEND_CPU;
  options.threads = 2;
  dss_pair_runner runner;
  dss_pair_maker *maker;
  dss_pair_strip strip;
  must(dss_pair_plan_products(context, &plan, DSS_PAIR_BY_CHOICE));
  must(dss_pair_runner_choose(context, NULL, &plan, &options, &runner));
  cr_assert_eq(options.memory, (uint64_t)1 << 30);
  cr_assert_leq(runner.room.bytes, options.memory);
  uint32_t tiles = dss_pair_n_tiles(&plan), last = tiles - 1;
  cr_assert_eq(tiles, (CROWD + DSS_PAIR_TILE - 1) / DSS_PAIR_TILE);
  must(dss_pair_maker_open(context, &runner, 3, last - 1, &maker));
  bool more;
  must(dss_pair_maker_next(context, maker, &strip, &more));
  cr_assert(more);
  cr_assert_eq(strip.first_column + strip.columns, CROWD);
  for (uint32_t i = 0; i < strip.rows; i++)
    for (uint32_t k = 0; k < strip.columns; k++) {
      uint32_t r = strip.first_row + i, s = strip.first_column + k;
      size_t at = (size_t)i * strip.columns + k;
      bool shares = r % CLASSES == s % CLASSES;
      bool agrees = shares && r / CLASSES % CROWD_LEVELS == s / CLASSES % CROWD_LEVELS;
      cr_assert_eq(strip.shared[at], shares ? CROWD_RATINGS : 0);
      cr_assert_eq(strip.agreements[at], agrees ? CROWD_RATINGS : 0);
      cr_assert(shares ? strip.distance[at] == !agrees : isnan(strip.distance[at]));
    }
  dss_pair_maker_free(maker);
  dss_pair_plan_free(&plan); /* frees the lists, too */
}
