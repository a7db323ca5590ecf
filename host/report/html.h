/* The parts of the HTML page, each written to the stream in its turn by html.c. */
#ifndef DSS_REPORT_HTML_H
#define DSS_REPORT_HTML_H

#include <stdio.h>

#include "dissensus/evaluation.h"
#include "evaluation_view.h"
#include "findings.h"
#include "methods.h"
#include "notes.h"
#include "view.h"

/* page.css, page.js, rows.js, definitions.html and evaluation_definitions.html, by
 * cmake/embed.cmake. */
extern const char dss_page_css[], dss_page_js[], dss_rows_js[], dss_page_definitions[],
    dss_evaluation_definitions[];

typedef struct dss_page {
  dss_context *context;
  const dss_results *results; /* with its view; both NULL on the page of an evaluation */
  const dss_view *view;
  FILE *stream;
} dss_page;

/* --- what every page is made of (html_parts.c) --- */

/* All before the body; the page may run these scripts and no others. Texts are not escaped yet. */
DSS_MUST_USE dss_status dss_html_head(const dss_page *page, const char *title,
                                      const char *created_by, const char *const *scripts,
                                      size_t n_scripts);
void dss_html_open_section(const dss_page *page, const char *id, const char *title);
void dss_html_close_section(const dss_page *page);

/* A list that opens with its first item; what findings, notes and methods are given to. The
 * paragraphs of methods take a dss_page. */
typedef struct dss_html_list {
  const dss_page *page;
  bool open;
} dss_html_list;
void dss_html_close_list(dss_html_list *list);
void dss_html_finding(dss_finding_kind kind, const char *text, void *list);
void dss_html_warning(dss_note_kind kind, const char *text, void *list);
void dss_html_note(dss_note_kind kind, const char *text, void *list);
void dss_html_paragraph(dss_methods_kind kind, const char *text, void *page);
void dss_html_reference(dss_methods_kind kind, const char *text, void *list);
/* The section of all keys that have a value. `exact`: what stands on the page is the same on every
 * machine, and the section says so. */
void dss_html_provenance(const dss_page *page, bool exact, const char *(*key_of)(size_t),
                         const char *(*value_of)(const void *, const char *), const void *of);

/* Text, escaped. */
void dss_html_text(const dss_page *page, const char *text);
/* A name: escaped, and of a direction of its own, so that what stands beside it keeps its place. */
void dss_html_name(const dss_page *page, const char *name);
/* p or q with three digits, so that 0.0496 is not 0.05; a dash where there is none. */
void dss_html_p(const dss_page *page, double p);
/* Bytes in base 64. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_html_base64(const dss_page *page, const unsigned char *bytes, size_t n);

/* Of the page of an evaluation (evaluation_html_figures.c). DSS_ERR_MEMORY, and what drawing
 * returns. */
DSS_MUST_USE dss_status dss_html_evaluation_figures(const dss_page *page,
                                                    const dss_evaluation *evaluation);

/* Of a text whose parts begin with lines <!-- NAME -->, those for which `opens` is true; it may
 * write what stands before them (html_definitions.c). */
enum { DSS_PART_ROOM = 200 };
void dss_html_put_parts(FILE *stream, const char *text,
                        bool (*opens)(const void *of, const char *part), const void *of);
/* The section of all rows of an evaluation (evaluation_html_table.c). */
void dss_html_evaluation_table(const dss_page *page, const dss_evaluation_view *view);
/* What each number of an evaluation means, of those that it has (evaluation_definitions.c). */
void dss_html_evaluation_definitions(const dss_page *page, const dss_evaluation_view *view);

/* A value with its marks, or a dash with its footnote. */
void dss_html_marked(const dss_page *page, dss_view_value value);

/* --- the page of results --- */

/* The same of a cell of the page's view. */
void dss_html_value(const dss_page *page, const dss_cell *cell);
/* An axis's name, which may go on in the next line after each '*'. */
void dss_html_axis(const dss_page *page, size_t axis);

/* The tables of all rows, and that of the axes. */
void dss_html_tables(const dss_page *page);
void dss_html_axes(const dss_page *page);
/* What page.js reads. DSS_ERR_MEMORY. */
DSS_MUST_USE dss_status dss_html_data(const dss_page *page);
/* About how many bytes the tables and the data take. */
double dss_html_size(const dss_page *page);
/* DSS_ERR_MEMORY, and what drawing returns. */
DSS_MUST_USE dss_status dss_html_figures(const dss_page *page);
/* What each number means, of those that the results have. */
void dss_html_definitions(const dss_page *page);

#endif
