/* What each number of the page means: the parts of definitions.html that this run's results need.
 * docs/statistics.md says the same at length. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "html.h"

static bool is(const dss_results *results, const char *key, const char *word) {
  return strcmp(dss_fact_text(results, key), word) == 0;
}

static bool asks_scale(const dss_results *r, const char *word) {
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    if (strcmp(dss_scale_name(dss_results_scale(r, q)), word) == 0) return true;
  return false;
}

static bool has_statistic(const dss_results *r, const char *word) {
  for (int s = 0; s < DSS_N_STATISTICS; s++)
    if (strcmp(dss_statistic_name((dss_statistic)s), word) == 0)
      return (dss_results_metrics(r) & DSS_STATISTIC_BIT(s)) != 0;
  return false;
}

static bool has_fieller(const dss_page *page) {
  for (size_t i = 0; i < page->view->intervals.n_columns; i++)
    if (page->view->intervals.columns[i] == DSS_INTERVAL_FIELLER) return true;
  return false;
}

static bool wanted(const void *of, const char *part) {
  const dss_page *page = of;
  const dss_results *r = page->results;
  const unsigned distances =
      DSS_STATISTIC_BIT(DSS_IRR) | DSS_STATISTIC_BIT(DSS_XRR) | DSS_METRICS_PAIR_GAI;
  bool distance = (dss_results_metrics(r) & distances) != 0;
  bool intervals = page->view->intervals.n_columns > 0;
  bool tested = dss_results_resamples(r) > 0, exact = tested && dss_fact_exact(r);
  bool stopped = tested && !exact && dss_fact_count(r, "stop_after") > 0;
  const struct {
    const char *part;
    bool wanted;
  } conditions[] = {
      {"always", true},
      {"distance", distance},
      {"nominal", distance && asks_scale(r, part)},
      {"ordinal", distance && asks_scale(r, part)},
      {"interval", distance && asks_scale(r, part)},
      {"ratio", distance && asks_scale(r, part)},
      {"ties-split", has_statistic(r, "voting") && !is(r, "ties", "skip")},
      {"ties-skip", has_statistic(r, "voting") && is(r, "ties", "skip")},
      {"p", tested && !exact},
      {"p-exact", exact},
      {"p-stop", stopped},
      {"tests", tested},
      {"maxt", tested && !stopped},
      {"tests-too", tested},
      {"grasp", tested},
      {"tail", tested && dss_fact_tails(r) > 0},
      {"intervals", intervals},
      {"drawn-raters", intervals && !is(r, "over", "items")},
      {"drawn-items", intervals && !is(r, "over", "raters")},
      {"fieller", has_fieller(page)},
  };
  for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
    if (strcmp(conditions[i].part, part) == 0) return conditions[i].wanted;
  return has_statistic(r, part);
}

void dss_html_put_parts(FILE *stream, const char *text,
                        bool (*opens)(const void *of, const char *part), const void *of) {
  static const char begin[] = "<!-- ", end[] = " -->\n";
  bool put = false;
  for (const char *line = text; *line;) {
    size_t length = strcspn(line, "\n") + 1;
    if (strncmp(line, begin, strlen(begin)) == 0) {
      char part[DSS_PART_ROOM] = "";
      size_t name = length - strlen(begin) - strlen(end);
      memcpy(part, line + strlen(begin), name < sizeof part ? name : sizeof part - 1);
      put = opens(of, part);
    } else if (put) {
      fwrite(line, 1, length, stream);
    }
    line += length;
  }
}

void dss_html_definitions(const dss_page *page) {
  dss_html_put_parts(page->stream, dss_page_definitions, wanted, page);
}
