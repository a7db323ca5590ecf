/* Attributes, once all is read: which categories occur, their order, bins. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "import_importer.h"

/* An attribute's categories while they are put together. */
typedef struct categories {
  dss_words labels;
  int32_t *of_value; /* [values->labels.count] value -> category; -1: does not occur */
  bool ordered;
} categories;

static void free_categories(categories *c) {
  dss_words_free(&c->labels);
  free(c->of_value);
}

/* --- categories as they are written ----------------------------------------------------------- */

static dss_status sort_categories(dss_context *context, const dss_values *values,
                                  const bool *occurs, categories *c) {
  uint32_t n = values->labels.count;
  double *numbers = NULL;
  uint32_t *order = NULL;
  dss_status status = DSS_ALLOC(context, &numbers, n);
  if (status == DSS_OK) status = DSS_ALLOC(context, &order, n);
  if (status == DSS_OK) status = dss_labels_order(context, values->labels.at, n, numbers, order);
  for (uint32_t i = 0; i < n && status == DSS_OK; i++) {
    const char *label = values->labels.at[order[i]];
    c->of_value[order[i]] = occurs[order[i]] ? (int32_t)c->labels.count : -1;
    if (occurs[order[i]]) status = dss_words_add(context, &c->labels, label, strlen(label));
  }
  free(numbers);
  free(order);
  return status;
}

/* --- bins ---------------------------------------------------------------------------------------
 */

static bool is_whole(double value) {
  return value == trunc(value) && fabs(value) < 1e15;
}

static size_t bin_of(const dss_spec_bin *bin, double value) {
  size_t b = 0;
  while (b < bin->n_edges && bin->edges[b] <= value)
    b++;
  return b;
}

enum { BIN_LABEL = 2 * DSS_NUMBER_CHARS + 8 };

/* Bin b holds edge b-1 <= value < edge b; whole numbers show the last value that belongs. */
static void bin_label(const dss_spec_bin *bin, size_t b, bool whole, char label[BIN_LABEL]) {
  char from[DSS_NUMBER_CHARS], to[DSS_NUMBER_CHARS];
  if (b > 0) dss_number_format(bin->edges[b - 1], from);
  if (b < bin->n_edges) dss_number_format(bin->edges[b] - (whole && b > 0 ? 1 : 0), to);
  if (b == 0)
    snprintf(label, BIN_LABEL, "<%s", to);
  else if (b == bin->n_edges)
    snprintf(label, BIN_LABEL, ">=%s", from);
  else if (whole && strcmp(from, to) == 0)
    snprintf(label, BIN_LABEL, "%s", from);
  else
    snprintf(label, BIN_LABEL, whole ? "%s-%s" : "%s to <%s", from, to);
}

static dss_status fail_not_number(dss_context *context, const dss_entities *entities,
                                  const dss_values *values, uint32_t value) {
  uint32_t id = 0;
  while (values->codes[id] != (int32_t)value)
    id++;
  size_t column = values->column == SIZE_MAX ? 0 : values->column + 1;
  return dss_fail_at(context, (dss_place){values->file, values->lines[id], column, values->name},
                     DSS_ERR_DATA, "%s '%s' has '%s', which is not a number; --bin needs numbers",
                     entities->what, DSS_EXCERPT(entities->ids.at[id]),
                     DSS_EXCERPT(values->labels.at[value]));
}

/* bins: [n_edges + 1] -> category or -1; numbers: [labels.count]. */
static dss_status bin_categories(dss_context *context, const dss_entities *entities,
                                 const dss_values *values, const dss_spec_bin *bin,
                                 const bool *occurs, double *numbers, int32_t *bins,
                                 categories *c) {
  bool whole = true;
  for (size_t e = 0; e < bin->n_edges; e++)
    whole = whole && is_whole(bin->edges[e]);
  for (size_t b = 0; b <= bin->n_edges; b++)
    bins[b] = -1;
  for (uint32_t v = 0; v < values->labels.count; v++) {
    c->of_value[v] = -1;
    if (!occurs[v]) continue;
    if (!dss_number_parse(values->labels.at[v], &numbers[v]))
      return fail_not_number(context, entities, values, v);
    whole = whole && is_whole(numbers[v]);
    bins[bin_of(bin, numbers[v])] = 0;
  }
  for (size_t b = 0; b <= bin->n_edges; b++) {
    char label[BIN_LABEL];
    if (bins[b] < 0) continue;
    bins[b] = (int32_t)c->labels.count;
    bin_label(bin, b, whole, label);
    DSS_TRY(dss_words_add(context, &c->labels, label, strlen(label)));
  }
  for (uint32_t v = 0; v < values->labels.count; v++)
    if (occurs[v]) c->of_value[v] = bins[bin_of(bin, numbers[v])];
  c->ordered = true;
  return DSS_OK;
}

static dss_status make_bins(dss_context *context, const dss_entities *entities,
                            const dss_values *values, const dss_spec_bin *bin, const bool *occurs,
                            categories *c) {
  double *numbers = NULL;
  int32_t *bins = NULL;
  dss_status status = DSS_ALLOC(context, &numbers, values->labels.count);
  if (status == DSS_OK) status = DSS_ALLOC(context, &bins, bin->n_edges + 1);
  if (status == DSS_OK)
    status = bin_categories(context, entities, values, bin, occurs, numbers, bins, c);
  free(numbers);
  free(bins);
  return status;
}

/* --- adding to the study ------------------------------------------------------------------------
 */

static const dss_spec_bin *find_bin(const dss_import_spec *spec, const char *attribute) {
  for (size_t i = 0; i < spec->n_bins; i++)
    if (strcmp(spec->bins[i].attribute, attribute) == 0) return &spec->bins[i];
  return NULL;
}

typedef struct attribute_counts {
  uint64_t unknown;
  uint64_t filled;
} attribute_counts;

static attribute_counts count_values(const dss_entities *entities, const dss_values *values,
                                     bool *occurs) {
  attribute_counts counts = {0};
  for (uint32_t id = 0; id < entities->ids.count; id++) {
    int32_t value = values->codes[id];
    counts.unknown += value < 0;
    counts.filled += value >= 0 && values->saw_missing[id];
    if (value >= 0) occurs[value] = true;
  }
  return counts;
}

static void log_attribute(dss_importer *importer, const dss_entities *entities,
                          const dss_values *values, const categories *c, attribute_counts counts) {
  dss_import_log *log = &importer->log;
  bool of_raters = entities == &importer->raters;
  json_t *section =
      dss_log_object(log, log->root, of_raters ? "rater_attributes" : "item_attributes");
  json_t *object = dss_log_object(log, section, values->name);
  const dss_spec_bin *bin = find_bin(&importer->spec, values->name);
  dss_log_count(log, object, "categories", c->labels.count);
  dss_log_count(log, object, "unknown", counts.unknown);
  dss_log_count(log, object, "filled_from_other_rows", counts.filled);
  if (bin) dss_log_text(log, object, "bins", bin->text);
  dss_info(importer->context,
           "%s attribute '%s': %zu categor%s%s%s, %llu of %lu unknown, %llu filled from other rows",
           entities->what, values->name, c->labels.count, c->labels.count == 1 ? "y" : "ies",
           bin ? " from bins " : "", bin ? bin->text : "", (unsigned long long)counts.unknown,
           (unsigned long)entities->ids.count, (unsigned long long)counts.filled);
  if (of_raters && c->labels.count > 1 && c->labels.count == entities->ids.count)
    dss_warn(importer->context,
             "rater attribute '%s' has another value for each rater; is it their name?",
             values->name);
}

static dss_status make_attribute(dss_importer *importer, dss_entities *entities, dss_values *values,
                                 bool *occurs, categories *c, dss_study *study) {
  dss_context *context = importer->context;
  const dss_spec_bin *bin = find_bin(&importer->spec, values->name);
  attribute_counts counts = count_values(entities, values, occurs);
  DSS_TRY(DSS_ALLOC(context, &c->of_value, values->labels.count));
  DSS_TRY(bin ? make_bins(context, entities, values, bin, occurs, c)
              : sort_categories(context, values, occurs, c));
  for (uint32_t id = 0; id < entities->ids.count; id++)
    if (values->codes[id] >= 0) values->codes[id] = c->of_value[values->codes[id]];
  log_attribute(importer, entities, values, c, counts);
  const dss_attribute attribute = {values->name, (uint32_t)c->labels.count,
                                   (const char *const *)c->labels.at, values->codes, c->ordered};
  return entities == &importer->raters ? dss_study_add_rater_attribute(context, study, &attribute)
                                       : dss_study_add_item_attribute(context, study, &attribute);
}

static dss_status add_attributes(dss_importer *importer, dss_entities *entities, dss_study *study) {
  for (size_t a = 0; a < entities->n_attributes; a++) {
    dss_values *values = &entities->attributes[a];
    bool *occurs = NULL;
    categories c = {0};
    DSS_TRY(DSS_ALLOC(importer->context, &occurs, values->labels.count));
    dss_status status = make_attribute(importer, entities, values, occurs, &c, study);
    free_categories(&c);
    free(occurs);
    if (status != DSS_OK) return status;
  }
  return DSS_OK;
}

dss_status dss_import_add_attributes(dss_importer *importer, dss_study *study) {
  DSS_TRY(add_attributes(importer, &importer->raters, study));
  return add_attributes(importer, &importer->items, study);
}

dss_status dss_import_check_bins(dss_importer *importer) {
  for (size_t i = 0; i < importer->spec.n_bins; i++) {
    const char *name = importer->spec.bins[i].attribute;
    bool of_raters = dss_entities_find_attribute(&importer->raters, name) != SIZE_MAX ||
                     dss_entities_find_attribute(&importer->rater_table.rows, name) != SIZE_MAX;
    bool of_items = dss_entities_find_attribute(&importer->items, name) != SIZE_MAX ||
                    dss_entities_find_attribute(&importer->item_table.rows, name) != SIZE_MAX;
    if (!of_raters && !of_items)
      return dss_fail(importer->context, DSS_ERR_USAGE, "--bin: no attribute is named '%s'",
                      DSS_EXCERPT(name));
    if (of_raters && of_items)
      return dss_fail(importer->context, DSS_ERR_USAGE,
                      "--bin: both raters and items have an attribute '%s'", DSS_EXCERPT(name));
  }
  return DSS_OK;
}
