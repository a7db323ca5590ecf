/* Questions derived from others: the largest or smallest level a rater gave an item. */
#include <math.h>
#include <string.h>

#include "import_gather.h"
#include "import_importer.h"

typedef struct derivation {
  const dss_spec_derived *spec;
  const dss_levels *levels; /* of the first source; the others' are the same */
  dss_gathering gathering;
  uint64_t decided;   /* some part missing, but the extreme level is among the others */
  uint64_t undecided; /* some part missing, so the result is */
} derivation;

static bool all_numbers(const dss_levels *levels) {
  for (uint32_t k = 0; k < levels->n_levels; k++)
    if (isnan(levels->values[k])) return false;
  return true;
}

static bool same_levels(const dss_levels *a, const dss_levels *b) {
  if (a->n_levels != b->n_levels) return false;
  for (uint32_t k = 0; k < a->n_levels; k++)
    if (strcmp(a->labels[k], b->labels[k]) != 0) return false;
  return true;
}

static dss_status check_sources(const dss_importer *importer, const derivation *d) {
  const char *first = d->levels->question->name;
  for (size_t i = 1; i < d->spec->n_sources; i++) {
    const dss_levels *other = &importer->levels[d->spec->sources[i]];
    if (!same_levels(d->levels, other))
      return dss_fail(importer->context, DSS_ERR_DATA,
                      "--derive %s: '%s' and '%s' have different levels; --levels for both, and "
                      "--keep-unused-levels, make them equal",
                      d->spec->name, first, other->question->name);
  }
  bool ordered = d->levels->question->declared || all_numbers(d->levels);
  if (!ordered)
    return dss_fail(importer->context, DSS_ERR_USAGE,
                    "--derive %s: the levels of '%s' have no order; give it with --levels %s=...",
                    d->spec->name, first, first);
  if (d->spec->scale >= DSS_INTERVAL && !all_numbers(d->levels))
    return dss_fail(importer->context, DSS_ERR_USAGE,
                    "--derive %s: scale %s needs levels that are numbers", d->spec->name,
                    dss_scale_name(d->spec->scale));
  return DSS_OK;
}

/* The level that decides whatever is missing beside it. */
static uint16_t extreme(const derivation *d) {
  return d->spec->maximum ? (uint16_t)(d->levels->n_levels - 1) : 0;
}

/* What the rater of a run of records answered to a question; duplicates are settled. */
static uint16_t answer(const dss_records *records, uint32_t begin, uint32_t end, size_t question) {
  for (uint32_t at = begin; at < end; at++) {
    size_t record = records->order[at];
    uint16_t code = records->codes[record * records->n_questions + question];
    if (code != DSS_NO_RATING) return code;
  }
  return DSS_NO_RATING;
}

static uint16_t derive_run(const dss_records *records, derivation *d, uint32_t begin,
                           uint32_t end) {
  uint16_t best = DSS_NO_RATING;
  size_t present = 0;
  for (size_t i = 0; i < d->spec->n_sources; i++) {
    uint16_t code = answer(records, begin, end, d->spec->sources[i]);
    if (code == DSS_NO_RATING) continue;
    present++;
    if (best == DSS_NO_RATING || (d->spec->maximum ? code > best : code < best)) best = code;
  }
  if (present == d->spec->n_sources || present == 0) return best;
  if (best == extreme(d)) {
    d->decided++;
    return best;
  }
  d->undecided++;
  return DSS_NO_RATING;
}

static void derive(const dss_records *records, derivation *d) {
  for (uint32_t begin = 0, end; begin < records->count; begin = end) {
    end = dss_records_run(records, begin);
    uint16_t code = derive_run(records, d, begin, end);
    if (code == DSS_NO_RATING) continue;
    uint32_t record = records->order[begin];
    dss_gather_add(&d->gathering, records->item[record], records->rater[record], (uint8_t)code);
  }
}

static void check_constant(dss_importer *importer, const derivation *d) {
  const dss_compressed *ratings = &d->gathering.ratings;
  for (uint64_t i = 1; i < ratings->n_ratings; i++)
    if (ratings->code[i] != ratings->code[0]) return;
  dss_import_warn_constant(importer, d->spec->name, d->levels->labels[ratings->code[0]]);
}

static void log_derived(dss_importer *importer, const derivation *d, const char *text) {
  dss_import_log *log = &importer->log;
  uint64_t count = d->gathering.ratings.n_ratings;
  json_t *section = dss_log_object(log, log->root, "derived");
  json_t *object = dss_log_object(log, section, d->spec->name);
  dss_log_text(log, object, "rule", text);
  dss_log_count(log, object, "ratings", count);
  dss_log_count(log, object, "decided_with_a_part_missing", d->decided);
  dss_log_count(log, object, "missing_with_a_part_missing", d->undecided);
  dss_info(importer->context,
           "derived question '%s': %llu rating%s; with a part missing %llu decided, %llu missing",
           d->spec->name, (unsigned long long)count, DSS_PLURAL(count),
           (unsigned long long)d->decided, (unsigned long long)d->undecided);
}

static dss_status add_derived(dss_importer *importer, derivation *d, const char *text,
                              dss_study *study) {
  dss_context *context = importer->context;
  DSS_TRY(check_sources(importer, d));
  DSS_TRY(dss_gather_begin(context, &d->gathering, importer->items.ids.count, d->levels->n_levels,
                           importer->records.count));
  derive(&importer->records, d);
  DSS_TRY(dss_gather_end(context, &d->gathering));
  log_derived(importer, d, text);
  if (d->gathering.ratings.n_ratings == 0)
    return dss_fail(context, DSS_ERR_DATA, "--derive %s: no rating comes out of it", d->spec->name);
  check_constant(importer, d);
  return dss_study_adopt_question(context, study, d->spec->name, d->spec->scale,
                                  d->levels->n_levels, (const char *const *)d->levels->labels,
                                  d->levels->values, &d->gathering.ratings);
}

dss_status dss_import_add_derived(dss_importer *importer, dss_study *study) {
  for (size_t i = 0; i < importer->spec.n_derived; i++) {
    const dss_spec_derived *spec = &importer->spec.derived[i];
    derivation d = {.spec = spec, .levels = &importer->levels[spec->sources[0]]};
    dss_status status = add_derived(importer, &d, importer->spec.options->derived[i], study);
    dss_gather_free(&d.gathering);
    if (status != DSS_OK) return status;
  }
  return DSS_OK;
}
