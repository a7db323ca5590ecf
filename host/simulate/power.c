#include "power.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "host/core/alloc.h"
#include "host/core/timestamp.h"

#define MOST_TRIALS 1000000u

void dss_power_test_init(dss_power_test *test) {
  *test = (dss_power_test){.studies = 200, .permutations = 999, .alpha = 0.05, .power = 0.8};
}

static dss_status check(dss_context *context, const dss_power_test *t) {
  if (t->studies < 1 || t->studies > MOST_TRIALS)
    return dss_fail(context, DSS_ERR_USAGE, "%llu studies: it must be 1 to %u",
                    (unsigned long long)t->studies, MOST_TRIALS);
  if (t->permutations < 1 || t->permutations > MOST_TRIALS)
    return dss_fail(context, DSS_ERR_USAGE, "%llu permutations: it must be 1 to %u",
                    (unsigned long long)t->permutations, MOST_TRIALS);
  if (!(t->alpha > 0 && t->alpha < 1))
    return dss_fail(context, DSS_ERR_USAGE, "alpha %g: it must be above 0 and below 1", t->alpha);
  if (!(t->power > t->alpha && t->power < 1))
    return dss_fail(context, DSS_ERR_USAGE, "power %g: it must be above alpha, %g, and below 1",
                    t->power, t->alpha);
  if (!(2.0 / ((double)t->permutations + 1) < t->alpha))
    return dss_fail(
        context, DSS_ERR_USAGE,
        "%llu permutations: their smallest p, %g, is not below alpha, %g: nothing could "
        "be found",
        (unsigned long long)t->permutations, 2.0 / ((double)t->permutations + 1), t->alpha);
  return DSS_OK;
}

dss_status dss_power_new(dss_context *context, const dss_power_test *test, dss_power **power) {
  char now[DSS_TIMESTAMP_CHARS];
  DSS_TRY(check(context, test));
  DSS_TRY(DSS_ALLOC(context, power, 1));
  (*power)->test = *test;
  (*power)->test.command = NULL;
  DSS_TRY(dss_timestamp(context, now));
  DSS_TRY(dss_power_set_key(context, *power, DSS_POWER_KEY_created_by, "dissensus %s",
                            DSS_VERSION_STRING));
  DSS_TRY(dss_power_set_key(context, *power, DSS_POWER_KEY_created_at, "%s", now));
  for (int key = DSS_POWER_KEY_command; key < DSS_N_POWER_KEYS; key++)
    DSS_TRY(dss_power_set_key(context, *power, (dss_power_key)key, "%s",
                              key == DSS_POWER_KEY_command && test->command ? test->command : ""));
  return DSS_OK;
}

void dss_power_free(dss_power *power) {
  if (!power) return;
  for (int key = 0; key < DSS_N_POWER_KEYS; key++)
    free(power->keys[key]);
  for (size_t i = 0; i < power->n_names; i++)
    free(power->names[i]);
  free(power->names);
  free(power->points);
  free(power->needs);
  free(power);
}

/* --- filling it ------------------------------------------------------------------------------ */

dss_status dss_power_set_key(dss_context *context, dss_power *power, dss_power_key key,
                             const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  free(power->keys[key]);
  DSS_TRY(DSS_ALLOC(context, &power->keys[key], (size_t)length + 1));
  va_start(arguments, format);
  vsnprintf(power->keys[key], (size_t)length + 1, format, arguments);
  va_end(arguments);
  return DSS_OK;
}

dss_status dss_power_keep_name(dss_context *context, dss_power *power, const char *name,
                               const char **kept) {
  DSS_TRY(DSS_GROW(context, &power->names, &power->names_room, power->n_names + 1));
  DSS_TRY(dss_copy_text(context, &power->names[power->n_names], name));
  *kept = power->names[power->n_names++];
  return DSS_OK;
}

dss_status dss_power_add_point(dss_context *context, dss_power *power,
                               const dss_power_point *point) {
  DSS_TRY(DSS_GROW(context, &power->points, &power->points_room, power->n_points + 1));
  power->points[power->n_points++] = *point;
  return DSS_OK;
}

dss_status dss_power_add_need(dss_context *context, dss_power *power, const dss_power_need *need) {
  DSS_TRY(DSS_GROW(context, &power->needs, &power->needs_room, power->n_needs + 1));
  power->needs[power->n_needs++] = *need;
  return DSS_OK;
}

double dss_power_point_place(const dss_power_point *point, dss_power_along along) {
  return along == DSS_POWER_RATERS    ? point->raters_per_group
         : along == DSS_POWER_RATINGS ? point->ratings_per_item
                                      : point->gai;
}

static int compare_points(const void *a, const void *b) {
  static const dss_power_along order[] = {DSS_POWER_RATINGS, DSS_POWER_RATERS, DSS_POWER_GAI};
  for (int i = 0; i < 3; i++) {
    double x = dss_power_point_place(a, order[i]), y = dss_power_point_place(b, order[i]);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

void dss_power_sort_points(dss_power *power, size_t first) {
  if (power->n_points > first)
    qsort(power->points + first, power->n_points - first, sizeof *power->points, compare_points);
}

dss_status dss_power_check_defined(dss_context *context, const dss_power *power) {
  for (size_t i = 0; i < power->n_points; i++)
    if (power->points[i].undefined < power->points[i].studies) return DSS_OK;
  char why[400] = "";
  for (int i = 0; i < DSS_N_REASONS; i++) {
    size_t at = strlen(why);
    if (power->why[i] > 0)
      snprintf(why + at, sizeof why - at, "%s%s (in %llu)", at ? ", " : "",
               dss_reason_text((dss_reason)i), (unsigned long long)power->why[i]);
  }
  return dss_fail(context, DSS_ERR_DATA,
                  "no simulated study has a GAI: %s; more items, raters or ratings are needed",
                  why);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

dss_status dss_power_sort_gai(dss_context *context, const double *gai, size_t n, double **sorted,
                              size_t *n_sorted) {
  for (size_t i = 0; i < n; i++)
    if (!(gai[i] > 0 && gai[i] < 1e6))
      return dss_fail(context, DSS_ERR_USAGE, "GAI %g: it must be a positive number", gai[i]);
  DSS_TRY(DSS_ALLOC(context, sorted, n + 1));
  (*sorted)[0] = 1;
  if (n > 0) memcpy(*sorted + 1, gai, n * sizeof *gai);
  qsort(*sorted, n + 1, sizeof **sorted, ascending);
  *n_sorted = 1;
  for (size_t i = 1; i <= n; i++)
    if ((*sorted)[i] > (*sorted)[*n_sorted - 1]) (*sorted)[(*n_sorted)++] = (*sorted)[i];
  return DSS_OK;
}

/* --- reading it ------------------------------------------------------------------------------ */

size_t dss_power_n_points(const dss_power *power) {
  return power->n_points;
}

size_t dss_power_n_needs(const dss_power *power) {
  return power->n_needs;
}

const dss_power_point *dss_power_get_point(const dss_power *power, size_t point) {
  return point < power->n_points ? &power->points[point] : NULL;
}

const dss_power_need *dss_power_get_need(const dss_power *power, size_t need) {
  return need < power->n_needs ? &power->needs[need] : NULL;
}

bool dss_power_is_of_study(const dss_power *power) {
  return power->of_study;
}

const dss_power_test *dss_power_get_test(const dss_power *power) {
  return &power->test;
}

const char *dss_power_along_name(dss_power_along along) {
  static const char *const names[] = {"raters_per_group", "ratings_per_item", "gai"};
  return (unsigned)along < 3 ? names[along] : NULL;
}

const char *dss_power_provenance(const dss_power *power, const char *key) {
  static const char *const names[] = {
#define DSS_X(key) #key,
      DSS_POWER_KEYS(DSS_X)
#undef DSS_X
  };
  for (int i = 0; i < DSS_N_POWER_KEYS; i++)
    if (strcmp(names[i], key) == 0) return power->keys[i];
  return NULL;
}
