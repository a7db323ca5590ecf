/* Messages: one line of well-formed UTF-8, whatever a path, a label or another library puts in. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

#include "host/core/context.h"

static void check_line(const char *line) {
  cr_expect_null(u8_check((const uint8_t *)line, strlen(line)), "not UTF-8: %s", line);
  for (const char *at = line; *at; at++)
    cr_expect((unsigned char)*at >= 0x20 && *at != 0x7f, "a control in: %s", line);
}

static const struct {
  const char *said, *shown;
} cases[] = {
    {"plain text", "plain text"},
    {"", ""},
    {"two\nlines\ttab\x7f", "two lines tab "},
    {"\xd7\xa2\xd7\x91 \xe6\x97\xa5 \xf0\x9f\x98\x80",
     "\xd7\xa2\xd7\x91 \xe6\x97\xa5 \xf0\x9f\x98\x80"},
    {"M\xe4nner", "M\\xE4nner"},                  /* Latin-1 */
    {"at the end \xe4", "at the end \\xE4"},      /* the beginning of a character */
    {"\xe6\x97", "\\xE6\\x97"},                   /* not whole */
    {"\x80\xbf", "\\x80\\xBF"},                   /* no beginning */
    {"\xc0\xaf", "\\xC0\\xAF"},                   /* longer than need be */
    {"\xed\xa0\x80", "\\xED\\xA0\\x80"},          /* half of a pair */
    {"\xf5\x80\x80\x80", "\\xF5\\x80\\x80\\x80"}, /* beyond the last character */
    {"csi \xc2\x9b"
     "31m",
     "csi  31m"}, /* a control of two bytes */
    {"line \xe2\x80\xa8 paragraph \xe2\x80\xa9.", "line   paragraph  ."},
};

static void keep(dss_log_level level, const char *message, void *user) {
  (void)level;
  snprintf(user, 2048, "%s", message);
}

Test(context, errors_and_log_lines_are_utf8) {
  char logged[2048] = "";
  dss_context *context = dss_context_new();
  cr_assert(context);
  dss_context_set_log(context, keep, logged);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_eq(dss_fail(context, DSS_ERR_DATA, "%s", cases[i].said), DSS_ERR_DATA);
    cr_expect_str_eq(dss_context_error(context), cases[i].shown);
    check_line(dss_context_error(context));
    dss_warn(context, "%s", cases[i].said);
    cr_expect_str_eq(logged, cases[i].shown);
    dss_info(context, "<%s>", cases[i].said);
    check_line(logged);
  }
  dss_context_free(context);
}

Test(context, an_error_may_quote_the_one_before) {
  dss_context *context = dss_context_new();
  (void)dss_fail(context, DSS_ERR_FILE, "gr\xfc\xdf");
  (void)dss_fail(context, DSS_ERR_FILE, "a: %s", dss_context_error(context));
  cr_expect_str_eq(dss_context_error(context), "a: gr\\xFC\\xDF");
  dss_context_free(context);
}

DSS_PRINTF(3, 4)
static void format_line(char *line, size_t room, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  dss_format_line(line, room, format, arguments);
  va_end(arguments);
}

/* Neither a character nor an escape is ever cut in two, wherever the end falls. */
Test(context, long_messages_end_between_characters) {
  static const char *const units[] = {"x", "\xc3\xa4", "\xe6\x97\xa5", "\xf0\x9f\x98\x80", "\xe4"};
  static const size_t sizes[] = {1, 2, 3, 4, 4}; /* as shown; the last is an escape */
  char said[4001], line[4096], before[8];
  for (size_t u = 0; u < sizeof units / sizeof *units; u++)
    for (size_t shift = 0; shift < 5; shift++)
      for (size_t room = 1; room < 40; room++) {
        size_t unit = strlen(units[u]), length = 0;
        while (length + unit < sizeof said) {
          memcpy(said + length, units[u], unit);
          length += unit;
        }
        said[length] = '\0';
        snprintf(before, sizeof before, "%.*s", (int)shift, "-----");
        /* Through a small room, and through the library's own limit. */
        size_t rooms[] = {room, sizeof line - room};
        for (size_t r = 0; r < 2; r++) {
          memset(line, '#', sizeof line);
          format_line(line, rooms[r], "%s%s", before, said);
          size_t shown = strlen(line);
          check_line(line);
          cr_assert_lt(shown, rooms[r]);
          if (shown > shift) cr_assert_eq((shown - shift) % sizes[u], 0, "cut: %s", line);
          if (r == 0) cr_assert_geq(shown + sizes[u], room, "more would fit");
          if (r == 1) cr_assert_geq(shown + sizes[u], 2047, "more would fit");
        }
      }
}
