/* A context for each test of a suite: TestSuite(..., .init = context_begin, .fini = context_end).
 */
#ifndef TESTS_FIGURES_IN_CONTEXT_H
#define TESTS_FIGURES_IN_CONTEXT_H

#include <criterion/criterion.h>

#include "dissensus/dissensus.h"

static dss_context *context;

static inline void context_begin(void) {
  context = dss_context_new();
}

static inline void context_end(void) {
  dss_context_free(context);
}

static inline void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

#endif
