#include "power_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "paragraph.h"
#include "text.h"

enum { NAME_WIDTH = 120, NAME_ROOM = 600 };

const char *dss_power_key(size_t i) {
  static const char *const keys[] = {"created_by",   "created_at", "command",
                                     "input_sha256", "seed",       "question",
                                     "items",        "agreement",  "leniency"};
  return i < sizeof keys / sizeof *keys ? keys[i] : NULL;
}

const char *dss_power_fact(const dss_power *power, const char *key) {
  const char *value = dss_power_provenance(power, key);
  return value ? value : "";
}

/* --- numbers --------------------------------------------------------------------------------- */

const char *dss_power_along_title(dss_power_along along) {
  static const char *const titles[] = {"Raters of the group", "Ratings an item", "Smallest GAI"};
  return titles[along];
}

char *dss_power_bound_text(const dss_power_need *need, const dss_power_bound *bound,
                           char text[DSS_POWER_NUMBER_ROOM]) {
  const char *sign = bound->beyond < 0 ? "<= " : bound->beyond > 0 ? "> " : "";
  if (need->along != DSS_POWER_GAI && bound->beyond == 0)
    snprintf(text, DSS_POWER_NUMBER_ROOM, "%.0f", ceil(bound->value));
  else
    snprintf(text, DSS_POWER_NUMBER_ROOM, "%s%.4g", sign, bound->value);
  return text;
}

char *dss_power_where(const dss_power_need *n, char text[DSS_POWER_WHERE_ROOM]) {
  if (n->along == DSS_POWER_RATERS && isnan(n->ratings_per_item))
    snprintf(text, DSS_POWER_WHERE_ROOM, "GAI %.4g", n->gai);
  else if (n->along == DSS_POWER_RATERS)
    snprintf(text, DSS_POWER_WHERE_ROOM, "GAI %.4g, %.4g ratings an item", n->gai,
             n->ratings_per_item);
  else if (n->along == DSS_POWER_RATINGS)
    snprintf(text, DSS_POWER_WHERE_ROOM, "GAI %.4g, %" PRIu32 " raters", n->gai,
             n->raters_per_group);
  else
    snprintf(text, DSS_POWER_WHERE_ROOM, "%" PRIu32 " raters, %.4g ratings an item",
             n->raters_per_group, n->ratings_per_item);
  return text;
}

char *dss_power_mean(const dss_power_point *point, char text[DSS_POWER_NUMBER_ROOM]) {
  *text = '\0';
  if (!isnan(point->mean_gai)) snprintf(text, DSS_POWER_NUMBER_ROOM, "%.3f", point->mean_gai);
  return text;
}

/* --- sentences ------------------------------------------------------------------------------- */

/* Of the points: the raters of the group and the GAIs looked for. */
typedef struct extent {
  double least_raters, most_raters, least_gai, most_gai;
} extent;

static extent extent_of(const dss_power *power) {
  extent e = {HUGE_VAL, 0, HUGE_VAL, 0};
  for (size_t i = 0; i < dss_power_n_points(power); i++) {
    const dss_power_point *p = dss_power_get_point(power, i);
    if (p->added) continue;
    e.least_raters = fmin(e.least_raters, p->raters_per_group);
    e.most_raters = fmax(e.most_raters, p->raters_per_group);
    if (p->gai == 1) continue;
    e.least_gai = fmin(e.least_gai, p->gai);
    e.most_gai = fmax(e.most_gai, p->gai);
  }
  if (e.most_gai == 0) e.least_gai = e.most_gai = 1;
  return e;
}

static char *range(char text[DSS_POWER_NUMBER_ROOM], double low, double high) {
  if (low == high)
    snprintf(text, DSS_POWER_NUMBER_ROOM, "%.4g", low);
  else
    snprintf(text, DSS_POWER_NUMBER_ROOM, "%.4g to %.4g", low, high);
  return text;
}

char *dss_power_asked(const dss_power *power, char text[DSS_POWER_ROOM]) {
  char question[NAME_ROOM], group[NAME_ROOM], raters[DSS_POWER_NUMBER_ROOM],
      gai[DSS_POWER_NUMBER_ROOM];
  double wanted = 100 * dss_power_get_test(power)->power;
  extent e = extent_of(power);
  const dss_power_point *first = dss_power_get_point(power, 0);
  dss_text_name(question, sizeof question, dss_power_fact(power, "question"), NAME_WIDTH);
  dss_text_name(group, sizeof group, first ? first->group : "", NAME_WIDTH);
  range(raters, e.least_raters, e.most_raters);
  range(gai, e.least_gai, e.most_gai);
  if (dss_power_is_of_study(power))
    snprintf(text, DSS_POWER_ROOM,
             "How small a GAI could this study have found? For each group, new ratings of %s were "
             "simulated on the study's own design, with the group's GAI at %s, and tested as the "
             "study's are. The smallest GAI is the one that is found in %.4g%% of such studies.",
             question, gai, wanted);
  else
    snprintf(text, DSS_POWER_ROOM,
             "How often would a study of %s with %s items find that the group %s agrees more, or "
             "less, within itself than with everyone else? Asked for %s raters of the group and a "
             "GAI of %s; a power of %.4g%% is wanted.",
             question, dss_power_fact(power, "items"), group, raters, gai, wanted);
  return text;
}

void dss_power_methods(const dss_power *power, dss_methods_fn part, void *user) {
  const dss_power_test *t = dss_power_get_test(power);
  dss_paragraph p = {.part = part,
                     .user = user,
                     .cited = {[DSS_REFERENCE_CLOPPER] = true,
                               [DSS_REFERENCE_PHIPSON] = true,
                               [DSS_REFERENCE_PRABHAKARAN] = true}};
  char version[NAME_ROOM];
  dss_paragraph_add(
      &p,
      "Power was found by simulation: for each point %" PRIu64
      " studies were drawn from a latent normal model in which what raters have in common is %s of "
      "the variance and their strictness %s, and in which the group's cohesion makes its GAI "
      "(Prabhakaran et al., 2024) exactly the one looked for (docs/power.md).",
      t->studies, dss_power_fact(power, "agreement"), dss_power_fact(power, "leniency"));
  dss_paragraph_add(
      &p,
      "Each study was tested by %" PRIu64
      " permutations of the raters' whole profiles; its two-sided p is (b + 1) / (B + 1), doubled "
      "(Phipson and Smyth, 2010). The group is found where %s < %.4g; at GAI 1 that is a false "
      "positive. Where its GAI is undefined it is not found.",
      t->permutations,
      t->adjusted ? "Benjamini and Hochberg's (1995) q, over all groups and statistics of the axis,"
                  : "p",
      t->alpha);
  dss_paragraph_end(&p);
  dss_paragraph_add(
      &p,
      "Power is the share of studies that find the group, with its exact 95%% interval "
      "(Clopper and Pearson, 1934). What is needed is where the isotonic regression of the "
      "powers, straight between points over the logarithm, reaches the power wanted; points were "
      "added there until neighbours' powers differed by no more than an interval is wide. From "
      "is the last point that is surely below the power wanted, to the first that surely "
      "reaches it, by their intervals.");
  dss_paragraph_add(
      &p, "Seed %s; computed with %s.", dss_power_fact(power, "seed"),
      dss_text_name(version, sizeof version, dss_power_fact(power, "created_by"), NAME_WIDTH));
  dss_paragraph_end(&p);
  p.cited[DSS_REFERENCE_BENJAMINI] = t->adjusted;
  dss_paragraph_references(&p);
}
