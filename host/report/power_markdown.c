/* Markdown of powers, as GitHub and Pandoc read it. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "power_words.h"
#include "power_writers.h"
#include "text.h"

static void put(FILE *stream, const char *text) {
  dss_text_write(stream, DSS_MARKUP_MARKDOWN, text, SIZE_MAX);
}

static void put_sentences(FILE *stream, const char *text) {
  char copy[DSS_POWER_ROOM];
  snprintf(copy, sizeof copy, "%s", text);
  put(stream, dss_text_unmark(copy));
  fputs("\n\n", stream);
}

static void put_point(const dss_power_point *p, FILE *stream) {
  char mean[DSS_POWER_NUMBER_ROOM];
  fputs("| ", stream);
  put(stream, p->group);
  fprintf(stream,
          " | %" PRIu32 " | %" PRIu32 " | %.4g | %.4g | %.1f%% | %.1f%% to %.1f%% | %s | %" PRIu64
          " |\n",
          p->raters_per_group, p->raters, p->ratings_per_item, p->gai, 100 * p->power, 100 * p->low,
          100 * p->high, dss_power_mean(p, mean), p->undefined);
}

static void put_bound(const dss_power_need *need, const dss_power_bound *bound, FILE *stream) {
  char text[DSS_POWER_NUMBER_ROOM];
  fputs(" | ", stream);
  put(stream, dss_power_bound_text(need, bound, text));
}

static void put_need(const dss_power_need *n, FILE *stream) {
  char where[DSS_POWER_WHERE_ROOM];
  fprintf(stream, "| %s | ", dss_power_along_title(n->along));
  put(stream, n->group);
  fprintf(stream, " | %s", dss_power_where(n, where));
  put_bound(n, &n->needed, stream);
  put_bound(n, &n->low, stream);
  put_bound(n, &n->high, stream);
  fputs(" |\n", stream);
}

static void put_methods(dss_methods_kind kind, const char *text, void *user) {
  if (kind == DSS_METHODS_REFERENCE) fputs("- ", user);
  put_sentences(user, text);
}

void dss_write_power_markdown(const dss_power *power, FILE *stream) {
  char asked[DSS_POWER_ROOM];
  fputs("## " DSS_POWER_TITLE "\n\n", stream);
  put_sentences(stream, dss_power_asked(power, asked));
  fputs("| Group | Its raters | All raters | Ratings an item | GAI | Power | 95% interval | Mean "
        "GAI | Undefined |\n|:--|--:|--:|--:|--:|--:|:--|--:|--:|\n",
        stream);
  for (size_t i = 0; i < dss_power_n_points(power); i++)
    put_point(dss_power_get_point(power, i), stream);
  if (dss_power_n_needs(power) > 0)
    fprintf(stream,
            "\n### For a power of %.4g%%\n\n| What | Group | With | Needed | From | To |\n"
            "|:--|:--|:--|--:|--:|--:|\n",
            100 * dss_power_get_test(power)->power);
  for (size_t i = 0; i < dss_power_n_needs(power); i++)
    put_need(dss_power_get_need(power, i), stream);
  fputs("\n### Methods\n\n", stream);
  dss_power_methods(power, put_methods, stream);
}
