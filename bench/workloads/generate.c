/* dissensus-generate: ratings with known truth, for the demo, the tests and the benchmarks.
 *
 * Writes ratings.csv (a row a rating), items.csv (the items' attributes), truth.csv (what each
 * trisection was given) and, where asked for, classifiers.csv and judges.csv (what machines say of
 * the items) into a folder. The same settings, seed and scale make the same bytes.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/workloads/model.h"
#include "host/core/alloc.h"
#include "host/core/atomic_file.h"

typedef struct arguments {
  const char *settings_path, *folder;
  uint64_t seed;
  uint32_t scale;
  bool null, predictions;
} arguments;

typedef struct workload {
  const settings *set;
  const design *made;
  uint64_t seed;
  bool predictions;
} workload;

typedef void (*table_writer)(const workload *work, FILE *out);

static void write_header(FILE *out) {
  fputs("rater_id,item_id", out);
  for (size_t q = 0; q < N_QUESTIONS; q++)
    fprintf(out, ",%s", settings_question_names[q]);
  fputs(",violation_type", out);
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    fprintf(out, ",%s", settings_attribute_names[i]);
  fputc('\n', out);
}

static void write_profile(const settings *set, size_t cell, FILE *out) {
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    fprintf(out, "%s%s", i ? "," : "", set->attributes[i].names[settings_cell_value(set, cell, i)]);
}

static void write_ratings(const workload *work, FILE *out) {
  const design *made = work->made;
  write_header(out);
  for (uint32_t r = 0; r < made->n_raters; r++)
    for (uint64_t slot = made->start[r]; slot < made->start[r + 1]; slot++) {
      uint32_t item = made->item[slot];
      answer given = model_answer(work->set, work->seed, made, r, item);
      fprintf(out, "r%06u,i%06u", r + 1, item + 1);
      for (size_t q = 0; q < N_QUESTIONS; q++)
        fprintf(out, ",%u", given.harm[q]);
      fprintf(out, ",%s,", work->set->topics.names[given.reading]);
      write_profile(work->set, made->cell[r], out);
      fputc('\n', out);
    }
}

static void write_items(const workload *work, FILE *out) {
  fputs("item_id,topic\n", out);
  for (uint32_t item = 0; item < work->made->n_items; item++)
    fprintf(out, "i%06u,%s\n", item + 1, work->set->topics.names[work->made->topic[item]]);
}

static void write_classifiers(const workload *work, FILE *out) {
  fputs("item_id,classifier_a,classifier_b\n", out);
  for (uint32_t item = 0; item < work->made->n_items; item++) {
    fprintf(out, "i%06u", item + 1);
    for (size_t c = 0; c < MODEL_CLASSIFIERS; c++)
      fprintf(out, ",%.4f", model_score(work->set, work->seed, work->made, item, c));
    fputc('\n', out);
  }
}

static void write_judges(const workload *work, FILE *out) {
  fputs("item_id,", out);
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    fprintf(out, "%s,", settings_attribute_names[i]);
  fputs("told,untold\n", out);
  for (uint32_t item = 0; item < work->made->n_items; item++) {
    unsigned untold = model_untold(work->set, work->seed, work->made, item);
    for (uint32_t cell = 0; cell < settings_n_cells(work->set); cell++) {
      fprintf(out, "i%06u,", item + 1);
      write_profile(work->set, cell, out);
      fprintf(out, ",%u,%u\n", model_told(work->set, work->seed, work->made, item, cell), untold);
    }
  }
}

static void write_truth(const workload *work, FILE *out) {
  const settings *set = work->set;
  uint64_t counts[MAX_CELLS];
  design_cell_sizes(work->made, settings_n_cells(set), counts);
  for (size_t i = 0; i < N_ATTRIBUTES; i++)
    fprintf(out, "%s,", settings_attribute_names[i]);
  fputs("raters,cohesion,shared_sd,noise_sd,recast,misread\n", out);
  for (size_t cell = 0; cell < settings_n_cells(set); cell++) {
    const view *seen = &set->views[set->cells[cell]];
    write_profile(set, cell, out);
    fprintf(out, ",%llu,%s,%g,%g,%g,%g\n", (unsigned long long)counts[cell],
            settings_cohesion_names[set->cells[cell]], seen->shared_sd, seen->noise_sd,
            seen->recast, seen->misread);
  }
}

/* A stream's failed writes are found out at the end, in one place. */
static dss_status write_stream(dss_context *context, const char *path, const char *temporary,
                               table_writer writer, const workload *work) {
  FILE *out = fopen(temporary, "w");
  if (!out) return dss_fail(context, DSS_ERR_FILE, "%s: %s", path, strerror(errno));
  writer(work, out);
  bool failed = ferror(out) != 0;
  if (fclose(out) != 0) failed = true;
  if (failed) return dss_fail(context, DSS_ERR_FILE, "%s: cannot write: %s", path, strerror(errno));
  return DSS_OK;
}

static dss_status write_table(dss_context *context, const char *folder, const char *name,
                              table_writer writer, const workload *work) {
  char *path = NULL;
  size_t length = strlen(folder) + strlen(name) + 2;
  DSS_TRY(DSS_ALLOC(context, &path, length));
  snprintf(path, length, "%s/%s", folder, name);
  dss_atomic_file file;
  dss_status status = dss_atomic_begin(context, &file, path, true);
  if (status == DSS_OK) {
    status = write_stream(context, path, file.temporary, writer, work);
    if (status == DSS_OK)
      status = dss_atomic_commit(context, &file);
    else
      dss_atomic_abandon(&file);
  }
  if (status == DSS_OK) printf("%s\n", path);
  free(path);
  return status;
}

static dss_status write_all(dss_context *context, const char *folder, const workload *work) {
  if (mkdir(folder, 0777) != 0 && errno != EEXIST)
    return dss_fail(context, DSS_ERR_FILE, "%s: %s", folder, strerror(errno));
  DSS_TRY(write_table(context, folder, "ratings.csv", write_ratings, work));
  DSS_TRY(write_table(context, folder, "items.csv", write_items, work));
  if (work->predictions) {
    DSS_TRY(write_table(context, folder, "classifiers.csv", write_classifiers, work));
    DSS_TRY(write_table(context, folder, "judges.csv", write_judges, work));
  }
  return write_table(context, folder, "truth.csv", write_truth, work);
}

static dss_status generate(dss_context *context, const arguments *given, settings *set) {
  DSS_TRY(settings_read(context, given->settings_path, set));
  if (given->null) memset(set->cells, COHESION_NULL, sizeof set->cells);
  design made;
  DSS_TRY(design_make(context, set, given->seed, given->scale, &made));
  workload work = {set, &made, given->seed, given->predictions};
  dss_status status = write_all(context, given->folder, &work);
  design_free(&made);
  return status;
}

static void print_usage(FILE *out) {
  fputs("Usage: dissensus-generate --settings FILE --out DIR [options]\n"
        "Writes ratings.csv, items.csv and truth.csv: ratings whose truth is known.\n\n"
        "  --settings FILE  what to make; data/demo/dive.ini is an example, data/demo/README.md\n"
        "                   explains it\n"
        "  --out DIR        folder for the files, made if it is not there; old ones are replaced\n"
        "  --seed S         another draw of the same design (default 1)\n"
        "  --scale K        K times as many raters, items and ratings (default 1)\n"
        "  --predictions    also classifiers.csv and judges.csv, what machines say of the items\n"
        "  --null           no trisection differs from another\n"
        "  --help, --version\n",
        out);
}

static int usage_error(const char *text, const char *about) {
  fprintf(stderr, "dissensus-generate: %s%s; see --help\n", text, about);
  return DSS_ERR_USAGE;
}

static bool read_whole(const char *text, uint64_t most, uint64_t *value) {
  char *end = NULL;
  errno = 0;
  unsigned long long number = strtoull(text, &end, 10);
  if (errno || end == text || *end || text[0] == '-' || number > most) return false;
  *value = number;
  return true;
}

enum { GO_ON = -1 };

/* GO_ON, or the exit status to return at once. */
static int read_arguments(int argc, char **argv, arguments *given) {
  static const struct option options[] = {{"settings", required_argument, NULL, 's'},
                                          {"out", required_argument, NULL, 'o'},
                                          {"seed", required_argument, NULL, 'r'},
                                          {"scale", required_argument, NULL, 'k'},
                                          {"null", no_argument, NULL, 'n'},
                                          {"predictions", no_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
  uint64_t scale = 1;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 's':
      given->settings_path = optarg;
      break;
    case 'o':
      given->folder = optarg;
      break;
    case 'n':
      given->null = true;
      break;
    case 'p':
      given->predictions = true;
      break;
    case 'h':
      print_usage(stdout);
      return 0;
    case 'v':
      puts("dissensus-generate " DSS_VERSION_STRING);
      return 0;
    case 'r':
      if (!read_whole(optarg, UINT64_MAX, &given->seed))
        return usage_error("--seed: no seed: ", optarg);
      break;
    case 'k':
      if (!read_whole(optarg, 1000, &scale) || scale == 0)
        return usage_error("--scale: not from 1 to 1000: ", optarg);
      break;
    default:
      return DSS_ERR_USAGE; /* getopt_long has said why */
    }
  }
  if (optind < argc) return usage_error("unexpected: ", argv[optind]);
  if (!given->settings_path || !given->folder)
    return usage_error("--settings and --out are needed", "");
  given->scale = (uint32_t)scale;
  return GO_ON;
}

int main(int argc, char **argv) {
  arguments given = {.seed = 1, .scale = 1};
  int done = read_arguments(argc, argv, &given);
  if (done != GO_ON) return done;
  dss_context *context = dss_context_new();
  settings *set = calloc(1, sizeof *set);
  dss_status status = context && set ? generate(context, &given, set) : DSS_ERR_MEMORY;
  if (status != DSS_OK) {
    const char *why = dss_context_error(context);
    fprintf(stderr, "dissensus-generate: %s\n", *why ? why : dss_status_name(status));
  }
  free(set);
  dss_context_free(context);
  return (int)status;
}
