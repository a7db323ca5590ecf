#include "names.h"

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

dss_status dss_texts_of(dss_context *context, const char *name, const char *title,
                        const char *description, dss_figure_texts *texts) {
  dss_figure_texts made = {0};
  dss_status status = dss_copy_text(context, &made.name, name);
  if (status == DSS_OK) status = dss_label_shown(context, title, &made.title);
  if (status == DSS_OK) status = dss_label_shown(context, description, &made.description);
  if (status == DSS_OK)
    *texts = made;
  else
    dss_figure_texts_free(&made);
  return status;
}

void dss_figure_texts_free(dss_figure_texts *texts) {
  if (!texts) return;
  free(texts->name);
  free(texts->title);
  free(texts->description);
  *texts = (dss_figure_texts){0};
}
