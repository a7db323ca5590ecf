#include "findings.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "findings_part.h"
#include "text.h"

enum { NAME_WIDTH = 60, NAME_ROOM = 300, ROW_ROOM = 2 * NAME_ROOM + 8, TEXT_ROOM = 4096 };
enum { ITEMS_SHOWN = 12, NAMES_SHOWN = 8, LEAD_NAMES = 3 };

void dss_finding_say(const dss_finding_writer *w, dss_finding_kind kind, const char *format, ...) {
  char text[TEXT_ROOM];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  w->finding(kind, text, w->user);
}

/* --- names and numbers ------------------------------------------------------------------- */

static const char *name(const char *label, char out[NAME_ROOM]) {
  return dss_text_name(out, NAME_ROOM, label, NAME_WIDTH);
}

/* A group, and the question where there are several. */
static const char *name_row(const dss_finding_writer *w, size_t q, size_t g, char out[ROW_ROOM]) {
  name(dss_results_group(w->results, g), out);
  if (dss_results_n_questions(w->results) < 2) return out;
  strcat(out, " on ");
  name(dss_results_question(w->results, q), out + strlen(out));
  return out;
}

/* What is counted: groups, or groups by question. */
static const char *rows(const dss_finding_writer *w, size_t n) {
  if (dss_results_n_questions(w->results) > 1)
    return n == 1 ? "group by question" : "groups by question";
  return n == 1 ? "group" : "groups";
}

/* The names of `n` things, the first of them only where there are many, as "a, b and 3 more". */
static void list_names(const char *(*get)(const dss_results *, size_t), const dss_results *r,
                       size_t n, char out[TEXT_ROOM / 2]) {
  char one[NAME_ROOM];
  *out = '\0';
  for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
    bool last = i + 1 == n;
    strcat(out, i == 0 ? "" : last ? " and " : ", ");
    if (strlen(out) + NAME_ROOM + 40 > TEXT_ROOM / 2) {
      n = i;
      break;
    }
    strcat(out, name(get(r, i), one));
  }
  if (n > NAMES_SHOWN) snprintf(out + strlen(out), 40, " and %zu more", n - NAMES_SHOWN);
}

/* --- rows that stand out ------------------------------------------------------------------- */

static int surest_first(const void *one, const void *two) {
  const dss_found *a = one, *b = two;
  if (a->q != b->q) return a->q < b->q ? -1 : 1;
  if (a->p != b->p) return a->p < b->p ? -1 : 1;
  if (a->z > b->z || a->z < b->z) return a->z > b->z ? -1 : 1;
  if (a->question != b->question) return a->question < b->question ? -1 : 1;
  return a->group < b->group ? -1 : a->group > b->group;
}

static void find(dss_finding_writer *w) {
  const dss_results *r = w->results;
  const size_t *n = w->tally.rows;
  size_t all = n[DSS_VERDICT_ABOVE] + n[DSS_VERDICT_BELOW] + n[DSS_VERDICT_BEFORE];
  w->found = malloc((all ? all : 1) * sizeof *w->found);
  if (!w->found) return;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      dss_row_verdict row = dss_judge(r, &w->tally, q, g);
      if (row.verdict > DSS_VERDICT_BEFORE) continue;
      const dss_cell *cell = dss_results_cell(r, q, g, row.statistic);
      w->found[w->n_found++] = (dss_found){q, g, row, cell->q_bh, cell->p, fabs(cell->z)};
    }
  qsort(w->found, w->n_found, sizeof *w->found, surest_first);
}

/* ": a; b; c; and 3 more" */
static const char *lead_names(const dss_finding_writer *w, size_t stand, char *names) {
  char row[ROW_ROOM];
  size_t n = 0;
  *names = '\0';
  for (size_t i = 0; i < w->n_found && n < LEAD_NAMES; i++) {
    if (w->found[i].row.verdict == DSS_VERDICT_BEFORE) continue;
    strcat(names, n++ == 0 ? ": " : "; ");
    strcat(names, name_row(w, w->found[i].question, w->found[i].group, row));
  }
  if (stand > n && n > 0) snprintf(names + strlen(names), 40, "; and %zu more", stand - n);
  return names;
}

/* --- the answer -------------------------------------------------------------------------- */

static size_t standing(const dss_finding_writer *w) {
  return w->tally.rows[DSS_VERDICT_ABOVE] + w->tally.rows[DSS_VERDICT_BELOW];
}

/* Rows that were tested. */
static size_t judged(const dss_finding_writer *w) {
  return standing(w) + w->tally.rows[DSS_VERDICT_BEFORE] + w->tally.rows[DSS_VERDICT_SILENT];
}

static const char *by_what(const dss_finding_writer *w) {
  return w->tally.index ? " by GAI or by IRR-XRR" : "";
}

static void lead(const dss_finding_writer *w) {
  const dss_tally *t = &w->tally;
  size_t stand = standing(w), tests = t->tests, n = judged(w), unsaid = t->all - n;
  char rest[200] = "", names[LEAD_NAMES * (ROW_ROOM + 8) + 40];
  if (dss_results_resamples(w->results) == 0) {
    dss_finding_say(
        w, DSS_FINDING_LEAD,
        "Nothing was tested: this run made no permutations. The numbers describe %zu %s; whether "
        "they are more than chance cannot be said from them.",
        t->all, rows(w, t->all));
    return;
  }
  if (n == 0) {
    if (t->all == 1)
      dss_finding_say(w, DSS_FINDING_LEAD,
                      "Nothing can be said: the one group could not be tested%s. Why not is "
                      "below.",
                      by_what(w));
    else
      dss_finding_say(
          w, DSS_FINDING_LEAD,
          "Nothing can be said: none of the %zu %s could be tested%s. Why not is below.", t->all,
          rows(w, t->all), by_what(w));
    return;
  }
  if (unsaid > 0)
    snprintf(rest, sizeof rest, " Of %zu more %s nothing can be said.", unsaid, rows(w, unsaid));
  double least = dss_fact_least_p(w->results);
  if (stand == 0 && least > 0.05)
    dss_finding_say(
        w, DSS_FINDING_LEAD,
        "No group stands out%s, and none could: %zu %s could be tested, but so few %s can give no "
        "p under %.2g.%s",
        by_what(w), n, rows(w, n), dss_fact_resamples(w->results), least, rest);
  else if (stand == 0)
    dss_finding_say(
        w, DSS_FINDING_LEAD,
        "No group stands out%s: of %zu %s that could be tested, none is significant after "
        "correction for the %zu test%s that were made (q < 0.05).%s",
        by_what(w), n, rows(w, n), tests, dss_finding_plural(tests), rest);
  else
    dss_finding_say(
        w, DSS_FINDING_LEAD,
        "%zu of the %zu %s that could be tested stand%s out%s after correction for the %zu test%s "
        "that were made (q < 0.05)%s.%s",
        stand, n, rows(w, n), stand == 1 ? "s" : "", by_what(w), tests, dss_finding_plural(tests),
        lead_names(w, stand, names), rest);
}

/* --- what was tested --------------------------------------------------------------------- */

static void data(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  char names[TEXT_ROOM / 2];
  size_t n_questions = dss_results_n_questions(r), n_axes = dss_results_n_axes(r);
  size_t n_groups = dss_results_n_groups(r);
  list_names(dss_results_question, r, n_questions, names);
  dss_finding_say(
      w, DSS_FINDING_TEXT, "%s raters gave %s ratings of %s items on %zu question%s: %s.%s",
      dss_fact_text(r, "raters"), dss_fact_text(r, "ratings"), dss_fact_text(r, "items"),
      n_questions, dss_finding_plural(n_questions), names,
      *dss_fact_text(r, "filters") ? " This is what the run's filters left; see the notes." : "");
  list_names(dss_results_axis, r, n_axes, names);
  dss_finding_say(
      w, DSS_FINDING_TEXT,
      "The raters were divided along %zu ax%s (%s) into %zu group%s. A group is compared with its "
      "complement: all other raters whose values on that axis are known.%s",
      n_axes, n_axes == 1 ? "is" : "es", names, n_groups, dss_finding_plural(n_groups),
      n_axes > 1 ? " Groups of different axes overlap, and so do their findings." : "");
  if (w->tally.index)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "GAI is the group's agreement within itself (IRR) over its agreement with everyone else "
        "(XRR): above 1 its raters agree among themselves more than with the others, below 1 less. "
        "IRR-XRR says the same as a difference, and holds where XRR is near 0. How far from 1 "
        "chance "
        "alone brings GAI depends on the size of the group, so GAI by itself decides nothing.");
  else
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "GAI is not in this run, so each group is judged by all statistics that are. They tell how "
        "much raters agree; whether a group is apart from the rest is what GAI would tell.");
}

/* What the shuffles kept, from the scheme. */
static void null_model(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  char attribute[NAME_ROOM];
  const char *scheme = dss_fact_text(r, "scheme"), *colon = strchr(scheme, ':');
  if (colon) name(colon + 1, attribute);
  if (strncmp(scheme, "strata:", 7) == 0)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "Chance means: raters were shuffled among those with the same value of %s, who alone are "
        "taken to be exchangeable. A group is measured against others of its size, drawn so.",
        attribute);
  else if (strncmp(scheme, "within:", 7) == 0)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "Chance means: raters were shuffled among those with the same value of %s. What a group "
        "shows is what it adds beyond %s, not whether %s itself makes a difference.",
        attribute, attribute, attribute);
  else
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "Chance means: who the raters are was shuffled among all of them, and the ratings stayed "
        "where they are. A group is measured against random groups of its size.");
}

/* --- the groups -------------------------------------------------------------------------- */

/* " (IRR 0.074 ↓, XRR 0.028 ↓**)": what the ratio and the difference are made of. */
static void parts_text(const dss_finding_writer *w, const dss_found *f, char out[TEXT_ROOM / 8]) {
  static const dss_statistic parts[] = {DSS_IRR, DSS_XRR};
  static const char *const arrows[] = {" \xe2\x86\x93", "", " \xe2\x86\x91"};
  const char *before = " (";
  size_t at = 0;
  *out = '\0';
  for (size_t i = 0; i < 2; i++) {
    const dss_cell *cell = dss_results_cell(w->results, f->question, f->group, parts[i]);
    if (!w->tally.index || !cell || isnan(cell->estimate)) continue;
    dss_view_value value = dss_view_cell(w->view, cell);
    at += (size_t)snprintf(out + at, TEXT_ROOM / 8 - at, "%s%s %s%s%.*s", before,
                           dss_view_title(parts[i]), value.number, arrows[1 + value.direction],
                           (int)value.stars, "**");
    before = ", ";
  }
  if (at > 0) strcat(out, ")");
}

/* "[1.2, 2.0] !?9.3%": an interval with the marks of doubt; p, which BCa fell back to, is none. */
static void interval_text(const dss_finding_writer *w, const dss_found *f,
                          char out[DSS_INTERVAL_ROOM]) {
  dss_interval_text(w->view, f->question, f->group, (unsigned)f->row.statistic, out);
  char *percentile = strstr(out, "] p");
  if (!percentile) return;
  memmove(percentile + 2, percentile + 3, strlen(percentile + 3) + 1);
  if (percentile[2] == '\0') percentile[1] = '\0';
}

/* "GAI 1.583 [1.2, 2.0] (IRR 0.5 ↑, XRR 0.3), p 0.0002, q 0.0021" */
static void numbers(const dss_finding_writer *w, const dss_found *f, char out[TEXT_ROOM / 4]) {
  const dss_cell *cell = dss_results_cell(w->results, f->question, f->group, f->row.statistic);
  dss_view_value value = dss_view_cell(w->view, cell);
  char interval[DSS_INTERVAL_ROOM] = "", parts[TEXT_ROOM / 8];
  const char *side = "";
  if (*cell->ci_method) interval_text(w, f, interval);
  parts_text(w, f, parts);
  if (!w->tally.index && cell->direction != 0)
    side = cell->direction > 0 ? ", above chance" : ", below chance";
  else if (f->row.verdict == DSS_VERDICT_BEFORE && cell->direction != 0)
    side = cell->direction > 0 ? " \xe2\x86\x91" : " \xe2\x86\x93";
  bool index = w->tally.index;
  snprintf(out, TEXT_ROOM / 4, "%s %s%s%s%s%s%s, p %.3g, q %.3g", dss_view_title(f->row.statistic),
           value.number, index ? side : "", *interval ? " " : "", interval, parts,
           index ? "" : side, cell->p, cell->q_bh);
}

/* "; XRR is near 0, and GAI (5.2, q 0.02) has no reading" and what else limits a row's finding. */
static void doubts(const dss_finding_writer *w, const dss_found *f, char out[TEXT_ROOM / 8]) {
  const dss_results *r = w->results;
  const dss_cell *lead = dss_results_cell(r, f->question, f->group, f->row.statistic);
  const dss_cell *irr = dss_results_cell(r, f->question, f->group, DSS_IRR);
  const dss_cell *gai = dss_results_cell(r, f->question, f->group, DSS_GAI);
  size_t at = 0;
  *out = '\0';
  if (gai && !isnan(gai->p) && dss_fact_near_zero(r, f->question, f->group))
    at +=
        (size_t)snprintf(out, TEXT_ROOM / 8, "; XRR is near 0, and GAI (%s, q %.3g) has no reading",
                         dss_view_cell(w->view, gai).number, gai->q_bh);
  if (w->tally.index && irr && !isnan(irr->p) && irr->direction * lead->direction < 0)
    snprintf(out + at, TEXT_ROOM / 8 - at,
             "; IRR itself is %s the median of its shuffles, so it is XRR that makes the finding",
             irr->direction < 0 ? "below" : "above");
}

static void item(const dss_finding_writer *w, const dss_found *f) {
  char row[ROW_ROOM], text[TEXT_ROOM / 4], doubt[TEXT_ROOM / 8];
  uint32_t raters = dss_results_group_raters(w->results, f->group);
  numbers(w, f, text);
  doubts(w, f, doubt);
  dss_finding_say(w, DSS_FINDING_ITEM, "%s (%" PRIu32 " raters%s): %s%s",
                  name_row(w, f->question, f->group, row), raters,
                  raters < DSS_FEW_RATERS ? ", very few" : "", text, doubt);
}

/* The rows with a verdict, the surest first. */
static void items(const dss_finding_writer *w, dss_verdict verdict) {
  size_t n = w->tally.rows[verdict], shown = 0;
  for (size_t i = 0; i < w->n_found && shown < ITEMS_SHOWN; i++) {
    if (w->found[i].row.verdict != verdict) continue;
    item(w, &w->found[i]);
    shown++;
  }
  if (n > shown)
    dss_finding_say(w, DSS_FINDING_ITEM, "and %zu more, which %s marked in the table", n - shown,
                    n - shown == 1 ? "is" : "are");
}

static void stand_out(const dss_finding_writer *w) {
  size_t above = w->tally.rows[DSS_VERDICT_ABOVE], below = w->tally.rows[DSS_VERDICT_BELOW];
  if (judged(w) == 0) return;
  dss_finding_say(w, DSS_FINDING_HEADING, "What stands out");
  if (above + below == 0)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "Nothing, after correction. That is no proof that there is no difference: a test of a "
        "small "
        "group misses all but large ones.");
  if (above > 0) {
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        w->tally.index
            ? "Above chance: their agreement among themselves is larger, beside that with "
              "everyone else, than in random groups of their size."
            : "Above chance: in these groups a statistic is larger than in random groups "
              "of their size.");
    items(w, DSS_VERDICT_ABOVE);
  }
  if (below > 0) {
    dss_finding_say(w, DSS_FINDING_TEXT,
                    w->tally.index
                        ? "Below chance: their agreement among themselves is smaller, beside that "
                          "with everyone else, than in random groups of their size."
                        : "Below chance: in these groups a statistic is smaller than in random "
                          "groups of their size.");
    items(w, DSS_VERDICT_BELOW);
  }
}

static void before_correction(const dss_finding_writer *w) {
  size_t n = w->tally.rows[DSS_VERDICT_BEFORE];
  if (n == 0) return;
  dss_finding_say(w, DSS_FINDING_HEADING, "What stands out before correction only");
  dss_finding_say(
      w, DSS_FINDING_TEXT,
      "%s p < 0.05 but not q < 0.05. Among %zu tests chance alone gives such values, so "
      "%s no finding; %s be worth a study of %s own.",
      n == 1 ? "One group has" : "These have", w->tally.tests, n == 1 ? "it is" : "they are",
      n == 1 ? "it may" : "they may", n == 1 ? "its" : "their");
  items(w, DSS_VERDICT_BEFORE);
}

/* "XRR in 3 groups, NXRR in 2 groups": statistics of `which` that judge no row, with q < 0.05. */
static size_t list_others(const dss_finding_writer *w, unsigned which, char list[TEXT_ROOM / 2]) {
  const dss_results *r = w->results;
  size_t all = 0, at = 0;
  for (int s = 0; s < DSS_N_STATISTICS; s++) {
    size_t n = 0;
    if (!(which & ~w->tally.lead & DSS_STATISTIC_BIT(s))) continue;
    for (size_t q = 0; q < dss_results_n_questions(r); q++)
      for (size_t g = 0; g < dss_results_n_groups(r); g++) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        n += cell && cell->q_bh < 0.05;
      }
    if (n == 0) continue;
    at += (size_t)snprintf(list + at, TEXT_ROOM / 2 - at, "%s%s in %zu %s", all ? ", " : "",
                           dss_view_title((dss_statistic)s), n, rows(w, n));
    all += n;
  }
  return all;
}

/* Tests that judge no row, by what they tell. */
static void others(const dss_finding_writer *w) {
  static const struct {
    unsigned statistics;
    const char *meaning;
  } kinds[] = {
      {DSS_STATISTIC_BIT(DSS_IRR) | DSS_STATISTIC_BIT(DSS_PLURALITY) |
           DSS_STATISTIC_BIT(DSS_NEGENTROPY) | DSS_STATISTIC_BIT(DSS_PAIR_IRR),
       "Alone they tell how much raters agree, not whether the group is apart from the rest."},
      {DSS_STATISTIC_BIT(DSS_XRR) | DSS_STATISTIC_BIT(DSS_NXRR) | DSS_STATISTIC_BIT(DSS_VOTING) |
           DSS_STATISTIC_BIT(DSS_CROSS_NEGENTROPY) | DSS_STATISTIC_BIT(DSS_PAIR_XRR),
       "They tell whether a group agrees with everyone else more or less than random groups of its "
       "size do."},
      {DSS_STATISTIC_BIT(DSS_PAIR_GAI) | DSS_STATISTIC_BIT(DSS_PAIR_DIFFERENCE),
       "They are findings as those of GAI and IRR-XRR are, from pairs of raters that all weigh the "
       "same; the count at the top is without them."}};
  char list[TEXT_ROOM / 2];
  if (!w->tally.index || dss_results_resamples(w->results) == 0) return;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (list_others(w, kinds[i].statistics, list) > 0)
      dss_finding_say(w, DSS_FINDING_TEXT, "Other statistics with q < 0.05: %s. %s", list,
                      kinds[i].meaning);
}

/* Ratios that judge no row, as what they are to is near 0. */
static void unread(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  size_t n = 0;
  for (size_t q = 0; w->tally.index && q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      const dss_cell *gai = dss_results_cell(r, q, g, DSS_GAI);
      n += gai && gai->q_bh < 0.05 && dss_fact_near_zero(r, q, g);
    }
  if (n > 0)
    dss_finding_say(w, DSS_FINDING_TEXT,
                    "GAI has q < 0.05 in %zu %s whose XRR is near 0, where a ratio has no reading: "
                    "IRR-XRR judges there.",
                    n, rows(w, n));
}

/* --- what cannot be said ----------------------------------------------------------------- */

/* Of the rows without a test the reasons of their leading statistics, counted. */
static void reasons(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  size_t counts[DSS_N_REASONS] = {0};
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      if (dss_judge(r, &w->tally, q, g).verdict != DSS_VERDICT_NO_TEST) continue;
      for (int s = DSS_N_STATISTICS - 1; s >= 0; s--) {
        const dss_cell *cell = dss_results_cell(r, q, g, (dss_statistic)s);
        if (!cell || !(w->tally.lead & DSS_STATISTIC_BIT(s)) || !isnan(cell->estimate)) continue;
        counts[cell->reason]++;
        break;
      }
    }
  for (size_t i = 0; i < DSS_N_REASONS; i++)
    if (counts[i] > 0)
      dss_finding_say(w, DSS_FINDING_ITEM, "%zu %s: %s", counts[i], rows(w, counts[i]),
                      *dss_reason_text((dss_reason)i) ? dss_reason_text((dss_reason)i)
                                                      : "no reason given");
}

static size_t count_undefined_gai(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  size_t n = 0;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      const dss_cell *cell = dss_results_cell(r, q, g, DSS_GAI);
      n += cell && isnan(cell->estimate) && cell->reason == DSS_REASON_XRR_NOT_POSITIVE;
    }
  return n;
}

/* The groups under the run's minimum, by name: they are so on every question. */
static void too_few(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  char names[NAMES_SHOWN * (NAME_ROOM + 2) + 40] = "", one[NAME_ROOM];
  size_t n = 0;
  for (size_t g = 0; g < dss_results_n_groups(r); g++) {
    if (dss_fact_has_numbers(r, g) || n++ >= NAMES_SHOWN) continue;
    if (n > 1) strcat(names, ", ");
    strcat(names, name(dss_results_group(r, g), one));
  }
  if (n > NAMES_SHOWN) snprintf(names + strlen(names), 40, " and %zu more", n - NAMES_SHOWN);
  dss_finding_say(
      w, DSS_FINDING_TEXT,
      "%zu group%s fewer than %s raters, the minimum of this run, and so %s no numbers: %s.", n,
      n == 1 ? " has" : "s have", dss_fact_text(r, "min_raters"), n == 1 ? "it has" : "they have",
      names);
}

static void unsaid(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  size_t few = w->tally.rows[DSS_VERDICT_TOO_FEW], none = w->tally.rows[DSS_VERDICT_NO_TEST];
  size_t no_gai = count_undefined_gai(w);
  bool tested = dss_results_resamples(r) > 0;
  if (few == 0 && no_gai == 0 && (none == 0 || !tested)) return;
  dss_finding_say(w, DSS_FINDING_HEADING, "What cannot be said");
  if (few > 0) too_few(w);
  if (no_gai > 0)
    dss_finding_say(
        w, DSS_FINDING_TEXT,
        "In %zu %s XRR is not positive: there GAI has no reading, and IRR-XRR is to be read.",
        no_gai, rows(w, no_gai));
  if (none == 0 || !tested) return;
  dss_finding_say(w, DSS_FINDING_TEXT, "%zu %s could not be tested:", none, rows(w, none));
  reasons(w);
}

/* --- the largest ------------------------------------------------------------------------- */

typedef struct largest {
  const dss_dsi *dsi;
  size_t question, axis, n;
} largest;

static largest find_largest(const dss_results *r) {
  largest found = {0};
  for (size_t q = 0; q < dss_results_n_questions(r); q++) {
    for (size_t a = 0; a < dss_results_n_axes(r); a++) {
      const dss_dsi *one = dss_results_dsi(r, q, a);
      if (!one || one->group == SIZE_MAX) continue;
      if (found.dsi && one->estimate <= found.dsi->estimate) continue;
      found.dsi = one;
      found.question = q;
      found.axis = a;
    }
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      const dss_cell *cell = dss_results_cell(r, q, g, DSS_GAI);
      found.n += cell && !isnan(cell->estimate);
    }
  }
  return found;
}

static void dsi(const dss_finding_writer *w) {
  const dss_results *r = w->results;
  largest most = find_largest(r);
  char row[ROW_ROOM], on[NAME_ROOM];
  if (most.n < 2) return;
  const dss_cell *cell = dss_results_cell(r, most.question, most.dsi->group, DSS_GAI);
  dss_finding_say(w, DSS_FINDING_TEXT,
                  "The largest GAI of all is %s, of %s, on the axis %s%s. The largest of "
                  "%zu is large by chance too.%s",
                  dss_view_cell(w->view, cell).number,
                  name_row(w, most.question, most.dsi->group, row),
                  name(dss_results_axis(r, most.axis), on),
                  isnan(cell->p)      ? ""
                  : cell->q_bh < 0.05 ? " (q < 0.05)"
                  : cell->p < 0.05    ? " (p < 0.05, not after correction)"
                                      : " (not significant)",
                  most.n,
                  dss_fact_near_zero(r, most.question, most.dsi->group)
                      ? " XRR is near 0 there, and a ratio to it jumps: read IRR-XRR."
                      : "");
}

void dss_findings(const dss_view *view, dss_finding_fn finding, void *user) {
  dss_finding_writer w = {.view = view,
                          .results = view->results,
                          .tally = dss_tally_of(view->results),
                          .finding = finding,
                          .user = user};
  bool tested = dss_results_resamples(w.results) > 0 && w.tally.tests > 0;
  find(&w);
  lead(&w);
  stand_out(&w);
  dsi(&w);
  others(&w);
  unread(&w);
  before_correction(&w);
  unsaid(&w);
  dss_finding_say(&w, DSS_FINDING_HEADING, "What was tested");
  data(&w);
  if (tested) null_model(&w);
  dss_findings_sure(&w);
  free(w.found);
}
