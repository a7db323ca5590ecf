/* The rows of a classification: what each is made of, and why one has no estimate. */
#include <math.h>

#include "classify.h"
#include "host/core/alloc.h"

static const char *const value_names[DSS_N_CLASSIFY_STATISTICS] = {
#define DSS_X(enumerator, name, gap, largest) name,
    DSS_CLASSIFY_STATISTICS(DSS_X)
#undef DSS_X
};
static const char *const gap_names[DSS_N_CLASSIFY_STATISTICS] = {
#define DSS_X(enumerator, name, gap, largest) gap,
    DSS_CLASSIFY_STATISTICS(DSS_X)
#undef DSS_X
};
static const char *const largest_names[DSS_N_CLASSIFY_STATISTICS] = {
#define DSS_X(enumerator, name, gap, largest) largest,
    DSS_CLASSIFY_STATISTICS(DSS_X)
#undef DSS_X
};

const char *dss_classify_statistic_name(dss_classify_statistic statistic) {
  return (unsigned)statistic < DSS_N_CLASSIFY_STATISTICS ? value_names[statistic] : NULL;
}

bool dss_gaps_parse(const char *text, unsigned *gaps, const char **bad) {
  unsigned found = 0;
  for (const char *at = text;; at++) {
    size_t length = strcspn(at, ","), s = DSS_CLASSIFY_FNR;
    while (s < DSS_N_CLASSIFY_STATISTICS &&
           (strlen(value_names[s]) != length || strncmp(at, value_names[s], length) != 0))
      s++;
    *bad = at;
    if (s == DSS_N_CLASSIFY_STATISTICS) return false;
    found |= 1u << s;
    at += length;
    if (!*at) break;
  }
  *gaps = found;
  return true;
}

/* --- what a row is made of ------------------------------------------------------------------- */

/* Of one question. */
typedef struct making {
  const dss_classification *c;
  size_t question;
  dss_observation observation;
  uint64_t *rated;       /* [sides] items that the side rated */
  uint64_t *ratings;     /* [sides] of the section's items */
  dss_confusion *tables; /* [sides] of the section */
  uint64_t *union_of;    /* [words] */
} making;

static uint32_t side_raters(const dss_rated *rated, size_t side) {
  const dss_plan *plan = rated->plan;
  if (side == dss_side_all(plan)) return rated->n_raters;
  size_t group = side % plan->kernel.n_groups;
  if (side < plan->kernel.n_groups) return plan->groups[group].raters;
  const dss_kernel_axis *axis = &plan->kernel.axes[plan->groups[group].axis];
  uint32_t others = 0;
  for (size_t g = axis->first_group; g < axis->first_group + axis->n_groups; g++)
    if (g != group) others += plan->groups[g].raters;
  return others;
}

static void count_ratings(const making *m, const dss_section *section) {
  const dss_rated *rated = m->c->rated;
  const dss_plan *plan = rated->plan;
  const dss_rated_question *question = &rated->questions[m->question];
  memset(m->ratings, 0, dss_n_sides(plan) * sizeof *m->ratings);
  for (uint32_t u = 0; u < rated->n_items; u++) {
    if (!dss_bit(section->given, u)) continue;
    m->ratings[dss_side_all(plan)] += question->item_ptr[u + 1] - question->item_ptr[u];
    for (size_t a = 0; a < plan->kernel.n_axes; a++) {
      const dss_kernel_axis *axis = &plan->kernel.axes[a];
      for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++) {
        int32_t group = axis->group[question->rater[i]];
        if (group >= 0) m->ratings[axis->first_group + (size_t)group]++;
      }
    }
  }
  for (size_t g = 0; g < plan->kernel.n_groups; g++) {
    const dss_kernel_axis *axis = &plan->kernel.axes[plan->groups[g].axis];
    for (size_t v = axis->first_group; v < axis->first_group + axis->n_groups; v++)
      if (v != g) m->ratings[dss_side_else(plan, g)] += m->ratings[v];
  }
}

static void fill_tables(const making *m, const dss_section *section) {
  const dss_rated *rated = m->c->rated;
  for (size_t side = 0; side < dss_n_sides(rated->plan); side++)
    m->tables[side] = dss_confusion_of(rated, section, &m->observation.views, side, NULL, false);
}

static uint64_t count_items(const uint64_t *bits, const uint64_t *of, size_t words) {
  uint64_t n = 0;
  for (size_t w = 0; w < words; w++)
    n += (uint64_t)__builtin_popcountll(bits[w] & of[w]);
  return n;
}

/* Adds a side to the row. */
static void count_side(const making *m, size_t side, dss_row_spec *spec) {
  const uint64_t *has = m->observation.views.has + side * m->observation.views.words;
  spec->raters += side_raters(m->c->rated, side);
  spec->ratings += m->ratings[side];
  for (size_t w = 0; w < m->observation.views.words; w++)
    m->union_of[w] |= has[w];
}

static void count_row(const making *m, const dss_section *section, const dss_shape *shape,
                      dss_row_spec *spec) {
  const dss_plan *plan = m->c->rated->plan;
  memset(m->union_of, 0, m->observation.views.words * sizeof *m->union_of);
  if (shape->form == DSS_SHAPE_LARGEST) {
    const dss_kernel_axis *axis = &plan->kernel.axes[shape->axis];
    for (size_t g = axis->first_group; g < axis->first_group + axis->n_groups; g++)
      if (plan->kernel.tested[g]) count_side(m, dss_side_of(g), spec);
  } else {
    count_side(m, shape->side, spec); /* the group's, whatever it is compared with */
  }
  spec->n_items = count_items(m->union_of, section->given, m->observation.views.words);
}

/* --- what it lies between ----------------------------------------------------------------------
 */

static double views_of(const making *m, const dss_section *section, size_t side) {
  const dss_views *views = &m->observation.views;
  return (double)count_items(views->has + side * views->words, section->given, views->words);
}

/* Of one side what ratings over ratings less views makes up for. What single ratings do to a gap is
 * the sum of what they do to either side, which goes as 1 / ratings. */
static double shortfall_of(const making *m, const dss_section *section, const dss_shape *shape) {
  const size_t sides[] = {shape->side, shape->other};
  double weighted = 0.0, weights = 0.0;
  for (size_t i = 0; i < (shape->form == DSS_SHAPE_GAP ? 2 : 1); i++) {
    double ratings = (double)m->ratings[sides[i]];
    weighted += 1.0 / (ratings - views_of(m, section, sides[i]));
    weights += 1.0 / ratings;
  }
  return weighted / weights;
}

/* Of two sides the smaller one's. */
static double rater_degrees(const making *m, const dss_shape *shape) {
  uint32_t raters = side_raters(m->c->rated, shape->side);
  if (shape->form == DSS_SHAPE_GAP) {
    uint32_t others = side_raters(m->c->rated, shape->other);
    if (others < raters) raters = others;
  }
  return raters - 1.0;
}

static dss_limits limits_of(const making *m, const dss_section *section, const dss_shape *shape) {
  bool gap = shape->form == DSS_SHAPE_GAP;
  return (dss_limits){.least = gap ? -1.0 : 0.0,
                      .most = 1.0,
                      .shortfall = shortfall_of(m, section, shape),
                      .degrees = rater_degrees(m, shape),
                      .gap = gap};
}

/* --- why a value is missing ------------------------------------------------------------------- */

static dss_reason side_reason(const making *m, const dss_section *section, size_t side,
                              dss_classify_statistic statistic) {
  const dss_plan *plan = m->c->rated->plan;
  const dss_confusion *t = &m->tables[side];
  if (side != dss_side_all(plan) && !plan->kernel.tested[side % plan->kernel.n_groups])
    return DSS_REASON_TOO_FEW_RATERS;
  if (m->rated[side] == 0) return DSS_REASON_NO_RATINGS;
  if (t->tp + t->fp + t->fn + t->tn == 0) return DSS_REASON_NO_PREDICTIONS;
  if (dss_section_says_nothing(section, statistic, false)) return DSS_REASON_CONSTANT_PREDICTIONS;
  if (statistic == DSS_CLASSIFY_PRECISION && t->tp + t->fp == 0)
    return DSS_REASON_NO_PREDICTED_POSITIVES;
  bool of_negatives = statistic == DSS_CLASSIFY_FPR || statistic == DSS_CLASSIFY_AUC;
  if (t->tp + t->fn == 0 && statistic != DSS_CLASSIFY_FPR) return DSS_REASON_NO_POSITIVES;
  return of_negatives && t->fp + t->tn == 0 ? DSS_REASON_NO_NEGATIVES : DSS_REASON_NONE;
}

/* An axis with fewer than two groups whose rate is defined. */
static dss_reason axis_reason(const making *m, const dss_section *section, const dss_shape *shape) {
  const dss_plan *plan = m->c->rated->plan;
  const dss_kernel_axis *axis = &plan->kernel.axes[shape->axis];
  size_t with_items = 0;
  dss_reason found = DSS_REASON_ONE_GROUP;
  for (size_t g = axis->first_group; g < axis->first_group + axis->n_groups; g++) {
    dss_reason reason = side_reason(m, section, dss_side_of(g), shape->statistic);
    if (reason == DSS_REASON_TOO_FEW_RATERS || reason == DSS_REASON_NO_RATINGS) continue;
    with_items++;
    if (reason != DSS_REASON_NONE) found = reason;
  }
  return with_items < 2 ? DSS_REASON_ONE_GROUP : found;
}

static dss_reason row_reason(const making *m, const dss_section *section, const dss_shape *shape) {
  if (shape->form != DSS_SHAPE_VALUE && dss_section_says_nothing(section, shape->statistic, true))
    return DSS_REASON_CONSTANT_PREDICTIONS;
  if (shape->form == DSS_SHAPE_LARGEST) return axis_reason(m, section, shape);
  dss_reason reason = side_reason(m, section, shape->side, shape->statistic);
  if (reason != DSS_REASON_NONE || shape->form == DSS_SHAPE_VALUE) return reason;
  reason = side_reason(m, section, shape->other, shape->statistic);
  return reason == DSS_REASON_NO_RATINGS ? DSS_REASON_NO_VERSUS : reason;
}

/* --- the rows -------------------------------------------------------------------------------- */

static const char *row_name(const dss_shape *shape) {
  switch (shape->form) {
  case DSS_SHAPE_GAP:
    return gap_names[shape->statistic];
  case DSS_SHAPE_LARGEST:
    return largest_names[shape->statistic];
  default:
    return value_names[shape->statistic];
  }
}

/* What shuffling profiles cannot change is no test, and neither is what has no estimate. Counts
 * and the largest of several gaps get no interval, nor does any rate where a resample of raters,
 * which has fewer of them, finds fewer items positive than the study. */
static dss_status add_row(dss_context *context, const making *m, const dss_section *section,
                          const dss_shape *shape, double observed, dss_evaluation *evaluation) {
  const dss_rated *rated = m->c->rated;
  bool defined = !isnan(observed), rate = shape->statistic >= DSS_CLASSIFY_FNR;
  bool biased = shape->form == DSS_SHAPE_LARGEST || (m->c->withheld && rate);
  dss_row_spec spec = {.question = rated->questions[m->question].question->name,
                       .source = section->classifier->name,
                       .items = section->part->name,
                       .statistic = row_name(shape),
                       .axis = shape->axis,
                       .group = shape->group,
                       .versus = shape->versus,
                       .upper = shape->form == DSS_SHAPE_LARGEST,
                       .permuted = shape->form != DSS_SHAPE_VALUE && defined,
                       .resampled = !biased && rate && defined,
                       .biased = biased};
  if (spec.resampled) spec.limits = limits_of(m, section, shape);
  count_row(m, section, shape, &spec);
  if (!defined) spec.reason = row_reason(m, section, shape);
  return dss_evaluation_add(context, evaluation, rated->plan, &spec);
}

static dss_status add_question(dss_context *context, const making *m, const double *observed,
                               dss_evaluation *evaluation) {
  const dss_classification *c = m->c;
  for (size_t s = 0; s < c->classifiers.n_sections; s++) {
    const dss_section *section = &c->classifiers.sections[s];
    size_t row = dss_classification_row(c, m->question, s, 0);
    count_ratings(m, section);
    fill_tables(m, section);
    for (size_t k = 0; k < c->n_shapes; k++)
      DSS_TRY(add_row(context, m, section, &c->shapes[k], observed[row + k], evaluation));
  }
  return DSS_OK;
}

static dss_status add_questions(dss_context *context, making *m, const double *observed,
                                dss_evaluation *evaluation) {
  const dss_rated *rated = m->c->rated;
  size_t words = m->observation.views.words;
  for (m->question = 0; m->question < rated->n_questions; m->question++) {
    dss_observe(rated, m->question, &m->c->rules[m->question], &m->observation);
    for (size_t side = 0; side < dss_n_sides(rated->plan); side++) {
      const uint64_t *has = m->observation.views.has + side * words;
      m->rated[side] = count_items(has, has, words);
    }
    DSS_TRY(add_question(context, m, observed, evaluation));
  }
  return DSS_OK;
}

dss_status dss_classify_rows(dss_context *context, const dss_classification *c,
                             const double *observed, dss_evaluation *evaluation) {
  size_t sides = dss_n_sides(c->rated->plan), words = dss_bit_words(c->rated->n_items);
  making m = {.c = c};
  dss_status status = dss_observation_new(context, c->rated, &m.observation);
  if (status == DSS_OK) status = DSS_ALLOC(context, &m.rated, sides);
  if (status == DSS_OK) status = DSS_ALLOC(context, &m.ratings, sides);
  if (status == DSS_OK) status = DSS_ALLOC(context, &m.tables, sides);
  if (status == DSS_OK) status = DSS_ALLOC(context, &m.union_of, words);
  if (status == DSS_OK) status = add_questions(context, &m, observed, evaluation);
  dss_observation_free(&m.observation);
  free(m.rated);
  free(m.ratings);
  free(m.tables);
  free(m.union_of);
  return status;
}
