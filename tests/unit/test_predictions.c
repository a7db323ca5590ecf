/* Tables of predictions, good and hostile, joined to a study's items. */
#include <criterion/criterion.h>
#include <math.h>

#include "host/study/predictions.h"
#include "small_study.h" /* items "i 1", "i/2", "i3" */
#include "temporary.h"

typedef struct reading {
  dss_status status;
  char error[512]; /* without the folder */
  dss_predictions *read;
} reading;

static reading read_bytes(const void *bytes, size_t length, dss_predictions_spec spec) {
  dss_context *context = dss_context_new();
  dss_study *study = small_study(context);
  temporary t;
  temporary_begin(&t);
  spec.path = temporary_path(&t, "p.csv");
  FILE *file = fopen(spec.path, "wb");
  cr_assert(file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
  reading r = {.read = NULL};
  r.status = dss_predictions_read(context, study, &spec, &r.read);
  const char *error = dss_context_error(context);
  size_t folder = strlen(t.folder) + 1;
  bool placed = strncmp(error, t.folder, folder - 1) == 0;
  snprintf(r.error, sizeof r.error, "%s", r.status == DSS_OK ? "" : error + (placed ? folder : 0));
  cr_expect_eq(r.read == NULL, r.status != DSS_OK);
  temporary_end(&t);
  dss_study_free(study);
  dss_context_free(context);
  return r;
}

static reading read_text(const char *text, dss_predictions_spec spec) {
  return read_bytes(text, strlen(text), spec);
}

static void refuse(const char *text, dss_predictions_spec spec, dss_status status,
                   const char *error) {
  reading r = read_text(text, spec);
  cr_expect_eq(r.status, status);
  cr_expect_str_eq(r.error, error);
  dss_predictions_free(r.read);
}

static const dss_predictions_spec WIDE = {.item = "item"};
static const char *const KEYS[] = {"by", "for"};
static const char *const SCORE[] = {"score"};
static const dss_predictions_spec LONG = {
    .item = "item", .keys = KEYS, .n_keys = 2, .values = SCORE, .n_values = 1};

Test(predictions, wide) {
  reading r = read_text("a,item,\"b, c\"\n"
                        "1,i3,yes\n"
                        "\n"
                        "NA,other,\n"
                        "0.5,i 1,\"no\n\nno\"\n"
                        ",\"i/2\",NaN\n"
                        "1,third,x\n",
                        WIDE);
  cr_assert_eq(r.status, DSS_OK, "%s", r.error);
  const dss_predictions *p = r.read;
  cr_expect_eq(p->n_rows, 3);
  cr_expect_eq(p->n_keys, 0);
  cr_assert_eq(p->columns.count, 2);
  cr_expect_str_eq(p->columns.at[1], "b, c");
  cr_expect_eq(p->numbers[0], 1);
  cr_expect_eq(p->numbers[1], 3);
  const uint32_t items[] = {2, 0, 1};
  const uint64_t lines[] = {2, 5, 8};
  for (size_t i = 0; i < 3; i++) {
    cr_expect_eq(p->item[i], items[i]);
    cr_expect_eq(p->line[i], lines[i]);
  }
  cr_expect_str_eq(dss_predictions_text(p, 0, 1), "yes");
  cr_expect_str_eq(dss_predictions_text(p, 1, 1), "no\n\nno");
  cr_expect_null(dss_predictions_text(p, 2, 0));
  cr_expect_null(dss_predictions_text(p, 2, 1));
  cr_expect_eq(p->n_unknown_rows, 2);
  cr_assert_eq(p->unknown.count, 2);
  cr_expect_str_eq(p->unknown.at[0], "other");
  cr_expect_str_eq(p->unknown.at[1], "third");
  dss_predictions_free(r.read);
}

Test(predictions, digest_is_of_the_files_bytes) {
  reading r = read_text("item,p\ni3,1\n", WIDE);
  cr_assert_eq(r.status, DSS_OK, "%s", r.error);
  cr_expect_str_eq(r.read->sha256,
                   "62eb5e4310fcdebf2e8510b0d66116fb1d0224d2077dbce21fda54c3686aaed5");
  dss_predictions_free(r.read);
}

Test(predictions, keys_of_several_columns) {
  reading r = read_text("for,item,score,by\n"
                        "men,i3,1,A\nmen,i3,2,B\nwomen,i3,3,A\n,i3,4,A\nNA,i3,5,A\nmen,i 1,6,A\n",
                        LONG);
  cr_assert_eq(r.status, DSS_OK, "%s", r.error);
  cr_assert_eq(r.read->n_rows, 6);
  cr_expect_str_eq(dss_predictions_text(r.read, 1, 0), "B");
  cr_expect_str_eq(dss_predictions_text(r.read, 1, 1), "men");
  cr_expect_str_eq(dss_predictions_text(r.read, 1, 2), "2");
  cr_expect_null(dss_predictions_text(r.read, 3, 1), "an empty key is no text");
  cr_expect_str_eq(dss_predictions_text(r.read, 4, 1), "NA", "a group may be called so");
  cr_expect_eq(dss_predictions_cell(r.read, 0, 0), dss_predictions_cell(r.read, 2, 0));
  dss_predictions_free(r.read);
}

Test(predictions, keys_that_run_into_one_another_differ) {
  reading r = read_text("item,by,for,score\ni3,a,bc,1\ni3,ab,c,1\nx,a,bc,1\n", LONG);
  cr_assert_eq(r.status, DSS_OK, "%s", r.error);
  cr_expect_eq(r.read->n_rows, 2);
  cr_expect_eq(r.read->n_unknown_rows, 1);
  cr_assert_eq(r.read->keys[0].count, 2);
  cr_expect_str_eq(r.read->keys[0].at[0], "a");
  cr_expect_str_eq(r.read->keys[0].at[1], "ab");
  dss_predictions_free(r.read);
}

Test(predictions, keys_of_unknown_items_are_known) {
  reading r = read_text("item,by,for,score\nx,A,men,1\ni3,B,men,1\nx,B,,1\n", LONG);
  cr_assert_eq(r.status, DSS_OK, "%s", r.error);
  cr_expect_eq(r.read->n_rows, 1);
  cr_assert_eq(r.read->keys[0].count, 2);
  cr_expect_str_eq(r.read->keys[0].at[0], "A");
  cr_expect_eq(r.read->keys[1].count, 1, "what is empty is no text");
  dss_predictions_free(r.read);
}

Test(predictions, twice) {
  refuse("item,p\ni3,1\ni 1,0\ni3,1\n", WIDE, DSS_ERR_DATA,
         "p.csv:4: column 1 'item': the item 'i3' stands here and on line 2");
  refuse("p,item\n1,zz\n1,zz\n1,i3\n", WIDE, DSS_ERR_DATA,
         "p.csv:3: column 2 'item': the item 'zz' stands here and on line 2");
  refuse("item,by,for,score\ni3,A,,1\ni3,B,,2\ni3,A,,3\n", LONG, DSS_ERR_DATA,
         "p.csv:4: column 1 'item': the item 'i3' with 'A', '' stands here and on line 2");
}

Test(predictions, columns) {
  refuse("id,p\ni3,1\n", WIDE, DSS_ERR_DATA,
         "p.csv:1: no column is named 'item'; there are: id, p");
  refuse("item;p\ni3;1\n", WIDE, DSS_ERR_DATA,
         "p.csv:1: the file seems to be separated by ';'; commas are expected");
  refuse("item,by,for\ni3,A,B\n", LONG, DSS_ERR_DATA,
         "p.csv:1: no column is named 'score'; there are: item, by, for");
  refuse("item\ni3\n", WIDE, DSS_ERR_DATA, "p.csv:1: there is no column of predictions");
  refuse(",item,p\n0,i3,1\n", WIDE, DSS_ERR_DATA,
         "p.csv:1: column 1: the column has no name; name the columns to read");
  refuse("item,p,p\ni3,1,1\n", WIDE, DSS_ERR_DATA,
         "p.csv:1: column 3: the name 'p' stands in the header twice");
  static const char *const twice[] = {"p", "p"}, *const itself[] = {"item"};
  dss_predictions_spec spec = {.item = "item", .values = twice, .n_values = 2};
  refuse("item,p\ni3,1\n", spec, DSS_ERR_USAGE, "the column 'p' is named twice");
  spec = (dss_predictions_spec){.item = "item", .values = itself, .n_values = 1};
  refuse("item,p\ni3,1\n", spec, DSS_ERR_USAGE, "the column 'item' is named twice");
  spec = (dss_predictions_spec){
      .item = "item", .keys = twice, .n_keys = 1, .values = twice, .n_values = 1};
  refuse("item,p\ni3,1\n", spec, DSS_ERR_USAGE, "the column 'p' is named twice");
}

Test(predictions, rows) {
  refuse("", WIDE, DSS_ERR_DATA, "p.csv:1: the file is empty; a header was expected");
  refuse("item,p\n", WIDE, DSS_ERR_DATA, "p.csv: there is a header and no row");
  refuse("item,p\n  ,1\n", WIDE, DSS_ERR_DATA, "p.csv:2: column 1 'item': the item has no name");
  refuse("item,p\ni3,1,2\n", WIDE, DSS_ERR_DATA,
         "p.csv:2: column 3: the row has 3 fields, the header has 2");
  refuse("item,p\ni3\n", WIDE, DSS_ERR_DATA,
         "p.csv:2: column 2 'p': the row ends after 1 of 2 fields");
  refuse("item,p\ni3,\"1\n", WIDE, DSS_ERR_DATA,
         "p.csv:2: column 2 'p': the file ends inside the quotes that open here");
  refuse("item,p\ni3,1\xff\n", WIDE, DSS_ERR_DATA,
         "p.csv:2: column 2 'p': '1\\xFF' is not valid UTF-8");
  refuse("item,p\nI3,1\ni 2,1\n", WIDE, DSS_ERR_DATA,
         "p.csv: none of the 2 items in column 'item' is one of the study; the first is 'I3' "
         "there and 'i 1' in the study");
  static const char nul[] = "item,p\ni3,\0001\n";
  reading r = read_bytes(nul, sizeof nul - 1, WIDE);
  cr_expect_eq(r.status, DSS_ERR_DATA);
  cr_expect_str_eq(r.error, "p.csv:2: column 2 'p': a NUL byte; text in UTF-8 was expected");
}

Test(predictions, no_file) {
  dss_context *context = dss_context_new();
  dss_study *study = small_study(context);
  dss_predictions *read = NULL;
  dss_predictions_spec spec = WIDE;
  spec.path = "/nonexistent/p.csv";
  cr_expect_eq(dss_predictions_read(context, study, &spec, &read), DSS_ERR_FILE);
  cr_expect_null(read);
  dss_study_free(study);
  dss_context_free(context);
}

Test(predictions, numbers) {
  reading r = read_text("item,p\ni3,-1.5e1\ni 1,NA\ni/2,0x10\n", WIDE);
  cr_assert_eq(r.status, DSS_OK, "%s", r.error);
  dss_context *context = dss_context_new();
  double value = 0;
  cr_expect_eq(dss_predictions_number(context, r.read, 0, 0, &value), DSS_OK);
  cr_expect_eq(value, -15);
  cr_expect_eq(dss_predictions_number(context, r.read, 1, 0, &value), DSS_OK);
  cr_expect(isnan(value));
  cr_expect_eq(dss_predictions_number(context, r.read, 2, 0, &value), DSS_ERR_DATA);
  cr_expect(
      strstr(dss_context_error(context), "p.csv:4: column 2 'p': '0x10' is not a finite number"));
  dss_context_free(context);
  dss_predictions_free(r.read);
}

Test(predictions, missing_tokens) {
  dss_predictions_spec spec = WIDE;
  spec.missing = "-,?";
  reading r = read_text("item,p\ni3,-\ni 1,NA\ni/2,\n", spec);
  cr_assert_eq(r.status, DSS_OK, "%s", r.error);
  cr_expect_null(dss_predictions_text(r.read, 0, 0));
  cr_expect_str_eq(dss_predictions_text(r.read, 1, 0), "NA");
  cr_expect_str_eq(dss_predictions_text(r.read, 2, 0), "");
  dss_predictions_free(r.read);
}
