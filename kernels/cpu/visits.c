#include "visits.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_NEAR = 8 }; /* rows that stay in the nearest cache, about */

typedef struct visiting {
  const dss_cpu_layout *layout;
  const dss_cpu_base *base;
  size_t b;
  bool *made; /* [rows] */
  uint32_t n;
  dss_cpu_visit *visits;
} visiting;

static uint32_t rows_of(const dss_cpu_base *base) {
  return base->n_cells + base->n_sums;
}

/* --- orders ------------------------------------------------------------------------------------
 */

static void visit(visiting *v, uint32_t part, uint32_t group, uint32_t row) {
  bool sum = row >= v->base->n_cells;
  v->visits[v->n++] = (dss_cpu_visit){part, group, row, sum && !v->made[row]};
  v->made[row] = true;
}

/* Part by part, and in each first its raters of unknown value, whom its groups need. */
static void by_parts(visiting *v) {
  for (uint32_t p = 0; p < v->layout->n_parts; p++) {
    const dss_cpu_part *part = &v->layout->parts[p];
    if (part->base != v->b) continue;
    for (uint32_t i = 0; i <= part->n_groups; i++) {
      uint32_t g = i == 0 ? part->n_groups : i - 1;
      if (part->row[g] != DSS_NO_ROW) visit(v, p, g, part->row[g]);
    }
  }
}

static void visit_row(visiting *v, uint32_t row) {
  for (uint32_t p = 0; p < v->layout->n_parts; p++) {
    const dss_cpu_part *part = &v->layout->parts[p];
    for (uint32_t g = 0; part->base == v->b && g < part->n_groups; g++)
      if (part->row[g] == row) visit(v, p, g, row);
  }
  v->made[row] = true; /* also a cell that is no group */
}

static bool is_ready(const visiting *v, uint32_t row) {
  const uint32_t *ptr = &v->base->addend_ptr[row - v->base->n_cells];
  for (uint32_t i = ptr[0]; i < ptr[1]; i++)
    if (!v->made[v->base->addends[i]]) return false;
  return true;
}

/* The cells that a row is made of, and every sum as soon as its addends are there. */
static void visit_cells(visiting *v, uint32_t row) {
  const dss_cpu_base *base = v->base;
  if (row >= base->n_cells) {
    const uint32_t *ptr = &base->addend_ptr[row - base->n_cells];
    for (uint32_t i = ptr[0]; i < ptr[1]; i++)
      visit_cells(v, base->addends[i]);
  } else if (!v->made[row]) {
    visit_row(v, row);
    for (uint32_t sum = base->n_cells; sum < rows_of(base); sum++)
      if (!v->made[sum] && is_ready(v, sum)) visit_row(v, sum);
  }
}

/* One group of a part after the other. Everybody's value must be known: rows of those of unknown
 * value belong to no group. */
static void by_groups_of(visiting *v, const dss_cpu_part *part) {
  for (uint32_t g = 0; g < part->n_groups; g++)
    if (part->row[g] != DSS_NO_ROW) visit_cells(v, part->row[g]);
  for (uint32_t cell = 0; cell < v->base->n_cells; cell++)
    visit_cells(v, cell);
}

/* --- the best order ----------------------------------------------------------------------------
 */

/* Moves a row to the front of near [ROWS_NEAR]. Whether it was not there. */
static bool touch(uint32_t *near, uint32_t row) {
  size_t at = 0;
  while (at < ROWS_NEAR - 1 && near[at] != row)
    at++;
  bool missed = near[at] != row;
  memmove(near + 1, near, at * sizeof *near);
  near[0] = row;
  return missed;
}

/* How many rows come from farther away. */
static uint32_t count_misses(const visiting *v) {
  uint32_t near[ROWS_NEAR], misses = 0;
  for (size_t i = 0; i < ROWS_NEAR; i++)
    near[i] = DSS_NO_ROW;
  for (uint32_t i = 0; i < v->n; i++) {
    const dss_cpu_visit *now = &v->visits[i];
    if (now->makes) {
      const uint32_t *ptr = &v->base->addend_ptr[now->row - v->base->n_cells];
      for (uint32_t k = ptr[0]; k < ptr[1]; k++)
        misses += touch(near, v->base->addends[k]);
    }
    misses += touch(near, now->row) && !now->makes;
  }
  return misses;
}

static void start(visiting *v) {
  memset(v->made, 0, rows_of(v->base) * sizeof *v->made);
  v->n = 0;
}

static bool all_known(const dss_cpu_layout *layout, size_t b) {
  for (size_t p = 0; p < layout->n_parts; p++) {
    const dss_cpu_part *part = &layout->parts[p];
    if (part->base == b && part->row[part->n_groups] != DSS_NO_ROW) return false;
  }
  return true;
}

static void choose(visiting *v) {
  uint32_t least, best = UINT32_MAX;
  start(v);
  by_parts(v);
  least = count_misses(v);
  if (!all_known(v->layout, v->b)) return;
  for (uint32_t p = 0; p < v->layout->n_parts; p++) {
    if (v->layout->parts[p].base != v->b) continue;
    start(v);
    by_groups_of(v, &v->layout->parts[p]);
    uint32_t misses = count_misses(v);
    if (misses >= least) continue;
    least = misses;
    best = p;
  }
  start(v);
  if (best == UINT32_MAX)
    by_parts(v);
  else
    by_groups_of(v, &v->layout->parts[best]);
}

/* --- places ------------------------------------------------------------------------------------
 */

/* A sum that is wanted again after its visit, as an addend, for another group, or for all groups of
 * its part, keeps a place of its own. */
static void place_sums(const visiting *v, dss_cpu_base *base, uint32_t *uses) {
  for (uint32_t i = 0; i < base->addend_ptr[base->n_sums]; i++)
    uses[base->addends[i]] += 2;
  for (uint32_t i = 0; i < v->n; i++)
    uses[v->visits[i].row] +=
        v->visits[i].group == v->layout->parts[v->visits[i].part].n_groups ? 2 : 1;
  base->n_places = 1;
  for (uint32_t i = 0; i < base->n_sums; i++)
    base->place[i] = uses[base->n_cells + i] > 1 ? base->n_places++ : 0;
}

bool dss_cpu_plan_visits(dss_cpu_layout *layout, size_t b) {
  dss_cpu_base *base = &layout->bases[b];
  size_t room = dss_cpu_row_room(layout, b);
  base->visits = calloc(room, sizeof *base->visits);
  base->place = calloc(room, sizeof *base->place);
  bool *made = calloc(room, sizeof *made);
  uint32_t *uses = calloc(room, sizeof *uses);
  bool good = base->visits && base->place && made && uses;
  if (good) {
    visiting v = {.layout = layout, .base = base, .b = b, .made = made, .visits = base->visits};
    choose(&v);
    base->n_visits = v.n;
    place_sums(&v, base, uses);
  }
  free(made);
  free(uses);
  return good;
}
