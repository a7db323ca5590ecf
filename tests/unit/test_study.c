/* The study in memory: what it keeps, in what order, and what it refuses. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "unit/small_study.h"

static dss_context *context;
static dss_study *study;

static void set_up(void) {
  context = dss_context_new();
  study = small_study(context);
}

static void tear_down(void) {
  dss_study_free(study);
  dss_context_free(context);
}

TestSuite(study, .init = set_up, .fini = tear_down);

/* The call is refused with DSS_ERR_DATA and a message that has the text in it. */
#define REFUSED(call, text)                                                                        \
  do {                                                                                             \
    cr_expect_eq((call), DSS_ERR_DATA);                                                            \
    cr_expect(strstr(dss_context_error(context), (text)), "no '%s' in '%s'", (text),               \
              dss_context_error(context));                                                         \
  } while (0)

Test(study, keeps_names_and_codes) {
  cr_expect_eq(dss_study_n_raters(study), SMALL_RATERS);
  cr_expect_eq(dss_study_n_items(study), SMALL_ITEMS);
  cr_expect_str_eq(dss_study_rater_name(study, 1), "bo");
  cr_expect_str_eq(dss_study_item_name(study, 1), "i/2");
  cr_expect_null(dss_study_rater_name(study, SMALL_RATERS));
  cr_expect_null(dss_study_item_name(study, SMALL_ITEMS));
  cr_expect_eq(dss_study_n_rater_attributes(study), 2);
  const dss_attribute *zeta = dss_study_rater_attribute(study, 0);
  cr_expect_str_eq(zeta->name, "zeta");
  cr_expect_str_eq(zeta->categories[1], "Woman");
  cr_expect_eq(zeta->codes[3], -1);
  cr_expect(!zeta->ordered);
  cr_expect_null(dss_study_rater_attribute(study, 2));
  cr_expect_str_eq(dss_study_provenance(study)->command, "import 'a b.csv'");
}

Test(study, sorts_ratings_by_item_code_rater) {
  const dss_question *question = dss_study_question(study, 0);
  const uint64_t item_ptr[] = {0, 3, 4, 8};
  const uint32_t rater[] = {1, 2, 0, 0, 2, 3, 0, 1};
  const uint8_t code[] = {1, 1, 2, 0, 0, 0, 1, 2};
  cr_assert_eq(question->n_ratings, SMALL_RATINGS);
  cr_expect_arr_eq(question->item_ptr, item_ptr, sizeof item_ptr);
  cr_expect_arr_eq(question->rater, rater, sizeof rater);
  cr_expect_arr_eq(question->code, code, sizeof code);
  cr_expect(isnan(question->values[0]));
  cr_expect_eq(dss_study_question(study, 1)->values[1], 1.5);
}

Test(study, digest_is_of_content_only) {
  char first[65], second[65], third[65];
  dss_study *other = small_study(context);
  cr_assert_eq(dss_study_digest(context, study, first), DSS_OK);
  cr_assert_eq(dss_study_set_provenance(context, other, &(dss_provenance){0}), DSS_OK);
  cr_assert_eq(dss_study_digest(context, other, second), DSS_OK);
  cr_expect_str_eq(first, second);
  const int32_t codes[] = {0, 0, 0};
  const char *category = "x";
  cr_assert_eq(dss_study_add_item_attribute(context, other,
                                            &(dss_attribute){"more", 1, &category, codes, false}),
               DSS_OK);
  cr_assert_eq(dss_study_digest(context, other, third), DSS_OK);
  cr_expect_str_neq(first, third);
  cr_expect_eq(strlen(first), 64);
  dss_study_free(other);
}

Test(study, refuses_names) {
  const char *twice[] = {"a", "b", "a"}, *empty[] = {"a", ""}, *broken[] = {"\xff\xfe"};
  dss_study *other = NULL;
  REFUSED(dss_study_new(context, 3, twice, 1, twice, &other), "rater name 'a' is there twice");
  REFUSED(dss_study_new(context, 2, twice, 3, twice, &other), "item name 'a' is there twice");
  REFUSED(dss_study_new(context, 2, empty, 1, twice, &other), "rater name 2 is empty");
  REFUSED(dss_study_new(context, 1, broken, 1, twice, &other), "not UTF-8");
  REFUSED(dss_study_new(context, 0, NULL, 1, twice, &other), "raters");
  cr_expect_null(other);
}

Test(study, refuses_attributes) {
  const char *names[] = {"x", "y"}, *twice[] = {"x", "x"};
  int32_t codes[] = {0, 1, -1, 0};
  dss_attribute good = {"new", 2, names, codes, false}, bad;
#define BAD(change, text)                                                                          \
  do {                                                                                             \
    bad = good;                                                                                    \
    change;                                                                                        \
    REFUSED(dss_study_add_rater_attribute(context, study, &bad), text);                            \
  } while (0)
  BAD(bad.name = "zeta", "'zeta' is there twice");
  BAD(bad.name = "a/b", "'a/b'");
  BAD(bad.name = "..", "'..'");
  BAD(bad.name = "", "empty");
  BAD(bad.categories = twice, "'x' is there twice");
  BAD(bad.n_categories = 1, "code 1 at index 1");
  codes[2] = -2;
  BAD((void)0, "code -2 at index 2");
  cr_expect_eq(dss_study_n_rater_attributes(study), 2);
}

static dss_status add(const char *name, dss_scale scale, uint32_t n_levels,
                      const char *const *labels, const double *values) {
  return dss_study_add_question(context, study, name, scale, n_levels, labels, values, 0, NULL,
                                NULL, NULL);
}

Test(study, refuses_questions) {
  const char *labels[] = {"1", "2"}, *twice[] = {"1", "1"}, *many[DSS_MAX_LEVELS + 1];
  const double negative[] = {-1, 1}, unknown[] = {NAN, 1}, endless[] = {1, INFINITY};
  char texts[DSS_MAX_LEVELS + 1][4];
  for (unsigned k = 0; k <= DSS_MAX_LEVELS; k++) {
    snprintf(texts[k], sizeof texts[k], "%u", k);
    many[k] = texts[k];
  }
  REFUSED(add("amount", DSS_NOMINAL, 2, labels, NULL), "'amount' is there twice");
  REFUSED(add("q", (dss_scale)9, 2, labels, NULL), "unknown scale");
  REFUSED(add("q", DSS_NOMINAL, 0, labels, NULL), "0 levels");
  REFUSED(add("q", DSS_NOMINAL, DSS_MAX_LEVELS + 1, many, NULL), "257 levels");
  REFUSED(add("q", DSS_NOMINAL, 2, twice, NULL), "'1' is there twice");
  REFUSED(add("q", DSS_INTERVAL, 2, labels, NULL), "needs numeric values");
  REFUSED(add("q", DSS_INTERVAL, 2, labels, unknown), "no finite value");
  REFUSED(add("q", DSS_ORDINAL, 2, labels, endless), "no finite value");
  REFUSED(add("q", DSS_RATIO, 2, labels, negative), "is negative");
  cr_expect_eq(dss_study_n_questions(study), 3);
  cr_expect_eq(add("q", DSS_NOMINAL, DSS_MAX_LEVELS, many, NULL), DSS_OK);
  cr_expect_eq(add("r", DSS_INTERVAL, 2, labels, negative), DSS_OK);
  cr_expect_eq(add("s", DSS_ORDINAL, 2, labels, unknown), DSS_OK);
}

static dss_status rate(uint64_t n, const uint32_t *rater, const uint32_t *item,
                       const uint8_t *code) {
  const char *labels[] = {"1", "2"};
  return dss_study_add_question(context, study, "q", DSS_NOMINAL, 2, labels, NULL, n, rater, item,
                                code);
}

Test(study, refuses_ratings) {
  const uint32_t rater[] = {1, 0, 1}, item[] = {2, 0, 2}, outside[] = {0, 0, 4};
  const uint8_t code[] = {0, 1, 1}, high[] = {0, 2, 0};
  REFUSED(rate(3, rater, item, code), "rater 'bo' rated item 'i3' twice");
  REFUSED(rate(3, outside, item, code), "by rater 4 of item 2");
  REFUSED(rate(3, rater, outside, code), "by rater 1 of item 4");
  REFUSED(rate(2, rater, item, high), "code 2");
  cr_expect_eq(rate(2, rater, item, code), DSS_OK);
}

/* Every order of input gives the same question. */
Test(study, input_order_does_not_matter) {
  enum { N = 700 };
  static uint32_t rater[N], item[N];
  static uint8_t code[N];
  const char *labels[] = {"1", "2", "3"};
  char names[N][16];
  const char *texts[N];
  for (int i = 0; i < N; i++) {
    snprintf(names[i], sizeof names[i], "%d", i);
    texts[i] = names[i];
  }
  char digest[2][65];
  for (int round = 0; round < 2; round++) {
    dss_study *made = NULL;
    cr_assert_eq(dss_study_new(context, 100, texts, 7, texts, &made), DSS_OK);
    for (uint32_t i = 0; i < N; i++) {
      uint32_t at = round == 0 ? i : (i * 389u + 11u) % N; /* 389 and 700 have no common factor */
      rater[at] = i % 100;
      item[at] = i / 100;
      code[at] = (uint8_t)(i * 7u % 11u % 3u);
    }
    cr_assert_eq(dss_study_add_question(context, made, "q", DSS_NOMINAL, 3, labels, NULL, N, rater,
                                        item, code),
                 DSS_OK);
    cr_assert_eq(dss_study_digest(context, made, digest[round]), DSS_OK);
    dss_study_free(made);
  }
  cr_expect_str_eq(digest[0], digest[1]);
}

Test(study, scales) {
  dss_scale scale = DSS_RATIO;
  cr_expect(dss_scale_parse("nominal", &scale));
  cr_expect_eq(scale, DSS_NOMINAL);
  cr_expect(!dss_scale_parse("Nominal", &scale));
  cr_expect_str_eq(dss_scale_name(DSS_INTERVAL), "interval");
  cr_expect_null(dss_scale_name((dss_scale)4));
}
