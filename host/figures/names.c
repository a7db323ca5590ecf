#include "names.h"

#include <stdarg.h>
#include <string.h>
#include <unistr.h>

#include "host/core/alloc.h"

enum { MOST_SLUG = 24 };

/* As in reports (host/report/text.c): what could move the text about, or hide some of it. */
static bool is_unsafe(ucs4_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || c == 0x061c ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

dss_status dss_label_shown(dss_context *context, const char *label, char **shown) {
  size_t left = strlen(label), used = 0;
  char *made = NULL;
  DSS_TRY(DSS_ALLOC(context, &made, 3 * left + 1)); /* a bad byte becomes three */
  while (left > 0) {
    ucs4_t c;
    int bytes = u8_mbtouc(&c, (const uint8_t *)label, left);
    if (bytes <= 0) bytes = 1;
    int size = u8_uctomb((uint8_t *)made + used, is_unsafe(c) ? ' ' : c, 4);
    if (size > 0) used += (size_t)size;
    label += bytes;
    left -= (size_t)bytes;
  }
  made[used] = '\0';
  *shown = made;
  return DSS_OK;
}

static bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void dss_slug_append(char *name, size_t room, const char *label) {
  size_t at = strlen(name), used = 0;
  bool gap = true; /* the first sign stands behind a '-' */
  for (; *label && used < MOST_SLUG && at + used + 3 < room; label++) {
    if (!is_plain(*label)) {
      gap = true;
      continue;
    }
    if (gap) name[at + used++] = '-';
    gap = false;
    name[at + used++] = *label;
  }
  name[at + used] = '\0';
}

/* --- while they are made ------------------------------------------------------------------- */

dss_status dss_texts_begin(dss_context *context, dss_texts_maker *maker) {
  *maker = (dss_texts_maker){.context = context};
  maker->plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (maker->plain == (locale_t)0) return dss_fail_memory(context, 0);
  maker->before = uselocale(maker->plain);
  maker->title = open_memstream(&maker->texts[0], &maker->sizes[0]);
  maker->description = open_memstream(&maker->texts[1], &maker->sizes[1]);
  if (maker->title && maker->description) return DSS_OK;
  return dss_texts_end(maker, dss_fail_memory(context, 0), NULL);
}

void dss_texts_name(dss_texts_maker *maker, const char *format, ...) {
  size_t used = strlen(maker->name);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(maker->name + used, DSS_NAME_ROOM - used, format, arguments);
  va_end(arguments);
}

void dss_texts_page(dss_texts_maker *maker, size_t page, size_t pages) {
  if (pages < 2) return;
  dss_texts_name(maker, "-p%zu", page + 1);
  fprintf(maker->title, " (page %zu of %zu)", page + 1, pages);
}

static dss_status make(const dss_texts_maker *maker, dss_figure_texts *texts) {
  dss_figure_texts made = {0};
  dss_status status = dss_copy_text(maker->context, &made.name, maker->name);
  if (status == DSS_OK) status = dss_label_shown(maker->context, maker->texts[0], &made.title);
  if (status == DSS_OK)
    status = dss_label_shown(maker->context, maker->texts[1], &made.description);
  if (status == DSS_OK)
    *texts = made;
  else
    dss_figure_texts_free(&made);
  return status;
}

dss_status dss_texts_end(dss_texts_maker *maker, dss_status status, dss_figure_texts *texts) {
  bool whole = maker->title && fclose(maker->title) == 0;
  whole = maker->description && fclose(maker->description) == 0 && whole;
  if (status == DSS_OK && !whole) status = dss_fail_memory(maker->context, 0);
  if (status == DSS_OK) status = make(maker, texts);
  free(maker->texts[0]);
  free(maker->texts[1]);
  uselocale(maker->before);
  freelocale(maker->plain);
  return status;
}

void dss_figure_texts_free(dss_figure_texts *texts) {
  if (!texts) return;
  free(texts->name);
  free(texts->title);
  free(texts->description);
  *texts = (dss_figure_texts){0};
}
