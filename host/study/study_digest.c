/* The study's digest: SHA-256 of the canonical serialization in docs/file-format.md. */
#include <math.h>
#include <string.h>

#include "host/core/digest.h"
#include "study.h"

static void digest_texts(dss_digest *digest, const char *const *texts, size_t count) {
  dss_digest_u64(digest, count);
  for (size_t i = 0; i < count; i++)
    dss_digest_text(digest, texts[i]);
}

/* One bit pattern for every NaN and for both zeros. */
static void digest_double(dss_digest *digest, double value) {
  uint64_t bits = UINT64_C(0x7ff8000000000000);
  if (value == 0) value = 0;
  if (!isnan(value)) memcpy(&bits, &value, sizeof bits);
  dss_digest_u64(digest, bits);
}

static void digest_attributes(dss_digest *digest, const dss_attribute_list *list, uint32_t n) {
  dss_digest_u64(digest, list->count);
  for (size_t a = 0; a < list->count; a++) {
    const dss_attribute *attribute = &list->items[a]->view;
    dss_digest_text(digest, attribute->name);
    dss_digest_u8(digest, attribute->ordered);
    digest_texts(digest, attribute->categories, attribute->n_categories);
    dss_digest_u32s(digest, (const uint32_t *)attribute->codes, n); /* -1 as 2^32 - 1 */
  }
}

static void digest_question(dss_digest *digest, const dss_question *question, uint32_t n_items) {
  dss_digest_text(digest, question->name);
  dss_digest_text(digest, dss_scale_name(question->scale));
  digest_texts(digest, question->labels, question->n_levels);
  for (uint32_t k = 0; k < question->n_levels; k++)
    digest_double(digest, question->values[k]);
  dss_digest_u64(digest, question->n_ratings);
  dss_digest_u64s(digest, question->item_ptr, (size_t)n_items + 1);
  dss_digest_u32s(digest, question->rater, (size_t)question->n_ratings);
  dss_digest_bytes(digest, question->code, (size_t)question->n_ratings);
}

dss_status dss_study_digest(dss_context *context, const dss_study *study, char hex[65]) {
  dss_digest *digest;
  DSS_TRY(dss_digest_new(context, &digest));
  dss_digest_text(digest, "dissensus-study-1");
  digest_texts(digest, study->rater_names.items, study->n_raters);
  digest_texts(digest, study->item_names.items, study->n_items);
  digest_attributes(digest, &study->rater_attributes, study->n_raters);
  digest_attributes(digest, &study->item_attributes, study->n_items);
  dss_digest_u64(digest, study->n_questions);
  for (size_t q = 0; q < study->n_questions; q++)
    digest_question(digest, &study->questions[q]->view, study->n_items);
  return dss_digest_end(context, digest, hex);
}
