#include "console.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

enum { BAR_WIDTH = 24, MAX_TEXT = 2048 };

static struct {
  console_style style;
  bool quiet;
  bool bar;                 /* a bar stands on the terminal's last line */
  char task[64];            /* what the clock below belongs to */
  double begun;             /* seconds */
  double shown;             /* when the progress was last shown */
  unsigned long long first; /* done when the clock began */
} console;

console_style console_default(void) {
  const char *job = getenv("SLURM_JOB_ID");
  return job && *job && !isatty(STDERR_FILENO) ? CONSOLE_TIMED : CONSOLE_PLAIN;
}

void console_set(console_style style, bool quiet) {
  console.style = style;
  console.quiet = quiet;
}

bool console_is_json(void) {
  return console.style == CONSOLE_JSON;
}

void console_quiet(void) {
  console.quiet = true;
}

/* --- lines ------------------------------------------------------------------------------- */

static void clear_bar(void) {
  if (console.bar) fputs("\r\033[K", stderr);
  console.bar = false;
}

static void timestamp(char text[32]) {
  struct timespec now;
  struct tm utc;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &utc);
  strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &utc);
  snprintf(text + strlen(text), 32 - strlen(text), ".%03ldZ", now.tv_nsec / 1000000);
}

/* Takes over `extra` (may be NULL), whose members follow the message. */
static void json_line(const char *level, const char *message, json_t *extra) {
  char time[32];
  timestamp(time);
  json_t *line = json_pack("{s:s, s:s, s:s}", "time", time, "level", level, "message", message);
  if (line && extra) json_object_update(line, extra);
  json_decref(extra);
  char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
  if (text) fprintf(stderr, "%s\n", text);
  free(text);
  json_decref(line);
}

/* In one write, so that the lines of several processes with one log do not mix. */
static void text_line(const char *prefix, const char *message) {
  char time[32] = "", text[MAX_TEXT + 128];
  bool timed = console.style == CONSOLE_TIMED;
  if (timed) timestamp(time);
  snprintf(text, sizeof text, "%s%s%s%.*s\n", time, timed ? " " : "", prefix, MAX_TEXT - 1,
           message);
  fputs(text, stderr);
}

static void line(const char *level, const char *prefix, const char *message) {
  clear_bar();
  if (console.style == CONSOLE_JSON)
    json_line(level, message, NULL);
  else
    text_line(prefix, message);
}

void console_log(dss_log_level level, const char *message, void *user) {
  (void)user;
  if (console.quiet) return;
  if (level == DSS_LOG_WARNING)
    line("warning", "dissensus: warning: ", message);
  else
    line("info", "dissensus: ", message);
}

void console_note(const char *format, ...) {
  char text[MAX_TEXT];
  va_list arguments;
  va_start(arguments, format);
  dss_format_line(text, sizeof text, format, arguments);
  va_end(arguments);
  console_log(DSS_LOG_INFO, text, NULL);
}

void console_error(const char *command, const char *format, ...) {
  char text[MAX_TEXT], prefix[64];
  va_list arguments;
  va_start(arguments, format);
  dss_format_line(text, sizeof text, format, arguments);
  va_end(arguments);
  snprintf(prefix, sizeof prefix, "dissensus%s%s: ", command ? " " : "", command ? command : "");
  line("error", prefix, text);
}

/* --- progress ---------------------------------------------------------------------------- */

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool on_terminal(void) {
  const char *terminal = getenv("TERM");
  return console.style == CONSOLE_PLAIN && isatty(STDERR_FILENO) && terminal &&
         strcmp(terminal, "dumb") != 0;
}

static size_t terminal_width(void) {
  struct winsize size;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* "45%, 4500 of 10000, 3200/s, 2 s left" */
static void describe(char *text, size_t room, unsigned long long done, unsigned long long total,
                     double elapsed) {
  double rate = elapsed > 0 ? (double)(done - console.first) / elapsed : 0;
  int used = total ? snprintf(text, room, "%3.0f%%, %llu of %llu",
                              100.0 * (double)done / (double)total, done, total)
                   : snprintf(text, room, "%llu", done);
  if (rate <= 0 || used < 0 || (size_t)used >= room) return;
  used += snprintf(text + used, room - (size_t)used, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
  if (total <= done || (size_t)used >= room) return;
  char left[40];
  text_duration(left, sizeof left, (double)(total - done) / rate);
  snprintf(text + used, room - (size_t)used, ", %s left", left);
}

static void draw_bar(const char *what, const char *text, double share) {
  char drawn[256], bar[BAR_WIDTH + 1];
  for (int i = 0; i < BAR_WIDTH; i++)
    bar[i] = (double)i < share * BAR_WIDTH ? '#' : '.';
  bar[BAR_WIDTH] = '\0';
  snprintf(drawn, sizeof drawn, "%s [%s] %s", what, bar, text);
  size_t width = terminal_width();
  fprintf(stderr, "\r\033[K%.*s", (int)(width > 1 ? width - 1 : 1), drawn);
  fflush(stderr);
  console.bar = true;
}

static void progress_line(const char *what, const char *text, unsigned long long done,
                          unsigned long long total) {
  char message[256];
  snprintf(message, sizeof message, "%s: %s", what, text);
  if (console.style != CONSOLE_JSON) {
    text_line("dissensus: ", message);
    return;
  }
  json_line("progress", message,
            json_pack("{s:s, s:I, s:I}", "what", what, "done", (json_int_t)done, "total",
                      (json_int_t)total));
}

/* A clock starts with each new task; the first call only starts it. */
static bool same_task(const char *what, unsigned long long done, double now) {
  if (console.begun > 0 && strncmp(console.task, what, sizeof console.task - 1) == 0) return true;
  snprintf(console.task, sizeof console.task, "%s", what);
  console.begun = console.shown = now;
  console.first = done;
  return false;
}

void console_progress(const char *what, unsigned long long done, unsigned long long total,
                      void *user) {
  (void)user;
  if (console.quiet) return;
  double now = seconds();
  bool terminal = on_terminal(), last = total && done >= total;
  if (same_task(what, done, now) && now - console.shown < (terminal ? 0.1 : 5.0) && !last) return;
  if (last && !terminal && now - console.begun < 5.0) {
    console.begun = 0; /* short work needs no line */
    return;
  }
  if (!terminal && now == console.begun) return;
  console.shown = now;
  char text[160];
  describe(text, sizeof text, done, total, now - console.begun);
  if (terminal)
    draw_bar(what, text, total ? (double)done / (double)total : 0);
  else
    progress_line(what, text, done, total);
  if (!last) return;
  clear_bar();
  console.begun = 0;
}
