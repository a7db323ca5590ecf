#include "explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { WIDTH = 80, LABEL = 20, INDENT = 2 };

/* Names come from data: the library's format lets nothing through that would move the cursor. */
DSS_PRINTF(2, 3) static void put(const char *label, const char *format, ...) {
  char text[2048];
  va_list arguments;
  va_start(arguments, format);
  dss_format_line(text, sizeof text, format, arguments);
  va_end(arguments);
  printf("%*s%-*s", INDENT, "", LABEL, label);
  text_wrap(stdout, text, INDENT + LABEL, INDENT + LABEL, WIDTH);
}

void explain_engine(const dss_explanation *e) {
  put("backend", "%s", e->backend);
  put("method", "%s", e->method);
  put("why", "%s", e->why);
}

/* --- what is computed ---------------------------------------------------------------------- */

/* As many names as a line of text has room for. */
static void put_questions(const dss_plan *plan) {
  char names[1024] = "";
  size_t used = 0, n = dss_plan_n_questions(plan);
  for (size_t q = 0; q < n && used < sizeof names; q++)
    used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", q > 0 ? ", " : "",
                             dss_plan_question_name(plan, q));
  put("questions", "%zu: %s%s", n, names, used < sizeof names ? "" : " ...");
}

static void put_groups(const dss_plan *plan, uint32_t min_raters) {
  size_t n = dss_plan_n_groups(plan), axes = dss_plan_n_axes(plan), small = 0;
  for (size_t g = 0; g < n; g++)
    small += dss_plan_group_raters(plan, g) < min_raters;
  put("groups", "%zu on %zu %s, %zu of them tested", n, axes, axes == 1 ? "axis" : "axes",
      n - small);
}

static void put_statistics(unsigned metrics) {
  char names[256] = "";
  size_t used = 0;
  for (unsigned s = 0; s < DSS_N_STATISTICS && used < sizeof names; s++)
    if (metrics & DSS_STATISTIC_BIT(s))
      used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
                               dss_statistic_name((dss_statistic)s));
  put("statistics", "%s", names);
}

static void put_test(const dss_plan_options *options, const dss_explanation *e) {
  static const char *const schemes[] = {"free", "strata:", "within:"};
  put("scheme", "%s%s", schemes[options->scheme],
      options->scheme == DSS_SCHEME_FREE ? "" : options->scheme_attribute);
  if (e->resamples == 0)
    put("resamples", "none: estimates only");
  else if (e->all_arrangements)
    put("resamples", "all %" PRIu64 " distinct arrangements", e->resamples);
  else
    put("resamples", "%" PRIu64 " at random, seed %" PRIu64, e->resamples, options->seed);
  if (e->stop_after > 0)
    put("stop after", "%" PRIu64 " exceedances on each side", e->stop_after);
  else
    put("stop after", "never");
  if (options->bootstrap > 0)
    put("bootstrap", "%" PRIu64 " resamples over %s, %s intervals", options->bootstrap,
        dss_over_name(options->over), dss_ci_name(options->interval));
  else
    put("bootstrap", "none");
}

/* --- how ----------------------------------------------------------------------------------- */

/* "1.5 GiB" */
static void size_text(uint64_t bytes, char text[32]) {
  static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
  double amount = (double)bytes / 1024;
  size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
    amount /= 1024;
  snprintf(text, 32, "%.1f %s", amount, units[unit]);
}

static void put_memory(const dss_explanation *e) {
  char text[32], backend[32], plan[32], pilot[32], pairs[64] = "";
  size_text(e->pairs_bytes, text);
  if (e->pairs > 0) snprintf(pairs, sizeof pairs, ", %s of lists of pairs", text);
  size_text(e->host_bytes + e->plan_bytes + e->pilot_bytes + e->pairs_bytes, text);
  size_text(e->host_bytes, backend);
  size_text(e->plan_bytes, plan);
  size_text(e->pilot_bytes, pilot);
  put("memory",
      "%s: %s of the backend, %s of the plan, %s of the pilot%s; beside these results, and before "
      "them the study with the plan",
      text, backend, plan, pilot, pairs);
  if (e->pairs > 0) put("pairs", "at most %" PRIu64 " of raters who share an item", e->pairs);
  size_text(e->device_bytes, text);
  if (e->device_bytes > 0) put("GPU memory", "%s of each GPU", text);
}

void explain_run(const dss_plan *plan, const dss_plan_options *options, const dss_explanation *e) {
  put_questions(plan);
  put_groups(plan, options->min_raters);
  put_statistics(options->metrics);
  put_test(options, e);
  explain_engine(e);
  put_memory(e);
  put("threads", "%u", e->threads);
  put("sums", "exact, of weights in units of 1/%lu", (unsigned long)e->weight_scale);
}

/* --- how long ------------------------------------------------------------------------------ */

/* "4096 in 0.98 s: 4180 a second, 4100 to 4200 by step" */
static void put_timing(const char *label, const dss_timing *t) {
  if (t->resamples == 0) return;
  put(label, "%" PRIu64 " tried in %.2g s: %.4g a second, %.4g to %.4g by step", t->resamples,
      t->seconds, (double)t->resamples / t->seconds, 1.0 / t->slowest, 1.0 / t->fastest);
}

static void put_estimate(const char *label, dss_estimate e, const char *after) {
  char time[40], low[40], high[40];
  if (e.seconds < 1) {
    put(label, "less than 1 s%s", after);
    return;
  }
  text_duration(time, sizeof time, e.seconds);
  text_duration(low, sizeof low, e.low);
  text_duration(high, sizeof high, e.high);
  if (strcmp(low, high) == 0)
    put(label, "about %s%s", time, after);
  else
    put(label, "about %s, %s to %s%s", time, low, high, after);
}

void explain_trial(const dss_plan *plan, const dss_explanation *e, const dss_calibration *c) {
  static const unsigned shards[] = {4, 16, 64};
  char text[32];
  put_timing("resamples", &c->permutations);
  put_timing("bootstrap", &c->bootstrap);
  put("start", "%.2g s before the first resample, once the study is read", c->start);
  put_estimate("time", dss_calibration_estimate(c, plan, 1),
               e->stop_after > 0 ? ", less where tests stop early" : "");
  for (size_t i = 0; i < sizeof shards / sizeof *shards; i++) {
    snprintf(text, sizeof text, "a shard of %u", shards[i]);
    put_estimate(text, dss_calibration_estimate(c, plan, shards[i]), "");
  }
  size_text(c->bytes, text);
  put("memory in all", "%s, study and results included", text);
}
