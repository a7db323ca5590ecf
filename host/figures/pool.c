/* The figure of a simulated study: what of it needs no drawing. */
#include <math.h>
#include <stdlib.h>

#include "names.h"
#include "one_file.h"
#include "say.h"

static dss_status draw(dss_context *context, const void *check, dss_figure_format format,
                       unsigned char **bytes, size_t *n) {
  return dss_pool_figure_draw(context, check, format, bytes, n);
}

dss_status dss_pool_figure_save(dss_context *context, const dss_pool_check *check, const char *path,
                                bool overwrite) {
  return dss_one_file_save(context, draw, check, path, overwrite);
}

/* --- in words -------------------------------------------------------------------------------- */

/* "GAI 1.170 (model 1.122)" */
static void say_pair(FILE *to, const char *name, double made, double meant, const char *of) {
  dss_say_number(to, name, made);
  if (isnan(meant)) return;
  fprintf(to, " (%s", of);
  dss_say_number(to, " ", meant);
  fputc(')', to);
}

static void say_groups(FILE *to, const dss_pool_check *check, const dss_pool_question *question) {
  const char *of = dss_pool_check_is_grown(check) ? "study" : "model";
  fprintf(to, " %s:", question->name);
  for (size_t i = 0; i < question->n_groups && i < DSS_MOST_NAMED; i++) {
    const dss_pool_group *g = dss_pool_check_group(check, question->first_group + i);
    fprintf(to, "%s %s", i == 0 ? "" : ";", g->group);
    say_pair(to, " IRR ", g->made.irr, g->meant.irr, of);
    say_pair(to, ", GAI ", g->made.gai, g->meant.gai, of);
  }
  dss_say_more(to, question->n_groups);
}

dss_status dss_pool_figure_describe(dss_context *context, const dss_pool_check *check,
                                    char **description) {
  dss_texts_maker maker;
  dss_figure_texts texts = {0};
  DSS_TRY(dss_texts_begin(context, &maker));
  fprintf(
      maker.description,
      "A row a group: shares of its ratings by level as stacked bars, its IRR and its GAI, each "
      "%s and as it came out in the pool.",
      dss_pool_check_is_grown(check) ? "of the study" : "of the model");
  for (size_t q = 0; q < dss_pool_check_n_questions(check); q++)
    say_groups(maker.description, check, dss_pool_check_question(check, q));
  DSS_TRY(dss_texts_end(&maker, DSS_OK, &texts));
  *description = texts.description;
  texts.description = NULL;
  dss_figure_texts_free(&texts);
  return DSS_OK;
}
