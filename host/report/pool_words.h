/* What the reports of simulated studies have in common: their columns, and what they say in words.
 */
#ifndef DSS_REPORT_POOL_WORDS_H
#define DSS_REPORT_POOL_WORDS_H

#include "dissensus/pool.h"
#include "methods.h"

enum { DSS_POOL_CELL_ROOM = 32, DSS_POOL_MODEL_ROOM = 80, DSS_POOL_ROOM = 4096 };

#define DSS_POOL_TITLE "A simulated study and what it was made of"

typedef struct dss_pool_column {
  const char *title, *name;                      /* for people, for programs */
  double (*number)(const dss_pool_group *group); /* NaN where there is none */
  bool count, sign;                              /* a whole number; one around 0 */
} dss_pool_column;

typedef struct dss_pool_columns {
  const dss_pool_column *at;
  size_t n;
} dss_pool_columns;

dss_pool_columns dss_pool_columns_of(const dss_pool_check *check);
/* What only programs get. */
dss_pool_columns dss_pool_more_columns(const dss_pool_check *check);
/* The number as people read it, or nothing. Returns text. */
const char *dss_pool_cell_text(const dss_pool_column *column, const dss_pool_group *group,
                               char text[DSS_POOL_CELL_ROOM]);
/* What the columns are. */
const char *dss_pool_note(const dss_pool_check *check);
/* "agreement 0.35, leniency 0.1" of a question. Returns text. */
const char *dss_pool_model(const dss_pool_question *question, char text[DSS_POOL_MODEL_ROOM]);

/* What was made, a paragraph; names between text.h's marks. Returns text. */
char *dss_pool_made(const dss_pool_check *check, char text[DSS_POOL_ROOM]);
/* As dss_methods. */
void dss_pool_methods(const dss_pool_check *check, dss_methods_fn part, void *user);

/* The page (pool_html.c). DSS_ERR_MEMORY, and what drawing returns. */
DSS_MUST_USE dss_status dss_write_pool_html(dss_context *context, const dss_pool_check *check,
                                            FILE *stream);

#endif
