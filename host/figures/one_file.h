/* A figure that is the only one of its kind, in one file. */
#ifndef DSS_FIGURES_ONE_FILE_H
#define DSS_FIGURES_ONE_FILE_H

#include "dissensus/figures.h"
#include "host/core/context.h"

typedef dss_status (*dss_one_draw)(dss_context *context, const void *what, dss_figure_format format,
                                   unsigned char **bytes, size_t *n);

/* In the format that the path's name says, whole or not at all. DSS_ERR_USAGE: another name, and
 * what draw returns; DSS_ERR_FILE. */
DSS_MUST_USE dss_status dss_one_file_save(dss_context *context, dss_one_draw draw, const void *what,
                                          const char *path, bool overwrite);

#endif
