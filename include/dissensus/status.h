/* Status codes, the context that carries errors and callbacks, and the library's version.
 *
 * Conventions of every header in this folder:
 *   - functions that can fail return a dss_status and put one line of text, naming the place
 *     (file, line, column, attribute ...), into the context's error;
 *   - on failure output parameters are left untouched unless said otherwise;
 *   - handles are opaque; every *_free function accepts NULL;
 *   - strings are UTF-8 and NUL-terminated; pointers returned by accessors belong to the handle
 *     they came from and live as long as it does;
 *   - the library never prints, exits or aborts.
 * Thread safety: a context, and handles made with it, may be used by one thread at a time. Calls
 * that read or write files use HDF5, whose usual build is not thread-safe: make those calls from
 * one thread of the process at a time.
 */
#ifndef DISSENSUS_STATUS_H
#define DISSENSUS_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DSS_VERSION_MAJOR 0
#define DSS_VERSION_MINOR 1
#define DSS_VERSION_PATCH 0
#define DSS_VERSION_STRING "0.1.0"

#if defined(__GNUC__)
#define DSS_MUST_USE __attribute__((warn_unused_result))
#define DSS_PRINTF(format_at, arguments_at) __attribute__((format(printf, format_at, arguments_at)))
#else
#define DSS_MUST_USE
#define DSS_PRINTF(format_at, arguments_at)
#endif

/* The numbers are also the command's exit statuses. */
typedef enum dss_status {
  DSS_OK = 0,
  DSS_ERR_USAGE = 2,     /* arguments that make no sense together, unknown names of options */
  DSS_ERR_DATA = 3,      /* input data that cannot be used */
  DSS_ERR_FILE = 4,      /* file or disk: cannot open, read, write, rename; output exists */
  DSS_ERR_DEVICE = 5,    /* an accelerator, or an instruction set asked for, is absent or failed */
  DSS_ERR_MEMORY = 6,    /* out of memory, or over the memory budget */
  DSS_ERR_INTERNAL = 70, /* a defect in this library */
  DSS_INTERRUPTED = 75   /* stopped on request; what is kept, a checkpoint or nothing, is said */
} dss_status;

/* "ok", "usage error" ...; never NULL. */
const char *dss_status_name(dss_status status);

/* The version of the library that is running, DSS_VERSION_STRING of its own headers. */
const char *dss_version(void);

/* What calls share: the error's text and the callbacks below. */
typedef struct dss_context dss_context;

typedef enum dss_log_level { DSS_LOG_INFO = 0, DSS_LOG_WARNING = 1 } dss_log_level;

/* message: one line without a newline, valid during the call only. */
typedef void (*dss_log_fn)(dss_log_level level, const char *message, void *user);

/* done and total count resamples (or whatever `what` names). Called from the calling thread. */
typedef void (*dss_progress_fn)(const char *what, unsigned long long done, unsigned long long total,
                                void *user);

/* A new context, or NULL when memory is out. The caller frees it with dss_context_free. */
dss_context *dss_context_new(void);
void dss_context_free(dss_context *context);

/* The last error's text, "" if there was none. Overwritten by the next failing call. */
const char *dss_context_error(const dss_context *context);

/* Formats as the library formats its errors and log lines, for messages of the caller's own: one
 * line of well-formed UTF-8 whatever the arguments hold. Controls become blanks, bytes that are not
 * UTF-8 escapes like \xE4; what goes beyond room (at least 1, the NUL included) or 2047 bytes is
 * cut off between characters. Arguments may point into line. */
DSS_PRINTF(3, 0)
void dss_format_line(char *line, size_t room, const char *format, va_list arguments);

/* NULL turns a callback off, which is the default. */
void dss_context_set_log(dss_context *context, dss_log_fn log, void *user);
void dss_context_set_progress(dss_context *context, dss_progress_fn progress, void *user);

/* Whether the caller wants the call that is under way to end: after a signal, on another thread's
 * word, because time is up. Called from the calling thread, up to some thousand times a second; it
 * returns at once, and goes on returning true until the call has ended. */
typedef bool (*dss_stop_fn)(void *user);

/* With it every call that can last looks up between its steps and ends with DSS_INTERRUPTED once
 * stop returns true: nothing is left, no file and no handle, but what dss_run has in a checkpoint
 * (batch.h). Steps take about half a second, and the cpu backend looks up in their midst; what
 * cannot be cut is two resamples a thread of a group's bootstrap, a strip of tiles of pairs, and
 * reading or writing one dataset of a file. NULL, the default: calls run to their end. In a team
 * (batch.h) all processes must be stopped. */
void dss_context_set_stop(dss_context *context, dss_stop_fn stop, void *user);

#ifdef __cplusplus
}
#endif
#endif
