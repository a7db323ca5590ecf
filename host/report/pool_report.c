/* A simulated study beside what it was made of: a table for people, CSV and JSON for programs. */
#include "dissensus/pool.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/context.h"
#include "json_cell.h"
#include "text.h"
#include "writers.h"

/* --- columns --------------------------------------------------------------------------------- */

enum { CELL_ROOM = 32 };

/* One number of a group, NaN where there is none. */
typedef double (*number_fn)(const dss_pool_group *group);

#define DSS_NUMBER(name, expression)                                                               \
  static double name(const dss_pool_group *g) {                                                    \
    return expression;                                                                             \
  }
DSS_NUMBER(raters, (double)g->made.raters)
DSS_NUMBER(ratings, (double)g->made.ratings)
DSS_NUMBER(severity, g->severity)
DSS_NUMBER(cohesion, g->cohesion)
DSS_NUMBER(mean, g->made.mean)
DSS_NUMBER(irr, g->made.irr)
DSS_NUMBER(xrr, g->made.xrr)
DSS_NUMBER(gai, g->made.gai)
DSS_NUMBER(source_raters, (double)g->source.raters)
DSS_NUMBER(source_ratings, (double)g->source.ratings)
DSS_NUMBER(source_mean, g->source.mean)
DSS_NUMBER(source_irr, g->source.irr)
DSS_NUMBER(source_xrr, g->source.xrr)
DSS_NUMBER(source_gai, g->source.gai)

typedef struct column {
  const char *title, *name; /* for people, for programs */
  number_fn number;
  bool count, sign; /* a whole number; one around 0 */
} column;

static const column of_pool[] = {{"Raters", "raters", raters, true, false},
                                 {"Ratings", "ratings", ratings, true, false},
                                 {"Severity", "planted_severity", severity, false, true},
                                 {"Mean", "mean", mean, false, false},
                                 {"Cohesion", "planted_cohesion", cohesion, false, true},
                                 {"IRR", "irr", irr, false, false},
                                 {"XRR", "xrr", xrr, false, false},
                                 {"GAI", "gai", gai, false, false}};
/* The study's value beside the pool's. */
static const column of_grown[] = {{"Raters", "source_raters", source_raters, true, false},
                                  {"pool", "raters", raters, true, false},
                                  {"Cohesion", "fitted_cohesion", cohesion, false, true},
                                  {"Mean", "source_mean", source_mean, false, false},
                                  {"pool", "mean", mean, false, false},
                                  {"IRR", "source_irr", source_irr, false, false},
                                  {"pool", "irr", irr, false, false},
                                  {"GAI", "source_gai", source_gai, false, false},
                                  {"pool", "gai", gai, false, false}};
/* What only programs get. */
static const column more_of_grown[] = {{NULL, "source_xrr", source_xrr, false, false},
                                       {NULL, "xrr", xrr, false, false},
                                       {NULL, "source_ratings", source_ratings, true, false},
                                       {NULL, "ratings", ratings, true, false}};

typedef struct columns {
  const column *at;
  size_t n;
} columns;

static columns columns_of(const dss_pool_check *check) {
  return dss_pool_check_is_grown(check) ? (columns){of_grown, sizeof of_grown / sizeof *of_grown}
                                        : (columns){of_pool, sizeof of_pool / sizeof *of_pool};
}

static columns more_columns_of(const dss_pool_check *check) {
  return dss_pool_check_is_grown(check)
             ? (columns){more_of_grown, sizeof more_of_grown / sizeof *more_of_grown}
             : (columns){NULL, 0};
}

static const char *cell_text(const column *c, const dss_pool_group *g, char text[CELL_ROOM]) {
  double number = c->number(g);
  *text = '\0';
  if (!isnan(number))
    snprintf(text, CELL_ROOM, c->count ? "%.0f" : c->sign ? "%+.2f" : "%.3f", number);
  return text;
}

/* --- words ----------------------------------------------------------------------------------- */

static const char *note_of(const dss_pool_check *check) {
  return dss_pool_check_is_grown(check)
             ? "Beside each value of the study that of the pool. Cohesion: what was fitted to a "
               "group that surely differs from all others; 1 more is its GAI on the latent scale."
             : "Severity, in standard deviations, and cohesion: what was planted in this very "
               "group; 1 more than the cohesion is its GAI on the latent scale. The rest is what "
               "came out.";
}

static double of_truth(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

/* "harm; agreement 0.35, leniency 0.1". A pool's questions share them, a grown one's have own. */
static void put_question(const json_t *truth, const char *name, dss_markup markup, FILE *out) {
  const json_t *from = truth, *question;
  size_t i;
  if (!json_object_get(truth, "agreement")) {
    json_array_foreach(json_object_get(truth, "questions"), i, question) {
      const char *of = json_string_value(json_object_get(question, "name"));
      if (of && strcmp(of, name) == 0) from = question;
    }
  }
  dss_text_write(out, markup, name, SIZE_MAX);
  fprintf(out, "; agreement %.3g, leniency %.3g", of_truth(from, "agreement"),
          of_truth(from, "leniency"));
}

/* --- tables ---------------------------------------------------------------------------------- */

static bool begins_question(const dss_pool_check *check, size_t i) {
  return i == 0 || strcmp(dss_pool_check_group(check, i)->question,
                          dss_pool_check_group(check, i - 1)->question) != 0;
}

static size_t group_width(const dss_pool_check *check) {
  size_t width = 5;
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    size_t own = dss_text_width(dss_pool_check_group(check, i)->group, SIZE_MAX);
    if (own > width) width = own;
  }
  return width;
}

/* Numbers have up to six columns, and larger counts push. */
static size_t column_width(const column *c) {
  return strlen(c->title) > 6 ? strlen(c->title) : 6;
}

static void write_lines(FILE *out, const char *text) {
  while (*text) {
    size_t n = dss_text_line(text, 100);
    fprintf(out, "%.*s\n", (int)(n - (text[n - 1] == ' ')), text);
    text += n + strspn(text + n, " ");
  }
}

static void write_table(const dss_pool_check *check, const json_t *truth, FILE *out) {
  columns c = columns_of(check);
  size_t width = group_width(check);
  char text[CELL_ROOM];
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    if (begins_question(check, i)) {
      if (i > 0) fputc('\n', out);
      put_question(truth, g->question, DSS_MARKUP_NONE, out);
      fprintf(out, "\n  %-*s", (int)width, "Group");
      for (size_t k = 0; k < c.n; k++)
        fprintf(out, "  %*s", (int)column_width(&c.at[k]), c.at[k].title);
      fputc('\n', out);
    }
    fputs("  ", out);
    dss_text_write(out, DSS_MARKUP_NONE, g->group, SIZE_MAX);
    fprintf(out, "%*s", (int)(width - dss_text_width(g->group, SIZE_MAX)), "");
    for (size_t k = 0; k < c.n; k++)
      fprintf(out, "  %*s", (int)column_width(&c.at[k]), cell_text(&c.at[k], g, text));
    fputc('\n', out);
  }
  fputc('\n', out);
  write_lines(out, note_of(check));
}

static void write_markdown(const dss_pool_check *check, const json_t *truth, FILE *out) {
  columns c = columns_of(check);
  char text[CELL_ROOM];
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    if (begins_question(check, i)) {
      fputs(i > 0 ? "\n### " : "### ", out);
      put_question(truth, g->question, DSS_MARKUP_MARKDOWN, out);
      fputs("\n\n| Group |", out);
      for (size_t k = 0; k < c.n; k++)
        fprintf(out, " %s |", c.at[k].title);
      fputs("\n|:--|", out);
      for (size_t k = 0; k < c.n; k++)
        fputs("--:|", out);
      fputc('\n', out);
    }
    fputs("| ", out);
    dss_text_write(out, DSS_MARKUP_MARKDOWN, g->group, SIZE_MAX);
    fputs(" |", out);
    for (size_t k = 0; k < c.n; k++)
      fprintf(out, " %s |", cell_text(&c.at[k], g, text));
    fputc('\n', out);
  }
  fprintf(out, "\n%s\n", note_of(check));
}

static void write_latex(const dss_pool_check *check, const json_t *truth, FILE *out) {
  columns c = columns_of(check);
  char text[CELL_ROOM];
  fputs("% needs \\usepackage{booktabs} and \\usepackage{longtable}\n", out);
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    if (begins_question(check, i)) {
      if (i > 0) fputs("\\end{longtable}\n", out);
      fputs("\\begin{longtable}{@{}l", out);
      for (size_t k = 0; k < c.n; k++)
        fputc('r', out);
      fputs("@{}}\n\\caption{", out);
      put_question(truth, g->question, DSS_MARKUP_LATEX, out);
      fputs("}\\\\\n\\toprule\nGroup", out);
      for (size_t k = 0; k < c.n; k++)
        fprintf(out, " & %s", c.at[k].title);
      fputs(" \\\\\n\\midrule\n\\endhead\n\\bottomrule\n\\endlastfoot\n", out);
    }
    dss_text_write(out, DSS_MARKUP_LATEX, g->group, SIZE_MAX);
    for (size_t k = 0; k < c.n; k++) {
      const char *cell = cell_text(&c.at[k], g, text);
      fprintf(out, *cell == '-' ? " & $%s$" : " & %s", cell);
    }
    fputs(" \\\\\n", out);
  }
  fprintf(out, "\\end{longtable}\n\\noindent %s\n", note_of(check));
}

/* --- for programs ---------------------------------------------------------------------------- */

static void put_numbers(columns c, const dss_pool_group *g, FILE *out) {
  for (size_t k = 0; k < c.n; k++) {
    double number = c.at[k].number(g);
    fputc(',', out);
    if (!isnan(number)) fprintf(out, "%.17g", number);
  }
}

static void write_csv(const dss_pool_check *check, FILE *out) {
  columns c = columns_of(check), more = more_columns_of(check);
  fputs("question,axis,group", out);
  for (size_t k = 0; k < c.n + more.n; k++)
    fprintf(out, ",%s", k < c.n ? c.at[k].name : more.at[k - c.n].name);
  fputc('\n', out);
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    dss_csv_text(out, g->question);
    dss_csv_text_field(out, g->axis);
    dss_csv_text_field(out, g->group);
    put_numbers(c, g, out);
    put_numbers(more, g, out);
    fputc('\n', out);
  }
}

static void set_numbers(json_t *group, columns c, const dss_pool_group *g) {
  for (size_t k = 0; k < c.n; k++) {
    double number = c.at[k].number(g);
    json_object_set_new(group, c.at[k].name,
                        isnan(number)   ? json_null()
                        : c.at[k].count ? json_integer((json_int_t)number)
                                        : json_real(number));
  }
}

static dss_status write_json(dss_context *context, const dss_pool_check *check, json_t *truth,
                             FILE *out) {
  json_t *groups = json_array();
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    json_t *group =
        json_pack("{s:s, s:s, s:s}", "question", g->question, "axis", g->axis, "group", g->group);
    set_numbers(group, columns_of(check), g);
    set_numbers(group, more_columns_of(check), g);
    json_array_append_new(groups, group);
  }
  json_t *root = json_pack("{s:O, s:o}", "truth", truth, "groups", groups);
  return dss_json_put_document(&(dss_json){context, out}, root);
}

/* --- by format ------------------------------------------------------------------------------- */

static dss_status write_formats(dss_context *context, const dss_pool_check *check, json_t *truth,
                                dss_report_format format, FILE *stream) {
  switch (format) {
  case DSS_REPORT_TABLE:
    write_table(check, truth, stream);
    return DSS_OK;
  case DSS_REPORT_CSV:
    write_csv(check, stream);
    return DSS_OK;
  case DSS_REPORT_JSON:
    return write_json(context, check, truth, stream);
  case DSS_REPORT_MARKDOWN:
    write_markdown(check, truth, stream);
    return DSS_OK;
  case DSS_REPORT_LATEX:
    write_latex(check, truth, stream);
    return DSS_OK;
  case DSS_REPORT_HTML:
    break;
  }
  return dss_fail(context, DSS_ERR_USAGE, "of simulated studies there is no such report");
}

static dss_status write_check(dss_context *context, const void *what,
                              const dss_report_options *options, FILE *stream) {
  json_t *truth = json_loads(dss_pool_check_truth(what), 0, NULL);
  if (!truth) return dss_fail_memory(context, 0);
  dss_status status = write_formats(context, what, truth, options->format, stream);
  json_decref(truth);
  return status;
}

dss_status dss_pool_report(dss_context *context, const dss_pool_check *check,
                           dss_report_format format, FILE *stream) {
  const dss_report_options options = {.format = format};
  return dss_writer_write(context, write_check, check, &options, stream);
}
