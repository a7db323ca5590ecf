#include "measures.h"

#include <stdio.h>
#include <string.h>

dss_versus dss_versus_of(const dss_evaluation_row *row) {
  if (*row->versus == '\0') return DSS_VERSUS_NONE;
  return strcmp(row->versus, DSS_EVERYONE_ELSE) == 0 ? DSS_VERSUS_ELSE : DSS_VERSUS_GROUP;
}

/* --- names --------------------------------------------------------------------------------- */

/* Words that are not written as they are in a statistic's name. */
static const struct {
  const char *word, *written;
} words[] = {{"fnr", "FNR"},
             {"fpr", "FPR"},
             {"auc", "AUC"},
             {"mae", "MAE"},
             {"f1", "F1"},
             {"f", "F"},
             {"h", "H"},
             {"anova", "ANOVA"},
             {"pearson", "Pearson"},
             {"kendall", "Kendall"},
             {"spearman", "Spearman"},
             {"kruskal", "Kruskal"},
             {"cliffs", "Cliff's"},
             {"somers", "Somers'"},
             {"d", "D"},
             {"missteered", "mis-steered"}};

static void put_word(char *text, const char *word, size_t length) {
  size_t used = strlen(text);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0) {
      snprintf(text + used, DSS_MEASURE_ROOM - used, "%s", words[i].written);
      return;
    }
  snprintf(text + used, DSS_MEASURE_ROOM - used, "%.*s", (int)length, word);
}

const char *dss_measure_text(const char *statistic, char text[DSS_MEASURE_ROOM]) {
  *text = '\0';
  while (*statistic && strlen(text) + 1 < DSS_MEASURE_ROOM) {
    size_t length = strcspn(statistic, "_");
    put_word(text, statistic, length > DSS_MEASURE_ROOM ? DSS_MEASURE_ROOM : length);
    statistic += length;
    if (*statistic == '_') {
      statistic++;
      size_t used = strlen(text);
      snprintf(text + used, DSS_MEASURE_ROOM - used, " ");
    }
  }
  return text;
}

/* --- meaning ------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), at = strlen(end);
  return length >= at && strcmp(text + length - at, end) == 0;
}

static const char missteered[] = "_missteered";

bool dss_measure_is_error(const char *statistic) {
  return strcmp(statistic, "mae_missteered") == 0;
}

bool dss_measure_missteers(const char *statistic, char base[DSS_MEASURE_ROOM]) {
  if (!ends_with(statistic, missteered)) return false;
  snprintf(base, DSS_MEASURE_ROOM, "%.*s", (int)(strlen(statistic) + 1 - sizeof missteered),
           statistic);
  return true;
}

bool dss_measure_compares(const dss_evaluation_row *row) {
  if (dss_versus_of(row) != DSS_VERSUS_NONE) return !ends_with(row->statistic, missteered);
  return ends_with(row->statistic, "_gain") || ends_with(row->statistic, "_difference");
}

static bool is_among(const char *statistic, const char *const *list, size_t n, size_t *place) {
  for (*place = 0; *place < n; ++*place)
    if (strcmp(statistic, list[*place]) == 0) return true;
  return false;
}

bool dss_measure_is_drawn(const char *statistic) {
  static const char *const counts[] = {"tp", "fp", "fn", "tn"};
  size_t place;
  return !is_among(statistic, counts, sizeof counts / sizeof *counts, &place);
}

size_t dss_measure_rank(const char *statistic) {
  static const char *const leads[] = {"mean",
                                      "mean_difference",
                                      "share",
                                      "share_difference",
                                      "fnr_gap",
                                      "fpr_gap",
                                      "fnr",
                                      "fpr",
                                      "pearson_gain",
                                      "spearman_gain",
                                      "kendall_gain",
                                      "mae_gain",
                                      "kappa_gain",
                                      "pearson_missteered",
                                      "spearman_missteered",
                                      "kendall_missteered",
                                      "mae_missteered",
                                      "kappa_missteered",
                                      "gamma",
                                      "gamma_difference"};
  size_t place;
  is_among(statistic, leads, sizeof leads / sizeof *leads, &place);
  return place;
}
