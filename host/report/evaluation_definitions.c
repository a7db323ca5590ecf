/* What each number of an evaluation's page means: the parts of evaluation_definitions.html that its
 * rows need, and those of definitions.html that are of every test and interval. The pages of docs
 * on the kinds say the same at length. */
#include <math.h>
#include <string.h>

#include "evaluation_statistics.h"
#include "html.h"

typedef struct writer {
  const dss_page *page;
  const dss_evaluation_view *view;
} writer;

/* The next of the names, parted by blanks, that the evaluation has. */
static bool next_of(const writer *w, const char **names, char name[DSS_PART_ROOM]) {
  while (**names) {
    size_t length = strcspn(*names, " ");
    memcpy(name, *names, length);
    name[length] = '\0';
    *names += length + strspn(*names + length, " ");
    if (dss_evaluation_has(w->view, name)) return true;
  }
  return false;
}

static bool has_kind(const dss_evaluation_view *view, const char *ending) {
  for (size_t i = 0; i < view->n; i++) {
    const dss_evaluation_row *row = dss_evaluation_get(view->evaluation, i);
    size_t length = strlen(row->statistic), end = strlen(ending);
    if (!isnan(row->cell.p) && length >= end && strcmp(row->statistic + length - end, ending) == 0)
      return true;
  }
  return false;
}

/* Parts that are about tests and intervals; whether it is one of them. */
static bool of_run(const dss_evaluation_view *v, const char *part, bool *wanted) {
  bool tested = v->tests > 0, exact = dss_evaluation_exact(v->evaluation), tails = false;
  bool stopped = tested && !exact && strcmp(dss_evaluation_fact(v->evaluation, "stop_after"), "0");
  for (size_t i = 0; i < v->n; i++)
    tails |= !isnan(dss_evaluation_get(v->evaluation, i)->cell.p_tail);
  const struct {
    const char *part;
    bool wanted;
  } parts[] = {
      {"always", true},        {"upper", v->upper > 0},         {"exchanged", has_kind(v, "_gain")},
      {"p", tested && !exact}, {"p-exact", tested && exact},    {"p-stop", stopped},
      {"tests", tested},       {"maxt", tested && !stopped},    {"tests-too", tested},
      {"tail", tails},         {"intervals", v->intervals > 0}, {"drawn", v->intervals > 0},
      {"logit", v->logits > 0}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (strcmp(parts[i].part, part) == 0) {
      *wanted = parts[i].wanted;
      return true;
    }
  return false;
}

/* The terms of a definition are the names that stand in the table. */
static bool open_part(const void *of, const char *part) {
  static const char about[] = "about ";
  const writer *w = of;
  char name[DSS_PART_ROOM];
  bool wanted = false;
  if (of_run(w->view, part, &wanted)) return wanted;
  if (strncmp(part, about, strlen(about)) == 0) {
    part += strlen(about);
    return next_of(w, &part, name);
  }
  while (next_of(w, &part, name)) {
    fprintf(w->page->stream, "%s<code>%s</code>", wanted ? ", " : "<dt>", name);
    wanted = true;
  }
  if (wanted) fputs("</dt>\n", w->page->stream);
  return wanted;
}

/* Of the page of results, what is of every test. */
static bool open_shared(const void *of, const char *part) {
  const writer *w = of;
  bool wanted = false;
  return strcmp(part, "always") != 0 && of_run(w->view, part, &wanted) && wanted;
}

void dss_html_evaluation_definitions(const dss_page *page, const dss_evaluation_view *view) {
  const writer w = {page, view};
  dss_html_put_parts(page->stream, dss_evaluation_definitions, open_part, &w);
  dss_html_put_parts(page->stream, dss_page_definitions, open_shared, &w);
  fputs("</dl>\n", page->stream);
}
