/* LaTeX of powers: a longtable of the points, and one of what is needed. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "power_words.h"
#include "power_writers.h"
#include "text.h"

static void put(FILE *stream, const char *text) {
  dss_text_write(stream, DSS_MARKUP_LATEX, text, SIZE_MAX);
}

static void put_sentences(FILE *stream, const char *text) {
  char copy[DSS_POWER_ROOM];
  snprintf(copy, sizeof copy, "%s", text);
  fputs("\\noindent ", stream);
  put(stream, dss_text_unmark(copy));
  fputs("\n\n", stream);
}

/* caption and columns are LaTeX. */
static void open_table(FILE *stream, const char *kinds, const char *caption, const char *columns) {
  fprintf(stream,
          "\\begin{longtable}{@{}%s@{}}\n\\caption{%s}\\\\\n\\toprule\n%s \\\\\n\\midrule\n"
          "\\endfirsthead\n\\toprule\n%s \\\\\n\\midrule\n\\endhead\n\\bottomrule\n\\endlastfoot\n",
          kinds, caption, columns, columns);
}

static void put_point(const dss_power_point *p, FILE *stream) {
  char mean[DSS_POWER_NUMBER_ROOM];
  put(stream, p->group);
  fprintf(stream,
          " & %" PRIu32 " & %" PRIu32
          " & %.4g & %.4g & %.1f\\%% & %.1f\\%% to %.1f\\%% & %s & %" PRIu64 " \\\\\n",
          p->raters_per_group, p->raters, p->ratings_per_item, p->gai, 100 * p->power, 100 * p->low,
          100 * p->high, dss_power_mean(p, mean), p->undefined);
}

static void put_bound(const dss_power_need *need, const dss_power_bound *bound, FILE *stream) {
  char text[DSS_POWER_NUMBER_ROOM];
  fputs(" & ", stream);
  put(stream, dss_power_bound_text(need, bound, text));
}

static void put_need(const dss_power_need *n, FILE *stream) {
  char where[DSS_POWER_WHERE_ROOM];
  fprintf(stream, "%s & ", dss_power_along_title(n->along));
  put(stream, n->group);
  fprintf(stream, " & %s", dss_power_where(n, where));
  put_bound(n, &n->needed, stream);
  put_bound(n, &n->low, stream);
  put_bound(n, &n->high, stream);
  fputs(" \\\\\n", stream);
}

static void put_methods(dss_methods_kind kind, const char *text, void *user) {
  put_sentences(user, text);
}

void dss_write_power_latex(const dss_power *power, FILE *stream) {
  char asked[DSS_POWER_ROOM], caption[80];
  fputs("% needs \\usepackage{booktabs} and \\usepackage{longtable}\n", stream);
  put_sentences(stream, dss_power_asked(power, asked));
  open_table(stream, "lrrrrrlrr", DSS_POWER_TITLE,
             "Group & Its raters & All raters & Ratings an item & GAI & Power & 95\\% interval & "
             "Mean GAI & Undefined");
  for (size_t i = 0; i < dss_power_n_points(power); i++)
    put_point(dss_power_get_point(power, i), stream);
  fputs("\\end{longtable}\n", stream);
  if (dss_power_n_needs(power) > 0) {
    snprintf(caption, sizeof caption, "For a power of %.4g\\%%",
             100 * dss_power_get_test(power)->power);
    open_table(stream, "lllrrr", caption, "What & Group & With & Needed & From & To");
    for (size_t i = 0; i < dss_power_n_needs(power); i++)
      put_need(dss_power_get_need(power, i), stream);
    fputs("\\end{longtable}\n", stream);
  }
  dss_power_methods(power, put_methods, stream);
}
