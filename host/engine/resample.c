#include "resample.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/core/alloc.h"
#include "host/core/timestamp.h"

_Static_assert(DSS_STOP_EVERY == DSS_CHECKPOINT, "what the public header says of stopping");

/* A team's round, after which all wait for each other, lasts about so long. */
#define ROUND_SECONDS 1.0
/* What a round of a block each may last at most. */
#define LONGEST_ROUND 8.0

static dss_team *team_of(const dss_resampling *r) {
  return r->batch->team;
}

static dss_accumulators *accumulators_of(const dss_resampling *r) {
  return &r->results->part->null.accumulators;
}

static bool leads(const dss_resampling *r) {
  return dss_team_rank(team_of(r)) == 0;
}

/* --- a team's parts, together ---------------------------------------------------------------- */

typedef enum way { SHARED, SENT, RECEIVED } way;

/* other: the process that it is sent to or received from. */
static void pass(const dss_team *team, way how, unsigned other, void *bytes, size_t n) {
  if (how == SHARED)
    team->share(bytes, n);
  else if (how == SENT)
    team->send(other, bytes, n);
  else
    team->receive(other, bytes, n);
}

static void pass_null(const dss_team *team, way how, unsigned other, dss_null *null) {
  dss_null_array arrays[DSS_NULL_ARRAYS];
  dss_accumulators *a = &null->accumulators;
  uint64_t numbers[] = {null->n_pilot, a->n_tested, a->resamples};
  pass(team, how, other, numbers, sizeof numbers);
  null->n_pilot = numbers[0];
  a->n_tested = (size_t)numbers[1];
  a->resamples = numbers[2];
  dss_null_list(null, arrays);
  for (size_t i = 0; i < DSS_NULL_ARRAYS; i++)
    if (arrays[i].width > 0)
      pass(team, how, other, dss_null_data(&arrays[i]),
           a->n_columns * arrays[i].width * sizeof(uint64_t));
}

/* What the processes have counted since the last time, to process 0 along a binary tree. The others
 * then begin anew. */
static dss_status collect(dss_context *context, dss_resampling *r) {
  const dss_team *team = team_of(r);
  dss_null *null = &r->results->part->null, other = {0};
  if (!team) return DSS_OK;
  bool receives = team->rank % 2 == 0 && team->rank + 1 < team->size;
  if (receives)
    DSS_TRY(dss_null_allocate(context, null->accumulators.n_columns, &null->how, &other));
  for (unsigned step = 1; step < team->size; step *= 2) {
    if (team->rank & step) {
      pass_null(team, SENT, team->rank - step, null);
      break;
    }
    if (team->rank + step >= team->size) continue;
    pass_null(team, RECEIVED, team->rank + step, &other);
    dss_accumulators_merge(&null->accumulators, &other.accumulators);
  }
  if (receives) dss_null_free(&other);
  if (team->rank != 0) dss_null_empty(null);
  return DSS_OK;
}

/* --- stopping -------------------------------------------------------------------------------- */

static dss_status write_checkpoint(dss_context *context, dss_resampling *r, bool stops) {
  dss_status status = DSS_OK;
  if (leads(r)) status = dss_checkpoint_write(context, r->checkpoint, r->results);
  if (stops) return dss_team_agree(context, team_of(r), status);
  if (status != DSS_OK)
    dss_warn(context, "no checkpoint could be written, and the run goes on: %s",
             dss_context_error(context));
  return DSS_OK;
}

/* The groups of the shard whose bootstrap is made, and all of them. */
static void count_groups(const dss_resampling *r, uint64_t *made, uint64_t *all) {
  const dss_kernel_plan *kernel = &r->plan->kernel;
  const dss_part *part = r->results->part;
  uint64_t unit = 0;
  *made = *all = 0;
  for (size_t i = 0; i < kernel->n_questions * kernel->n_groups; i++) {
    if (!kernel->tested[i % kernel->n_groups] || unit++ % part->n_shards != part->shard) continue;
    *all += 1;
    *made += part->made[i];
  }
}

/* How far the bootstrap has come: "3 of 16 groups of the bootstrap and 64 of 2000 resamples of the
 * next". */
static void describe_bootstrap(const dss_resampling *r, char text[256]) {
  const dss_begun *begun = &r->results->part->begun;
  uint64_t made, all;
  count_groups(r, &made, &all);
  int n = snprintf(text, 256, "%" PRIu64 " of %" PRIu64 " groups of the bootstrap", made, all);
  if (begun->n_left > 0)
    snprintf(text + n, 256 - (size_t)n,
             ", %" PRIu64 " resamples and %" PRIu64 " leave-one-out values of the next", begun->n,
             begun->n_left);
  else
    snprintf(text + n, 256 - (size_t)n, " and %" PRIu64 " of %" PRIu64 " resamples of the next",
             begun->n, r->plan->bootstrap);
}

/* A shard that does not begin with the pilot makes it besides. */
static void describe_resamples(const dss_resampling *r, char text[256]) {
  const dss_part *part = r->results->part;
  uint64_t all = part->end - part->first, made = part->pilot_rows;
  const char *what = "resamples";
  if (part->has_null) made = part->null.accumulators.resamples;
  if (!part->has_null && part->first > 0) {
    what = "resamples of the pilot";
    all = dss_pilot_size(part->total, dss_plan_columns(r->plan));
  }
  snprintf(text, 256, "%" PRIu64 " of %" PRIu64 " %s", made, all, what);
}

static dss_status say_interrupted(dss_context *context, const dss_resampling *r) {
  char text[256];
  if (r->results->part->begun.n > 0)
    describe_bootstrap(r, text);
  else
    describe_resamples(r, text);
  if (!r->batch->checkpoint)
    return dss_fail(context, DSS_INTERRUPTED,
                    "interrupted after %s; without a checkpoint nothing is kept", text);
  return dss_fail(context, DSS_INTERRUPTED,
                  "interrupted after %s; the checkpoint is in %s: go on with --resume", text,
                  r->batch->checkpoint);
}

dss_status dss_pause(dss_context *context, dss_resampling *r) {
  dss_team *team = team_of(r);
  bool stops = dss_batch_stops(r->batch) || dss_stopped(context);
  bool due = r->checkpoint && leads(r) && dss_checkpoint_due(r->checkpoint);
  if (team) {
    stops = team->any(stops);
    due = team->any(due);
  }
  if (!stops && !due) return DSS_OK;
  if (r->batch->checkpoint) {
    if (r->results->part->has_null) DSS_TRY(collect(context, r));
    DSS_TRY(write_checkpoint(context, r, stops));
  }
  if (!stops) return DSS_OK;
  return dss_team_agree(context, team, say_interrupted(context, r));
}

/* --- values, which process 0 sees in their order ---------------------------------------------- */

/* Resamples first .. first + count - 1 by all processes: each makes some of the rows. */
static dss_status make_rows(dss_context *context, dss_resampling *r, uint64_t first, uint64_t count,
                            bool everyone, double *out) {
  dss_team *team = team_of(r);
  size_t columns = dss_plan_columns(r->plan), *starts;
  if (!team) return dss_worker_values(context, r->worker, first, count, out);
  DSS_TRY(DSS_ALLOC(context, &starts, (size_t)team->size + 1));
  for (unsigned rank = 0; rank <= team->size; rank++)
    starts[rank] = (size_t)dss_team_first(team, count, rank) * columns;
  uint64_t own = starts[team->rank] / columns, end = starts[team->rank + 1] / columns;
  dss_status status = DSS_OK;
  if (end > own)
    status = dss_worker_values(context, r->worker, first + own, end - own, out + own * columns);
  status = dss_team_agree(context, team, status);
  if (status == DSS_OK) team->rows(out, starts, everyone);
  free(starts);
  return status;
}

static dss_status keep_rows(dss_context *context, dss_resampling *r, uint64_t first, uint64_t count,
                            const double *values) {
  dss_accumulate(accumulators_of(r), first, count, values);
  if (r->writer) return dss_results_writer_append(context, r->writer, count, values);
  bool kept = r->checkpoint && r->checkpoint->rows;
  return kept ? dss_rows_append(context, r->checkpoint->rows, count, values) : DSS_OK;
}

/* The first process counts and keeps them. */
static dss_status take_rows(dss_context *context, dss_resampling *r, uint64_t first, uint64_t count,
                            const double *values) {
  dss_status status = leads(r) ? keep_rows(context, r, first, count, values) : DSS_OK;
  return dss_team_agree(context, team_of(r), status);
}

/* In pieces that take no more memory than the pilot. The file takes every column's values, also of
 * tests that have stopped. */
static dss_status step_by_rows(dss_context *context, dss_resampling *r, uint64_t first,
                               uint64_t count) {
  uint64_t rows = dss_worker_rows(r->worker);
  size_t columns = dss_plan_columns(r->plan);
  if (!r->values) DSS_TRY(DSS_ALLOC(context, &r->values, (size_t)rows * columns));
  for (uint64_t done = 0; done < count;) {
    uint64_t now = count - done < rows ? count - done : rows;
    DSS_TRY(make_rows(context, r, first + done, now, false, r->values));
    DSS_TRY(take_rows(context, r, first + done, now, r->values));
    done += now;
  }
  return DSS_OK;
}

/* Whether the values themselves must come to process 0: they are saved; or there are others who
 * make some, and which exceedance comes when decides where a test stops, or a block takes so long
 * that nobody would hear of a signal in time. */
static bool by_rows(const dss_resampling *r) {
  return r->results->part->saves_null || (team_of(r) && (r->plan->stop_after > 0 || r->slow));
}

/* --- accumulators, which each process has of its own ------------------------------------------ */

/* Whole blocks of moments; a block under way is process 0's. */
static dss_status step_by_blocks(dss_context *context, dss_resampling *r, uint64_t first,
                                 uint64_t count) {
  const dss_team *team = team_of(r);
  if (!team) return dss_worker_run(context, r->worker, first, count, accumulators_of(r));
  uint64_t from = first / DSS_MOMENT_BLOCK, last = first + count;
  uint64_t blocks = (last + DSS_MOMENT_BLOCK - 1) / DSS_MOMENT_BLOCK - from;
  uint64_t own = (from + dss_team_first(team, blocks, team->rank)) * DSS_MOMENT_BLOCK;
  uint64_t end = (from + dss_team_first(team, blocks, team->rank + 1)) * DSS_MOMENT_BLOCK;
  own = own > first ? own : first;
  end = end < last ? end : last;
  if (end <= own) return DSS_OK;
  return dss_worker_run(context, r->worker, own, end - own, accumulators_of(r));
}

/* --- steps ---------------------------------------------------------------------------------- */

/* How many resamples come next, of `left`, behind `at`; process 0 says so. */
static uint64_t next_step(dss_resampling *r, uint64_t at, uint64_t left) {
  const dss_team *team = team_of(r);
  uint64_t to_checkpoint = DSS_CHECKPOINT - at % DSS_CHECKPOINT, step = r->pace.step;
  if (team && !by_rows(r) && to_checkpoint < DSS_CHECKPOINT) step += to_checkpoint;
  if (r->plan->stop_after > 0 && step > to_checkpoint) step = to_checkpoint;
  if (step > left) step = left;
  if (team) team->share(&step, sizeof step);
  return step;
}

/* Shorter ones, up to a checkpoint, say nothing of whole ones. A team's rounds begin with a block
 * for each. */
static void set_pace(dss_resampling *r, uint64_t made, double begun) {
  if (!team_of(r) || by_rows(r)) {
    if (made == r->pace.step) dss_pace_note(&r->pace, dss_seconds() - begun);
  } else if (made >= r->pace.step && dss_seconds() - begun < ROUND_SECONDS / 2) {
    r->pace.step *= 2;
  }
}

/* Some rows by all processes, as process 0 sees them: how long a block of each would take. */
static dss_status try_rows(dss_context *context, dss_resampling *r, uint64_t at, uint64_t count,
                           double *lasted, double *block) {
  const dss_team *team = team_of(r);
  double begun = dss_seconds();
  DSS_TRY(step_by_rows(context, r, at, count));
  *lasted = dss_seconds() - begun;
  *block = *lasted / (double)count * team->size * DSS_MOMENT_BLOCK;
  team->share(lasted, sizeof *lasted);
  return DSS_OK;
}

/* A team begins with rows, twice as many each time until that says something of many: a few may be
 * too few for all the lanes and threads that there are. */
static dss_status find_pace(dss_context *context, dss_resampling *r, uint64_t *at) {
  const dss_team *team = team_of(r);
  uint64_t end = r->results->part->end, block = (uint64_t)team->size * DSS_CHECKPOINT;
  double lasted = 0.0, of_block = 0.0;
  if (by_rows(r)) return DSS_OK;
  for (uint64_t now = (uint64_t)DSS_STEP_LEAST * team->size;
       now <= block && lasted < DSS_STEP_SECONDS && *at < end; now *= 2) {
    uint64_t count = now < end - *at ? now : end - *at;
    DSS_TRY(try_rows(context, r, *at, count, &lasted, &of_block));
    *at += count;
  }
  r->slow = of_block > LONGEST_ROUND;
  team->share(&r->slow, sizeof r->slow);
  if (!r->slow) r->pace.step = block;
  return DSS_OK;
}

/* Whether every test has stopped. */
static bool all_stopped(const dss_resampling *r) {
  const dss_team *team = team_of(r);
  dss_accumulators *a = accumulators_of(r);
  if (a->stop_after == 0) return false;
  bool stopped =
      leads(r) && a->resamples % DSS_CHECKPOINT == 0 && dss_accumulators_checkpoint(a) == 0;
  if (team) team->share(&stopped, sizeof stopped);
  return stopped;
}

static void say_progress(dss_context *context, const dss_resampling *r, uint64_t at) {
  const dss_part *part = r->results->part;
  if (leads(r)) dss_progress(context, "permutations", at - part->first, part->end - part->first);
}

static dss_status run_steps(dss_context *context, dss_resampling *r, uint64_t at) {
  uint64_t end = r->results->part->end;
  if (team_of(r)) DSS_TRY(find_pace(context, r, &at));
  while (at < end && !all_stopped(r)) {
    double begun = dss_seconds();
    uint64_t now = next_step(r, at, end - at);
    if (by_rows(r))
      DSS_TRY(step_by_rows(context, r, at, now));
    else
      DSS_TRY(dss_team_agree(context, team_of(r), step_by_blocks(context, r, at, now)));
    set_pace(r, now, begun);
    at += now;
    say_progress(context, r, at);
    if (at < end) DSS_TRY(dss_pause(context, r));
  }
  if (at == end) return DSS_OK;
  say_progress(context, r, end);
  dss_info(context, "every test stopped after %" PRIu64 " of %" PRIu64 " resamples or before",
           at - r->results->part->first, end);
  return DSS_OK;
}

/* --- the pilot ------------------------------------------------------------------------------- */

dss_accumulation dss_accumulation_of_columns(const dss_plan *plan, size_t n_columns,
                                             unsigned threads) {
  uint64_t all = plan->kernel.exchange.n_arrangements;
  uint64_t pilot = dss_pilot_size(plan->permutations, n_columns);
  return (dss_accumulation){.exact = all > 0,
                            .holds_observed = all == pilot,
                            .ends_with_pilot = pilot == plan->permutations || plan->stop_after > 0,
                            .stop_after = plan->stop_after,
                            .threads = threads};
}

dss_accumulation dss_accumulation_of(const dss_plan *plan, unsigned threads) {
  return dss_accumulation_of_columns(plan, dss_plan_columns(plan), threads);
}

/* What of the pilot a checkpoint has. */
static dss_status take_pilot(dss_context *context, dss_resampling *r, uint64_t n, double *pilot) {
  dss_part *part = r->results->part;
  size_t columns = dss_plan_columns(r->plan);
  if (part->pilot_rows > n) free(pilot);
  if (part->pilot_rows > n)
    return dss_fail(context, DSS_ERR_DATA, "the checkpoint has more of a pilot than there is");
  if (part->pilot_rows > 0)
    memcpy(pilot, part->pilot, (size_t)part->pilot_rows * columns * sizeof *pilot);
  free(part->pilot);
  part->pilot = pilot;
  if (!team_of(r)) return DSS_OK;
  team_of(r)->share(&part->pilot_rows, sizeof part->pilot_rows);
  team_of(r)->share(pilot, (size_t)part->pilot_rows * columns * sizeof *pilot);
  return DSS_OK;
}

static dss_status make_pilot(dss_context *context, dss_resampling *r, uint64_t n, double *pilot) {
  dss_part *part = r->results->part;
  size_t columns = dss_plan_columns(r->plan);
  DSS_TRY(take_pilot(context, r, n, pilot));
  while (part->pilot_rows < n) {
    uint64_t done = part->pilot_rows, left = n - done;
    uint64_t now = left < r->pace.step ? left : r->pace.step;
    double begun = dss_seconds();
    if (team_of(r)) team_of(r)->share(&now, sizeof now);
    DSS_TRY(make_rows(context, r, done, now, true, &pilot[done * columns]));
    set_pace(r, now, begun);
    part->pilot_rows += now;
    if (part->first == 0) say_progress(context, r, part->pilot_rows);
    DSS_TRY(dss_pause(context, r));
  }
  return DSS_OK;
}

/* Every process frames its null by all of the pilot; it counts for who begins the range. */
static dss_status frame(dss_context *context, dss_resampling *r, uint64_t n) {
  dss_part *part = r->results->part;
  const dss_accumulation how = dss_accumulation_of(r->plan, r->worker->resources.threads);
  DSS_TRY(dss_null_make(context, dss_plan_columns(r->plan), r->observed, n, part->pilot, &how,
                        &part->null));
  part->has_null = true;
  return part->first == 0 ? take_rows(context, r, 0, n, part->pilot) : DSS_OK;
}

static dss_status run_pilot(dss_context *context, dss_resampling *r) {
  dss_part *part = r->results->part;
  size_t columns = dss_plan_columns(r->plan);
  uint64_t n = dss_pilot_size(r->plan->permutations, columns);
  double *pilot;
  if (n > SIZE_MAX / sizeof(double) / (columns + 1)) return dss_fail_memory(context, ~0ull);
  DSS_TRY(DSS_ALLOC(context, &pilot, n * columns));
  DSS_TRY(make_pilot(context, r, n, pilot)); /* the part's from here on */
  DSS_TRY(frame(context, r, n));
  free(part->pilot);
  part->pilot = NULL;
  part->pilot_rows = 0;
  return DSS_OK;
}

/* Process 0 may have a null from a checkpoint: the others take its frames, and count anew. */
static dss_status begin_null(dss_context *context, dss_resampling *r) {
  const dss_team *team = team_of(r);
  dss_part *part = r->results->part;
  bool has = part->has_null;
  if (team) team->share(&has, sizeof has);
  if (!has) return run_pilot(context, r);
  if (!team) return DSS_OK;
  const dss_accumulation how = dss_accumulation_of(r->plan, r->worker->resources.threads);
  if (!leads(r)) {
    DSS_TRY(dss_null_allocate(context, dss_plan_columns(r->plan), &how, &part->null));
    part->has_null = true;
  }
  pass_null(team, SHARED, 0, &part->null);
  return DSS_OK;
}

dss_status dss_resample(dss_context *context, dss_resampling *r) {
  const dss_team *team = team_of(r);
  const dss_part *part = r->results->part;
  r->pace.step = DSS_STEP_LEAST;
  if (part->end == part->first) return DSS_OK; /* a shard too many needs not even the pilot */
  DSS_TRY(begin_null(context, r));
  uint64_t at = accumulators_of(r)->resamples;
  if (team) {
    team->share(&at, sizeof at);
    if (!leads(r)) dss_null_empty(&r->results->part->null);
  }
  DSS_TRY(run_steps(context, r, r->results->part->first + at));
  return collect(context, r);
}
