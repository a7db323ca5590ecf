#include "one_file.h"

#include <stdlib.h>
#include <string.h>

#include "host/core/atomic_file.h"

bool dss_figure_format_of_path(const char *path, dss_figure_format *format) {
  const char *dot = strrchr(path, '.');
  for (int f = 0; dot && f < DSS_N_FIGURE_FORMATS; f++)
    if (strcmp(dot + 1, dss_figure_format_name((dss_figure_format)f)) == 0) {
      *format = (dss_figure_format)f;
      return true;
    }
  return false;
}

dss_status dss_one_file_save(dss_context *context, dss_one_draw draw, const void *what,
                             const char *path, bool overwrite) {
  dss_figure_format format;
  unsigned char *bytes = NULL;
  size_t n = 0;
  if (!dss_figure_format_of_path(path, &format))
    return dss_fail(context, DSS_ERR_USAGE, "%s: a figure's name ends with .svg, .pdf or .png",
                    path);
  DSS_TRY(draw(context, what, format, &bytes, &n));
  dss_status status = dss_atomic_write(context, path, bytes, n, overwrite);
  free(bytes);
  return status;
}
