/* Golden values through every backend this machine has, for people who have just installed it. */
#ifndef DISSENSUS_SELFTEST_H
#define DISSENSUS_SELFTEST_H

#include <stdbool.h>

#include "dissensus/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called for each check: what was checked, on which backend, what was expected and found. */
typedef void (*dss_selftest_fn)(const char *check, const char *backend, double expected,
                                double found, bool passed, void *user);

/* Runs every check; DSS_ERR_INTERNAL when one fails. report may be NULL. */
DSS_MUST_USE dss_status dss_selftest(dss_context *context, dss_selftest_fn report, void *user);

#ifdef __cplusplus
}
#endif
#endif
