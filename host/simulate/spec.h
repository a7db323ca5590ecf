/* What dss_simulate_options say, read and checked. */
#ifndef DSS_SIMULATE_SPEC_H
#define DSS_SIMULATE_SPEC_H

#include "dissensus/simulate.h"
#include "latent.h"

enum { DSS_MOST_CELLS = 4096 };

typedef struct dss_spec_attribute {
  char *text; /* holds the names */
  const char *name;
  uint32_t n;
  const char **values; /* [n] */
  double *shares;      /* [n] */
} dss_spec_attribute;

typedef struct dss_spec_question {
  char *text;
  const char *name;
  dss_scale scale;
  uint32_t n_levels;
  double *shares; /* [n_levels] */
} dss_spec_question;

/* Profile cells are numbered 0 .. n_cells-1, the last attribute running fastest. */
typedef struct dss_spec {
  dss_spec_attribute *attributes;
  size_t n_attributes;
  dss_spec_question *questions;
  size_t n_questions;
  dss_effect *effects;
  size_t n_effects;
  uint32_t n_cells;
} dss_spec;

/* DSS_ERR_USAGE, DSS_ERR_MEMORY. Free it in any case; the effects' names are the options'. */
DSS_MUST_USE dss_status dss_spec_read(dss_context *context, const dss_simulate_options *options,
                                      dss_spec *spec);
void dss_spec_free(dss_spec *spec);

/* The value's number of an attribute in a cell. */
uint32_t dss_spec_value(const dss_spec *spec, uint32_t cell, size_t attribute);
/* Each cell's share of the raters, [n_cells]. */
void dss_spec_shares(const dss_spec *spec, double *shares);
/* has [n_cells] becomes the cells of "gender=Woman,age=GenZ", `length` bytes; called `what` in
 * messages. DSS_ERR_USAGE. */
DSS_MUST_USE dss_status dss_spec_group(dss_context *context, const dss_spec *spec, const char *what,
                                       const char *text, size_t length, bool *has);

#endif
