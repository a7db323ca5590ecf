/* Figures into a folder. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "axis.h"
#include "host/core/alloc.h"
#include "host/core/atomic_file.h"

/* Of results, of pairs or of an evaluation; the others are NULL. */
typedef struct album {
  dss_context *context;
  const dss_results *results;
  dss_pairs *pairs;
  const dss_evaluation *evaluation;
  dss_figure *figures;
  size_t n;
  const char *folder;
  char *path; /* of one file after the other */
  size_t room;
} album;

const char *dss_figure_format_name(dss_figure_format format) {
  static const char *const names[] = {
      [DSS_FIGURE_SVG] = "svg", [DSS_FIGURE_PDF] = "pdf", [DSS_FIGURE_PNG] = "png"};
  return (unsigned)format < DSS_N_FIGURE_FORMATS ? names[format] : NULL;
}

static dss_status describe(const album *a, const dss_figure *figure, dss_figure_texts *texts) {
  if (a->pairs) return dss_pair_figure_describe(a->context, a->pairs, figure, texts);
  if (a->evaluation)
    return dss_evaluation_figure_describe(a->context, a->evaluation, figure, texts);
  return dss_figure_describe(a->context, a->results, figure, texts);
}

static dss_status draw(const album *a, const dss_figure *figure, dss_figure_format format,
                       unsigned char **bytes, size_t *n) {
  if (a->pairs) return dss_pair_figure_draw(a->context, a->pairs, figure, format, bytes, n);
  if (a->evaluation)
    return dss_evaluation_figure_draw(a->context, a->evaluation, figure, format, bytes, n);
  return dss_figure_draw(a->context, a->results, figure, format, bytes, n);
}

static dss_status set_path(album *a, size_t i, dss_figure_format format) {
  dss_figure_texts texts = {0};
  DSS_TRY(describe(a, &a->figures[i], &texts));
  size_t size = strlen(a->folder) + strlen(texts.name) + 8;
  dss_status status = DSS_GROW(a->context, &a->path, &a->room, size);
  if (status == DSS_OK)
    snprintf(a->path, size, "%s/%s.%s", a->folder, texts.name, dss_figure_format_name(format));
  dss_figure_texts_free(&texts);
  return status;
}

static dss_status make_folder(album *a) {
  struct stat status;
  if (mkdir(a->folder, 0777) == 0) return DSS_OK;
  int why = errno;
  if (stat(a->folder, &status) == 0) {
    if (S_ISDIR(status.st_mode)) return DSS_OK;
    why = ENOTDIR;
  }
  return dss_fail(a->context, DSS_ERR_FILE, "%s: cannot make this folder: %s", a->folder,
                  strerror(why));
}

/* Before any file is written: none may be there. */
static dss_status refuse_existing(album *a, unsigned formats) {
  struct stat status;
  for (size_t i = 0; i < a->n; i++)
    for (unsigned f = 0; f < DSS_N_FIGURE_FORMATS; f++) {
      if (!(formats & 1u << f)) continue;
      DSS_TRY(set_path(a, i, (dss_figure_format)f));
      if (lstat(a->path, &status) == 0)
        return dss_fail(a->context, DSS_ERR_FILE, "%s: exists already; give --force to replace it",
                        a->path);
    }
  return DSS_OK;
}

static dss_status save_one(album *a, size_t i, dss_figure_format format, bool overwrite) {
  unsigned char *bytes = NULL;
  size_t n = 0;
  DSS_TRY(set_path(a, i, format));
  DSS_TRY(draw(a, &a->figures[i], format, &bytes, &n));
  dss_status status = dss_atomic_write(a->context, a->path, bytes, n, overwrite);
  free(bytes);
  return status;
}

static dss_status save_all(album *a, unsigned formats, bool overwrite) {
  if (!(formats & ((1u << DSS_N_FIGURE_FORMATS) - 1)))
    return dss_fail(a->context, DSS_ERR_USAGE, "no format is given for the figures");
  if (!dss_figures_available())
    return dss_fail(a->context, DSS_ERR_USAGE, "%s", dss_figures_absent_text);
  if (a->n == 0)
    return dss_fail(a->context, DSS_ERR_USAGE,
                    a->evaluation ? "the evaluation makes no figure: it has no values of groups"
                                  : "the results make no figure: they have no GAI and no p-value");
  DSS_TRY(make_folder(a));
  if (!overwrite) DSS_TRY(refuse_existing(a, formats));
  for (size_t i = 0; i < a->n; i++) {
    for (unsigned f = 0; f < DSS_N_FIGURE_FORMATS; f++)
      if (formats & 1u << f) DSS_TRY(save_one(a, i, (dss_figure_format)f, overwrite));
    dss_progress(a->context, "figures", i + 1, a->n);
  }
  return DSS_OK;
}

dss_status dss_figures_save(dss_context *context, const dss_results *results, const char *folder,
                            unsigned formats, bool overwrite) {
  album a = {.context = context, .results = results, .folder = folder};
  dss_status status = dss_figures_list(context, results, &a.figures, &a.n);
  if (status == DSS_OK) status = save_all(&a, formats, overwrite);
  free(a.figures);
  free(a.path);
  return status;
}

dss_status dss_pair_figures_save(dss_context *context, dss_pairs *pairs, const char *folder,
                                 unsigned formats, bool overwrite) {
  album a = {.context = context, .pairs = pairs, .folder = folder};
  dss_status status = dss_pair_figures_list(context, pairs, &a.figures, &a.n);
  if (status == DSS_OK) status = save_all(&a, formats, overwrite);
  free(a.figures);
  free(a.path);
  return status;
}

dss_status dss_evaluation_figures_save(dss_context *context, const dss_evaluation *evaluation,
                                       const char *folder, unsigned formats, bool overwrite) {
  album a = {.context = context, .evaluation = evaluation, .folder = folder};
  dss_status status = dss_evaluation_figures_list(context, evaluation, &a.figures, &a.n);
  if (status == DSS_OK) status = save_all(&a, formats, overwrite);
  free(a.figures);
  free(a.path);
  return status;
}
