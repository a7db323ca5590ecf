/* The import's attributes, joined tables, wide layout, derived questions and JSON. */
#include "import_cases.h"

/* --- attributes
 * -------------------------------------------------------------------------------------------- */

Test(attributes, of_raters_and_items) {
  const char *input = "r,u,q,sex,age,topic\n"
                      "a,x,1,f,9,t2\na,y,2,,9,t1\nb,x,1,NA,10,t2\nb,y,1,,10,\nc,y,2,m,,t1\n";
  dss_study *study =
      accept(input, (options_in_short){LONG, .ratings = "q", .rater_attributes = "sex|age",
                                       .item_attributes = "topic"});
  cr_expect_str_eq(rater_attribute(study, 0), "f|m: 0 -1 1");
  cr_expect_str_eq(rater_attribute(study, 1), "9|10: 0 1 -1");
  cr_expect_str_eq(item_attribute(study, 0), "t1|t2: 1 0");
  cr_expect_not(dss_study_rater_attribute(study, 1)->ordered);
  cr_expect_eq(logged(study, "rater_attributes", "sex", "unknown"), 1);
  cr_expect_eq(logged(study, "rater_attributes", "sex", "filled_from_other_rows"), 1);
  cr_expect_eq(logged(study, "item_attributes", "topic", "filled_from_other_rows"), 1);
  dss_study_free(study);
}

Test(attributes, one_value_each) {
  const char *input = "r,u,q,sex,topic\na,x,1,f,t\n\nb,y,2,m,t\na,y,2,m,t\n";
  refuse(input, (options_in_short){LONG, .ratings = "q", .rater_attributes = "sex"}, DSS_ERR_DATA,
         "t:5: column 4 'sex': rater 'a' has 'm' here and 'f' on line 2; one value for each rater "
         "was expected");
  refuse("r,u,q,t\na,x,1,p\nb,x,2,s\n",
         (options_in_short){LONG, .ratings = "q", .item_attributes = "t"}, DSS_ERR_DATA,
         "t:3: column 4 't': item 'x' has 's' here and 'p' on line 2; one value for each item was "
         "expected");
  refuse("r,u,q,sex\na,x,1,f\nb,y,2,\n",
         (options_in_short){LONG, .ratings = "q", .rater_attributes = "sex", .missing = "?"},
         DSS_ERR_DATA,
         "t:3: column 4 'sex': an empty value, and the empty text is not among the missing tokens");
}

Test(attributes, bins) {
  const char *input = "r,u,q,age\na,x,1,17\nb,x,1,18\nc,x,1,29.0\nd,x,2,50\ne,y,2,\nf,y,1,200\n";
  dss_study *study =
      accept(input, (options_in_short){LONG, .ratings = "q", .rater_attributes = "age",
                                       .bins = "age=18,30,50"});
  cr_expect_str_eq(rater_attribute(study, 0), "<18|18-29|>=50: 0 1 1 2 -1 2");
  cr_expect(dss_study_rater_attribute(study, 0)->ordered);
  dss_study_free(study);
  study = accept(
      "r,u,q,age\na,x,1,17.5\nb,x,1,18\nc,y,1,30\n",
      (options_in_short){LONG, .ratings = "q", .rater_attributes = "age", .bins = "age=18,30.5"});
  cr_expect_str_eq(rater_attribute(study, 0), "<18|18 to <30.5: 0 1 1");
  dss_study_free(study);
  study = accept("r,u,q,h\na,x,1,1\nb,y,1,2\nc,z,1,3\n",
                 (options_in_short){LONG, .ratings = "q", .item_attributes = "h", .bins = "h=2,3"});
  cr_expect_str_eq(item_attribute(study, 0), "<2|2|>=3: 0 1 2");
  dss_study_free(study);
  refuse("r,u,q,age\na,x,1,17\nb,y,1,old\n",
         (options_in_short){LONG, .ratings = "q", .rater_attributes = "age", .bins = "age=18"},
         DSS_ERR_DATA,
         "t:3: column 4 'age': rater 'b' has 'old', which is not a number; --bin needs numbers");
}

Test(attributes, joined_tables) {
  const char *input = "r,u,q,sex\na,x,1,f\nb,x,2,m\nc,y,1,f\n";
  options_in_short o = {
      LONG,
      .ratings = "q",
      .rater_attributes = "sex|age",
      .items = "u,topic,text\ny,news,\"Long, long\"\nz,sport,\n,none,\nx,,t\nx,art,t\n",
      .raters = "name,age,sexuality\nb,30,s\na,20,s\nq,40,s\n",
      .raters_key = "name"};
  dss_study *study = accept(input, o);
  cr_expect_str_eq(rater_attribute(study, 0), "f|m: 0 1 0");
  cr_expect_str_eq(rater_attribute(study, 1), "20|30: 0 1 -1"); /* 40 is nobody's */
  cr_expect_eq(dss_study_n_rater_attributes(study), 2);
  cr_expect_str_eq(item_attribute(study, 0), "art|news: 0 1");
  cr_expect_str_eq(item_attribute(study, 1), "Long, long|t: 1 0");
  cr_expect_eq(logged(study, "raters_table", "matched", NULL), 2);
  cr_expect_eq(logged(study, "raters_table", "without_a_row", NULL), 1);
  cr_expect_eq(logged(study, "raters_table", "keys_of_nobody", NULL), 1);
  cr_expect_eq(logged(study, "items_table", "rows", NULL), 5);
  cr_expect_eq(logged(study, "items_table", "rows_without_key", NULL), 1);
  cr_expect_eq(logged(study, "items_table", "keys_of_nobody", NULL), 1);
  cr_expect_eq(logged(study, "item_attributes", "topic", "filled_from_other_rows"), 1);
  dss_study_free(study);
}

Test(attributes, joined_tables_refused) {
  const char *input = "r,u,q,sex\na,x,1,f\nb,y,2,m\n";
  options_in_short o = {LONG, .ratings = "q", .rater_attributes = "sex"};
  o.raters = "r,sex\na,f\n";
  refuse(
      input, o, DSS_ERR_DATA,
      "t:1: column 4 'sex': raters has a column of this name too; one source for it was expected");
  o.raters = "name,age\na,1\n";
  refuse(input, o, DSS_ERR_DATA, "raters:1: no column is named 'r'; there are: name, age");
  o.raters_key = "name";
  o.rater_attributes = "age|height";
  refuse(input, o, DSS_ERR_DATA,
         "t:1: no column is named 'height', neither here nor in raters; here are: r, u, q, sex; "
         "there: name, age");
  o.rater_attributes = "age";
  o.raters = "name,age\na,1\nb,2\na,3\n";
  refuse(input, o, DSS_ERR_DATA,
         "raters:4: column 2 'age': rater 'a' has '3' here and '1' on line 2; one value for each "
         "rater was "
         "expected");
  o.raters = "name,age\nb,2\na,x\n";
  o.bins = "age=5";
  refuse(input, o, DSS_ERR_DATA,
         "raters:3: column 2 'age': rater 'a' has 'x', which is not a number; --bin needs numbers");
}

Test(attributes, a_join_that_matches_nothing) {
  const char *input = "r,u,q\nw1,x,1\nw2,y,2\n";
  options_in_short o = {LONG, .ratings = "q", .raters = "id,age\n1,20\n2,30\n", .raters_key = "id"};
  refuse(
      input, o, DSS_ERR_DATA,
      "raters: no rater has a row here: raters are named like 'w1' in column 'r' of t, rows here "
      "like '1' in column 'id'");
  o.raters = "id,age\n,20\n";
  refuse(input, o, DSS_ERR_DATA, "raters: no row names its rater in column 'id'");
  refuse("x,y\n1,2\n2,1\n",
         (options_in_short){
             .layout = DSS_LAYOUT_WIDE, .ratings = "q", .items = "n,k\n1,2\n", .items_key = "n"},
         DSS_ERR_DATA,
         "items: no item has a row here: items are named like 'x' in t, rows here like '1' in "
         "column 'n'");
  refuse("{\"1\": {\"annotations\": {\"a\": 1}}, \"2\": {\"annotations\": {\"a\": 2}}}",
         (options_in_short){
             .layout = DSS_LAYOUT_LEWIDI, .ratings = "q", .raters = "{\"Ann1\": {\"age\": 3}}"},
         DSS_ERR_DATA,
         "raters: no rater has a row here: raters are named like 'a' in t, rows here like 'Ann1'");
}

Test(attributes, a_join_that_matches_few) {
  const char *input = "r,u,q\na,x,1\nb,x,2\nc,y,1\nd,y,1\n";
  options_in_short o = {LONG, .ratings = "q", .raters = "r,age\na,20\nz,30\ny,30\n"};
  expect_warnings(
      input, o,
      "raters: only 1 of 4 raters has a row in it; what it says of the others is unknown\n");
  o.raters = "r,age\na,20\nb,30\n";
  expect_warnings(input, o, "");
}

Test(attributes, joined_tables_in_provenance) {
  dss_study *study = accept("r,u,q\na,x,1\nb,y,2\n",
                            (options_in_short){LONG, .ratings = "q", .items = "u,t\nx,1\ny,2\n",
                                               .raters = "r,age\na,20\n,3\nb,20\n"});
  expect_logged(study, "items_table", "file", "items");
  expect_logged(study, "items_table", "sha256",
                "64317157fddea72df9333c408a1b55ea2c275c28df09822bc049c8128511b6ac");
  expect_logged(study, "raters_table", "file", "raters");
  expect_logged(study, "raters_table", "sha256",
                "5f09feb8ebc9b17e1b1ce56b2cf9d744272552cbb6115565619b4fdac6d1d2e4");
  cr_expect_eq(logged(study, "raters_table", "rows_without_key", NULL), 1);
  dss_study_free(study);
}

/* JSON has no room for the name as it is. */
Test(attributes, a_table_whose_name_is_not_utf8) {
  const char *input = "r,u,q\na,x,1\nb,y,2\n";
  const options_in_short o = {LONG, .ratings = "q", .raters = "r,age\na,20\nb,20\n"};
  files f = make_files(input, strlen(input), &o);
  char latin[96];
  snprintf(latin, sizeof latin, "%s/caf\xe9", f.folder);
  cr_assert_eq(rename(f.raters, latin), 0);
  outcome result = import_path(f.input, NULL, latin, &o);
  unlink(latin);
  remove_files(&f);
  cr_assert_eq(result.status, DSS_OK, "%s", result.error);
  expect_logged(result.study, "raters_table", "file", "caf\\xE9");
  dss_study_free(result.study);
}

/* --- wide
 * ----------------------------------------------------------------------------------------------------
 */

Test(wide, raters_numbered) {
  dss_study *study =
      accept("sex,x,y,z\nf,1,,3\nm,NA,2,3\n", (options_in_short){.layout = DSS_LAYOUT_WIDE,
                                                                 .ratings = "liking:ordinal",
                                                                 .rater_attributes = "sex",
                                                                 .items = "name,kind\nz,k\nx,l\n",
                                                                 .items_key = "name"});
  cr_expect_eq(dss_study_n_items(study), 3);
  cr_expect_str_eq(dss_study_rater_name(study, 1), "2");
  cr_expect_str_eq(dss_study_question(study, 0)->name, "liking");
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 4);
  cr_expect_str_eq(rating(study, 0, "2", "y"), "2");
  cr_expect_str_eq(rater_attribute(study, 0), "f|m: 0 1");
  cr_expect_str_eq(item_attribute(study, 0), "k|l: 1 -1 0");
  cr_expect_eq(logged(study, "questions", "liking", "missing"), 2);
  dss_study_free(study);
}

Test(wide, rows_without_a_rater_and_what_the_items_are) {
  dss_study *study =
      accept("r,x,y,z\na,1,2,1\n,1,-1.0,\n,2,1,1\nb,2,2,2\n",
             (options_in_short){
                 .layout = DSS_LAYOUT_WIDE, .rater = "r", .ratings = "q", .missing = ",-1"});
  cr_expect_eq(logged(study, "rows_without_rater", NULL, NULL), 2);
  cr_expect_eq(logged(study, "ratings_without_rater", NULL, NULL), 4);
  cr_expect_eq(logged(study, "item_columns", "count", NULL), 3);
  expect_logged(study, "item_columns", "first", "x");
  expect_logged(study, "item_columns", "last", "z");
  cr_expect_eq(logged(study, "item_columns", "sharing_no_level", NULL), -1);
  dss_study_free(study);
}

Test(wide, a_forgotten_attribute_is_noticed) {
  const options_in_short o = {.layout = DSS_LAYOUT_WIDE, .ratings = "q"};
  expect_warnings("x,y,sex,z,site\n1,2,f,,A\n2,1,m,,B\n2,2,f,,A\n", o,
                  "2 of 5 item columns share no level with another item, the first is 'sex'; is it "
                  "an attribute (--rater-attr)?\n");
  expect_warnings("age,x,y\n31,1,2\n54,2,3\n", o,
                  "1 of 3 item columns shares no level with another item, the first is 'age'; is "
                  "it an attribute (--rater-attr)?\n");
  expect_warnings("x,y\n1,2\n2,3\n", o, "");
}

Test(wide, refused) {
  const options_in_short o = {.layout = DSS_LAYOUT_WIDE, .rater = "r", .ratings = "q:ordinal"};
  refuse("r,x,y\na,1,2\nb,3,2\na,,1\n", o, DSS_ERR_DATA,
         "t:4: column 3 'y': rater 'a' rates item 'y' again after line 2; one rating was expected "
         "(--duplicates first or last keeps one)");
  refuse("r,x,y\na,1,2\nb,3,b\n", o, DSS_ERR_DATA,
         "t:3: column 3 'y': 'b' is not a number; an ordinal question with other labels needs "
         "--levels q=LOWEST,...,HIGHEST");
  refuse("r,x,\na,1,2\n", o, DSS_ERR_DATA,
         "t:1: column 3 '': a column without a name would be an item; a name was expected");
  refuse("r\na\n", o, DSS_ERR_DATA, "t:1: column 1 'r': no column is left for an item");
  refuse("r,x\n,1\n", o, DSS_ERR_DATA, "t:2: column 1 'r': no row names its rater");
  refuse("r,x\n", o, DSS_ERR_DATA, "t:1: there is a header but no row after it");
  options_in_short with = o;
  with.items = "n,kind\nx,1\n";
  with.items_key = "n";
  with.item_attributes = "knd";
  refuse("r,x\na,1\n", with, DSS_ERR_DATA,
         "items:1: no column with an attribute is named 'knd'; there are: n, kind");
}

/* --- derived questions
 * ----------------------------------------------------------------------------------------- */

Test(derived, with_parts_missing) {
  const char *input =
      "r,u,p,q\na,x,Yes,\na,y,No,\nb,x,No,Yes\nb,y,Unsure,No\nc,x,,\nc,y,,Yes\nd,x,Unsure,\n";
  dss_study *study = accept(
      input, (options_in_short){LONG, .ratings = "p|q", .levels = "p=No,Unsure,Yes|q=No,Unsure,Yes",
                                .keep_unused_levels = true,
                                .derived = "any:ordinal=max(p,q)|all=min(q,p)"});
  cr_expect_eq(dss_study_n_questions(study), 4);
  cr_expect_str_eq(dss_study_question(study, 2)->name, "any");
  cr_expect_eq(dss_study_question(study, 2)->scale, DSS_ORDINAL);
  cr_expect_eq(dss_study_question(study, 3)->scale, DSS_NOMINAL);
  cr_expect_str_eq(levels_of(study, 2), "No|Unsure|Yes");
  cr_expect_str_eq(rating(study, 2, "a", "x"), "Yes"); /* decided by the top */
  cr_expect_str_eq(rating(study, 2, "a", "y"), "");
  cr_expect_str_eq(rating(study, 2, "b", "x"), "Yes");
  cr_expect_str_eq(rating(study, 2, "b", "y"), "Unsure");
  cr_expect_str_eq(rating(study, 2, "c", "x"), "");
  cr_expect_str_eq(rating(study, 2, "c", "y"), "Yes");
  cr_expect_str_eq(rating(study, 2, "d", "x"), "");
  cr_expect_eq(logged(study, "derived", "any", "decided_with_a_part_missing"), 2);
  cr_expect_eq(logged(study, "derived", "any", "missing_with_a_part_missing"), 2);
  cr_expect_str_eq(rating(study, 3, "a", "x"), "");
  cr_expect_str_eq(rating(study, 3, "a", "y"), "No"); /* decided by the bottom */
  cr_expect_str_eq(rating(study, 3, "b", "y"), "No");
  cr_expect_eq(logged(study, "derived", "all", "ratings"), 3);
  dss_study_free(study);
}

Test(derived, refused) {
  refuse("r,u,p,q\na,x,1,2\nb,y,3,2\n",
         (options_in_short){LONG, .ratings = "p|q", .derived = "m=max(p,q)"}, DSS_ERR_DATA,
         "--derive m: 'p' and 'q' have different levels; --levels for both, and "
         "--keep-unused-levels, make them "
         "equal");
  refuse("r,u,p,q\na,x,n,y\nb,y,y,n\n",
         (options_in_short){LONG, .ratings = "p|q", .derived = "m=max(p,q)"}, DSS_ERR_USAGE,
         "--derive m: the levels of 'p' have no order; give it with --levels p=...");
  refuse("r,u,p,q\na,x,n,y\nb,y,y,n\n",
         (options_in_short){LONG, .ratings = "p|q", .levels = "p=n,y|q=n,y",
                            .derived = "m:ratio=max(p,q)"},
         DSS_ERR_USAGE, "--derive m: scale ratio needs levels that are numbers");
  refuse("r,u,p,q\na,x,1,\nb,y,,1\n",
         (options_in_short){LONG, .ratings = "p|q", .levels = "p=1,2|q=1,2",
                            .keep_unused_levels = true, .derived = "m=max(p,q)"},
         DSS_ERR_DATA, "--derive m: no rating comes out of it");
}

/* --- LeWiDi
 * ------------------------------------------------------------------------------------------------------
 */

Test(lewidi, items_annotations_annotators) {
  const options_in_short o = {.layout = DSS_LAYOUT_LEWIDI,
                              .ratings = "irony",
                              .item_attributes = "lang|split",
                              .bins = "Age=30"};
  outcome result =
      import_path(DSS_FIXTURES "/lewidi.json", NULL, DSS_FIXTURES "/lewidi_annotators.json", &o);
  cr_assert_eq(result.status, DSS_OK, "%s", result.error);
  dss_study *study = result.study;
  cr_expect_eq(dss_study_n_raters(study), 4);
  cr_expect_eq(dss_study_n_items(study), 3);
  cr_expect_str_eq(levels_of(study, 0), "0|1");
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 7);
  cr_expect_eq(logged(study, "questions", "irony", "missing"), 1);
  cr_expect_str_eq(rating(study, 0, "Ann1", "2"), "0");
  cr_expect_str_eq(rater_attribute(study, 0), "Female|Male: 1 0 -1 0"); /* Ann1, Ann2, Ann4, Ann3 */
  cr_expect_str_eq(rater_attribute(study, 1), "<30|>=30: 0 1 -1 1");
  cr_expect_str_eq(rater_attribute(study, 2), "Ireland|Kenya: 0 -1 -1 1");
  cr_expect_str_eq(item_attribute(study, 0), "de|en: 1 0 -1");
  cr_expect_eq(logged(study, "raters_table", "keys_of_nobody", NULL), 1);
  cr_expect_eq(strlen(dss_study_provenance(study)->input_sha256), 64);
  dss_study_free(study);
}

Test(lewidi, missing_annotations_and_annotators) {
  const char *input = "{\"1\": {\"annotations\": {\"a\": 1, \"\": 2, \"NA\": null}},"
                      " \"2\": {\"annotations\": {\"a\": null, \"NA\": 2, \"\": null}}}";
  dss_study *study =
      accept(input, (options_in_short){.layout = DSS_LAYOUT_LEWIDI,
                                       .ratings = "q",
                                       .raters = "{\"\": {\"age\": 1}, \"NA\": {\"age\": 2}}"});
  cr_expect_eq(dss_study_n_raters(study), 2);
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 2);
  cr_expect_str_eq(rating(study, 0, "NA", "2"), "2");
  cr_expect_eq(logged(study, "annotations_without_rater", NULL, NULL), 2);
  cr_expect_eq(logged(study, "questions", "q", "missing"), 2);
  cr_expect_eq(logged(study, "raters_table", "rows_without_key", NULL), 1);
  cr_expect_eq(logged(study, "raters_table", "matched", NULL), 1);
  expect_logged(study, "raters_table", "file", "raters");
  expect_logged(study, "raters_table", "sha256",
                "b12332e59f962f7c26d572ed88e5f39d0251b59d465b2b45716c3c9f3ed15aa3");
  dss_study_free(study);
}

Test(lewidi, refused) {
  const options_in_short o = {.layout = DSS_LAYOUT_LEWIDI, .ratings = "q:ordinal"};
  refuse("{\"1\": {\"annotations\": {\"a\": 1,}}}", o, DSS_ERR_DATA,
         "t:1: column 31: not JSON: string or '}' expected near '}'");
  refuse("{\"1\": {\"annotations\":\n {\"a\": 1, \"a\": 2}}}", o, DSS_ERR_DATA,
         "t:2: column 13: not JSON: duplicate object key near '\"a\"'");
  refuse("[1]", o, DSS_ERR_DATA, "t:1: column 1: an object keyed by name was expected");
  refuse("{}", o, DSS_ERR_DATA, "t: there is no annotation");
  refuse("{\"1\": {\"text\": \"x\"}}", o, DSS_ERR_DATA,
         "t: item '1': no object \"annotations\" {annotator: label}");
  refuse("{\"1\": {\"annotations\": {\"a\": [1]}}}", o, DSS_ERR_DATA,
         "t: item '1', annotator 'a': a text or a number was expected");
  refuse("{\"1\": {\"annotations\": {\"a\": 1, \"b\": 2}}, \"\": {\"annotations\": {}}}", o,
         DSS_ERR_DATA, "t: there is only the item '1'; items to compare it with were expected");
  refuse("{\"1\": {\"annotations\": {\"a\": \"low\"}}}", o, DSS_ERR_DATA,
         "t: item '1', annotator 'a': 'low' is not a number; an ordinal question with other labels "
         "needs "
         "--levels q=LOWEST,...,HIGHEST");
  options_in_short with = o;
  with.item_attributes = "lng";
  refuse("{\"1\": {\"lang\": \"en\", \"annotations\": {\"a\": 1}}}", with, DSS_ERR_DATA,
         "t: no item has a value for 'lng'");
  with.item_attributes = "lang";
  refuse("{\"1\": {\"lang\": [], \"annotations\": {\"a\": 1}}}", with, DSS_ERR_DATA,
         "t: item '1', 'lang': a list or object; a text or a number was expected");
  with.item_attributes = NULL;
  with.raters = "{\"a\": 3}";
  refuse("{\"1\": {\"annotations\": {\"a\": 1}}}", with, DSS_ERR_DATA,
         "raters: annotator 'a': an object of attributes was expected");
}
