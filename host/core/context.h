/* The context behind the public handle: the error's text and the callbacks. */
#ifndef DSS_CORE_CONTEXT_H
#define DSS_CORE_CONTEXT_H

#include "dissensus/status.h"

/* Sets the context's error (a NULL context is allowed) and returns status, for `return
 * dss_fail(...)`. */
DSS_PRINTF(3, 4)
dss_status dss_fail(dss_context *context, dss_status status, const char *format, ...);

/* DSS_ERR_MEMORY with the number of bytes that could not be had. */
dss_status dss_fail_memory(dss_context *context, unsigned long long bytes);

DSS_PRINTF(2, 3) void dss_info(dss_context *context, const char *format, ...);
DSS_PRINTF(2, 3) void dss_warn(dss_context *context, const char *format, ...);
/* Whether these are kept back, while what has said them is done again for another number. */
void dss_hush(dss_context *context, bool hushed);

void dss_progress(dss_context *context, const char *what, unsigned long long done,
                  unsigned long long total);

/* Whether the caller wants the call to end; false for a NULL context. */
bool dss_stopped(const dss_context *context);
/* DSS_INTERRUPTED where it does, else DSS_OK: between the steps of whatever can last. */
DSS_MUST_USE dss_status dss_go_on(dss_context *context);

/* return the status of a failing call to the caller */
#define DSS_TRY(call)                                                                              \
  do {                                                                                             \
    dss_status dss_try_status_ = (call);                                                           \
    if (dss_try_status_ != DSS_OK) return dss_try_status_;                                         \
  } while (0)

#endif
