/* What a truth says of groups: what was planted in them, and how they rate by the model. */
#ifndef DSS_SIMULATE_CHECK_TRUTH_H
#define DSS_SIMULATE_CHECK_TRUTH_H

#include <jansson.h>

#include "dissensus/pool.h"
#include "host/core/context.h"

/* Of every question, or of one. */
typedef struct dss_said {
  const char *question;       /* NULL: every one */
  char *axis, *plan;          /* "gender*age", "gender,age" */
  char *group;                /* "Woman * GenZ" */
  const char **attributes;    /* [n_attributes] */
  size_t n_attributes;        /* how many it is of */
  double severity, cohesion;  /* that were planted; NaN: none */
  double mean, irr, xrr, gai; /* of the model; NaN: undefined */
  const json_t *shares;       /* the same by level; NULL: what was planted is said, no model */
} dss_said;

typedef struct dss_said_list {
  dss_said *at;
  size_t n;
} dss_said_list;

/* Of a truth and the pool that it is of, both of which must stay. DSS_ERR_DATA: it is none;
 * DSS_ERR_MEMORY. Free the list in any case. */
DSS_MUST_USE dss_status dss_said_read(dss_context *context, const dss_study *pool,
                                      const json_t *truth, dss_said_list *list);
void dss_said_free(dss_said_list *list);

/* What was planted in a group, or what the model makes of it; NULL: nothing is said. */
const dss_said *dss_said_planted(const dss_said_list *list, const char *question, const char *axis,
                                 const char *group);
const dss_said *dss_said_model(const dss_said_list *list, const char *question, const char *axis,
                               const char *group);

#endif
