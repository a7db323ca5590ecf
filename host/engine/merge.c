/* The parts of all shards put together. One is open at a time beside the whole. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "choose.h"
#include "finish.h"
#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "part.h"
#include "skeleton.h"

/* One part's place in the run. */
typedef struct span {
  const char *path;
  uint64_t first, end, shard;
  char *command, *backend;
} span;

typedef struct merging {
  dss_context *context;
  unsigned threads;
  dss_results *whole; /* from the first part on; its part holds what is merged so far */
  span *spans;        /* [n_paths] */
  size_t *owners;     /* [n_questions][n_groups] one more than the part that has the
                         bootstrap; 0: none yet */
  dss_results_writer *writer;
} merging;

/* --- taking one part ------------------------------------------------------------------------- */

static dss_status check_part(const merging *m, const char *path, const dss_results *r) {
  char why[DSS_DIFFERENCE_ROOM];
  const dss_part *part = r->part, *whole = m->whole->part;
  uint64_t made = part->has_null ? part->null.accumulators.resamples : 0;
  if (made < part->end - part->first)
    return dss_fail(m->context, DSS_ERR_DATA,
                    "%s: is not finished: %" PRIu64 " of %" PRIu64 " resamples", path, made,
                    part->end - part->first);
  if (!dss_results_same_plan(r, m->whole, why))
    return dss_fail(m->context, DSS_ERR_DATA, "%s and %s are parts of different runs: %s", path,
                    m->spans[0].path, why);
  if (part->total != whole->total || part->saves_null != whole->saves_null)
    return dss_fail(
        m->context, DSS_ERR_DATA, "%s and %s are parts of different runs: only one has %s", path,
        m->spans[0].path,
        part->saves_null != whole->saves_null ? "the values of its resamples (--save-null)"
                                              : "so many resamples");
  if (part->has_null && whole->has_null &&
      !dss_null_same_frames(&r->part->null, &m->whole->part->null))
    return dss_fail(m->context, DSS_ERR_DATA,
                    "%s and %s are parts of different runs: their pilots differ", path,
                    m->spans[0].path);
  return DSS_OK;
}

static dss_status take_bootstrap(merging *m, size_t index, const dss_results *r) {
  for (size_t q = 0; q < r->n_questions; q++)
    for (size_t g = 0; g < r->n_groups; g++) {
      size_t unit = q * r->n_groups + g;
      if (!r->part->made[unit]) continue;
      if (m->owners[unit] > 0)
        return dss_fail(m->context, DSS_ERR_DATA, "%s and %s both have the bootstrap of group %s",
                        m->spans[m->owners[unit] - 1].path, m->spans[index].path,
                        r->groups[g].name);
      m->owners[unit] = index + 1;
      if (r != m->whole) dss_copy_interval(m->whole, (dss_unit){q, g}, r, (dss_unit){q, g});
    }
  return DSS_OK;
}

/* A shard too many has no null of its own. */
static void take_null(const merging *m, dss_part *part) {
  dss_part *whole = m->whole->part;
  if (!part->has_null) return;
  if (whole->has_null) {
    dss_accumulators_merge(&whole->null.accumulators, &part->null.accumulators);
    return;
  }
  whole->null = part->null;
  whole->has_null = true;
  part->null = (dss_null){0};
  part->has_null = false;
}

static dss_status note_span(const merging *m, const char *path, const dss_results *r, span *s) {
  *s = (span){path, r->part->first, r->part->end, r->part->shard, NULL, NULL};
  DSS_TRY(dss_copy_text(m->context, &s->command, r->keys[DSS_KEY_command]));
  return dss_copy_text(m->context, &s->backend, r->keys[DSS_KEY_backend]);
}

static dss_status take_part(merging *m, const char *path, size_t index) {
  dss_results *r;
  DSS_TRY(dss_go_on(m->context));
  DSS_TRY(dss_part_open(m->context, path, m->threads, &r));
  dss_status status = note_span(m, path, r, &m->spans[index]);
  if (index == 0) m->whole = r;
  if (status == DSS_OK && index == 0)
    status = DSS_ALLOC(m->context, &m->owners, r->n_questions * r->n_groups);
  if (status == DSS_OK) status = check_part(m, path, r);
  if (status == DSS_OK && index > 0) take_null(m, r->part);
  if (status == DSS_OK) status = take_bootstrap(m, index, r);
  if (index > 0) dss_results_free(r);
  return status;
}

/* --- is it all there, once? ------------------------------------------------------------------ */

static int by_first(const void *a, const void *b) {
  const span *x = a, *y = b;
  if (x->first != y->first) return x->first < y->first ? -1 : 1;
  if (x->end != y->end) return x->end < y->end ? -1 : 1;
  return (x->shard > y->shard) - (x->shard < y->shard);
}

static dss_status missing(const merging *m, uint64_t first, uint64_t end) {
  return dss_fail(m->context, DSS_ERR_DATA,
                  "resamples %" PRIu64 " to %" PRIu64 " of %" PRIu64 " are in none of the parts",
                  first, end - 1, m->whole->part->total);
}

/* Sorts the spans. */
static dss_status check_cover(const merging *m, size_t n) {
  uint64_t at = 0;
  const char *last = NULL;
  qsort(m->spans, n, sizeof *m->spans, by_first);
  for (size_t i = 0; i < n; i++) {
    const span *s = &m->spans[i];
    if (s->first == s->end) continue; /* a shard too many */
    if (s->first > at) return missing(m, at, s->first);
    if (s->first < at)
      return dss_fail(m->context, DSS_ERR_DATA,
                      "%s and %s both have resamples %" PRIu64 " to %" PRIu64, last, s->path,
                      s->first, (at < s->end ? at : s->end) - 1);
    at = s->end;
    last = s->path;
  }
  return at < m->whole->part->total ? missing(m, at, m->whole->part->total) : DSS_OK;
}

/* A group with an estimate was tested, and the bootstrap says of it how often it was undefined. */
static dss_status check_bootstrap(const merging *m) {
  const dss_results *r = m->whole;
  const char *bootstrap = r->keys[DSS_KEY_bootstrap];
  if (!bootstrap || strcmp(bootstrap, "0") == 0) return DSS_OK;
  for (size_t q = 0; q < r->n_questions; q++)
    for (size_t g = 0; g < r->n_groups; g++) {
      const dss_cell *cell = &r->cells[dss_results_at(r, q, g, 0)];
      if (cell->reason != DSS_REASON_TOO_FEW_RATERS && m->owners[q * r->n_groups + g] == 0)
        return dss_fail(m->context, DSS_ERR_DATA,
                        "the bootstrap of group %s, question %s, is in none of the parts",
                        r->groups[g].name, r->questions[q].name);
    }
  return DSS_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

static dss_status copy_values(const merging *m, size_t n) {
  const dss_results *whole = m->whole;
  if (!m->writer || !whole->part->saves_null || whole->part->total == 0) return DSS_OK;
  DSS_TRY(dss_results_writer_begin(m->context, m->writer, whole, whole->part->total));
  for (size_t i = 0; i < n; i++) {
    dss_part part = {.first = m->spans[i].first, .end = m->spans[i].end};
    dss_results view = *whole;
    view.part = &part;
    DSS_TRY(dss_part_copy_values(m->context, m->spans[i].path, &view, m->writer));
  }
  return DSS_OK;
}

/* Backends that differ are all named, in the resamples' order. */
static dss_status join_backends(const merging *m, size_t n, char **joined) {
  size_t size = 1;
  for (size_t i = 0; i < n; i++)
    size += strlen(m->spans[i].backend) + 2;
  DSS_TRY(DSS_ALLOC(m->context, joined, size));
  for (size_t i = 0; i < n; i++) {
    bool named = false;
    for (size_t k = 0; k < i; k++)
      named |= strcmp(m->spans[k].backend, m->spans[i].backend) == 0;
    if (named) continue;
    if (**joined) strcat(*joined, ", ");
    strcat(*joined, m->spans[i].backend);
  }
  return DSS_OK;
}

/* The provenance of the whole, whatever the order in which the parts came; spans are sorted. */
static dss_status put_keys(const merging *m, size_t n) {
  char **keys = m->whole->keys, *backends;
  DSS_TRY(join_backends(m, n, &backends));
  free(keys[DSS_KEY_backend]);
  keys[DSS_KEY_backend] = backends;
  free(keys[DSS_KEY_command]);
  return dss_copy_text(m->context, &keys[DSS_KEY_command], m->spans[0].command);
}

static dss_status stamp(const merging *m) {
  char now[DSS_TIMESTAMP_CHARS], **key = &m->whole->keys[DSS_KEY_created_at];
  DSS_TRY(dss_timestamp(m->context, now));
  free(*key);
  return dss_copy_text(m->context, key, now);
}

static dss_status merge(merging *m, const char *const *paths, size_t n) {
  if (n == 0) return dss_fail(m->context, DSS_ERR_USAGE, "there are no parts to merge");
  DSS_TRY(DSS_ALLOC(m->context, &m->spans, n));
  for (size_t i = 0; i < n; i++)
    DSS_TRY(take_part(m, paths[i], i));
  DSS_TRY(check_bootstrap(m)); /* owners count parts as they came */
  DSS_TRY(check_cover(m, n));
  DSS_TRY(copy_values(m, n));
  DSS_TRY(stamp(m));
  DSS_TRY(put_keys(m, n));
  dss_results *r = m->whole;
  if (r->part->has_null) DSS_TRY(dss_finish_nulls(m->context, &r->part->null, r));
  dss_results_derive_dsi(r);
  dss_part_free(r->part);
  r->part = NULL;
  return DSS_OK;
}

dss_status dss_merge(dss_context *context, const char *const *paths, size_t n_paths,
                     unsigned threads, dss_results_writer *writer, dss_results **results) {
  merging m = {.context = context,
               .threads = dss_run_threads(&(dss_run_options){.threads = threads}),
               .writer = writer};
  dss_status status = merge(&m, paths, n_paths);
  for (size_t i = 0; m.spans && i < n_paths; i++) {
    free(m.spans[i].command);
    free(m.spans[i].backend);
  }
  free(m.spans);
  free(m.owners);
  if (status == DSS_OK)
    *results = m.whole;
  else
    dss_results_free(m.whole);
  return status;
}

dss_status dss_part_saves_null(dss_context *context, const char *path, bool *saves) {
  dss_results *r;
  DSS_TRY(dss_part_open(context, path, 1, &r));
  *saves = r->part->saves_null;
  dss_results_free(r);
  return DSS_OK;
}
