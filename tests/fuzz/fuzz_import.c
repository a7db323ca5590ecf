/* Any bytes through the importer: an answer or a refusal, never a crash, a leak or a bad study.
 *
 * The first byte chooses layout, scale and policy, the rest is the input; after a line "%%%" comes
 * a joined table (or the annotators' file). */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dissensus/dissensus.h"

static const char separator[] = "\n%%%\n";

/* A file in memory that has a path. */
typedef struct memory_file {
  int descriptor;
  char path[64];
} memory_file;

static memory_file open_memory(const void *bytes, size_t length) {
  memory_file file = {memfd_create("fuzz", MFD_CLOEXEC), ""};
  if (file.descriptor < 0 || write(file.descriptor, bytes, length) != (ssize_t)length) abort();
  snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.descriptor);
  return file;
}

static void choose_scale(dss_import_options *o, unsigned choice) {
  static const char *const scales[] = {"q", "q:ordinal", "q:interval", "q:ratio"};
  static const char *two[2], *one[1];
  static const char *const derived[] = {"m=max(q,s)"};
  one[0] = scales[choice % 4];
  two[0] = scales[choice % 4];
  two[1] = "s:ordinal";
  bool both = o->layout == DSS_LAYOUT_LONG && choice % 2 == 1;
  o->ratings = both ? two : one;
  o->n_ratings = both ? 2 : 1;
  o->derived = derived;
  o->n_derived = both;
}

/* Bits 0-1 layout, 2-3 scale, 4-5 duplicates, 6 declared levels, 7 bins. */
static void choose(dss_import_options *o, unsigned char choice, const char *table) {
  static const char *const attributes[] = {"a"};
  static const char *const item_attributes[] = {"t"};
  static const char *const levels[] = {"q=1,2,3"};
  static const char *const bins[] = {"a=18,30.5"};
  dss_import_options_init(o);
  o->layout = (dss_layout)(choice % 4 % 3);
  choose_scale(o, choice >> 2);
  o->duplicates = (dss_duplicates)(choice / 16 % 4 % 3);
  o->levels = levels;
  o->n_levels = choice / 64 % 2;
  o->keep_unused_levels = true;
  o->bins = bins;
  o->n_bins = choice / 128;
  o->raters_path = table;
  if (o->layout != DSS_LAYOUT_LEWIDI) o->rater = "r";
  if (o->layout == DSS_LAYOUT_LONG) o->item = "u";
  if (o->layout != DSS_LAYOUT_LEWIDI || table) {
    o->rater_attributes = attributes;
    o->n_rater_attributes = 1;
  }
  if (o->layout != DSS_LAYOUT_WIDE) {
    o->item_attributes = item_attributes;
    o->n_item_attributes = choice / 4 % 2;
  }
}

/* What the header of dss_study promises, looked at from outside. */
static void check(const dss_study *study) {
  uint32_t n = dss_study_n_raters(study), items = dss_study_n_items(study);
  if (n == 0 || items == 0 || dss_study_n_questions(study) == 0) abort();
  for (size_t i = 0; i < dss_study_n_questions(study); i++) {
    const dss_question *q = dss_study_question(study, i);
    if (q->n_levels == 0 || q->n_levels > DSS_MAX_LEVELS || q->n_ratings == 0) abort();
    if (q->item_ptr[items] != q->n_ratings) abort();
    for (uint64_t k = 0; k < q->n_ratings; k++)
      if (q->rater[k] >= n || q->code[k] >= q->n_levels) abort();
  }
}

static void check_error(const dss_context *context, dss_status status) {
  const char *error = dss_context_error(context);
  if (!*error || strchr(error, '\n')) abort();
  if (status != DSS_ERR_DATA && status != DSS_ERR_USAGE) abort();
}

static const uint8_t *find_separator(const uint8_t *data, size_t size) {
  return memmem(data, size, separator, sizeof separator - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  unsigned char choice = data[0];
  data++, size--;
  const uint8_t *end = find_separator(data, size);
  size_t length = end ? (size_t)(end - data) : size;
  memory_file input = open_memory(data, length);
  memory_file table = {-1, ""};
  if (end) {
    const uint8_t *rest = end + sizeof separator - 1;
    table = open_memory(rest, size - (size_t)(rest - data));
  }
  dss_import_options options;
  choose(&options, choice, end ? table.path : NULL);
  options.input = input.path;
  dss_context *context = dss_context_new();
  dss_study *study = NULL;
  dss_status status = dss_import(context, &options, &study);
  if (status == DSS_OK)
    check(study);
  else
    check_error(context, status);
  dss_study_free(study);
  dss_context_free(context);
  close(input.descriptor);
  if (end) close(table.descriptor);
  return 0;
}
