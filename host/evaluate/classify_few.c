/* Rates that hang on few items, whose intervals are the less sure for it. */
#include <stdio.h>
#include <stdlib.h>

#include "classify.h"
#include "host/core/alloc.h"

enum { NAMES_CHARS = 320 }; /* room for the first names */

/* Of what a rate counts and of what it leaves, the fewer. */
static uint64_t fewer_of(const dss_confusion *t, dss_classify_statistic statistic) {
  uint64_t one, other;
  switch (statistic) {
  case DSS_CLASSIFY_FPR:
    one = t->fp, other = t->tn;
    break;
  case DSS_CLASSIFY_PRECISION:
    one = t->tp, other = t->fp;
    break;
  case DSS_CLASSIFY_F1:
    one = t->tp, other = t->fp + t->fn;
    break;
  case DSS_CLASSIFY_AUC:
    one = t->tp + t->fn, other = t->fp + t->tn;
    break;
  default: /* FNR and recall */
    one = t->fn, other = t->tp;
  }
  return one < other ? one : other;
}

/* Whether the side has the rate, and it hangs on few items. */
typedef enum standing { ABSENT, FEW, ENOUGH } standing;

static standing stands(const dss_classification *c, const dss_section *section,
                       const dss_views *views, size_t side, dss_classify_statistic statistic) {
  const dss_plan *plan = c->rated->plan;
  if (side != dss_side_all(plan) && !plan->kernel.tested[side % plan->kernel.n_groups])
    return ABSENT;
  dss_confusion table = dss_confusion_of(c->rated, section, views, side, NULL, false);
  bool defined = statistic == DSS_CLASSIFY_AUC
                     ? table.tp + table.fn > 0 && table.fp + table.tn > 0
                     : dss_confusion_fraction(&table, statistic).whole > 0;
  if (!defined || dss_section_says_nothing(section, statistic, false)) return ABSENT;
  return fewer_of(&table, statistic) < DSS_CLASSIFY_FEW_ITEMS ? FEW : ENOUGH;
}

static bool hangs_on_few(const dss_classification *c, const dss_section *section,
                         const dss_views *views, const dss_shape *shape) {
  if (shape->form == DSS_SHAPE_LARGEST || shape->statistic < DSS_CLASSIFY_FNR) return false;
  standing one = stands(c, section, views, shape->side, shape->statistic);
  if (shape->form == DSS_SHAPE_VALUE) return one == FEW;
  if (dss_section_says_nothing(section, shape->statistic, true)) return false;
  standing other = stands(c, section, views, shape->other, shape->statistic);
  return one != ABSENT && other != ABSENT && (one == FEW || other == FEW);
}

/* "A: fpr of Woman, topic=Violent" or "A: fnr_gap of Woman vs Man". */
static dss_status name_row(dss_context *context, const dss_classification *c,
                           const dss_section *section, const dss_shape *shape, dss_words *names) {
  const dss_plan *plan = c->rated->plan;
  const char *group = shape->group == DSS_NOWHERE ? "all raters" : plan->groups[shape->group].name;
  const char *versus = shape->form != DSS_SHAPE_GAP ? ""
                       : shape->versus == DSS_ELSE  ? DSS_EVERYONE_ELSE
                                                    : plan->groups[shape->versus].name;
  const char *part = section->part->name ? section->part->name : "";
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  if (!stream) return dss_fail_memory(context, 1);
  fprintf(stream, "%s: %s%s of %s%s%s%s%s", section->classifier->name,
          dss_classify_statistic_name(shape->statistic), *versus ? "_gap" : "", group,
          *versus ? " vs " : "", versus, *part ? ", " : "", part);
  dss_status status = fclose(stream) == 0 ? dss_words_add(context, names, text, length)
                                          : dss_fail_memory(context, length);
  free(text);
  return status;
}

dss_status dss_classify_note_few(dss_context *context, const dss_classification *c, size_t question,
                                 const dss_views *views, dss_evaluation *evaluation) {
  dss_words names = {0};
  dss_status status = DSS_OK;
  for (size_t s = 0; s < c->classifiers.n_sections; s++)
    for (size_t k = 0; k < c->n_shapes && status == DSS_OK; k++) {
      const dss_section *section = &c->classifiers.sections[s];
      if (hangs_on_few(c, section, views, &c->shapes[k]))
        status = name_row(context, c, section, &c->shapes[k], &names);
    }
  char what[512], listed[NAMES_CHARS] = "";
  if (status == DSS_OK && names.count > 0) {
    snprintf(what, sizeof what,
             "rates and gaps that hang on fewer than %u items, whose 95%% intervals may hold "
             "less (question '%s')",
             DSS_CLASSIFY_FEW_ITEMS, DSS_EXCERPT(c->rated->questions[question].question->name));
    dss_words_list(&names, listed, sizeof listed);
    status = dss_evaluation_add_note(context, evaluation, what, names.count, listed);
  }
  dss_words_free(&names);
  return status;
}
