/* The JSON of the Learning With Disagreements tasks: items keyed by their id, each with
 * "annotations" {annotator: label}; and the annotators' file, {annotator: {attribute: value}}. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "import_importer.h"
#include "import_input.h"

/* --- reading ------------------------------------------------------------------------------------
 */

static size_t read_bytes(void *buffer, size_t size, void *user) {
  dss_input *input = user;
  size_t got = dss_input_read(input, buffer, size);
  return input->error ? (size_t)-1 : got;
}

/* An annotator named twice in one item is two ratings of it; the parser sees that. */
static dss_status parse(dss_context *context, dss_input *input, json_t **root) {
  json_error_t error;
  json_t *parsed = json_load_callback(read_bytes, input, JSON_REJECT_DUPLICATES, &error);
  dss_status status = dss_input_check(context, input);
  if (status == DSS_OK && !parsed)
    status = dss_fail(context, DSS_ERR_DATA, "%s:%d: column %d: not JSON: %s", input->name,
                      error.line, error.column, error.text);
  if (status == DSS_OK && !json_is_object(parsed))
    status = dss_fail(context, DSS_ERR_DATA, "%s:1: column 1: an object keyed by name was expected",
                      input->name);
  if (status == DSS_OK)
    *root = parsed;
  else
    json_decref(parsed);
  return status;
}

static dss_status load(dss_context *context, const char *path, json_t **root, char *sha256) {
  dss_input input;
  DSS_TRY(dss_go_on(context));
  DSS_TRY(dss_input_open(context, &input, path));
  json_t *parsed = NULL;
  dss_status status = parse(context, &input, &parsed);
  if (status == DSS_OK) status = dss_input_digest(context, &input, sha256);
  dss_input_close(&input);
  if (status == DSS_OK)
    *root = parsed;
  else
    json_decref(parsed);
  return status;
}

/* A text, number or truth value as text; NULL for null, lists and objects. number holds it where it
 * is not the JSON's own. */
static const char *scalar_text(const json_t *value, char number[DSS_NUMBER_CHARS]) {
  switch (json_typeof(value)) {
  case JSON_STRING:
    return json_string_value(value);
  case JSON_INTEGER:
    snprintf(number, DSS_NUMBER_CHARS, "%lld", (long long)json_integer_value(value));
    return number;
  case JSON_REAL:
    dss_number_format(json_real_value(value), number);
    return number;
  case JSON_TRUE:
    return "true";
  case JSON_FALSE:
    return "false";
  default:
    return NULL;
  }
}

static dss_place in_file(const char *path) {
  return (dss_place){path, 0, 0, NULL};
}

/* --- annotators
 * ----------------------------------------------------------------------------------- */

static dss_status set_value(dss_importer *importer, dss_entities *entities, const char *path,
                            size_t attribute, uint32_t id, const json_t *value) {
  if (!value || json_is_null(value)) {
    entities->attributes[attribute].saw_missing[id] = true;
    return DSS_OK;
  }
  char number[DSS_NUMBER_CHARS];
  const char *text = scalar_text(value, number);
  if (!text)
    return dss_fail_at(importer->context, in_file(path), DSS_ERR_DATA,
                       "%s '%s', '%s': a list or object; a text or a number was expected",
                       entities->what, DSS_EXCERPT(entities->ids.at[id]),
                       DSS_EXCERPT(entities->attributes[attribute].name));
  return dss_entities_set(importer->context, entities, &importer->spec, attribute, id, text,
                          strlen(text), in_file(path));
}

/* Every member of any annotator is an attribute, unless some are asked for by name. */
static dss_status choose_attributes(dss_importer *importer, const char *path, json_t *root) {
  const dss_import_options *o = importer->spec.options;
  dss_entities *table = &importer->rater_table.rows;
  for (size_t i = 0; i < o->n_rater_attributes; i++)
    DSS_TRY(dss_entities_add_attribute(importer->context, table, o->rater_attributes[i], path,
                                       SIZE_MAX));
  if (o->n_rater_attributes) return DSS_OK;
  const char *annotator, *name;
  json_t *profile, *value;
  json_object_foreach(root, annotator, profile) {
    json_object_foreach(profile, name, value) {
      if (dss_entities_find_attribute(table, name) == SIZE_MAX)
        DSS_TRY(dss_entities_add_attribute(importer->context, table, name, path, SIZE_MAX));
    }
  }
  return DSS_OK;
}

static dss_status read_annotator(dss_importer *importer, const char *path, const char *annotator,
                                 const json_t *profile, uint64_t *dropped) {
  dss_entities *table = &importer->rater_table.rows;
  if (!json_is_object(profile))
    return dss_fail_at(importer->context, in_file(path), DSS_ERR_DATA,
                       "annotator '%s': an object of attributes was expected",
                       DSS_EXCERPT(annotator));
  bool missing;
  uint32_t id;
  DSS_TRY(dss_entities_read(importer->context, table, annotator, strlen(annotator), in_file(path),
                            &missing, &id));
  *dropped += missing;
  for (size_t a = 0; !missing && a < table->n_attributes; a++)
    DSS_TRY(set_value(importer, table, path, a, id,
                      json_object_get(profile, table->attributes[a].name)));
  return DSS_OK;
}

/* A name that no annotator has is a typing error, not an attribute that is always unknown. */
static dss_status check_attributes(dss_importer *importer, const dss_entities *entities,
                                   const char *path) {
  for (size_t a = 0; a < entities->n_attributes; a++)
    if (entities->attributes[a].labels.count == 0)
      return dss_fail_at(importer->context, in_file(path), DSS_ERR_DATA,
                         "no %s has a value for '%s'", entities->what,
                         DSS_EXCERPT(entities->attributes[a].name));
  return DSS_OK;
}

static dss_status read_annotators(dss_importer *importer, const char *path, json_t *root,
                                  const char *sha256) {
  DSS_TRY(choose_attributes(importer, path, root));
  const char *annotator;
  json_t *profile;
  uint64_t dropped = 0;
  json_object_foreach(root, annotator, profile)
      DSS_TRY(read_annotator(importer, path, annotator, profile, &dropped));
  dss_import_log_table(importer, &importer->rater_table, sha256, json_object_size(root), dropped);
  if (dropped)
    dss_info(importer->context, "%s: dropped %llu annotator%s without a name", path,
             (unsigned long long)dropped, DSS_PLURAL(dropped));
  return check_attributes(importer, &importer->rater_table.rows, path);
}

static dss_status load_annotators(dss_importer *importer) {
  const char *path = importer->spec.options->raters_path;
  if (!path) return DSS_OK;
  json_t *root;
  char sha256[65];
  DSS_TRY(load(importer->context, path, &root, sha256));
  dss_status status = read_annotators(importer, path, root, sha256);
  json_decref(root);
  return status;
}

/* --- items
 * ------------------------------------------------------------------------------------------ */

typedef struct dropped_counts {
  uint64_t no_item, no_rater;
} dropped_counts;

static dss_status read_annotation(dss_importer *importer, const char *path, uint32_t item,
                                  const char *annotator, const json_t *value,
                                  dropped_counts *dropped) {
  char number[DSS_NUMBER_CHARS];
  const char *text = scalar_text(value, number);
  const char *name = importer->items.ids.at[item];
  if (!text && !json_is_null(value))
    return dss_fail_at(importer->context, in_file(path), DSS_ERR_DATA,
                       "item '%s', annotator '%s': a text or a number was expected",
                       DSS_EXCERPT(name), DSS_EXCERPT(annotator));
  bool missing;
  uint32_t rater;
  DSS_TRY(dss_entities_read(importer->context, &importer->raters, annotator, strlen(annotator),
                            in_file(path), &missing, &rater));
  dropped->no_rater += missing;
  if (missing) return DSS_OK;
  if (!text) {
    importer->levels[0].missing++;
    return DSS_OK;
  }
  char where[640];
  snprintf(where, sizeof where, "%.400s: item '%s', annotator '%s'", path, DSS_EXCERPT(name),
           DSS_EXCERPT(annotator));
  uint16_t code;
  DSS_TRY(dss_levels_code(importer->context, &importer->levels[0], &importer->spec, text,
                          strlen(text), in_file(where), &code));
  if (code == DSS_NO_RATING) return DSS_OK;
  return dss_records_add(importer->context, &importer->records, rater, item, 0, &code);
}

static dss_status read_item(dss_importer *importer, const char *path, const char *name,
                            const json_t *entry, dropped_counts *dropped) {
  json_t *annotations = json_object_get(entry, "annotations");
  if (!json_is_object(annotations))
    return dss_fail_at(importer->context, in_file(path), DSS_ERR_DATA,
                       "item '%s': no object \"annotations\" {annotator: label}",
                       DSS_EXCERPT(name));
  bool missing;
  uint32_t item;
  DSS_TRY(dss_entities_read(importer->context, &importer->items, name, strlen(name), in_file(path),
                            &missing, &item));
  dropped->no_item += missing;
  if (missing) return DSS_OK;
  for (size_t a = 0; a < importer->items.n_attributes; a++)
    DSS_TRY(set_value(importer, &importer->items, path, a, item,
                      json_object_get(entry, importer->items.attributes[a].name)));
  const char *annotator;
  json_t *value;
  json_object_foreach(annotations, annotator, value)
      DSS_TRY(read_annotation(importer, path, item, annotator, value, dropped));
  return DSS_OK;
}

static void log_items(dss_importer *importer, size_t items, const dropped_counts *dropped) {
  dss_import_log *log = &importer->log;
  dss_log_count(log, log->root, "rows", items);
  dss_log_count(log, log->root, "rows_without_item", dropped->no_item);
  dss_log_count(log, log->root, "annotations_without_rater", dropped->no_rater);
  dss_info(importer->context,
           "%zu item%s read; dropped: %llu without a name, %llu annotation%s without a rater",
           items, DSS_PLURAL(items), (unsigned long long)dropped->no_item,
           (unsigned long long)dropped->no_rater, DSS_PLURAL(dropped->no_rater));
}

static dss_status read_items(dss_importer *importer, const char *path, json_t *root) {
  const dss_import_options *o = importer->spec.options;
  for (size_t i = 0; i < o->n_item_attributes; i++)
    DSS_TRY(dss_entities_add_attribute(importer->context, &importer->items, o->item_attributes[i],
                                       path, SIZE_MAX));
  DSS_TRY(dss_import_check_bins(importer));
  const char *name;
  json_t *entry;
  dropped_counts dropped = {0};
  json_object_foreach(root, name, entry) DSS_TRY(read_item(importer, path, name, entry, &dropped));
  log_items(importer, json_object_size(root), &dropped);
  if (importer->items.ids.count == 0 || importer->raters.ids.count == 0)
    return dss_fail_at(importer->context, in_file(path), DSS_ERR_DATA, "there is no annotation");
  DSS_TRY(check_attributes(importer, &importer->items, path));
  if (importer->items.ids.count == 1)
    return dss_fail_at(importer->context, in_file(path), DSS_ERR_DATA,
                       "there is only the item '%s'; items to compare it with were expected",
                       DSS_EXCERPT(importer->items.ids.at[0]));
  return DSS_OK;
}

dss_status dss_import_read_lewidi(dss_importer *importer) {
  const char *path = importer->spec.options->input;
  DSS_TRY(load_annotators(importer));
  json_t *root;
  DSS_TRY(load(importer->context, path, &root, importer->sha256));
  dss_status status = read_items(importer, path, root);
  json_decref(root);
  return status;
}
