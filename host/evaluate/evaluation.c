#include "evaluation.h"

#include <math.h>

#include "host/core/alloc.h"
#include "host/engine/cells.h"

static const char *const kind_names[DSS_N_EVALUATION_KINDS] = {
#define DSS_X(enumerator, name) name,
    DSS_EVALUATION_KINDS(DSS_X)
#undef DSS_X
};

static const char *const key_names[DSS_N_EVALUATION_KEYS] = {
#define DSS_X(key) #key,
    DSS_EVALUATION_KEYS(DSS_X)
#undef DSS_X
};

const char *dss_evaluation_kind_name(dss_evaluation_kind kind) {
  return (unsigned)kind < DSS_N_EVALUATION_KINDS ? kind_names[kind] : NULL;
}

const char *dss_evaluation_provenance_key(size_t index) {
  return index < DSS_N_EVALUATION_KEYS ? key_names[index] : NULL;
}

/* --- building -------------------------------------------------------------------------------- */

dss_status dss_evaluation_new(dss_context *context, dss_evaluation_kind kind,
                              dss_evaluation **evaluation) {
  if (!dss_evaluation_kind_name(kind))
    return dss_fail(context, DSS_ERR_INTERNAL, "evaluation of no kind (%d)", (int)kind);
  dss_evaluation *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  made->kind = kind;
  *evaluation = made;
  return DSS_OK;
}

/* A copy that the evaluation owns. before: what stood in this place one row earlier, or NULL; the
 * same text again costs nothing. */
static dss_status keep_text(dss_context *context, dss_evaluation *e, const char *text,
                            const char *before, const char **kept) {
  if (!text) text = "";
  if (before && strcmp(before, text) == 0) {
    *kept = before;
    return DSS_OK;
  }
  DSS_TRY(DSS_GROW(context, &e->texts, &e->texts_room, e->n_texts + 1));
  DSS_TRY(dss_copy_text(context, &e->texts[e->n_texts], text));
  *kept = e->texts[e->n_texts++];
  return DSS_OK;
}

static bool is_group(const dss_plan *plan, size_t axis, size_t group) {
  return group < plan->kernel.n_groups && plan->groups[group].axis == axis;
}

/* A place that the plan does not have is a mistake of the kind's. */
static dss_status check_place(dss_context *context, const dss_plan *plan,
                              const dss_row_spec *spec) {
  bool right = spec->axis == DSS_NOWHERE ? spec->group == DSS_NOWHERE && spec->versus == DSS_NOWHERE
                                         : spec->axis < plan->kernel.n_axes;
  if (right && spec->group != DSS_NOWHERE) right = is_group(plan, spec->axis, spec->group);
  if (right && spec->versus != DSS_NOWHERE)
    right = spec->group != DSS_NOWHERE &&
            (spec->versus == DSS_ELSE || is_group(plan, spec->axis, spec->versus));
  if (right) return DSS_OK;
  return dss_fail(context, DSS_ERR_INTERNAL, "a row of the evaluation is of no group of the plan");
}

static const char *versus_name(const dss_plan *plan, size_t versus) {
  if (versus == DSS_NOWHERE) return "";
  return versus == DSS_ELSE ? DSS_EVERYONE_ELSE : plan->groups[versus].name;
}

static dss_status name_row(dss_context *context, dss_evaluation *e, const dss_plan *plan,
                           const dss_row_spec *spec, dss_evaluation_row *row) {
  const dss_evaluation_row none = {0}, *before = e->n_rows ? &e->rows[e->n_rows - 1] : &none;
  const char *axis = spec->axis == DSS_NOWHERE ? "" : plan->axes[spec->axis].name;
  const char *group = spec->group == DSS_NOWHERE ? "" : plan->groups[spec->group].name;
  DSS_TRY(keep_text(context, e, spec->question, before->question, &row->question));
  DSS_TRY(keep_text(context, e, spec->source, before->source, &row->source));
  DSS_TRY(keep_text(context, e, spec->items, before->items, &row->items));
  DSS_TRY(keep_text(context, e, axis, before->axis, &row->axis));
  DSS_TRY(keep_text(context, e, group, before->group, &row->group));
  DSS_TRY(keep_text(context, e, versus_name(plan, spec->versus), before->versus, &row->versus));
  return keep_text(context, e, spec->statistic, before->statistic, &row->statistic);
}

dss_status dss_evaluation_add(dss_context *context, dss_evaluation *e, const dss_plan *plan,
                              const dss_row_spec *spec) {
  dss_evaluation_row row = {.raters = spec->raters,
                            .n_items = spec->n_items,
                            .ratings = spec->ratings,
                            .upper = spec->upper,
                            .permuted = spec->permuted};
  DSS_TRY(check_place(context, plan, spec));
  DSS_TRY(DSS_GROW(context, &e->rows, &e->rows_room, e->n_rows + 1));
  DSS_TRY(DSS_GROW(context, &e->places, &e->places_room, e->n_rows + 1));
  DSS_TRY(name_row(context, e, plan, spec, &row));
  dss_cell_empty(&row.cell);
  row.cell.reason = spec->reason;
  e->places[e->n_rows] = (dss_row_place){spec->axis,      spec->group,  spec->versus,
                                         spec->resampled, spec->biased, spec->limits};
  e->rows[e->n_rows++] = row;
  return DSS_OK;
}

dss_status dss_evaluation_add_note(dss_context *context, dss_evaluation *e, const char *what,
                                   uint64_t count, const char *names) {
  dss_evaluation_note note = {.count = count};
  DSS_TRY(DSS_GROW(context, &e->notes, &e->notes_room, e->n_notes + 1));
  DSS_TRY(keep_text(context, e, what, NULL, &note.what));
  DSS_TRY(keep_text(context, e, names, NULL, &note.names));
  e->notes[e->n_notes++] = note;
  return DSS_OK;
}

dss_status dss_evaluation_add_item(dss_context *context, dss_evaluation *e,
                                   const dss_evaluation_item *item) {
  dss_evaluation_item kept = *item;
  if (item->row >= e->n_rows)
    return dss_fail(context, DSS_ERR_INTERNAL, "an item of the evaluation stands behind no row");
  DSS_TRY(DSS_GROW(context, &e->items, &e->items_room, e->n_items + 1));
  DSS_TRY(keep_text(context, e, item->item, NULL, &kept.item));
  e->items[e->n_items++] = kept;
  return DSS_OK;
}

dss_status dss_evaluation_add_group(dss_context *context, dss_evaluation *e,
                                    const dss_evaluation_group *group) {
  dss_evaluation_group kept = *group;
  DSS_TRY(DSS_GROW(context, &e->groups, &e->groups_room, e->n_groups + 1));
  const dss_evaluation_group none = {0},
                             *before = e->n_groups ? &e->groups[e->n_groups - 1] : &none;
  DSS_TRY(keep_text(context, e, group->question, before->question, &kept.question));
  DSS_TRY(keep_text(context, e, group->axis, before->axis, &kept.axis));
  DSS_TRY(keep_text(context, e, group->group, NULL, &kept.group));
  e->groups[e->n_groups++] = kept;
  return DSS_OK;
}

dss_status dss_evaluation_set(dss_context *context, dss_evaluation *e, const char *key,
                              const char *text) {
  for (size_t k = 0; k < DSS_N_EVALUATION_KEYS; k++) {
    if (strcmp(key, key_names[k]) != 0) continue;
    char *copy;
    DSS_TRY(dss_copy_text(context, &copy, text));
    free(e->keys[k]);
    e->keys[k] = copy;
    return DSS_OK;
  }
  return dss_fail(context, DSS_ERR_INTERNAL, "evaluations have no '%s' in their provenance", key);
}

void dss_evaluation_free(dss_evaluation *e) {
  if (!e) return;
  for (size_t i = 0; i < e->n_texts; i++)
    free(e->texts[i]);
  for (size_t k = 0; k < DSS_N_EVALUATION_KEYS; k++)
    free(e->keys[k]);
  free(e->rows);
  free(e->places);
  free(e->notes);
  free(e->items);
  free(e->groups);
  free(e->texts);
  free(e);
}

/* --- accessors ------------------------------------------------------------------------------- */

size_t dss_evaluation_n_rows(const dss_evaluation *e) {
  return e->n_rows;
}

const dss_evaluation_row *dss_evaluation_get(const dss_evaluation *e, size_t row) {
  return row < e->n_rows ? &e->rows[row] : NULL;
}

size_t dss_evaluation_n_notes(const dss_evaluation *e) {
  return e->n_notes;
}

const dss_evaluation_note *dss_evaluation_get_note(const dss_evaluation *e, size_t note) {
  return note < e->n_notes ? &e->notes[note] : NULL;
}

size_t dss_evaluation_n_items(const dss_evaluation *e) {
  return e->n_items;
}

const dss_evaluation_item *dss_evaluation_get_item(const dss_evaluation *e, size_t item) {
  return item < e->n_items ? &e->items[item] : NULL;
}

size_t dss_evaluation_n_groups(const dss_evaluation *e) {
  return e->n_groups;
}

const dss_evaluation_group *dss_evaluation_get_group(const dss_evaluation *e, size_t group) {
  return group < e->n_groups ? &e->groups[group] : NULL;
}

dss_evaluation_kind dss_evaluation_kind_of(const dss_evaluation *e) {
  return e->kind;
}

const char *dss_evaluation_provenance(const dss_evaluation *e, const char *key) {
  for (size_t k = 0; k < DSS_N_EVALUATION_KEYS; k++)
    if (strcmp(key, key_names[k]) == 0) return e->keys[k] ? e->keys[k] : "";
  return NULL;
}
