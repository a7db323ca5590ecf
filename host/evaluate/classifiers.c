#include "classifiers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

typedef struct gathering {
  const dss_rated *rated;
  const dss_classify_options *options;
  const dss_predictions *predictions;
  uint32_t *number; /* [items of the study] in rated, or UINT32_MAX */
  bool *positive;   /* [texts of the predictions] such a label is positive */
  bool *other;      /* [texts] it is a label of a prediction that counts, and is not */
  dss_classifiers *to;
} gathering;

/* --- which ---------------------------------------------------------------------------------- */

static dss_status fail_no_classifier(dss_context *context, const dss_predictions *p,
                                     const char *name) {
  char known[320];
  dss_words names = {p->keys[0].at, p->keys[0].count, 0};
  dss_words_list(&names, known, sizeof known);
  return dss_fail(context, DSS_ERR_DATA, "%s: no classifier is named '%s'; there are: %s", p->file,
                  DSS_EXCERPT(name), known);
}

/* In long layout the names are keys, in wide they are columns, which the reader has looked for. */
static dss_status name_classifiers(dss_context *context, gathering *g) {
  const dss_predictions *p = g->predictions;
  const dss_classify_options *o = g->options;
  bool is_long = p->n_keys > 0;
  char *const *names = is_long ? p->keys[0].at : p->columns.at;
  size_t n = is_long ? p->keys[0].count : p->columns.count;
  bool chosen = is_long && o->n_classifiers > 0;
  g->to->n = chosen ? o->n_classifiers : n;
  DSS_TRY(DSS_ALLOC(context, &g->to->classifiers, g->to->n));
  for (size_t i = 0; i < g->to->n; i++) {
    uint32_t key = (uint32_t)i;
    if (chosen &&
        !dss_strings_find(&p->keys[0], o->classifiers[i], strlen(o->classifiers[i]), &key))
      return fail_no_classifier(context, p, o->classifiers[i]);
    g->to->classifiers[i].name = names[key];
    for (size_t j = 0; j < i; j++)
      if (g->to->classifiers[j].name == names[key])
        return dss_fail(context, DSS_ERR_USAGE, "the classifier '%s' is named twice",
                        DSS_EXCERPT(names[key]));
  }
  return DSS_OK;
}

/* --- labels --------------------------------------------------------------------------------- */

static dss_status fail_no_label(dss_context *context, const dss_predictions *p, const bool *occurs,
                                const char *label) {
  char known[320] = "";
  dss_words labels = {0};
  dss_status status = DSS_OK;
  for (uint32_t t = 0; t < p->texts.count && status == DSS_OK; t++)
    if (occurs[t]) status = dss_words_add(context, &labels, p->texts.at[t], strlen(p->texts.at[t]));
  dss_words_list(&labels, known, sizeof known);
  dss_words_free(&labels);
  DSS_TRY(status);
  return dss_fail(context, DSS_ERR_DATA,
                  "%s: no prediction is labelled '%s', which is to be positive; there are: %s",
                  p->file, DSS_EXCERPT(label), known);
}

/* A positive label that never occurs is a mistake. */
static dss_status mark_labels(dss_context *context, gathering *g, bool *occurs) {
  const dss_predictions *p = g->predictions;
  for (size_t i = 0; i < p->n_rows; i++)
    for (size_t c = p->n_keys; c < p->columns.count; c++)
      if (dss_predictions_text(p, i, c)) occurs[dss_predictions_cell(p, i, c)] = true;
  for (size_t i = 0; i < g->options->n_positive; i++) {
    const char *label = g->options->positive[i];
    uint32_t text;
    if (!dss_strings_find(&p->texts, label, strlen(label), &text) || !occurs[text])
      return fail_no_label(context, p, occurs, label);
    g->positive[text] = true;
  }
  return DSS_OK;
}

static dss_status find_labels(dss_context *context, gathering *g) {
  bool *occurs;
  if (g->to->scores) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &g->positive, g->predictions->texts.count));
  DSS_TRY(DSS_ALLOC(context, &g->other, g->predictions->texts.count));
  DSS_TRY(DSS_ALLOC(context, &occurs, g->predictions->texts.count));
  dss_status status = mark_labels(context, g, occurs);
  free(occurs);
  return status;
}

/* --- predictions ---------------------------------------------------------------------------- */

/* Every score is read, those of items that are not rated too: a table with one that is no number
 * is wrong whatever the filters. */
static dss_status take_cell(dss_context *context, const gathering *g, size_t row, size_t column,
                            dss_classifier *to) {
  const dss_predictions *p = g->predictions;
  uint32_t item = g->number[p->item[row]];
  double score = NAN;
  if (!dss_predictions_text(p, row, column)) return DSS_OK;
  if (g->to->scores) DSS_TRY(dss_predictions_number(context, p, row, column, &score));
  if (item == UINT32_MAX) return DSS_OK;
  dss_set_bit(to->given, item);
  to->n_given++;
  if (g->to->scores) to->score[item] = score;
  bool positive = g->to->scores ? score >= g->to->score_threshold
                                : g->positive[dss_predictions_cell(p, row, column)];
  if (positive) {
    dss_set_bit(to->positive, item);
  } else if (!g->to->scores) {
    g->other[dss_predictions_cell(p, row, column)] = true;
    g->to->n_other++;
  }
  return DSS_OK;
}

static dss_status take_row(dss_context *context, const gathering *g, size_t row) {
  const dss_predictions *p = g->predictions;
  if (p->n_keys == 0) {
    for (size_t c = 0; c < g->to->n; c++)
      DSS_TRY(take_cell(context, g, row, c, &g->to->classifiers[c]));
    return DSS_OK;
  }
  const char *name = dss_predictions_text(p, row, 0);
  if (!name)
    return dss_fail_at(context, dss_predictions_place(p, row, 0), DSS_ERR_DATA,
                       "the classifier has no name");
  for (size_t c = 0; c < g->to->n; c++)
    if (strcmp(g->to->classifiers[c].name, name) == 0)
      return take_cell(context, g, row, 1, &g->to->classifiers[c]);
  return DSS_OK; /* one that was not asked for */
}

static dss_status take_all(dss_context *context, gathering *g) {
  size_t words = dss_bit_words(g->rated->n_items);
  for (size_t c = 0; c < g->to->n; c++) {
    dss_classifier *classifier = &g->to->classifiers[c];
    DSS_TRY(DSS_ALLOC(context, &classifier->given, words));
    DSS_TRY(DSS_ALLOC(context, &classifier->positive, words));
    if (g->to->scores) DSS_TRY(DSS_ALLOC(context, &classifier->score, g->rated->n_items));
    for (uint32_t u = 0; g->to->scores && u < g->rated->n_items; u++)
      classifier->score[u] = NAN;
  }
  for (size_t i = 0; i < g->predictions->n_rows; i++)
    DSS_TRY(take_row(context, g, i));
  return DSS_OK;
}

/* --- items ---------------------------------------------------------------------------------- */

static dss_status find_unrated(dss_context *context, gathering *g) {
  const dss_predictions *p = g->predictions;
  bool *seen;
  DSS_TRY(DSS_ALLOC(context, &seen, dss_study_n_items(g->rated->study)));
  dss_status status = DSS_OK;
  for (size_t i = 0; i < p->n_rows && status == DSS_OK; i++) {
    if (g->number[p->item[i]] != UINT32_MAX || seen[p->item[i]]) continue;
    const char *name = dss_study_item_name(g->rated->study, p->item[i]);
    seen[p->item[i]] = true;
    g->to->n_unrated++;
    status = dss_words_add(context, &g->to->unrated, name, strlen(name));
  }
  free(seen);
  return status;
}

static dss_status number_items(dss_context *context, gathering *g) {
  uint32_t n = dss_study_n_items(g->rated->study);
  DSS_TRY(DSS_ALLOC(context, &g->number, n));
  for (uint32_t u = 0; u < n; u++)
    g->number[u] = UINT32_MAX;
  for (uint32_t u = 0; u < g->rated->n_items; u++)
    g->number[g->rated->study_item[u]] = u;
  return DSS_OK;
}

/* --- sections ------------------------------------------------------------------------------- */

typedef struct ranked_item {
  double score;
  uint32_t item;
} ranked_item;

static int compare_ranks(const void *left, const void *right) {
  const ranked_item *a = left, *b = right;
  if (a->score != b->score) return a->score < b->score ? -1 : 1;
  return a->item < b->item ? -1 : a->item > b->item;
}

static dss_status rank_items(dss_context *context, const dss_rated *rated, dss_section *section) {
  const double *score = section->classifier->score;
  ranked_item *ranks;
  uint32_t n = 0;
  DSS_TRY(DSS_ALLOC(context, &section->ranked, section->n_given));
  DSS_TRY(DSS_ALLOC(context, &section->last, section->n_given));
  DSS_TRY(DSS_ALLOC(context, &ranks, section->n_given));
  for (uint32_t u = 0; u < rated->n_items; u++)
    if (dss_bit(section->given, u)) ranks[n++] = (ranked_item){score[u], u};
  qsort(ranks, n, sizeof *ranks, compare_ranks);
  for (uint32_t i = 0; i < n; i++) {
    section->ranked[i] = ranks[i].item;
    section->last[i] = i + 1 == n || ranks[i + 1].score > ranks[i].score;
  }
  section->one_score = n > 0 && ranks[0].score == ranks[n - 1].score;
  free(ranks);
  return DSS_OK;
}

static dss_status cut_section(dss_context *context, const dss_rated *rated, dss_section *section) {
  const dss_classifier *classifier = section->classifier;
  size_t words = dss_bit_words(rated->n_items);
  DSS_TRY(DSS_ALLOC(context, &section->given, words));
  DSS_TRY(DSS_ALLOC(context, &section->positive, words));
  for (uint32_t u = 0; u < rated->n_items; u++) {
    if (!dss_bit(classifier->given, u) || !dss_part_has(section->part, u)) continue;
    dss_set_bit(section->given, u);
    section->n_given++;
    if (!dss_bit(classifier->positive, u)) continue;
    dss_set_bit(section->positive, u);
    section->n_positive++;
  }
  section->one_call =
      section->n_given > 0 && (section->n_positive == 0 || section->n_positive == section->n_given);
  return classifier->score ? rank_items(context, rated, section) : DSS_OK;
}

static dss_status cut_sections(dss_context *context, const dss_rated *rated, const dss_parts *parts,
                               dss_classifiers *to) {
  to->n_sections = 0;
  DSS_TRY(DSS_ALLOC(context, &to->sections, to->n * parts->n));
  for (size_t c = 0; c < to->n; c++)
    for (size_t p = 0; p < parts->n; p++) {
      dss_section *section = &to->sections[to->n_sections++];
      section->classifier = &to->classifiers[c];
      section->part = &parts->parts[p];
      DSS_TRY(cut_section(context, rated, section));
    }
  return DSS_OK;
}

/* --- all of it ------------------------------------------------------------------------------ */

/* In the order in which they stand in the table. */
static dss_status name_other(dss_context *context, gathering *g) {
  const dss_strings *texts = &g->predictions->texts;
  for (uint32_t t = 0; !g->to->scores && t < texts->count; t++)
    if (g->other[t])
      DSS_TRY(dss_words_add(context, &g->to->other, texts->at[t], strlen(texts->at[t])));
  return DSS_OK;
}

static dss_status check_any_given(dss_context *context, const gathering *g) {
  for (size_t c = 0; c < g->to->n; c++)
    if (g->to->classifiers[c].n_given > 0) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA,
                  "%s: no rated item of the study has a prediction (%zu row%s of its items)",
                  g->predictions->file, g->predictions->n_rows, DSS_PLURAL(g->predictions->n_rows));
}

static dss_status gather(dss_context *context, gathering *g) {
  g->to->scores = g->options->n_positive == 0;
  g->to->calls = !g->to->scores || g->options->score_threshold;
  g->to->score_threshold = NAN;
  if (g->options->score_threshold &&
      !dss_number_parse(g->options->score_threshold, &g->to->score_threshold))
    return dss_fail(context, DSS_ERR_USAGE, "the score threshold '%s' is not a finite number",
                    DSS_EXCERPT(g->options->score_threshold));
  DSS_TRY(number_items(context, g));
  DSS_TRY(name_classifiers(context, g));
  DSS_TRY(find_labels(context, g));
  DSS_TRY(take_all(context, g));
  DSS_TRY(name_other(context, g));
  DSS_TRY(check_any_given(context, g));
  return find_unrated(context, g);
}

dss_status dss_classifiers_new(dss_context *context, const dss_rated *rated,
                               const dss_classify_options *options,
                               const dss_predictions *predictions, const dss_parts *parts,
                               dss_classifiers *classifiers) {
  *classifiers = (dss_classifiers){0};
  gathering g = {.rated = rated, .options = options, .predictions = predictions, .to = classifiers};
  dss_status status = gather(context, &g);
  free(g.number);
  free(g.positive);
  free(g.other);
  DSS_TRY(status);
  return cut_sections(context, rated, parts, classifiers);
}

void dss_classifiers_free(dss_classifiers *classifiers) {
  for (size_t i = 0; i < classifiers->n_sections; i++) {
    free(classifiers->sections[i].given);
    free(classifiers->sections[i].positive);
    free(classifiers->sections[i].ranked);
    free(classifiers->sections[i].last);
  }
  for (size_t c = 0; classifiers->classifiers && c < classifiers->n; c++) {
    free(classifiers->classifiers[c].given);
    free(classifiers->classifiers[c].positive);
    free(classifiers->classifiers[c].score);
  }
  free(classifiers->sections);
  free(classifiers->classifiers);
  dss_words_free(&classifiers->unrated);
  dss_words_free(&classifiers->other);
  *classifiers = (dss_classifiers){0};
}
