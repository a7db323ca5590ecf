/* Powers for people and for programs. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "host/core/alloc.h"
#include "host/core/atomic_file.h"
#include "power.h"

bool dss_power_format_parse(const char *name, dss_power_format *format) {
  static const char *const names[] = {"table", "csv", "json"};
  for (int i = 0; i < 3; i++)
    if (strcmp(name, names[i]) == 0) {
      *format = (dss_power_format)i;
      return true;
    }
  return false;
}

/* --- CSV ------------------------------------------------------------------------------------- */

static void put_text(FILE *out, const char *text) {
  if (!text[strcspn(text, ",\"\r\n")]) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"') fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

static void put_number(FILE *out, double number) {
  fputc(',', out);
  if (!isnan(number)) fprintf(out, "%.17g", number);
}

static void write_csv(const dss_power *power, FILE *out) {
  fputs("group,raters_per_group,raters,ratings_per_item,gai,cohesion,studies,found,undefined,power,"
        "power_low,power_high,mean_gai\n",
        out);
  for (size_t i = 0; i < power->n_points; i++) {
    const dss_power_point *p = &power->points[i];
    put_text(out, p->group);
    fprintf(out, ",%" PRIu32 ",%" PRIu32, p->raters_per_group, p->raters);
    put_number(out, p->ratings_per_item);
    put_number(out, p->gai);
    put_number(out, p->cohesion);
    fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, p->studies, p->found, p->undefined);
    put_number(out, p->power);
    put_number(out, p->low);
    put_number(out, p->high);
    put_number(out, p->mean_gai);
    fputc('\n', out);
  }
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *number_or_null(double number) {
  return isnan(number) ? json_null() : json_real(number);
}

static json_t *point_json(const dss_power_point *p) {
  return json_pack("{s:s, s:I, s:I, s:f, s:f, s:f, s:I, s:I, s:I, s:f, s:[f, f], s:o}", "group",
                   p->group, "raters_per_group", (json_int_t)p->raters_per_group, "raters",
                   (json_int_t)p->raters, "ratings_per_item", p->ratings_per_item, "gai", p->gai,
                   "cohesion", p->cohesion, "studies", (json_int_t)p->studies, "found",
                   (json_int_t)p->found, "undefined", (json_int_t)p->undefined, "power", p->power,
                   "power_interval", p->low, p->high, "mean_gai", number_or_null(p->mean_gai));
}

static const char *relation(const dss_power_bound *bound) {
  return bound->beyond < 0 ? "at most" : bound->beyond > 0 ? "more than" : "about";
}

static json_t *bound_json(const dss_power_bound *bound) {
  return json_pack("{s:s, s:f}", "is", relation(bound), "value", bound->value);
}

static json_t *need_json(const dss_power_need *n) {
  json_t *need =
      json_pack("{s:s, s:s}", "along", dss_power_along_name(n->along), "group", n->group);
  if (n->along != DSS_POWER_RATERS)
    json_object_set_new(need, "raters_per_group", json_integer(n->raters_per_group));
  if (n->along != DSS_POWER_RATINGS)
    json_object_set_new(need, "ratings_per_item", number_or_null(n->ratings_per_item));
  if (n->along != DSS_POWER_GAI) json_object_set_new(need, "gai", json_real(n->gai));
  json_object_set_new(need, "needed", bound_json(&n->needed));
  json_object_set_new(need, "low", bound_json(&n->low));
  json_object_set_new(need, "high", bound_json(&n->high));
  return need;
}

static dss_status write_json(dss_context *context, const dss_power *power, FILE *out) {
  static const char *const keys[] = {
#define DSS_X(key) #key,
      DSS_POWER_KEYS(DSS_X)
#undef DSS_X
  };
  const dss_power_test *t = &power->test;
  json_t *points = json_array(), *needs = json_array(), *provenance = json_object();
  for (size_t i = 0; i < power->n_points; i++)
    json_array_append_new(points, point_json(&power->points[i]));
  for (size_t i = 0; i < power->n_needs; i++)
    json_array_append_new(needs, need_json(&power->needs[i]));
  for (int i = 0; i < DSS_N_POWER_KEYS; i++)
    json_object_set_new(provenance, keys[i], json_string(power->keys[i]));
  json_t *root = json_pack(
      "{s:s, s:{s:I, s:I, s:f, s:s, s:f}, s:o, s:o, s:o}", "power_of",
      power->of_study ? "study" : "plan", "test", "studies", (json_int_t)t->studies, "permutations",
      (json_int_t)t->permutations, "alpha", t->alpha, "significance", t->adjusted ? "q_bh" : "p",
      "wanted_power", t->power, "provenance", provenance, "points", points, "needs", needs);
  char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(root);
  if (!text) return dss_fail_memory(context, 0);
  fprintf(out, "%s\n", text);
  free(text);
  return DSS_OK;
}

/* --- table ----------------------------------------------------------------------------------- */

/* Of a design all GAIs stand together. */
static bool begins_design(const dss_power *power, size_t i) {
  const dss_power_point *p = &power->points[i];
  return i == 0 || p->group != p[-1].group;
}

static void write_point(const dss_power *power, size_t i, FILE *out) {
  const dss_power_point *p = &power->points[i];
  if (begins_design(power, i)) {
    fprintf(out, "\n%s: %" PRIu32 " of %" PRIu32 " raters, %.4g ratings an item\n", p->group,
            p->raters_per_group, p->raters, p->ratings_per_item);
    fprintf(out, "  %8s  %7s  %15s  %8s  %9s\n", "GAI", "power", "95% interval", "mean GAI",
            "undefined");
  }
  fprintf(out, "  %8.4g  %6.1f%%  %6.1f%% - %5.1f%%  ", p->gai, 100 * p->power, 100 * p->low,
          100 * p->high);
  if (isnan(p->mean_gai))
    fprintf(out, "%8s", "");
  else
    fprintf(out, "%8.3f", p->mean_gai);
  fprintf(out, "  %9" PRIu64 "%s\n", p->undefined, p->gai == 1 ? "  (false positives)" : "");
}

static void write_bound(const dss_power_bound *bound, bool whole, FILE *out) {
  const char *sign = bound->beyond < 0 ? "<= " : bound->beyond > 0 ? "> " : "";
  char text[48];
  if (whole && bound->beyond == 0)
    snprintf(text, sizeof text, "%.0f", ceil(bound->value));
  else
    snprintf(text, sizeof text, "%s%.4g", sign, bound->value);
  fprintf(out, "  %9s", text);
}

static void write_need(const dss_power_need *n, int width, FILE *out) {
  char what[160];
  switch (n->along) {
  case DSS_POWER_RATERS:
    if (isnan(n->ratings_per_item))
      snprintf(what, sizeof what, "GAI %.4g", n->gai);
    else
      snprintf(what, sizeof what, "GAI %.4g, %.4g ratings an item", n->gai, n->ratings_per_item);
    break;
  case DSS_POWER_RATINGS:
    snprintf(what, sizeof what, "GAI %.4g, %" PRIu32 " raters", n->gai, n->raters_per_group);
    break;
  case DSS_POWER_GAI:
    snprintf(what, sizeof what, "%" PRIu32 " raters, %.4g ratings an item", n->raters_per_group,
             n->ratings_per_item);
    break;
  }
  fprintf(out, "  %-*s  %-36s", width, n->group, what);
  write_bound(&n->needed, n->along != DSS_POWER_GAI, out);
  write_bound(&n->low, n->along != DSS_POWER_GAI, out);
  write_bound(&n->high, n->along != DSS_POWER_GAI, out);
  fputc('\n', out);
}

static void write_needs(const dss_power *power, dss_power_along along, FILE *out) {
  static const char *const titles[] = {"Raters of the group", "Ratings an item", "Smallest GAI"};
  bool begun = false;
  int width = 5;
  for (size_t i = 0; i < power->n_needs; i++) {
    int length = (int)strlen(power->needs[i].group);
    if (length > width) width = length;
  }
  for (size_t i = 0; i < power->n_needs; i++) {
    if (power->needs[i].along != along) continue;
    if (!begun)
      fprintf(out, "\n%s for a power of %.4g%%\n  %-*s  %-36s  %9s  %9s  %9s\n", titles[along],
              100 * power->test.power, width, "group", "with", "needed", "from", "to");
    begun = true;
    write_need(&power->needs[i], width, out);
  }
}

static void write_table(const dss_power *power, FILE *out) {
  const dss_power_test *t = &power->test;
  fprintf(out, "Power to find a group's cohesion in %s, %s items\n",
          power->keys[DSS_POWER_KEY_question], power->keys[DSS_POWER_KEY_items]);
  fprintf(out,
          "%" PRIu64 " simulated studies a point, %" PRIu64
          " permutations each, found where %s < %.4g; agreement %s, leniency %s, seed %s\n",
          t->studies, t->permutations, t->adjusted ? "q" : "p", t->alpha,
          power->keys[DSS_POWER_KEY_agreement], power->keys[DSS_POWER_KEY_leniency],
          power->keys[DSS_POWER_KEY_seed]);
  for (size_t i = 0; i < power->n_points; i++)
    write_point(power, i, out);
  for (int along = 0; along < 3; along++)
    write_needs(power, (dss_power_along)along, out);
  fputs("\nIntervals of powers: Clopper and Pearson. Needed: isotonic regression of the powers, "
        "straight\nlines over the logarithm between points; from and to: of the intervals' ends.\n",
        out);
}

/* --- streams --------------------------------------------------------------------------------- */

static dss_status refuse(dss_context *context, const char *path, int why) {
  return dss_fail(context, DSS_ERR_FILE, "%s%scannot be written%s%s", path ? path : "",
                  path ? ": " : "the report ", why ? ": " : "", why ? strerror(why) : "");
}

/* A decimal point is a point, whatever the program's locale says. */
static dss_status write_stream(dss_context *context, const dss_power *power,
                               dss_power_format format, FILE *stream, const char *path) {
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0) return dss_fail_memory(context, 0);
  locale_t before = uselocale(plain);
  dss_status status = DSS_OK;
  errno = 0;
  if (format == DSS_POWER_JSON)
    status = write_json(context, power, stream);
  else if (format == DSS_POWER_CSV)
    write_csv(power, stream);
  else
    write_table(power, stream);
  bool written = fflush(stream) == 0 && !ferror(stream);
  int why = errno;
  uselocale(before);
  freelocale(plain);
  return status == DSS_OK && !written ? refuse(context, path, why) : status;
}

dss_status dss_power_report(dss_context *context, const dss_power *power, dss_power_format format,
                            FILE *stream) {
  return write_stream(context, power, format, stream, NULL);
}

dss_status dss_power_report_save(dss_context *context, const dss_power *power,
                                 dss_power_format format, const char *path, bool overwrite) {
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  if (!stream) return dss_fail_memory(context, 0);
  dss_status status = write_stream(context, power, format, stream, path);
  if (fclose(stream) != 0 && status == DSS_OK) status = dss_fail_memory(context, length);
  if (status == DSS_OK) status = dss_atomic_write(context, path, text, length, overwrite);
  free(text);
  return status;
}
