#include "report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "slots.h"
#include "sparse.h"
#include "tabled.h"

/* --- words ------------------------------------------------------------------------------------ */

/* Adds to a text what has room. */
__attribute__((format(printf, 3, 4))) static void say(char *text, size_t room, const char *format,
                                                      ...) {
  size_t used = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + used, room - used, format, arguments);
  va_end(arguments);
}

/* One reason a call, behind "since" or a comma. */
static void say_reason(char *text, size_t room, bool *first, const char *reason) {
  say(text, room, "%s%s", *first ? " since " : ", ", reason);
  *first = false;
}

static void say_wide_reasons(const dss_cpu_layout *layout, unsigned reasons, char *text,
                             size_t room) {
  bool first = true, more = layout->questions[0].more;
  char levels[80];
  snprintf(levels, sizeof levels, "a question has more than %lu levels%s",
           (unsigned long)dss_cpu_narrow_levels(more),
           more ? " (statistics beyond IRR and XRR are wanted)" : "");
  if (reasons & DSS_WIDE_COMMON) say_reason(text, room, &first, "units are common");
  if (reasons & DSS_WIDE_LEVELS) say_reason(text, room, &first, levels);
  if (reasons & DSS_WIDE_WEIGHTS)
    say_reason(text, room, &first, "an item of over 128 ratings takes weights of over 41 bits");
  if (reasons & DSS_WIDE_ITEMS) say_reason(text, room, &first, "items have over 63 ratings");
  if (reasons & DSS_WIDE_UNKNOWN)
    say_reason(text, room, &first,
               "some values are unknown (and statistics beyond IRR and XRR are wanted)");
}

enum { SPARSE, TABLED, NARROW, SLICED, WIDE, N_KERNELS };

/* The kernels that do something, with "and" before the last one. */
static void say_kernels(const bool used[N_KERNELS], char *text, size_t room) {
  static const char *const names[N_KERNELS] = {"sparse", "tabled", "narrow", "sliced", "wide"};
  unsigned left = 0;
  for (int i = 0; i < N_KERNELS; i++)
    left += used[i];
  for (int i = 0; i < N_KERNELS; i++)
    if (used[i]) say(text, room, "%s%s", names[i], --left > 1 ? ", " : left == 1 ? " and " : "");
}

/* What the narrow kernel does not do, and how that is counted. */
static void say_not_narrow(const dss_cpu_layout *layout, const dss_cpu_shape *shape,
                           const bool used[N_KERNELS], size_t resamples, char *text, size_t room) {
  uint64_t wide = shape->sliced_ratings + shape->wide_ratings;
  say(text, room, "%s kernel%s", used[SLICED] ? "sliced" : "wide",
      used[SPARSE] || used[TABLED] || used[NARROW] ? " beside it" : "");
  say_wide_reasons(layout, shape->wide_reasons, text, room);
  say(text, room, "; ");
  if (!used[SLICED]) return;
  if (used[WIDE] && wide > 0)
    say(text, room, "%.3g%% of these ratings are",
        100 * (double)shape->sliced_ratings / (double)wide);
  else
    say(text, room, "they are");
  say(text, room, " dense enough to be added up as bits of %zu resamples at once; ", resamples);
}

void dss_cpu_describe(const dss_cpu_layout *layout, const char *instructions, size_t lanes,
                      dss_backend_report *report) {
  dss_cpu_shape shape = dss_cpu_layout_shape(layout);
  uint64_t narrow = shape.narrow_ratings, sparse = shape.sparse_ratings;
  uint64_t tabled = shape.tabled_ratings;
  uint64_t all = tabled + narrow + shape.sliced_ratings + shape.wide_ratings;
  bool unknown = shape.wide_reasons & DSS_WIDE_UNKNOWN, sliced = shape.sliced_ratings > 0;
  const bool used[N_KERNELS] = {
      sparse > 0, tabled > 0, narrow > 0 || (all == 0 && sparse == 0), sliced,
      shape.wide_ratings > 0 || unknown || (shape.wide_reasons && !sliced)};
  size_t resamples = lanes * layout->n_blocks;
  char *why = report->why;
  size_t room = sizeof report->why;
  snprintf(report->method, sizeof report->method, "%s, %zu resamples a step, ", instructions,
           resamples);
  say_kernels(used, report->method, sizeof report->method);
  say(report->method, sizeof report->method, " kernel");
  *why = '\0';
  if (used[SPARSE])
    say(why, room,
        "%s most %d ratings an item and groups are many: sparse kernel, a rating's peers in its "
        "rater's group counted as bits of %zu resamples at once; ",
        all == 0 ? "at" : "questions have at", DSS_SPARSE_UNIT, resamples);
  if (used[TABLED]) {
    if (tabled == all)
      say(why, room, "no item has more than");
    else
      say(why, room, "%.3g%% of the ratings are on items of at most",
          100 * (double)tabled / (double)all);
    say(why, room,
        " %d states of a group's counts by level: tabled kernel, all that a state adds from a "
        "table; ",
        DSS_TABLED_STATES);
  }
  if (used[NARROW]) {
    if (narrow == all)
      say(why, room, "no item has more than %d ratings", DSS_NARROW_UNIT);
    else
      say(why, room, "%.3g%% of the ratings are on items of at most %d",
          100 * (double)narrow / (double)all, DSS_NARROW_UNIT);
    say(why, room, ": narrow kernel, sums of 16-bit products in registers; ");
  }
  if (used[SLICED] || used[WIDE]) say_not_narrow(layout, &shape, used, resamples, why, room);
  if (used[SPARSE] && all == 0)
    say(why, room, "%zu group%s on %zu ax%s", layout->plan->n_groups,
        layout->plan->n_groups == 1 ? "" : "s", layout->plan->n_axes,
        layout->plan->n_axes == 1 ? "is" : "es");
  else
    say(why, room, "%zu cell%s counted for %zu ax%s", shape.n_cells,
        shape.n_cells == 1 ? " is" : "s are", layout->plan->n_axes,
        layout->plan->n_axes == 1 ? "is" : "es");
}

/* --- memory ------------------------------------------------------------------------------------
 */

static uint64_t question_bytes(const dss_cpu_question *q, const dss_kernel_question *question,
                               uint32_t n_raters) {
  uint64_t levels = q->tables->n_levels, pairs = q->n_narrow / 2 + 1;
  uint64_t bytes = (q->n_items * levels + 1) * sizeof *q->level_ptr;
  bytes += (question->n_ratings ? question->n_ratings : 1) * sizeof *q->rater;
  bytes += ((uint64_t)n_raters * q->row + 1) * sizeof *q->narrow_total;
  bytes += levels * sizeof *q->narrow_level + pairs * sizeof *q->pair_size;
  bytes += pairs * dss_cpu_halves(q->tables) * sizeof *q->pair_level;
  bytes += pairs * dss_cpu_stored((uint32_t)levels) * sizeof *q->pair_all;
  if (q->sparse) return dss_cpu_sparse_bytes(q->sparse, question);
  if (q->tabled) bytes += dss_cpu_tabled_bytes(q->tabled, q->slots.n);
  if (q->records) bytes += sizeof *q->records;
  return bytes + sizeof *q->limbs + (q->more_tables ? sizeof *q->more_tables : 0);
}

uint64_t dss_cpu_layout_bytes(const dss_cpu_layout *layout) {
  const dss_kernel_plan *plan = layout->plan;
  uint32_t n_raters = plan->exchange.n_raters;
  uint64_t bytes = sizeof *layout + 4 * dss_cpu_calls(n_raters) * 2 * sizeof *layout->draws.bound;
  bytes += dss_cpu_word_count(layout) * n_raters * sizeof *layout->words;
  for (size_t p = 0; p < layout->n_parts; p++)
    bytes += sizeof(dss_cpu_part) + (2 * (uint64_t)layout->parts[p].n_groups + 3) * 4;
  for (size_t b = 0; b < layout->n_bases; b++) {
    const dss_cpu_base *base = &layout->bases[b];
    uint64_t room = dss_cpu_row_room(layout, b), row = base->n_cells + (uint64_t)1;
    bytes += sizeof *base + n_raters;
    bytes += room * (sizeof *base->visits + sizeof *base->place + sizeof *base->addend_ptr +
                     row * sizeof *base->addends);
  }
  for (size_t q = 0; q < plan->n_questions; q++)
    bytes += sizeof(dss_cpu_question) +
             question_bytes(&layout->questions[q], &plan->questions[q], n_raters) + plan->n_groups +
             1; /* held_pairs */
  return bytes;
}
