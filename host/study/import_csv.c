#include "import_csv.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "import_input.h"
#include "import_strings.h"

enum { CHUNK = 1 << 16 };

struct dss_csv {
  dss_input input;
  struct csv_parser parser;
  bool parser_ready;
  unsigned char chunk[CHUNK];
  size_t at, end; /* of chunk */
  bool input_ended;
  bool after_cr;       /* the line before ended in CR: an LF now belongs to it */
  uint64_t line;       /* physical line being read, from 1 */
  bool in_row;         /* part of a row was read, its end was not */
  uint64_t row_line;   /* where the row starts */
  uint64_t field_line; /* where the field being read starts */
  bool row_done;
  bool out_of_memory;
  char *row; /* the row's fields, each with its NUL */
  size_t row_length, row_capacity;
  size_t *starts; /* [n_fields] offsets into row; a field ends where the next starts */
  size_t n_fields, starts_capacity;
  dss_words names;
};

/* --- libcsv's callbacks; they cannot fail, so failure is noted and found by feed() ----------- */

static void on_field(void *text, size_t length, void *user) {
  dss_csv *csv = user;
  if (csv->out_of_memory) return;
  if (DSS_GROW(NULL, &csv->starts, &csv->starts_capacity, csv->n_fields + 1) != DSS_OK ||
      DSS_GROW(NULL, &csv->row, &csv->row_capacity, csv->row_length + length + 1) != DSS_OK) {
    csv->out_of_memory = true;
    return;
  }
  csv->starts[csv->n_fields++] = csv->row_length;
  if (length) memcpy(csv->row + csv->row_length, text, length);
  csv->row_length += length;
  csv->row[csv->row_length++] = '\0';
  csv->field_line = csv->line;
}

static void on_row(int terminator, void *user) {
  dss_csv *csv = user;
  csv->row_done = true;
  csv->in_row = false;
}

/* --- physical lines ----------------------------------------------------------------------- */

/* The place of the field that is being read. */
static dss_place here(const dss_csv *csv, uint64_t line) {
  const char *name = csv->n_fields < csv->names.count ? csv->names.at[csv->n_fields] : NULL;
  return (dss_place){csv->input.name, line, csv->n_fields + 1, name};
}

static bool is_blank(const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!strchr(" \t\r\n", bytes[i]) || bytes[i] == '\0') return false;
  return true;
}

static dss_status feed(dss_context *context, dss_csv *csv, const unsigned char *bytes,
                       size_t length) {
  if (!csv->in_row && !is_blank(bytes, length)) {
    csv->in_row = true;
    csv->row_line = csv->field_line = csv->line;
  }
  size_t used = csv_parse(&csv->parser, bytes, length, on_field, on_row, csv);
  if (csv->out_of_memory || (used < length && csv_error(&csv->parser) != CSV_EPARSE))
    return dss_fail(context, DSS_ERR_MEMORY, "%s:%llu: out of memory for the row", csv->input.name,
                    (unsigned long long)csv->line);
  if (used < length)
    return dss_fail_at(context, here(csv, csv->line), DSS_ERR_DATA,
                       "a quote inside a field without quotes, or text after a closing quote; "
                       "a field with quotes in it is quoted, and they are doubled");
  return DSS_OK;
}

static dss_status fill(dss_context *context, dss_csv *csv) {
  DSS_TRY(dss_go_on(context));
  csv->at = 0;
  csv->end = dss_input_read(&csv->input, csv->chunk, CHUNK);
  csv->input_ended = csv->end == 0;
  return dss_input_check(context, &csv->input);
}

/* The LF of a CRLF, which may stand in the next chunk. Fed all the same: it may be quoted. */
static dss_status finish_crlf(dss_context *context, dss_csv *csv) {
  csv->after_cr = false;
  if (csv->chunk[csv->at] != '\n') return DSS_OK;
  csv->at++;
  csv->line--;
  dss_status status = feed(context, csv, (const unsigned char *)"\n", 1);
  csv->line++;
  return status;
}

/* Feeds the chunk up to and with the next line end; *ended tells whether there was one. */
static dss_status feed_piece(dss_context *context, dss_csv *csv, bool *ended) {
  size_t stop = csv->at;
  while (stop < csv->end && csv->chunk[stop] != '\n' && csv->chunk[stop] != '\r' &&
         csv->chunk[stop] != '\0')
    stop++;
  bool nul = stop < csv->end && csv->chunk[stop] == '\0';
  *ended = stop < csv->end && !nul;
  csv->after_cr = *ended && csv->chunk[stop] == '\r';
  size_t length = stop - csv->at + (*ended ? 1 : 0);
  const unsigned char *piece = csv->chunk + csv->at;
  csv->at += length;
  DSS_TRY(feed(context, csv, piece, length));
  if (nul)
    return dss_fail_at(context, here(csv, csv->line), DSS_ERR_DATA,
                       "a NUL byte; text in UTF-8 was expected");
  if (*ended) csv->line++;
  return DSS_OK;
}

/* One physical line, or what is left of the input. A line holds at most one row's end. */
static dss_status feed_line(dss_context *context, dss_csv *csv) {
  for (bool ended = false; !ended;) {
    if (csv->at == csv->end) DSS_TRY(fill(context, csv));
    if (csv->input_ended) return DSS_OK;
    if (csv->after_cr) {
      DSS_TRY(finish_crlf(context, csv));
      if (csv->at == csv->end) continue;
    }
    DSS_TRY(feed_piece(context, csv, &ended));
  }
  return DSS_OK;
}

/* --- rows --------------------------------------------------------------------------------- */

static dss_status finish(dss_context *context, dss_csv *csv) {
  int failed = csv_fini(&csv->parser, on_field, on_row, csv);
  if (csv->out_of_memory)
    return dss_fail(context, DSS_ERR_MEMORY, "%s: out of memory for a row", csv->input.name);
  if (failed)
    return dss_fail_at(context, here(csv, csv->field_line), DSS_ERR_DATA,
                       "the file ends inside the quotes that open here");
  return DSS_OK;
}

static dss_status read_row(dss_context *context, dss_csv *csv, bool *more) {
  csv->row_length = csv->n_fields = 0;
  csv->row_done = false;
  while (!csv->row_done && !csv->input_ended) {
    DSS_TRY(feed_line(context, csv));
    if (csv->input_ended && !csv->row_done) DSS_TRY(finish(context, csv));
  }
  *more = csv->row_done;
  return DSS_OK;
}

dss_status dss_csv_next(dss_context *context, dss_csv *csv, bool *more) {
  DSS_TRY(read_row(context, csv, more));
  if (!*more || csv->n_fields == csv->names.count) return DSS_OK;
  if (csv->n_fields < csv->names.count)
    return dss_fail_at(context, here(csv, csv->row_line), DSS_ERR_DATA,
                       "the row ends after %zu of %zu fields", csv->n_fields, csv->names.count);
  size_t fields = csv->n_fields;
  csv->n_fields = csv->names.count; /* the first field too many is to be named */
  return dss_fail_at(context, here(csv, csv->row_line), DSS_ERR_DATA,
                     "the row has %zu fields, the header has %zu", fields, csv->names.count);
}

static dss_status check_names(dss_context *context, dss_csv *csv, dss_strings *seen) {
  for (size_t i = 0; i < csv->n_fields; i++) {
    size_t length;
    const char *name = dss_csv_field(csv, i, &length);
    dss_place place = {csv->input.name, csv->row_line, i + 1, NULL};
    uint32_t before = seen->count;
    uint32_t id;
    DSS_TRY(dss_strings_add(context, seen, name, length, place, &id));
    /* A nameless column cannot be asked for, so two of them do no harm. */
    if (seen->count == before && length > 0)
      return dss_fail_at(context, place, DSS_ERR_DATA, "the name '%s' stands in the header twice",
                         DSS_EXCERPT(name));
    DSS_TRY(dss_words_add(context, &csv->names, name, length));
  }
  return DSS_OK;
}

static dss_status read_header(dss_context *context, dss_csv *csv) {
  static const unsigned char byte_order_mark[] = {0xEF, 0xBB, 0xBF};
  DSS_TRY(fill(context, csv));
  if (csv->end >= 3 && memcmp(csv->chunk, byte_order_mark, 3) == 0) csv->at = 3;
  bool more;
  DSS_TRY(read_row(context, csv, &more));
  if (!more)
    return dss_fail_at(context, (dss_place){csv->input.name, 1, 0, NULL}, DSS_ERR_DATA,
                       "the file is empty; a header was expected");
  dss_strings seen = {0};
  dss_status status = check_names(context, csv, &seen);
  dss_strings_free(&seen);
  return status;
}

static dss_status open_csv(dss_context *context, dss_csv *csv, const char *path) {
  DSS_TRY(dss_input_open(context, &csv->input, path));
  if (csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    return dss_fail(context, DSS_ERR_INTERNAL, "the CSV parser did not start");
  csv->parser_ready = true;
  csv_set_blk_size(&csv->parser, CHUNK); /* a long field's buffer grows by as much, not 128 bytes */
  csv->line = 1;
  return read_header(context, csv);
}

dss_status dss_csv_open(dss_context *context, const char *path, dss_csv **csv) {
  dss_csv *opened = NULL;
  DSS_TRY(DSS_ALLOC(context, &opened, 1));
  dss_status status = open_csv(context, opened, path);
  if (status != DSS_OK) {
    dss_csv_free(opened);
    return status;
  }
  *csv = opened;
  return DSS_OK;
}

dss_status dss_csv_digest(dss_context *context, dss_csv *csv, char hex[65]) {
  return dss_input_digest(context, &csv->input, hex);
}

void dss_csv_free(dss_csv *csv) {
  if (!csv) return;
  if (csv->parser_ready) csv_free(&csv->parser);
  dss_input_close(&csv->input);
  dss_words_free(&csv->names);
  free(csv->row);
  free(csv->starts);
  free(csv);
}

/* --- reading a row -------------------------------------------------------------------------- */

const char *dss_csv_file(const dss_csv *csv) {
  return csv->input.name;
}

const dss_words *dss_csv_names(const dss_csv *csv) {
  return &csv->names;
}

dss_status dss_csv_check_commas(dss_context *context, const dss_csv *csv) {
  const char *separator = csv->names.count == 1 ? strpbrk(csv->names.at[0], ";\t") : NULL;
  if (!separator) return DSS_OK;
  return dss_fail_at(context, (dss_place){csv->input.name, 1, 0, NULL}, DSS_ERR_DATA,
                     "the file seems to be separated by %s; commas are expected",
                     *separator == ';' ? "';'" : "tabs");
}

static dss_status fail_unknown(dss_context *context, const dss_csv *csv, const char *name) {
  DSS_TRY(dss_csv_check_commas(context, csv));
  char known[320];
  dss_words_list(&csv->names, known, sizeof known);
  return dss_fail_at(context, (dss_place){csv->input.name, 1, 0, NULL}, DSS_ERR_DATA,
                     "no column is named '%s'; there are: %s", DSS_EXCERPT(name), known);
}

dss_status dss_csv_column(dss_context *context, const dss_csv *csv, const char *name,
                          size_t *column) {
  size_t found = *name ? dss_words_find(&csv->names, name) : SIZE_MAX;
  if (found == SIZE_MAX) return fail_unknown(context, csv, name);
  *column = found;
  return DSS_OK;
}

uint64_t dss_csv_line(const dss_csv *csv) {
  return csv->row_line;
}

const char *dss_csv_field(const dss_csv *csv, size_t column, size_t *length) {
  size_t end = column + 1 < csv->n_fields ? csv->starts[column + 1] : csv->row_length;
  *length = end - csv->starts[column] - 1;
  return csv->row + csv->starts[column];
}

dss_place dss_csv_place(const dss_csv *csv, size_t column) {
  return (dss_place){csv->input.name, csv->row_line, column + 1, csv->names.at[column]};
}
