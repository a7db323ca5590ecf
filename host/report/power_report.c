/* Powers for people and for programs. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/report.h"
#include "host/core/context.h"
#include "json_cell.h"
#include "power_words.h"
#include "power_writers.h"
#include "text.h"
#include "writers.h"

bool dss_power_format_parse(const char *name, dss_power_format *format) {
  dss_report_format found;
  if (!dss_report_format_parse(name, &found)) return false;
  *format = (dss_power_format)found; /* they have the same numbers */
  return true;
}

/* --- CSV ------------------------------------------------------------------------------------- */

static void put_number(FILE *out, double number) {
  fputc(',', out);
  if (!isnan(number)) fprintf(out, "%.17g", number);
}

static void write_csv(const dss_power *power, FILE *out) {
  fputs("group,raters_per_group,raters,ratings_per_item,gai,cohesion,studies,found,undefined,power,"
        "power_low,power_high,mean_gai,added\n",
        out);
  for (size_t i = 0; i < dss_power_n_points(power); i++) {
    const dss_power_point *p = dss_power_get_point(power, i);
    dss_csv_text(out, p->group);
    fprintf(out, ",%" PRIu32 ",%" PRIu32, p->raters_per_group, p->raters);
    put_number(out, p->ratings_per_item);
    put_number(out, p->gai);
    put_number(out, p->cohesion);
    fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, p->studies, p->found, p->undefined);
    put_number(out, p->power);
    put_number(out, p->low);
    put_number(out, p->high);
    put_number(out, p->mean_gai);
    fprintf(out, ",%s\n", p->added ? dss_power_along_name(p->along) : "");
  }
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *number_or_null(double number) {
  return isnan(number) ? json_null() : json_real(number);
}

static json_t *point_json(const dss_power_point *p) {
  return json_pack("{s:s, s:I, s:I, s:f, s:f, s:f, s:I, s:I, s:I, s:f, s:[f, f], s:o, s:s?}",
                   "group", p->group, "raters_per_group", (json_int_t)p->raters_per_group, "raters",
                   (json_int_t)p->raters, "ratings_per_item", p->ratings_per_item, "gai", p->gai,
                   "cohesion", p->cohesion, "studies", (json_int_t)p->studies, "found",
                   (json_int_t)p->found, "undefined", (json_int_t)p->undefined, "power", p->power,
                   "power_interval", p->low, p->high, "mean_gai", number_or_null(p->mean_gai),
                   "added", p->added ? dss_power_along_name(p->along) : NULL);
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
  const dss_power_test *t = dss_power_get_test(power);
  json_t *points = json_array(), *needs = json_array(), *provenance = json_object();
  for (size_t i = 0; i < dss_power_n_points(power); i++)
    json_array_append_new(points, point_json(dss_power_get_point(power, i)));
  for (size_t i = 0; i < dss_power_n_needs(power); i++)
    json_array_append_new(needs, need_json(dss_power_get_need(power, i)));
  for (size_t i = 0; dss_power_key(i); i++)
    json_object_set_new(provenance, dss_power_key(i),
                        json_string(dss_power_fact(power, dss_power_key(i))));
  json_t *root =
      json_pack("{s:s, s:{s:I, s:I, s:f, s:s, s:f}, s:o, s:o, s:o}", "power_of",
                dss_power_is_of_study(power) ? "study" : "plan", "test", "studies",
                (json_int_t)t->studies, "permutations", (json_int_t)t->permutations, "alpha",
                t->alpha, "significance", t->adjusted ? "q_bh" : "p", "wanted_power", t->power,
                "provenance", provenance, "points", points, "needs", needs);
  return dss_json_put_document(&(dss_json){context, out}, root);
}

/* --- table ----------------------------------------------------------------------------------- */

/* Of a design all GAIs stand together. */
static bool begins_design(const dss_power *power, size_t i) {
  const dss_power_point *p = dss_power_get_point(power, i);
  const dss_power_point *before = i > 0 ? dss_power_get_point(power, i - 1) : NULL;
  return !before || p->group != before->group || p->raters_per_group != before->raters_per_group ||
         p->ratings_per_item != before->ratings_per_item;
}

static void write_point(const dss_power *power, size_t i, FILE *out) {
  const dss_power_point *p = dss_power_get_point(power, i);
  if (begins_design(power, i)) {
    fputc('\n', out);
    dss_text_write(out, DSS_MARKUP_NONE, p->group, SIZE_MAX);
    fprintf(out, ": %" PRIu32 " of %" PRIu32 " raters, %.4g ratings an item\n", p->raters_per_group,
            p->raters, p->ratings_per_item);
    fprintf(out, "  %8s  %7s  %15s  %8s  %9s\n", "GAI", "power", "95% interval", "mean GAI",
            "undefined");
  }
  fprintf(out, "  %8.4g  %6.1f%%  %6.1f%% - %5.1f%%  ", p->gai, 100 * p->power, 100 * p->low,
          100 * p->high);
  if (isnan(p->mean_gai))
    fprintf(out, "%8s", "");
  else
    fprintf(out, "%8.3f", p->mean_gai);
  fprintf(out, "  %9" PRIu64 "%s\n", p->undefined,
          p->gai == 1 ? "  (false positives)"
          : p->added  ? "  (added)"
                      : "");
}

static void write_need(const dss_power_need *n, size_t width, FILE *out) {
  char where[DSS_POWER_WHERE_ROOM], needed[DSS_POWER_NUMBER_ROOM], low[DSS_POWER_NUMBER_ROOM],
      high[DSS_POWER_NUMBER_ROOM];
  fputs("  ", out);
  dss_text_write(out, DSS_MARKUP_NONE, n->group, SIZE_MAX);
  fprintf(out, "%*s  %-36s  %9s  %9s  %9s\n", (int)(width - dss_text_width(n->group, SIZE_MAX)), "",
          dss_power_where(n, where), dss_power_bound_text(n, &n->needed, needed),
          dss_power_bound_text(n, &n->low, low), dss_power_bound_text(n, &n->high, high));
}

static void write_needs(const dss_power *power, dss_power_along along, FILE *out) {
  bool begun = false;
  size_t width = 5;
  for (size_t i = 0; i < dss_power_n_needs(power); i++) {
    size_t length = dss_text_width(dss_power_get_need(power, i)->group, SIZE_MAX);
    if (length > width) width = length;
  }
  for (size_t i = 0; i < dss_power_n_needs(power); i++) {
    if (dss_power_get_need(power, i)->along != along) continue;
    if (!begun)
      fprintf(out, "\n%s for a power of %.4g%%\n  %-*s  %-36s  %9s  %9s  %9s\n",
              dss_power_along_title(along), 100 * dss_power_get_test(power)->power, (int)width,
              "group", "with", "needed", "from", "to");
    begun = true;
    write_need(dss_power_get_need(power, i), width, out);
  }
}

static void write_table(const dss_power *power, FILE *out) {
  const dss_power_test *t = dss_power_get_test(power);
  fputs(DSS_POWER_TITLE " in ", out);
  dss_text_write(out, DSS_MARKUP_NONE, dss_power_fact(power, "question"), SIZE_MAX);
  fprintf(out, ", %s items\n", dss_power_fact(power, "items"));
  fprintf(out,
          "%" PRIu64 " simulated studies a point, %" PRIu64
          " permutations each, found where %s < %.4g; agreement %s, leniency %s, seed %s\n",
          t->studies, t->permutations, t->adjusted ? "q" : "p", t->alpha,
          dss_power_fact(power, "agreement"), dss_power_fact(power, "leniency"),
          dss_power_fact(power, "seed"));
  for (size_t i = 0; i < dss_power_n_points(power); i++)
    write_point(power, i, out);
  for (int along = 0; along < 3; along++)
    write_needs(power, (dss_power_along)along, out);
  fputs(
      "\nIntervals of powers: Clopper and Pearson. Needed: isotonic regression of the powers, "
      "straight\nlines over the logarithm between points. From: the last point surely below that "
      "power; to: the\nfirst that surely reaches it, by their intervals. Added: between the grid's "
      "points, to find it.\n",
      out);
}

/* --- by format ------------------------------------------------------------------------------- */

static dss_status write_power(dss_context *context, const void *what,
                              const dss_report_options *options, FILE *stream) {
  const dss_power *power = what;
  switch (options->format) {
  case DSS_REPORT_TABLE:
    write_table(power, stream);
    return DSS_OK;
  case DSS_REPORT_CSV:
    write_csv(power, stream);
    return DSS_OK;
  case DSS_REPORT_JSON:
    return write_json(context, power, stream);
  case DSS_REPORT_MARKDOWN:
    dss_write_power_markdown(power, stream);
    return DSS_OK;
  case DSS_REPORT_LATEX:
    dss_write_power_latex(power, stream);
    return DSS_OK;
  case DSS_REPORT_HTML:
    return dss_write_power_html(context, power, stream);
  }
  return dss_fail(context, DSS_ERR_USAGE, "no such report format: %d", (int)options->format);
}

dss_status dss_power_report(dss_context *context, const dss_power *power, dss_power_format format,
                            FILE *stream) {
  const dss_report_options options = {.format = (dss_report_format)format};
  return dss_writer_write(context, write_power, power, &options, stream);
}

dss_status dss_power_report_save(dss_context *context, const dss_power *power,
                                 dss_power_format format, const char *path, bool overwrite) {
  const dss_report_options options = {.format = (dss_report_format)format};
  return dss_writer_save(context, write_power, power, &options, path, overwrite);
}
