/* JSON of an evaluation: everything. A row is one line, built and written before the next. */
#include "evaluation_notes.h"
#include "evaluation_writers.h"
#include "json_cell.h"

static json_t *row_object(const dss_evaluation_row *row, uint64_t bootstrap) {
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:o}", "question",
                   row->question, "source", row->source, "items", row->items, "axis", row->axis,
                   "group", row->group, "versus", row->versus, "statistic", row->statistic,
                   "raters", dss_json_count(row->raters), "n_items", dss_json_count(row->n_items),
                   "ratings", dss_json_count(row->ratings), "upper", (int)row->upper, "tested",
                   (int)row->permuted, "value", dss_json_cell(&row->cell, json_null(), bootstrap));
}

static dss_status put_rows(const dss_json *to, const dss_evaluation_view *view) {
  fputs(",\n \"rows\": [", to->stream);
  for (size_t i = 0; i < view->n; i++) {
    fputs(i ? ",\n  " : "\n  ", to->stream);
    DSS_TRY(dss_json_put(to, row_object(dss_evaluation_get(view->evaluation, i), view->bootstrap)));
  }
  fputs("]", to->stream);
  return DSS_OK;
}

static dss_status put_notes(const dss_json *to, const dss_evaluation *e) {
  fputs(",\n \"notes\": [", to->stream);
  for (size_t i = 0; i < dss_evaluation_n_notes(e); i++) {
    const dss_evaluation_note *note = dss_evaluation_get_note(e, i);
    fputs(i ? ",\n  " : "\n  ", to->stream);
    DSS_TRY(dss_json_put(to, json_pack("{s:s, s:o, s:s}", "what", note->what, "count",
                                       dss_json_count(note->count), "names", note->names)));
  }
  fputs("]", to->stream);
  return DSS_OK;
}

static dss_status put_items(const dss_json *to, const dss_evaluation *e) {
  fputs(",\n \"items\": [", to->stream);
  for (size_t i = 0; i < dss_evaluation_n_items(e); i++) {
    const dss_evaluation_item *item = dss_evaluation_get_item(e, i);
    fputs(i ? ",\n  " : "\n  ", to->stream);
    DSS_TRY(dss_json_put(
        to, json_pack("{s:o, s:s, s:o, s:o, s:o}", "row", dss_json_count(item->row), "item",
                      item->item, "share", dss_json_number(item->share), "value",
                      dss_json_number(item->value), "versus", dss_json_number(item->versus))));
  }
  fputs("]", to->stream);
  return DSS_OK;
}

static dss_status put_groups(const dss_json *to, const dss_evaluation *e) {
  fputs(",\n \"groups\": [", to->stream);
  for (size_t i = 0; i < dss_evaluation_n_groups(e); i++) {
    const dss_evaluation_group *group = dss_evaluation_get_group(e, i);
    fputs(i ? ",\n  " : "\n  ", to->stream);
    DSS_TRY(dss_json_put(to, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "question",
                                       group->question, "axis", group->axis, "group", group->group,
                                       "raters", dss_json_count(group->raters), "n_items",
                                       dss_json_count(group->n_items), "n_shared",
                                       dss_json_count(group->n_shared))));
  }
  fputs("]", to->stream);
  return DSS_OK;
}

/* The list that takes them; NULL once one does not fit. */
static void add_warning(dss_note_kind kind, const char *text, void *user) {
  json_t **list = user;
  if (kind != DSS_NOTE_WARNING || !*list) return;
  if (json_array_append_new(*list, json_string(text)) == 0) return;
  json_decref(*list);
  *list = NULL;
}

static json_t *warnings_array(const dss_evaluation_view *view) {
  json_t *list = json_array();
  dss_evaluation_notes(view, false, add_warning, &list);
  return list;
}

static json_t *provenance_object(const dss_evaluation *e) {
  json_t *object = json_object();
  const char *key;
  for (size_t i = 0; (key = dss_evaluation_provenance_key(i)) != NULL; i++)
    if (json_object_set_new(object, key, json_string(dss_evaluation_fact(e, key))) != 0) {
      json_decref(object);
      return NULL;
    }
  return object;
}

dss_status dss_write_evaluation_json(dss_context *context, const dss_evaluation_view *view,
                                     FILE *stream) {
  const dss_evaluation *e = view->evaluation;
  const char *kind = dss_evaluation_kind_name(dss_evaluation_kind_of(e));
  const dss_json to = {context, stream};
  DSS_TRY(dss_json_put_member(&to, "{", "kind", json_string("dissensus evaluation")));
  DSS_TRY(dss_json_put_member(&to, ",\n ", "evaluation", json_string(kind)));
  DSS_TRY(dss_json_put_member(&to, ",\n ", "provenance", provenance_object(e)));
  DSS_TRY(put_rows(&to, view));
  DSS_TRY(put_notes(&to, e));
  DSS_TRY(put_items(&to, e));
  DSS_TRY(put_groups(&to, e));
  DSS_TRY(dss_json_put_member(&to, ",\n ", "warnings", warnings_array(view)));
  fputs("}\n", stream);
  return DSS_OK;
}
