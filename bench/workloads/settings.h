/* Settings of the workload generator, read from a plain file of sections and name = value lines.
 * What each one means is said in data/demo/README.md. */
#ifndef DSS_WORKLOADS_SETTINGS_H
#define DSS_WORKLOADS_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "host/core/context.h"

enum {
  MAX_VALUES = 16,
  MAX_NAME = 48,
  MAX_LEVELS = 9,
  MAX_CELLS = MAX_VALUES * MAX_VALUES * MAX_VALUES,
  N_ATTRIBUTES = 3,
  N_QUESTIONS = 2
};

/* A named set of values with the share that each takes (any positive unit). */
typedef struct named_shares {
  size_t n;
  char names[MAX_VALUES][MAX_NAME];
  double shares[MAX_VALUES];
} named_shares;

/* How a trisection sees items. */
typedef enum cohesion {
  COHESION_NULL,
  COHESION_COHESIVE,
  COHESION_INCOHERENT,
  N_COHESIONS
} cohesion;

typedef struct view {
  double shared_sd; /* severity that the whole trisection sees in an item and others do not */
  double noise_sd;  /* each rating's own noise */
  double recast;    /* chance that the whole trisection reads an item as another topic */
  double misread;   /* chance that a rater picks a topic without looking */
} view;

typedef struct settings {
  uint64_t raters, items, ratings, least_raters_per_item, least_raters_per_trisection;
  named_shares attributes[N_ATTRIBUTES]; /* gender, age_group, ethnicity */
  named_shares topics;
  double topic_severity[MAX_VALUES];
  double severity_sd, question_correlation, bias_sd;
  size_t n_thresholds;
  double thresholds[MAX_LEVELS - 1]; /* ascending; a rating is 1 + the number at or below */
  view views[N_COHESIONS];
  uint8_t cells[MAX_CELLS]; /* cohesion of each trisection, see settings_cell */
} settings;

extern const char *const settings_attribute_names[N_ATTRIBUTES];
extern const char *const settings_question_names[N_QUESTIONS];
extern const char *const settings_cohesion_names[N_COHESIONS];

/* Reads and checks; errors name file and line where there is one. */
DSS_MUST_USE dss_status settings_read(dss_context *context, const char *path, settings *out);

/* Trisections are numbered 0 .. settings_n_cells-1, the last attribute running fastest. */
size_t settings_n_cells(const settings *set);
size_t settings_cell(const settings *set, const size_t values[N_ATTRIBUTES]);
/* The value's number of `attribute` in a trisection. */
size_t settings_cell_value(const settings *set, size_t cell, size_t attribute);

#endif
