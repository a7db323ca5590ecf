/* A simulated study beside what it was made of: a table for people, CSV and JSON for programs. */
#include "dissensus/pool.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/context.h"
#include "json_cell.h"
#include "pool_words.h"
#include "text.h"
#include "writers.h"

/* --- tables ---------------------------------------------------------------------------------- */

static const dss_pool_question *question_of(const dss_pool_check *check, size_t group) {
  return dss_pool_check_question(check, dss_pool_check_group(check, group)->question);
}

static bool begins_question(const dss_pool_check *check, size_t i) {
  return question_of(check, i)->first_group == i;
}

/* "harm; agreement 0.35, leniency 0.1" */
static void put_question(const dss_pool_question *question, dss_markup markup, FILE *out) {
  char model[DSS_POOL_MODEL_ROOM];
  dss_text_write(out, markup, question->name, SIZE_MAX);
  fprintf(out, "; %s", dss_pool_model(question, model));
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
static size_t column_width(const dss_pool_column *c) {
  return strlen(c->title) > 6 ? strlen(c->title) : 6;
}

static void write_lines(FILE *out, const char *text) {
  while (*text) {
    size_t n = dss_text_line(text, 100);
    fprintf(out, "%.*s\n", (int)(n - (text[n - 1] == ' ')), text);
    text += n + strspn(text + n, " ");
  }
}

static void write_table(const dss_pool_check *check, FILE *out) {
  dss_pool_columns c = dss_pool_columns_of(check);
  size_t width = group_width(check);
  char text[DSS_POOL_CELL_ROOM];
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    if (begins_question(check, i)) {
      if (i > 0) fputc('\n', out);
      put_question(question_of(check, i), DSS_MARKUP_NONE, out);
      fprintf(out, "\n  %-*s", (int)width, "Group");
      for (size_t k = 0; k < c.n; k++)
        fprintf(out, "  %*s", (int)column_width(&c.at[k]), c.at[k].title);
      fputc('\n', out);
    }
    fputs("  ", out);
    dss_text_write(out, DSS_MARKUP_NONE, g->group, SIZE_MAX);
    fprintf(out, "%*s", (int)(width - dss_text_width(g->group, SIZE_MAX)), "");
    for (size_t k = 0; k < c.n; k++)
      fprintf(out, "  %*s", (int)column_width(&c.at[k]), dss_pool_cell_text(&c.at[k], g, text));
    fputc('\n', out);
  }
  fputc('\n', out);
  write_lines(out, dss_pool_note(check));
}

static void write_markdown(const dss_pool_check *check, FILE *out) {
  dss_pool_columns c = dss_pool_columns_of(check);
  char text[DSS_POOL_CELL_ROOM];
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    if (begins_question(check, i)) {
      fputs(i > 0 ? "\n### " : "### ", out);
      put_question(question_of(check, i), DSS_MARKUP_MARKDOWN, out);
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
      fprintf(out, " %s |", dss_pool_cell_text(&c.at[k], g, text));
    fputc('\n', out);
  }
  fprintf(out, "\n%s\n", dss_pool_note(check));
}

static void write_latex(const dss_pool_check *check, FILE *out) {
  dss_pool_columns c = dss_pool_columns_of(check);
  char text[DSS_POOL_CELL_ROOM];
  fputs("% needs \\usepackage{booktabs} and \\usepackage{longtable}\n", out);
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    if (begins_question(check, i)) {
      if (i > 0) fputs("\\end{longtable}\n", out);
      fputs("\\begin{longtable}{@{}l", out);
      for (size_t k = 0; k < c.n; k++)
        fputc('r', out);
      fputs("@{}}\n\\caption{", out);
      put_question(question_of(check, i), DSS_MARKUP_LATEX, out);
      fputs("}\\\\\n\\toprule\nGroup", out);
      for (size_t k = 0; k < c.n; k++)
        fprintf(out, " & %s", c.at[k].title);
      fputs(" \\\\\n\\midrule\n\\endhead\n\\bottomrule\n\\endlastfoot\n", out);
    }
    dss_text_write(out, DSS_MARKUP_LATEX, g->group, SIZE_MAX);
    for (size_t k = 0; k < c.n; k++) {
      const char *cell = dss_pool_cell_text(&c.at[k], g, text);
      fprintf(out, *cell == '-' ? " & $%s$" : " & %s", cell);
    }
    fputs(" \\\\\n", out);
  }
  fprintf(out, "\\end{longtable}\n\\noindent %s\n", dss_pool_note(check));
}

/* --- for programs ---------------------------------------------------------------------------- */

static void put_numbers(dss_pool_columns c, const dss_pool_group *g, FILE *out) {
  for (size_t k = 0; k < c.n; k++) {
    double number = c.at[k].number(g);
    fputc(',', out);
    if (!isnan(number)) fprintf(out, "%.17g", number);
  }
}

static void write_csv(const dss_pool_check *check, FILE *out) {
  dss_pool_columns c = dss_pool_columns_of(check), more = dss_pool_more_columns(check);
  fputs("question,axis,group", out);
  for (size_t k = 0; k < c.n + more.n; k++)
    fprintf(out, ",%s", k < c.n ? c.at[k].name : more.at[k - c.n].name);
  fputc('\n', out);
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    dss_csv_text(out, question_of(check, i)->name);
    dss_csv_text_field(out, g->axis);
    dss_csv_text_field(out, g->group);
    put_numbers(c, g, out);
    put_numbers(more, g, out);
    fputc('\n', out);
  }
}

static void set_numbers(json_t *group, dss_pool_columns c, const dss_pool_group *g) {
  for (size_t k = 0; k < c.n; k++) {
    double number = c.at[k].number(g);
    json_object_set_new(group, c.at[k].name,
                        isnan(number)   ? json_null()
                        : c.at[k].count ? json_integer((json_int_t)number)
                                        : json_real(number));
  }
}

static dss_status write_json(dss_context *context, const dss_pool_check *check, FILE *out) {
  json_t *groups = json_array();
  for (size_t i = 0; i < dss_pool_check_n_groups(check); i++) {
    const dss_pool_group *g = dss_pool_check_group(check, i);
    json_t *group = json_pack("{s:s, s:s, s:s}", "question", question_of(check, i)->name, "axis",
                              g->axis, "group", g->group);
    set_numbers(group, dss_pool_columns_of(check), g);
    set_numbers(group, dss_pool_more_columns(check), g);
    json_array_append_new(groups, group);
  }
  json_t *root = json_pack("{s:o, s:o}", "truth", json_loads(dss_pool_check_truth(check), 0, NULL),
                           "groups", groups);
  return dss_json_put_document(&(dss_json){context, out}, root);
}

/* --- by format ------------------------------------------------------------------------------- */

static dss_status write_check(dss_context *context, const void *what,
                              const dss_report_options *options, FILE *stream) {
  switch (options->format) {
  case DSS_REPORT_TABLE:
    write_table(what, stream);
    return DSS_OK;
  case DSS_REPORT_CSV:
    write_csv(what, stream);
    return DSS_OK;
  case DSS_REPORT_JSON:
    return write_json(context, what, stream);
  case DSS_REPORT_MARKDOWN:
    write_markdown(what, stream);
    return DSS_OK;
  case DSS_REPORT_LATEX:
    write_latex(what, stream);
    return DSS_OK;
  case DSS_REPORT_HTML:
    return dss_write_pool_html(context, what, stream);
  }
  return dss_fail(context, DSS_ERR_USAGE, "of simulated studies there is no such report");
}

dss_status dss_pool_report(dss_context *context, const dss_pool_check *check,
                           dss_report_format format, FILE *stream) {
  const dss_report_options options = {.format = format};
  return dss_writer_write(context, write_check, check, &options, stream);
}
