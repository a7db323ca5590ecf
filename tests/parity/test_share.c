/* A plan that another process has made: it has everything that the first one's has, in memory of
 * its own or of both, and gives the same results; and errors on either side end both. Two threads
 * stand for the processes. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "host/core/context.h"
#include "host/engine/plan_walk.h"
#include "host/engine/team.h"
#include "parity_designs.h"
#include "tests/unit/temporary.h"

/* --- a team of two threads ------------------------------------------------------------------- */

static _Thread_local unsigned rank;
static struct {
  pthread_barrier_t meeting;
  const void *passed;
  bool said[2];
  void *blocks[2];
  size_t block_bytes;
  bool common;      /* the block is */
  unsigned refuses; /* who gets no block; 2: nobody */
} meet;

static void wait_for_both(void) {
  pthread_barrier_wait(&meet.meeting);
}

/* From process `from` to the other. */
static void pass(unsigned from, void *bytes, size_t n) {
  if (rank == from) meet.passed = bytes;
  wait_for_both();
  if (rank != from) memcpy(bytes, meet.passed, n);
  wait_for_both();
}

static void share(void *bytes, size_t n) {
  pass(0, bytes, n);
}

static void send(unsigned to, const void *bytes, size_t n) {
  pass(1 - to, (void *)bytes, n);
}

static void receive(unsigned from, void *bytes, size_t n) {
  pass(from, bytes, n);
}

static bool any(bool own) {
  meet.said[rank] = own;
  wait_for_both();
  bool either = meet.said[0] || meet.said[1];
  wait_for_both();
  return either;
}

static void *block(size_t bytes, bool *common) {
  bool makes = rank != meet.refuses && (rank == 0 || !meet.common);
  meet.blocks[rank] = makes ? aligned_alloc(64, bytes + 64 - bytes % 64) : NULL;
  if (rank == 0) meet.block_bytes = bytes;
  wait_for_both();
  cr_assert_eq(bytes, meet.block_bytes, "both take the arrays for as large");
  *common = meet.common;
  return rank == meet.refuses ? NULL : meet.blocks[meet.common ? 0 : rank];
}

static void spread(void) {
  wait_for_both();
  if (rank == 1 && !meet.common) memcpy(meet.blocks[1], meet.blocks[0], meet.block_bytes);
  wait_for_both();
}

/* What each process begins and ends with. */
typedef struct side {
  dss_context *context;
  dss_team team;
  dss_plan *plan;
  dss_status status;
} side;

static void *share_plan(void *user) {
  side *s = user;
  rank = s->team.rank;
  s->status = dss_plan_share(s->context, &s->team, s->status, &s->plan);
  return NULL;
}

static void begin_sides(side sides[2]) {
  for (unsigned r = 0; r < 2; r++)
    sides[r] = (side){.context = dss_context_new(),
                      .team = {.rank = r,
                               .size = 2,
                               .local_rank = r,
                               .local_size = 2,
                               .share = share,
                               .any = any,
                               .send = send,
                               .receive = receive,
                               .block = block,
                               .spread = spread}};
}

static void run_sides(side sides[2], bool common, unsigned refuses) {
  pthread_t other;
  meet.common = common;
  meet.refuses = refuses;
  cr_assert_eq(pthread_barrier_init(&meet.meeting, NULL, 2), 0);
  cr_assert_eq(pthread_create(&other, NULL, share_plan, &sides[1]), 0);
  share_plan(&sides[0]);
  pthread_join(other, NULL);
  pthread_barrier_destroy(&meet.meeting);
}

static void end_sides(side sides[2]) {
  for (unsigned r = 0; r < 2; r++) {
    dss_plan_free(sides[r].plan);
    dss_context_free(sides[r].context);
    free(meet.blocks[r]);
    meet.blocks[r] = NULL;
  }
}

/* --- plans with all that there can be -------------------------------------------------------- */

static const parity_design crowd = {
    "every scale",
    22,
    30,
    2,
    {{2, 0, 0.0}, {3, 0, 0.1}, {2, 11, 0.0}},
    {{DSS_NOMINAL, 3, 2, 9, 0.5, WHOLE},
     {DSS_ORDINAL, 5, 2, 9, 0.5, WHOLE},
     {DSS_INTERVAL, 4, 2, 9, 0.5, WHOLE},
     {DSS_RATIO, 4, 2, 9, 0.5, FRACTIONS}},
};
static const parity_design handful = {
    "few arrangements", 6, 12, 1, {{2, 3, 0.0}}, {{DSS_INTERVAL, 4, 4, 6, 0.5, FRACTIONS}},
};

#define EVERYTHING (DSS_METRICS_ALL | DSS_METRICS_PAIR_GAI)

static const char *const where[] = {"b=1", "b=2"};
static const char *const two[] = {"a,c", "b"};
static const char *const one[] = {"s"};

static const struct {
  const char *what;
  const parity_design *design;
  dss_plan_options options;
} cases[] = {
    {"free, over raters",
     &crowd,
     {.all_depth = 2,
      .metrics = EVERYTHING,
      .permutations = 60,
      .bootstrap = 40,
      .over = DSS_OVER_RATERS,
      .ties = DSS_TIES_SKIP}},
    {"within, over items",
     &crowd,
     {.axes = two,
      .n_axes = 2,
      .metrics = EVERYTHING,
      .scheme = DSS_SCHEME_WITHIN,
      .scheme_attribute = "c",
      .permutations = 70,
      .bootstrap = 40,
      .over = DSS_OVER_ITEMS,
      .interval = DSS_CI_BASIC,
      .units = DSS_UNITS_COMMON}},
    {"strata and filters, over both",
     &crowd,
     {.metrics = DSS_METRICS_ALL,
      .where = where,
      .n_where = 2,
      .scheme = DSS_SCHEME_STRATA,
      .scheme_attribute = "c",
      .permutations = 5000,
      .stop_after = 20,
      .bootstrap = 40,
      .over = DSS_OVER_BOTH,
      .interval = DSS_CI_PERCENTILE,
      .min_raters = 3}},
    {"exact", &handful, {.metrics = EVERYTHING, .permutations = 1000, .stop_after = 5}},
    {"estimates of one question",
     &crowd,
     {.questions = one, .n_questions = 1, .metrics = DSS_METRICS_GAI}},
};
enum { N_CASES = sizeof cases / sizeof *cases };

static dss_plan *make_case(dss_context *context, size_t i) {
  dss_study *study = parity_study(context, cases[i].design, 11 + i);
  dss_plan_options options = cases[i].options;
  dss_plan *plan = NULL;
  options.seed = 7;
  if (options.min_raters == 0) options.min_raters = 2;
  cr_assert_eq(dss_plan_new(context, study, &options, &plan), DSS_OK, "%s: %s", cases[i].what,
               dss_context_error(context));
  dss_study_free(study);
  return plan;
}

/* --- the same plan, elsewhere ---------------------------------------------------------------- */

enum { MOST_BLOCKS = 4096, MOST_MAPPED = 4096 };

typedef struct seen_block {
  const unsigned char *at;
  size_t bytes;
  dss_block_kind kind;
} seen_block;

typedef struct seen {
  seen_block blocks[MOST_BLOCKS];
  size_t n;
} seen;

static void note(seen *s, const void *at, size_t bytes, dss_block_kind kind) {
  cr_assert_lt(s->n, MOST_BLOCKS);
  s->blocks[s->n++] = (seen_block){at, bytes, kind};
}

static void note_block(void *user, void *pointer, size_t bytes, dss_block_kind kind) {
  void *at;
  memcpy(&at, pointer, sizeof at);
  note(user, at, kind == DSS_BLOCK_TEXT ? strlen(at) + 1 : bytes, kind);
}

static void see_plan(dss_plan *plan, seen *s) {
  s->n = 0;
  note(s, plan, sizeof *plan, DSS_BLOCK_STRUCTURES);
  dss_plan_walk(plan, note_block, s);
}

/* What the process has mapped. Below so much sanitizers keep their own, where numbers would be
 * taken for addresses. */
#define LEAST_ADDRESS ((uint64_t)1 << 45)
static struct {
  uint64_t ranges[MOST_MAPPED][2];
  size_t n;
} mapped;

static void read_mapped(void) {
  char line[1024];
  unsigned long long first, end;
  FILE *maps = fopen("/proc/self/maps", "r");
  cr_assert_not_null(maps);
  mapped.n = 0;
  while (fgets(line, sizeof line, maps)) {
    cr_assert_lt(mapped.n, MOST_MAPPED);
    if (sscanf(line, "%llx-%llx", &first, &end) != 2 || end <= LEAST_ADDRESS) continue;
    mapped.ranges[mapped.n][0] = first;
    mapped.ranges[mapped.n++][1] = end;
  }
  fclose(maps);
}

static bool is_address(uint64_t word) {
  for (size_t i = 0; i < mapped.n; i++)
    if (word >= mapped.ranges[i][0] && word < mapped.ranges[i][1]) return true;
  return false;
}

/* Structures: the same numbers; every address another one. */
static bool same_structures(const seen_block *x, const seen_block *y) {
  for (size_t at = 0; at + sizeof(uint64_t) <= x->bytes; at += sizeof(uint64_t)) {
    uint64_t a, b;
    memcpy(&a, x->at + at, sizeof a);
    memcpy(&b, y->at + at, sizeof b);
    if (is_address(a) ? a == b || !is_address(b) : a != b) return false;
  }
  return x->bytes % sizeof(uint64_t) == 0;
}

/* Whether y has all that x has, and nothing of x's own but the arrays, where these are common. */
static bool same_plan(dss_plan *x, dss_plan *y, bool common) {
  static seen of_x, of_y;
  see_plan(x, &of_x);
  see_plan(y, &of_y);
  read_mapped();
  if (of_x.n != of_y.n) return false;
  for (size_t i = 0; i < of_x.n; i++) {
    const seen_block *a = &of_x.blocks[i], *b = &of_y.blocks[i];
    bool one_block = common && a->kind == DSS_BLOCK_ARRAY;
    if (a->kind != b->kind || a->bytes != b->bytes) return false;
    if ((a->at == b->at) != one_block) return false;
    if (a->kind == DSS_BLOCK_STRUCTURES && !common && !same_structures(a, b)) return false;
    if (a->kind != DSS_BLOCK_STRUCTURES && memcmp(a->at, b->at, a->bytes) != 0) return false;
  }
  return true;
}

static char *results_of(dss_context *context, const dss_plan *plan, temporary *t, size_t *n) {
  dss_run_options options;
  dss_results *results;
  dss_run_options_init(&options);
  options.threads = 1;
  options.backend = DSS_BACKEND_CPU;
  cr_assert_eq(dss_run(context, plan, &options, &results), DSS_OK, "%s",
               dss_context_error(context));
  const char *path = temporary_path(t, "results.h5");
  cr_assert_eq(dss_results_save(context, results, path, true), DSS_OK);
  dss_results_free(results);
  FILE *file = fopen(path, "rb");
  cr_assert_not_null(file);
  fseek(file, 0, SEEK_END);
  *n = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*n);
  cr_assert_eq(fread(bytes, 1, *n, file), *n);
  fclose(file);
  return bytes;
}

Test(share, the_other_process_has_the_same_plan) {
  temporary t;
  setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
  temporary_begin(&t);
  for (size_t i = 0; i < 2 * N_CASES; i++) {
    side sides[2];
    size_t n, expected_n;
    bool common = i % 2;
    const char *what = cases[i / 2].what;
    begin_sides(sides);
    dss_plan *local = make_case(sides[0].context, i / 2);
    char *expected = results_of(sides[0].context, local, &t, &expected_n);
    dss_plan_free(local);
    sides[0].plan = make_case(sides[0].context, i / 2);
    run_sides(sides, common, 2);
    cr_assert(sides[0].status == DSS_OK && sides[1].status == DSS_OK, "%s", what);
    cr_assert(same_plan(sides[0].plan, sides[1].plan, common), "%s: not the same plan", what);
    for (unsigned r = 0; r < 2; r++) {
      char *bytes = results_of(sides[r].context, sides[r].plan, &t, &n);
      cr_assert(n == expected_n && memcmp(bytes, expected, n) == 0,
                "%s: process %u has other results", what, r);
      free(bytes);
    }
    free(expected);
    end_sides(sides);
  }
  temporary_end(&t);
}

/* What the comparison would say of a pointer that the walk does not see. */
Test(share, a_pointer_that_is_not_passed_is_noticed) {
  side sides[2];
  begin_sides(sides);
  sides[0].plan = make_case(sides[0].context, 0);
  run_sides(sides, false, 2);
  dss_plan *sent = sides[0].plan, *received = sides[1].plan;
  cr_assert(same_plan(sent, received, false));
  const dss_tables *tables = received->kernel_bootstrap.tables;
  received->kernel_bootstrap.tables = NULL; /* the walk sets it */
  cr_assert(same_plan(sent, received, false) && received->kernel_bootstrap.tables == tables);
  uint64_t seed = received->kernel.exchange.seed++;
  cr_assert_not(same_plan(sent, received, false), "another number");
  received->kernel.exchange.seed = seed;
  memcpy(&received->kernel.exchange.stride, &(dss_plan *){sent}, sizeof sent);
  memcpy(&sent->kernel.exchange.stride, &(dss_plan *){sent}, sizeof sent);
  cr_assert_not(same_plan(sent, received, false), "an address of the sender's");
  end_sides(sides);
}

/* --- errors ---------------------------------------------------------------------------------- */

Test(share, the_error_of_the_first_is_everyone_s) {
  side sides[2];
  begin_sides(sides);
  sides[0].status = dss_fail(sides[0].context, DSS_ERR_FILE, "no such study");
  run_sides(sides, false, 2);
  for (unsigned r = 0; r < 2; r++) {
    cr_assert_eq(sides[r].status, DSS_ERR_FILE);
    cr_assert_null(sides[r].plan);
    cr_assert(dss_team_agreed(&sides[r].team));
  }
  cr_assert_str_eq(dss_context_error(sides[0].context), "no such study");
  end_sides(sides);
}

Test(share, who_has_no_memory_ends_all) {
  for (unsigned refuses = 0; refuses < 2; refuses++) {
    side sides[2];
    begin_sides(sides);
    sides[0].plan = make_case(sides[0].context, 0);
    run_sides(sides, false, refuses);
    cr_assert(sides[0].status == DSS_ERR_MEMORY && sides[1].status == DSS_ERR_MEMORY);
    cr_assert_not_null(sides[0].plan, "it is still the first's");
    cr_assert_null(sides[1].plan);
    cr_assert_eq(
        strncmp(dss_context_error(sides[0].context),
                refuses ? "process 1: out of memory: " : "out of memory: ", refuses ? 26 : 15),
        0, "%s", dss_context_error(sides[0].context));
    end_sides(sides);
  }
}

Test(share, one_process_alone_needs_nobody) {
  dss_context *context = dss_context_new();
  dss_plan *plan = make_case(context, 0), *same = plan;
  cr_assert_eq(dss_plan_share(context, NULL, DSS_OK, &same), DSS_OK);
  cr_assert_eq(same, plan);
  cr_assert_eq(dss_plan_share(context, NULL, DSS_ERR_DATA, &same), DSS_ERR_DATA);
  cr_assert_not(dss_team_agreed(NULL));
  dss_plan_free(plan);
  dss_context_free(context);
}
