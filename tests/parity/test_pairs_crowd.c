/* Many raters: in which order tiles of them come; a hundred thousand, whose matrices no memory
 * would hold. */
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

enum { MOST_TILES = 41 };

static size_t pairs_of(const dss_pair_part *part) {
  size_t pairs = 0;
  for (uint32_t r = part->first_row; r < part->first_row + part->rows; r++)
    for (uint32_t s = part->first_column; s < part->first_column + part->columns; s++)
      pairs += s >= r;
  return pairs;
}

/* Raters' pairs in all parts, each of which is within the study and its room. */
static size_t all_parts(const dss_pair_plan *plan, const dss_pair_room *room) {
  dss_pair_place place = {0};
  dss_pair_part part;
  size_t pairs = 0;
  do {
    while (dss_pair_next_part(plan, room, &place, &part)) {
      cr_assert(part.rows > 0 && part.rows <= room->rows);
      cr_assert(part.columns > 0 && part.columns <= room->side);
      cr_assert_leq(part.first_row + part.rows, plan->problem.n_raters);
      cr_assert_leq(part.first_column + part.columns, plan->problem.n_raters);
      pairs += pairs_of(&part);
    }
  } while (dss_pair_next_strip(plan, room, &place));
  cr_assert_not(dss_pair_next_part(plan, room, &place, &part));
  return pairs;
}

/* The tiles of strips, one after the other. */
static size_t all_tiles(const dss_pair_plan *plan, const dss_pair_room *room, uint32_t *tiles) {
  uint32_t n_tiles = dss_pair_n_tiles(plan);
  dss_pair_place place = {0};
  size_t n = 0;
  bool more = true;
  while (more) {
    dss_pair_place strip = place;
    more = dss_pair_next_strip(plan, room, &place);
    /* As far as the row's next strip, or to the end of the block. */
    uint32_t end = (strip.column / DSS_PAIR_BLOCK_COLUMNS + 1) * DSS_PAIR_BLOCK_COLUMNS;
    if (end > n_tiles) end = n_tiles;
    if (strip.column + room->span / DSS_PAIR_TILE < end)
      end = strip.column + room->span / DSS_PAIR_TILE;
    for (uint32_t j = strip.column; j < end; j++) {
      cr_assert_lt(n, MOST_TILES * MOST_TILES);
      tiles[n++] = strip.row * MOST_TILES + j;
    }
  }
  return n;
}

/* One order of all tiles on and above the diagonal, whatever the room. */
Test(pairs_crowd, tiles_come_in_one_order) {
  static const uint32_t raters[] = {1, 256, 257, 1024, 1025, 4096, 4097, 5200, 10400};
  static const dss_pair_room rooms[] = {{.span = 256, .rows = 16, .side = 16},
                                        {.span = 256, .rows = 256, .side = 256},
                                        {.span = 1024, .rows = 256, .side = 1024},
                                        {.span = 4096, .rows = 256, .side = 4096},
                                        {.span = 1536, .rows = 256, .side = 512},
                                        {.span = 4096, .rows = 1024, .side = 4096, .blocks = true}};
  static uint32_t first[MOST_TILES * MOST_TILES], tiles[MOST_TILES * MOST_TILES];
  for (size_t i = 0; i < sizeof raters / sizeof *raters; i++) {
    const dss_pair_plan plan = {.problem = {.n_raters = raters[i]}};
    size_t n_tiles = dss_pair_n_tiles(&plan), n = n_tiles * (n_tiles + 1) / 2;
    bool seen[MOST_TILES * MOST_TILES] = {false};
    cr_assert_eq(all_tiles(&plan, &rooms[0], first), n);
    for (size_t k = 0; k < n; k++) {
      cr_assert_leq(first[k] / MOST_TILES, first[k] % MOST_TILES);
      cr_assert_not(seen[first[k]]);
      seen[first[k]] = true;
    }
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
      cr_assert_eq(all_tiles(&plan, &rooms[r], tiles), n, "%u raters, room %zu", raters[i], r);
      cr_assert_arr_eq(tiles, first, n * sizeof *tiles, "%u raters, room %zu", raters[i], r);
      cr_assert_eq(all_parts(&plan, &rooms[r]), (size_t)raters[i] * (raters[i] + 1) / 2,
                   "%u raters, room %zu", raters[i], r);
    }
  }
}
