#include "pool_words.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "paragraph.h"
#include "text.h"

/* --- columns --------------------------------------------------------------------------------- */

#define DSS_NUMBER(name, expression)                                                               \
  static double name(const dss_pool_group *g) {                                                    \
    return expression;                                                                             \
  }
/* What there is of the study, or of the model; a study may lack the group. */
#define DSS_MEANT(name, expression) DSS_NUMBER(name, g->meant.raters > 0 ? (expression) : NAN)
DSS_NUMBER(raters, (double)g->made.raters)
DSS_NUMBER(ratings, (double)g->made.ratings)
DSS_NUMBER(severity, g->severity)
DSS_NUMBER(cohesion, g->cohesion)
DSS_NUMBER(mean, g->made.mean)
DSS_NUMBER(irr, g->made.irr)
DSS_NUMBER(xrr, g->made.xrr)
DSS_NUMBER(gai, g->made.gai)
DSS_NUMBER(source_raters, (double)g->meant.raters)
DSS_NUMBER(source_ratings, (double)g->meant.ratings)
DSS_MEANT(meant_mean, g->meant.mean)
DSS_MEANT(meant_irr, g->meant.irr)
DSS_MEANT(meant_xrr, g->meant.xrr)
DSS_MEANT(meant_gai, g->meant.gai)

/* Beside each value what it was meant to be. */
static const dss_pool_column of_pool[] = {{"Raters", "raters", raters, true, false},
                                          {"Severity", "planted_severity", severity, false, true},
                                          {"Mean", "model_mean", meant_mean, false, false},
                                          {"pool", "mean", mean, false, false},
                                          {"Cohesion", "planted_cohesion", cohesion, false, true},
                                          {"IRR", "model_irr", meant_irr, false, false},
                                          {"pool", "irr", irr, false, false},
                                          {"GAI", "model_gai", meant_gai, false, false},
                                          {"pool", "gai", gai, false, false}};
static const dss_pool_column of_grown[] = {{"Raters", "source_raters", source_raters, true, false},
                                           {"pool", "raters", raters, true, false},
                                           {"Cohesion", "fitted_cohesion", cohesion, false, true},
                                           {"Mean", "source_mean", meant_mean, false, false},
                                           {"pool", "mean", mean, false, false},
                                           {"IRR", "source_irr", meant_irr, false, false},
                                           {"pool", "irr", irr, false, false},
                                           {"GAI", "source_gai", meant_gai, false, false},
                                           {"pool", "gai", gai, false, false}};
static const dss_pool_column more_of_pool[] = {{NULL, "model_xrr", meant_xrr, false, false},
                                               {NULL, "xrr", xrr, false, false},
                                               {NULL, "ratings", ratings, true, false}};
static const dss_pool_column more_of_grown[] = {
    {NULL, "source_xrr", meant_xrr, false, false},
    {NULL, "xrr", xrr, false, false},
    {NULL, "source_ratings", source_ratings, true, false},
    {NULL, "ratings", ratings, true, false}};

#define COLUMNS(array) ((dss_pool_columns){array, sizeof(array) / sizeof *(array)})

dss_pool_columns dss_pool_columns_of(const dss_pool_check *check) {
  return dss_pool_check_is_grown(check) ? COLUMNS(of_grown) : COLUMNS(of_pool);
}

dss_pool_columns dss_pool_more_columns(const dss_pool_check *check) {
  return dss_pool_check_is_grown(check) ? COLUMNS(more_of_grown) : COLUMNS(more_of_pool);
}

const char *dss_pool_cell_text(const dss_pool_column *c, const dss_pool_group *g,
                               char text[DSS_POOL_CELL_ROOM]) {
  double number = c->number(g);
  *text = '\0';
  if (!isnan(number))
    snprintf(text, DSS_POOL_CELL_ROOM, c->count ? "%.0f" : c->sign ? "%+.2f" : "%.3f", number);
  return text;
}

const char *dss_pool_note(const dss_pool_check *check) {
  return dss_pool_check_is_grown(check)
             ? "Beside each value of the study that of the pool. Cohesion: what was fitted to a "
               "group that surely differs from all others; 1 more would be its GAI on the latent "
               "scale, against raters without effects."
             : "Beside each value that the model makes of the group that of the pool, which "
               "differs "
               "by chance; the model's is that of very many raters, and a group of few has less "
               "IRR and GAI besides. Severity, in standard deviations, and cohesion: what was "
               "planted in "
               "this "
               "very group; 1 more than the cohesion would be its GAI on the latent scale, against "
               "raters without effects.";
}

const char *dss_pool_model(const dss_pool_question *question, char text[DSS_POOL_MODEL_ROOM]) {
  snprintf(text, DSS_POOL_MODEL_ROOM, "agreement %.3g, leniency %.3g", question->agreement,
           question->leniency);
  return text;
}

/* --- sentences ------------------------------------------------------------------------------- */

enum { NAME_WIDTH = 120, NAME_ROOM = 600 };

static const char *fact(const dss_pool_check *check, const char *key) {
  const char *value = dss_pool_check_provenance(check, key);
  return value ? value : "";
}

static double truth_number(const json_t *truth, const char *key) {
  return json_number_value(json_object_get(truth, key));
}

static int say_design(const json_t *truth, const dss_pool_question *first, char *text, int at) {
  double batches = truth_number(truth, "batches"), missing = truth_number(truth, "missing");
  at += snprintf(text + at, (size_t)(DSS_POOL_ROOM - at),
                 " The pool has %" PRIu32 " rater%s and %" PRIu32 " item%s", first->made.raters,
                 first->made.raters == 1 ? "" : "s", first->made.items,
                 first->made.items == 1 ? "" : "s");
  if (batches > 1)
    at += snprintf(text + at, (size_t)(DSS_POOL_ROOM - at),
                   " in %.0f batches, whose raters rate their own items alone", batches);
  if (missing > 0)
    at += snprintf(text + at, (size_t)(DSS_POOL_ROOM - at),
                   "; each rating was left out with chance %.4g", missing);
  return at + snprintf(text + at, (size_t)(DSS_POOL_ROOM - at), ".");
}

char *dss_pool_made(const dss_pool_check *check, char text[DSS_POOL_ROOM]) {
  json_t *truth = json_loads(dss_pool_check_truth(check), 0, NULL);
  const dss_pool_question *first = dss_pool_check_question(check, 0);
  int at =
      snprintf(text, DSS_POOL_ROOM, "No person gave these ratings: they were drawn from a model");
  if (dss_pool_check_is_grown(check)) {
    double times = truth_number(truth, "times"), items_times = truth_number(truth, "items_times");
    at += snprintf(text + at, (size_t)(DSS_POOL_ROOM - at),
                   " that was fitted to a study, of which each rater stands for %.0f new ones%s",
                   times, times > 1 ? ", who rate what it rated, or another" : "");
    if (items_times > 1)
      at +=
          snprintf(text + at, (size_t)(DSS_POOL_ROOM - at), " and each item for %.0f", items_times);
    at += snprintf(text + at, (size_t)(DSS_POOL_ROOM - at), ".");
  } else {
    at += snprintf(text + at, (size_t)(DSS_POOL_ROOM - at), " whose truth is known.");
  }
  at = say_design(truth, first, text, at);
  snprintf(text + at, (size_t)(DSS_POOL_ROOM - at),
           " Here each group stands as it was meant to be and as it came out; nothing is tested.");
  json_decref(truth);
  return text;
}

static void say_known(dss_paragraph *p, const dss_pool_question *first) {
  dss_paragraph_add(p,
                    "Ratings were drawn from a latent normal model (docs/simulate.md) in which "
                    "what all raters see "
                    "alike is %.3g of the variance and their own strictness %.3g; levels have the "
                    "shares that were "
                    "asked for, for raters without effects.",
                    first->agreement, first->leniency);
  dss_paragraph_add(
      p, "A group's severity moves its raters' values, in standard deviations; cohesion "
         "k gives it a view of its own, or less of the common one, so that its GAI "
         "(Prabhakaran et al., 2024) against raters without effects is 1 + k on the latent "
         "scale.");
  dss_paragraph_add(p,
                    "What the model makes of a group is computed, by Mehler's series, for endless "
                    "items of which any two of these raters are equally likely to share one, and "
                    "for so many raters that each one's own strictness is a small part of all. A "
                    "group of few has less IRR and GAI on the average, as the disagreement that "
                    "alpha expects counts pairs of one rater's own ratings.");
}

static void say_fitted(dss_paragraph *p) {
  dss_paragraph_add(
      p, "A latent normal model was fitted to each question of the study by moments "
         "(docs/simulate.md): thresholds of each profile, the raters' agreement and leniency, and "
         "the cohesion of groups that are 3 standard errors or more from that of all others. New "
         "ratings were drawn by it, with the items' severities as the study tells them.");
}

void dss_pool_methods(const dss_pool_check *check, dss_methods_fn part, void *user) {
  dss_paragraph p = {.part = part,
                     .user = user,
                     .cited = {[DSS_REFERENCE_KRIPPENDORFF] = true,
                               [DSS_REFERENCE_PRABHAKARAN] = true,
                               [DSS_REFERENCE_WONG] = true}};
  char version[NAME_ROOM];
  if (dss_pool_check_is_grown(check))
    say_fitted(&p);
  else
    say_known(&p, dss_pool_check_question(check, 0));
  dss_paragraph_add(&p,
                    "Of the ratings IRR is Krippendorff's (2011) alpha inside the group, XRR the "
                    "kappa_x of Wong et al. (2021) against everyone else, GAI their ratio "
                    "(Prabhakaran et al., 2024).");
  dss_paragraph_add(&p, "Seed %s; made with %s.", fact(check, "seed"),
                    dss_text_name(version, sizeof version, fact(check, "created_by"), NAME_WIDTH));
  dss_paragraph_end(&p);
  dss_paragraph_references(&p);
}
