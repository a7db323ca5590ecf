/* The import's files, ratings, rows and options: what it reads, and every way it refuses. Errors
 * are compared word for word, as line and column are the point of them. */
#include "import_cases.h"

/* --- CSV
 * -------------------------------------------------------------------------------------------- */

Test(csv, lines_end_in_lf_crlf_or_cr) {
  static const char *const inputs[] = {
      "r,u,q\na,x,1\nb,x,2\na,y,2\n", "r,u,q\r\na,x,1\r\nb,x,2\r\na,y,2",
      "r,u,q\ra,x,1\rb,x,2\ra,y,2\r", "\xEF\xBB\xBFr,u,q\n\n  \na,x,1\n\nb,x,2\na,y,2\n\n"};
  char first[65] = "";
  for (size_t i = 0; i < 4; i++) {
    dss_study *study = accept(inputs[i], (options_in_short){LONG, .ratings = "q"});
    char digest[65];
    cr_assert_eq(dss_study_digest(NULL, study, digest), DSS_OK);
    if (i == 0) strcpy(first, digest);
    cr_expect_str_eq(digest, first);
    cr_expect_eq(logged(study, "rows", NULL, NULL), 3);
    dss_study_free(study);
  }
}

Test(csv, quoted_fields) {
  dss_study *study =
      accept("r,\"the \"\"item\"\"\",q\r\n\"a,1\",\"x\r\ny\",1\r\n b ,\" z\",2\r\n",
             (options_in_short){.rater = "r", .item = "the \"item\"", .ratings = "q"});
  cr_expect_str_eq(dss_study_rater_name(study, 0), "a,1");
  cr_expect_str_eq(dss_study_rater_name(study, 1), "b");
  cr_expect_str_eq(dss_study_item_name(study, 0), "x\r\ny");
  cr_expect_str_eq(dss_study_item_name(study, 1), " z");
  dss_study_free(study);
}

Test(csv, a_row_longer_than_the_buffer) {
  enum { LONG_TEXT = 200000 };
  char *input = malloc(LONG_TEXT + 100);
  int length = sprintf(input, "r,u,text,q\na,x,\"");
  for (int i = 0; i < LONG_TEXT; i++)
    input[length++] = i % 70 == 69 ? '\n' : 'x';
  length += sprintf(input + length, "\",1\nb,y,t,?\n");
  char error[100];
  int line = 2 + LONG_TEXT / 70 + 1;
  snprintf(error, sizeof error,
           "t:%d: column 4 'q': '?' is not a finite number, which scale "
           "interval needs",
           line);
  refuse_bytes(input, (size_t)length, (options_in_short){LONG, .ratings = "q:interval"},
               DSS_ERR_DATA, error);
  free(input);
}

Test(csv, broken_files) {
  const options_in_short o = {LONG, .ratings = "q"};
  refuse("", o, DSS_ERR_DATA, "t:1: the file is empty; a header was expected");
  refuse("\xEF\xBB\xBF\r\n \n", o, DSS_ERR_DATA, "t:1: the file is empty; a header was expected");
  refuse("r,u,q\n", o, DSS_ERR_DATA, "t:1: there is a header but no row after it");
  refuse("r,u,q,u\n", o, DSS_ERR_DATA, "t:1: column 4: the name 'u' stands in the header twice");
  refuse("r,u\na,x\n", o, DSS_ERR_DATA, "t:1: no column is named 'q'; there are: r, u");
  refuse("r,u,q\na,x,1\n\nb,x\n", o, DSS_ERR_DATA,
         "t:4: column 3 'q': the row ends after 2 of 3 fields");
  refuse("r,u,q\na,x,1\nb,\"x\ny\",1,7\n", o, DSS_ERR_DATA,
         "t:3: column 4: the row has 4 fields, the header has 3");
  refuse("r,u,q\na,x,1\nb,x\"y,1\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': a quote inside a field without quotes, or text after a closing quote; "
         "a field with quotes in it is quoted, and they are doubled");
  refuse("r,u,q\na,\"x\ny\"z,1\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': a quote inside a field without quotes, or text after a closing quote; "
         "a field with quotes in it is quoted, and they are doubled");
  refuse("r,u,q\na,x,1\na,\"y,2\nb,y,2\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': the file ends inside the quotes that open here");
  refuse("r,u,q\n\"a\nb\",\"y,2\nb,y,2\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': the file ends inside the quotes that open here");
  refuse("r,u,q\na,x,1\nb\xff,x,2\n", o, DSS_ERR_DATA,
         "t:3: column 1 'r': 'b\\xFF' is not valid UTF-8");
  refuse("r,u,\xe9\n", o, DSS_ERR_DATA, "t:1: column 3: '\\xE9' is not valid UTF-8");
  static const char nul[] = "r,u,q\na,x\0,1\n";
  refuse_bytes(nul, sizeof nul - 1, o, DSS_ERR_DATA,
               "t:2: column 2 'u': a NUL byte; text in UTF-8 was expected");
}

/* r,u,q,c with TEXT bytes of x in `column`. */
static char *with_a_long_field(int column, size_t bytes) {
  char *input = malloc(bytes + 64);
  char *at = input + sprintf(input, "r,u,q,c\na,x,1,\n");
  for (int i = 0; i < 4; i++) {
    if (i > 0) *at++ = ',';
    if (i == column) {
      memset(at, 'x', bytes);
      at += bytes;
    } else {
      *at++ = i == 1 ? 'y' : '1';
    }
  }
  strcpy(at, "\n");
  return input;
}

Test(csv, names_levels_and_categories_of_at_most_4096_bytes) {
  const options_in_short o = {LONG, .ratings = "q", .item_attributes = "c"};
  static const char *const names[] = {"r", "u", "q", "c"};
  for (int column = 0; column < 4; column++) {
    char *input = with_a_long_field(column, 4096);
    dss_study_free(accept(input, o));
    free(input);
    char error[160];
    snprintf(error, sizeof error,
             "t:3: column %d '%s': a text of 4097 bytes; a name, rating or attribute has at most "
             "4096",
             column + 1, names[column]);
    input = with_a_long_field(column, 4097);
    refuse(input, o, DSS_ERR_DATA, error);
    free(input);
  }
  /* Nor does it matter in a column that is not used. */
  char *input = with_a_long_field(3, 3000000);
  dss_study_free(accept(input, (options_in_short){LONG, .ratings = "q"}));
  free(input);
}

Test(csv, other_separators_are_recognised) {
  const options_in_short o = {LONG, .ratings = "q"};
  refuse("r;u;q\na;x;1\n", o, DSS_ERR_DATA,
         "t:1: the file seems to be separated by ';'; commas are expected");
  refuse("r\tu\tq\na\tx\t1\n", o, DSS_ERR_DATA,
         "t:1: the file seems to be separated by tabs; commas are expected");
  refuse("r;u,q\na;x,1\n", o, DSS_ERR_DATA, "t:1: no column is named 'r'; there are: r;u, q");
  options_in_short with = o;
  with.raters = "r;age\na;1\n";
  refuse("r,u,q\na,x,1\n", with, DSS_ERR_DATA,
         "raters:1: the file seems to be separated by ';'; commas are expected");
}

Test(csv, files_that_cannot_be_read) {
  const options_in_short s = {LONG, .ratings = "q"};
  outcome missing = import_path("/nonexistent/x.csv", NULL, NULL, &s);
  cr_expect_eq(missing.status, DSS_ERR_FILE);
  cr_expect_str_eq(missing.error,
                   "/nonexistent/x.csv: cannot be opened: No such file or directory");
  outcome folder = import_path("/tmp", NULL, NULL, &s);
  cr_expect_eq(folder.status, DSS_ERR_FILE);
  cr_expect_str_eq(folder.error, "/tmp: cannot be read: Is a directory");
}

/* --- ratings, levels
 * ------------------------------------------------------------------------------------ */

Test(levels, sorted_and_merged) {
  const char *input = "r,u,n,t,o,i,w\n"
                      "a,x,10,b,3.0,0.50,1e2\n"
                      "b,x,9,B,3,.5,100\n"
                      "c,x,9.0,a,-1,1e300,0\n"
                      "d,x,NA,,+10.0,NaN,-0\n"
                      "a,y,9,a,3,0.1,0.30000000000000004\n";
  dss_study *study =
      accept(input, (options_in_short){LONG, .ratings = "n|t|o:ordinal|i:interval|w:ratio"});
  cr_expect_str_eq(levels_of(study, 0), "9|9.0|10"); /* nominal: texts */
  cr_expect_str_eq(levels_of(study, 1), "B|a|b");
  cr_expect(isnan(dss_study_question(study, 1)->values[0]));
  cr_expect_str_eq(levels_of(study, 2), "-1|3|10");
  cr_expect_str_eq(levels_of(study, 3), "0.1|0.5|1e+300");
  cr_expect_str_eq(levels_of(study, 4), "0|0.30000000000000004|100");
  cr_expect_eq(dss_study_question(study, 4)->values[1], 0.1 + 0.2);
  cr_expect_eq(dss_study_question(study, 3)->scale, DSS_INTERVAL);
  cr_expect_eq(logged(study, "questions", "n", "missing"), 1);
  cr_expect_eq(logged(study, "questions", "i", "missing"), 1);
  cr_expect_eq(logged(study, "questions", "o", "ratings"), 5);
  cr_expect_str_eq(rating(study, 2, "d", "x"), "10");
  cr_expect(strstr(dss_study_provenance(study)->import_log,
                   "\"read_as\":{\"3.0\":\"3\",\"+10.0\":\"10\"}"));
  dss_study_free(study);
}

Test(levels, declared) {
  const char *input = "r,u,q\na,x,Yes\nb,x,No\nc,x,No\nd,x,?\na,y,Maybe\n";
  dss_study *study = accept(input, (options_in_short){LONG, .ratings = "q:ordinal",
                                                      .levels = "q=No,Maybe,Yes", .missing = "?"});
  cr_expect_str_eq(levels_of(study, 0), "No|Maybe|Yes");
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 4);
  dss_study_free(study);
  study = accept("r,u,q\na,x,1.0\nb,y,03\n",
                 (options_in_short){LONG, .ratings = "q:interval", .levels = "q=1,2,3",
                                    .keep_unused_levels = true});
  cr_expect_str_eq(levels_of(study, 0), "1|2|3");
  cr_expect_str_eq(rating(study, 0, "b", "y"), "3");
  cr_expect_eq(dss_study_question(study, 0)->values[2], 3.0);
  cr_expect(strstr(dss_study_provenance(study)->import_log, "\"levels_without_ratings\":[\"2\"]"));
  dss_study_free(study);
}

Test(levels, refused) {
  refuse("r,u,q\na,x,1\nb,x,No\n", (options_in_short){LONG, .ratings = "q:ordinal"}, DSS_ERR_DATA,
         "t:3: column 3 'q': 'No' is not a number; an ordinal question with other labels needs "
         "--levels q=LOWEST,...,HIGHEST");
  static const char *const no_numbers[] = {"x",    "nan",   "inf", "-inf",
                                           "0x10", "1e999", "1,5", "1 2"};
  for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++) {
    char input[64], error[128];
    snprintf(input, sizeof input, "r,u,q\na,x,1\nb,x,\"%s\"\n", no_numbers[i]);
    snprintf(error, sizeof error,
             "t:3: column 3 'q': '%s' is not a finite number, which scale interval needs",
             no_numbers[i]);
    refuse(input, (options_in_short){LONG, .ratings = "q:interval"}, DSS_ERR_DATA, error);
  }
  refuse("r,u,q\na,x,1\nb,x,-0.5\n", (options_in_short){LONG, .ratings = "q:ratio"}, DSS_ERR_DATA,
         "t:3: column 3 'q': '-0.5' is negative, which scale ratio does not allow");
  refuse("r,u,q\na,x,1\nb,y,4\n", (options_in_short){LONG, .ratings = "q", .levels = "q=1,2"},
         DSS_ERR_DATA, "t:3: column 3 'q': '4' is none of the declared levels 1,2");
  refuse("r,u,q\na,x,1\nb,y,1\n", (options_in_short){LONG, .ratings = "q", .levels = "q=1,2"},
         DSS_ERR_DATA,
         "t: column 3 'q': the declared level '2' never occurs; --keep-unused-levels keeps it");
  refuse("r,u,q\na,x,\nb,y,NA\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_DATA,
         "t: column 3 'q': the question 'q' has no rating; 2 are missing");
  refuse("r,u,q\na,x,1\nb,y,\n", (options_in_short){LONG, .ratings = "q", .missing = "-"},
         DSS_ERR_DATA,
         "t:3: column 3 'q': an empty rating, and the empty text is not among the missing tokens");
}

Test(levels, at_most_256) {
  char input[8192];
  int length = sprintf(input, "r,u,q\n");
  for (int i = 0; i < 256; i++)
    length += sprintf(input + length, "a,x%d,%d\n", i, i);
  dss_study *study = accept(input, (options_in_short){LONG, .ratings = "q:ordinal"});
  cr_expect_eq(dss_study_question(study, 0)->n_levels, 256);
  cr_expect_str_eq(rating(study, 0, "a", "x255"), "255");
  dss_study_free(study);
  sprintf(input + length, "a,y,256\n");
  refuse(input, (options_in_short){LONG, .ratings = "q:ordinal"}, DSS_ERR_DATA,
         "t:258: column 3 'q': '256' is level 257; at most 256 different ratings are possible");
}

/* --- rows
 * ------------------------------------------------------------------------------------------------
 */

Test(rows, without_rater_or_item_are_counted) {
  dss_study *study =
      accept("r,u,q\na,x,1\n,x,1\n,y,2\nb,,2\nb,y,1\n", (options_in_short){LONG, .ratings = "q"});
  cr_expect_eq(dss_study_n_raters(study), 2);
  cr_expect_eq(dss_study_n_items(study), 2);
  cr_expect_eq(logged(study, "rows", NULL, NULL), 5);
  cr_expect_eq(logged(study, "rows_without_rater", NULL, NULL), 2);
  cr_expect_eq(logged(study, "rows_without_item", NULL, NULL), 1);
  dss_study_free(study);
}

Test(rows, refused) {
  refuse("r,u,q\na,x,1\nb,x,2\n,y,2\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_DATA,
         "t: column 2 'u': every row has the item 'x'; the column that tells items apart was "
         "expected");
  refuse("r,u,q\n,x,1\nb,,2\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_DATA,
         "t: column 2 'u': no row has both a rater and an item");
  refuse("r,u,q\n,x,1\nb,,2\n", (options_in_short){LONG, .ratings = "q", .missing = "NA"},
         DSS_ERR_DATA, "t: column 2 'u': no row has both a rater and an item");
}

/* Somebody may be called NA, and an item -1: only values have missing tokens. */
Test(rows, names_are_missing_only_where_empty) {
  const char *input = "r,u,q,s\nNA,-1,1,-1\nNA,0,-1,NA\nNaN,-1,2,f\n,-1,1,m\nb,0,NA,m\n";
  dss_study *study = accept(
      input, (options_in_short){LONG, .ratings = "q", .rater_attributes = "s", .missing = "-1,NA"});
  cr_expect_eq(dss_study_n_raters(study), 3);
  cr_expect_str_eq(dss_study_rater_name(study, 0), "NA");
  cr_expect_str_eq(dss_study_rater_name(study, 1), "NaN");
  cr_expect_str_eq(dss_study_item_name(study, 0), "-1");
  cr_expect_eq(dss_study_n_items(study), 2);
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 2);
  cr_expect_eq(logged(study, "rows_without_rater", NULL, NULL), 1);
  cr_expect_eq(logged(study, "rater_attributes", "s", "unknown"), 1);
  dss_study_free(study);
}

Test(rows, twice_rated) {
  const char *input = "r,u,q,s\nb,y,1,1\na,x,1,2\n\na,y,2,\na,x,3,\nb,y,2,2\na,x,2,1\n";
  const options_in_short o = {LONG, .ratings = "q|s"};
  refuse(input, o, DSS_ERR_DATA,
         "t:6: column 3 'q': rater 'a' rates item 'x' again after line 3; one rating was expected "
         "(--duplicates first or last keeps one)");
  options_in_short first = o, last = o;
  first.duplicates = DSS_DUPLICATES_FIRST;
  last.duplicates = DSS_DUPLICATES_LAST;
  dss_study *study = accept(input, first);
  cr_expect_str_eq(rating(study, 0, "a", "x"), "1");
  cr_expect_str_eq(rating(study, 0, "b", "y"), "1");
  cr_expect_str_eq(rating(study, 1, "a", "x"), "2");
  cr_expect_str_eq(levels_of(study, 0), "1|2"); /* 3 was only in a dropped row */
  cr_expect_eq(logged(study, "questions", "q", "duplicates_dropped"), 3);
  cr_expect_eq(logged(study, "questions", "s", "duplicates_dropped"), 2);
  dss_study_free(study);
  study = accept(input, last);
  cr_expect_str_eq(rating(study, 0, "a", "x"), "2");
  cr_expect_str_eq(rating(study, 1, "a", "x"), "1");
  cr_expect_str_eq(rating(study, 1, "b", "y"), "2");
  dss_study_free(study);
}

/* A question a row is no repetition. */
Test(rows, of_one_pair_may_hold_different_questions) {
  dss_study *study = accept("r,u,q,s\na,x,1,\na,x,,2\nb,y,2,1\n",
                            (options_in_short){LONG, .ratings = "q|s", .derived = "m=max(q,s)"});
  cr_expect_str_eq(rating(study, 0, "a", "x"), "1");
  cr_expect_str_eq(rating(study, 1, "a", "x"), "2");
  cr_expect_str_eq(rating(study, 2, "a", "x"), "2");
  dss_study_free(study);
}

/* --- options
 * ----------------------------------------------------------------------------------------------------
 */

Test(options, refused) {
  static const struct {
    options_in_short o;
    const char *error;
  } cases[] = {
      {{.item = "u", .ratings = "q"}, "long layout needs --rater and --item"},
      {{LONG}, "--rating is needed"},
      {{LONG, .ratings = "q:ordnal"},
       "--rating: 'ordnal' is no scale; there are nominal, ordinal, interval, ratio"},
      {{LONG, .ratings = "q|q"}, "'q' is named twice; a column has one role"},
      {{LONG, .ratings = "q", .rater_attributes = "s", .item_attributes = "s"},
       "'s' is named twice; a column has one role"},
      {{LONG, .ratings = "u"}, "'u' is named twice; a column has one role"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "p|q"},
       "wide layout has one question: give its name as --rating NAME[:SCALE], once"},
      {{.layout = DSS_LAYOUT_WIDE, .item = "u", .ratings = "q"},
       "wide layout has no item column: leave --item out"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "q", .item_attributes = "t"},
       "in wide layout --item-attr needs --items, the table that has them"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "q", .raters = "r\n"},
       "--raters needs --rater, the column to join by"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "q", .items = "u\n"},
       "--items needs --item-key, its column of item names"},
      {{.layout = DSS_LAYOUT_LEWIDI, .rater = "r", .ratings = "q"},
       "lewidi layout takes neither --rater, --rater-key, --items nor --item-key"},
      {{.layout = DSS_LAYOUT_LEWIDI, .ratings = "q", .rater_attributes = "s"},
       "in lewidi layout --rater-attr needs --raters, the annotators' file"},
      {{LONG, .ratings = "q", .items_key = "k"},
       "--item-key belongs to --items, which is not given"},
      {{LONG, .ratings = "q", .raters_key = "k"},
       "--rater-key belongs to --raters, which is not given"},
      {{LONG, .ratings = "q", .levels = "p=1,2"},
       "--levels 'p=1,2': QUESTION=A,B,... with a question of --rating was expected"},
      {{LONG, .ratings = "q", .levels = "q=1,2|q=1,2"}, "--levels for 'q' are given twice"},
      {{LONG, .ratings = "q", .levels = "q=a,b,a"}, "--levels q: 'a' is there twice"},
      {{LONG, .ratings = "q", .levels = "q=1,2,1.0"},
       "--levels q: '1' and '1.0' are the same number"},
      {{LONG, .ratings = "q", .levels = "q=a,NA"}, "--levels q: 'NA' is read as missing"},
      {{LONG, .ratings = "q:interval", .levels = "q=1,b"},
       "--levels q: 'b' is no number; scale interval needs numbers"},
      {{LONG, .ratings = "q:ratio", .levels = "q=-1,1"},
       "--levels q: '-1' is negative; scale ratio cannot be"},
      {{LONG, .ratings = "q", .bins = "age"}, "--bin 'age': ATTRIBUTE=EDGE,EDGE,... was expected"},
      {{LONG, .ratings = "q", .bins = "age=1,x"}, "--bin age: the edge 'x' is no number"},
      {{LONG, .ratings = "q", .bins = "age=2,2"}, "--bin age: the edges must ascend; '2' does not"},
      {{LONG, .ratings = "q", .bins = "age=1|age=2"}, "--bin for 'age' is given twice"},
      {{LONG, .ratings = "q", .bins = "age=1"}, "--bin: no attribute is named 'age'"},
      {{LONG, .ratings = "q", .derived = "m=sum(q)"},
       "--derive 'm=sum(q)': NAME[:SCALE]=max(A,B,...) or min(...) was expected"},
      {{LONG, .ratings = "q", .derived = "m=max(q"},
       "--derive 'm=max(q': NAME[:SCALE]=max(A,B,...) or min(...) was expected"},
      {{LONG, .ratings = "q", .derived = "m=max(q,p)"},
       "--derive 'm=max(q,p)': 'p' is no question of --rating"},
      {{LONG, .ratings = "q", .derived = "m=max(q,q)"},
       "--derive 'm=max(q,q)': 'q' is named twice"},
      {{LONG, .ratings = "q", .derived = "q=max(q)"}, "--derive: there is a question 'q' already"},
      {{LONG, .ratings = "q", .derived = "m:x=max(q)"},
       "--derive: 'x' is no scale; there are nominal, ordinal, interval, ratio"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    refuse("r,u,q\na,x,1\n", cases[i].o, DSS_ERR_USAGE, cases[i].error);
}

/* --- presets, provenance, warnings
 * -------------------------------------------------------------------------------- */

Test(presets, are_in_the_library) {
  static const char *const names[] = {"d3code", "dices-350", "dices-990", "popquorn"};
  for (size_t i = 0; i < 4; i++) {
    cr_expect_str_eq(dss_preset_name(i), names[i]);
    cr_expect(strstr(dss_preset_text(names[i]), "\nrater="));
  }
  cr_expect_null(dss_preset_name(4));
  cr_expect_null(dss_preset_text("dices"));
  cr_expect_null(dss_preset_text(NULL));
}

Test(provenance, digest_time_and_log) {
  setenv("SOURCE_DATE_EPOCH", "86400", 1);
  dss_study *study = accept("r,u,q\na,x,1\nb,y,2\n", (options_in_short){LONG, .ratings = "q"});
  const dss_provenance *p = dss_study_provenance(study);
  cr_expect_str_eq(p->created_at, "1970-01-02T00:00:00Z");
  cr_expect_str_eq(p->created_by, "dissensus " DSS_VERSION_STRING);
  cr_expect_str_eq(p->command, "a test");
  cr_expect_str_eq(p->input_sha256,
                   "1e283609348903d68c14222b8e9bc56bd25d5fe9873a7098e4d8f6727b72c403");
  dss_study_free(study);
  setenv("SOURCE_DATE_EPOCH", "noon", 1);
  refuse("r,u,q\na,x,1\nb,y,2\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_USAGE,
         "SOURCE_DATE_EPOCH 'noon' is not a number of seconds");
}

Test(warnings, a_single_level) {
  expect_warnings("r,u,q,s\na,x,1,1\nb,x,1,2\na,y,1,1\n",
                  (options_in_short){LONG, .ratings = "q|s", .levels = "q=0,1,2|s=0,1,2",
                                     .keep_unused_levels = true, .derived = "m=min(q,s)"},
                  "question 'q': every rating is '1', so alpha is undefined for every group\n"
                  "question 'm': every rating is '1', so alpha is undefined for every group\n");
  expect_warnings("r,u,q\na,x,z\nb,x,z\na,y,z\n", (options_in_short){LONG, .ratings = "q"},
                  "question 'q': every rating is 'z', so alpha is undefined for every group\n");
}

Test(warnings, nothing_shared_and_names_as_attributes) {
  const options_in_short o = {LONG, .ratings = "q", .rater_attributes = "s"};
  const char *input = "r,u,q,s\na,x,1,p\nb,y,2,t\n";
  outcome result = import_bytes(input, strlen(input), &o);
  cr_expect_str_eq(result.warnings,
                   "rater attribute 's' has another value for each rater; is it their name?\n"
                   "question 'q': no item has two ratings, so nothing can agree\n");
  dss_study_free(result.study);
}
