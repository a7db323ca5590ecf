#include "bench/workloads/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const settings_attribute_names[N_ATTRIBUTES] = {"gender", "age_group", "ethnicity"};
const char *const settings_question_names[N_QUESTIONS] = {"harm_to_self", "harm_to_others"};
const char *const settings_cohesion_names[N_COHESIONS] = {"null", "cohesive", "incoherent"};

/* A trisection can only be looked up once all attributes are known. */
typedef struct cell_line {
  char name[3 * MAX_NAME];
  cohesion kind;
} cell_line;

typedef struct reader {
  settings *set;
  cell_line *cells;
  size_t n_cells;
  bool topic_has_severity[MAX_VALUES];
  char problem[256]; /* of the first bad line */
} reader;

static int refuse(reader *in, const char *problem, const char *name) {
  if (!in->problem[0]) snprintf(in->problem, sizeof in->problem, "%s: %s", name, problem);
  return 0;
}

static bool read_count(const char *text, uint64_t *value) {
  char *end = NULL;
  errno = 0;
  unsigned long long number = strtoull(text, &end, 10);
  if (errno || end == text || *end || text[0] == '-' || number == 0 || number > 100000000ull)
    return false;
  *value = number;
  return true;
}

/* Finite numbers only: the bounds are false for NaN and for infinities. */
static bool read_number(const char *text, double low, double high, double *value) {
  char *end = NULL;
  double number = strtod(text, &end);
  if (end == text || *end || !(number >= low && number <= high)) return false;
  *value = number;
  return true;
}

static int read_shape(reader *in, const char *name, const char *value) {
  settings *set = in->set;
  const struct {
    const char *name;
    uint64_t *target;
  } counts[] = {{"raters", &set->raters},
                {"items", &set->items},
                {"ratings", &set->ratings},
                {"least_raters_per_item", &set->least_raters_per_item},
                {"least_raters_per_trisection", &set->least_raters_per_trisection}};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    if (strcmp(name, counts[i].name) == 0)
      return read_count(value, counts[i].target) ? 1 : refuse(in, "is no count", name);
  return refuse(in, "is no setting of [shape]", name);
}

static int read_share(reader *in, named_shares *shares, const char *name, const char *value) {
  if (shares->n == MAX_VALUES) return refuse(in, "is one value too many", name);
  if (strlen(name) >= MAX_NAME || strpbrk(name, ",\"*"))
    return refuse(in, "is no usable name", name);
  for (size_t i = 0; i < shares->n; i++)
    if (strcmp(shares->names[i], name) == 0) return refuse(in, "stands here twice", name);
  if (!read_number(value, 1e-6, 1e6, &shares->shares[shares->n]))
    return refuse(in, "needs a positive share", name);
  strcpy(shares->names[shares->n++], name);
  return 1;
}

static int read_topic_severity(reader *in, const char *name, const char *value) {
  settings *set = in->set;
  for (size_t i = 0; i < set->topics.n; i++) {
    if (strcmp(set->topics.names[i], name) != 0) continue;
    in->topic_has_severity[i] = read_number(value, -100, 100, &set->topic_severity[i]);
    return in->topic_has_severity[i] ? 1 : refuse(in, "is no number", name);
  }
  return refuse(in, "is no topic of [topic] above", name);
}

static int read_thresholds(reader *in, const char *name, const char *value) {
  char copy[256];
  snprintf(copy, sizeof copy, "%s", value);
  settings *set = in->set;
  set->n_thresholds = 0;
  char *rest = NULL;
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    if (set->n_thresholds == MAX_LEVELS - 1) return refuse(in, "has too many numbers", name);
    double *threshold = &set->thresholds[set->n_thresholds++];
    if (!read_number(word, -100, 100, threshold))
      return refuse(in, "holds what is no number", name);
    if (set->n_thresholds > 1 && !(threshold[0] > threshold[-1]))
      return refuse(in, "must ascend", name);
  }
  return set->n_thresholds ? 1 : refuse(in, "needs numbers", name);
}

static int read_model(reader *in, const char *name, const char *value) {
  settings *set = in->set;
  if (strcmp(name, "thresholds") == 0) return read_thresholds(in, name, value);
  bool good;
  if (strcmp(name, "severity_sd") == 0)
    good = read_number(value, 0, 100, &set->severity_sd);
  else if (strcmp(name, "bias_sd") == 0)
    good = read_number(value, 0, 100, &set->bias_sd);
  else if (strcmp(name, "question_correlation") == 0)
    good = read_number(value, 0, 1, &set->question_correlation);
  else
    return refuse(in, "is no setting of [model]", name);
  return good ? 1 : refuse(in, "is out of range", name);
}

static int read_view(reader *in, view *seen, const char *name, const char *value) {
  bool good;
  if (strcmp(name, "shared_sd") == 0)
    good = read_number(value, 0, 100, &seen->shared_sd);
  else if (strcmp(name, "noise_sd") == 0)
    good = read_number(value, 0, 100, &seen->noise_sd);
  else if (strcmp(name, "recast") == 0)
    good = read_number(value, 0, 1, &seen->recast);
  else if (strcmp(name, "misread") == 0)
    good = read_number(value, 0, 1, &seen->misread);
  else
    return refuse(in, "is no setting of a view", name);
  return good ? 1 : refuse(in, "is out of range", name);
}

static int read_cell(reader *in, const char *name, const char *value) {
  if (in->n_cells == MAX_CELLS) return refuse(in, "is one trisection too many", name);
  cell_line *line = &in->cells[in->n_cells];
  if (strlen(name) >= sizeof line->name) return refuse(in, "is too long", name);
  for (cohesion kind = 0; kind < N_COHESIONS; kind++) {
    if (strcmp(value, settings_cohesion_names[kind]) != 0) continue;
    strcpy(line->name, name);
    line->kind = kind;
    in->n_cells++;
    return 1;
  }
  return refuse(in, "is neither null, cohesive nor incoherent", name);
}

/* inih's callback: 1 for a good line. */
static int read_line(void *user, const char *section, const char *name, const char *value) {
  reader *in = user;
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    if (strcmp(section, settings_attribute_names[i]) == 0)
      return read_share(in, &in->set->attributes[i], name, value);
  for (cohesion kind = 0; kind < N_COHESIONS; kind++)
    if (strcmp(section, settings_cohesion_names[kind]) == 0)
      return read_view(in, &in->set->views[kind], name, value);
  if (strcmp(section, "shape") == 0) return read_shape(in, name, value);
  if (strcmp(section, "topic") == 0) return read_share(in, &in->set->topics, name, value);
  if (strcmp(section, "topic severity") == 0) return read_topic_severity(in, name, value);
  if (strcmp(section, "model") == 0) return read_model(in, name, value);
  if (strcmp(section, "trisections") == 0) return read_cell(in, name, value);
  return refuse(in, "is no section", section);
}

size_t settings_n_cells(const settings *set) {
  size_t n = 1;
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    n *= set->attributes[i].n;
  return n;
}

size_t settings_cell(const settings *set, const size_t values[N_ATTRIBUTES]) {
  size_t cell = 0;
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    cell = cell * set->attributes[i].n + values[i];
  return cell;
}

size_t settings_cell_value(const settings *set, size_t cell, size_t attribute) {
  for (size_t i = N_ATTRIBUTES - 1; i > attribute; i--)
    cell /= set->attributes[i].n;
  return cell % set->attributes[attribute].n;
}

/* "Woman*GenZ*E3" to the trisection's number; false when there is none of that name. */
static bool find_cell(const settings *set, const char *name, size_t *cell) {
  char copy[3 * MAX_NAME];
  snprintf(copy, sizeof copy, "%s", name);
  size_t values[N_ATTRIBUTES], found = 0;
  char *rest = NULL;
  for (char *word = strtok_r(copy, "*", &rest); word; word = strtok_r(NULL, "*", &rest)) {
    if (found == N_ATTRIBUTES) return false;
    const named_shares *attribute = &set->attributes[found];
    size_t value = 0;
    while (value < attribute->n && strcmp(attribute->names[value], word) != 0)
      value++;
    if (value == attribute->n) return false;
    values[found++] = value;
  }
  if (found != N_ATTRIBUTES) return false;
  *cell = settings_cell(set, values);
  return true;
}

static dss_status place_cells(dss_context *context, const char *path, const reader *in) {
  for (size_t i = 0; i < in->n_cells; i++) {
    size_t cell;
    if (!find_cell(in->set, in->cells[i].name, &cell))
      return dss_fail(context, DSS_ERR_DATA, "%s: [trisections] %s: names no trisection", path,
                      in->cells[i].name);
    in->set->cells[cell] = (uint8_t)in->cells[i].kind;
  }
  return DSS_OK;
}

/* What no single line can show. */
static dss_status check(dss_context *context, const char *path, const reader *in) {
  const settings *set = in->set;
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    if (set->attributes[i].n == 0)
      return dss_fail(context, DSS_ERR_DATA, "%s: section [%s] is missing or empty", path,
                      settings_attribute_names[i]);
  if (set->topics.n == 0)
    return dss_fail(context, DSS_ERR_DATA, "%s: section [topic] is missing or empty", path);
  for (size_t i = 0; i < set->topics.n; i++)
    if (!in->topic_has_severity[i])
      return dss_fail(context, DSS_ERR_DATA, "%s: [topic severity] has no line for %s", path,
                      set->topics.names[i]);
  if (!set->raters || !set->items || !set->ratings || !set->least_raters_per_item ||
      !set->least_raters_per_trisection || !set->n_thresholds)
    return dss_fail(context, DSS_ERR_DATA,
                    "%s: a setting of [shape], or the thresholds, is missing", path);
  if (set->ratings / set->raters + 1 > set->items)
    return dss_fail(context, DSS_ERR_DATA, "%s: [shape] has more ratings a rater than items", path);
  if (set->least_raters_per_item * set->items > set->ratings)
    return dss_fail(context, DSS_ERR_DATA,
                    "%s: [shape] has too few ratings for %llu raters an item", path,
                    (unsigned long long)set->least_raters_per_item);
  if (set->least_raters_per_trisection * settings_n_cells(set) > set->raters)
    return dss_fail(context, DSS_ERR_DATA, "%s: [shape] has too few raters for %llu a trisection",
                    path, (unsigned long long)set->least_raters_per_trisection);
  return DSS_OK;
}

static dss_status parse(dss_context *context, const char *path, FILE *stream, reader *in) {
  int line = ini_parse_file(stream, read_line, in);
  if (ferror(stream)) return dss_fail(context, DSS_ERR_FILE, "%s: cannot read", path);
  if (line < 0) return dss_fail(context, DSS_ERR_MEMORY, "%s: out of memory", path);
  if (line > 0)
    return dss_fail(context, DSS_ERR_DATA, "%s:%d: %s", path, line,
                    in->problem[0] ? in->problem : "is neither a section nor name = value");
  DSS_TRY(check(context, path, in));
  return place_cells(context, path, in);
}

dss_status settings_read(dss_context *context, const char *path, settings *out) {
  FILE *stream = fopen(path, "r");
  if (!stream) return dss_fail(context, DSS_ERR_FILE, "%s: %s", path, strerror(errno));
  memset(out, 0, sizeof *out);
  reader in = {.set = out, .cells = calloc(MAX_CELLS, sizeof *in.cells)};
  dss_status status = in.cells ? parse(context, path, stream, &in)
                               : dss_fail_memory(context, MAX_CELLS * sizeof *in.cells);
  free(in.cells);
  fclose(stream);
  return status;
}
