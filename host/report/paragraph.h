/* A paragraph of methods that is being made, sentence by sentence. */
#ifndef DSS_REPORT_PARAGRAPH_H
#define DSS_REPORT_PARAGRAPH_H

#include "methods.h"
#include "references.h"

typedef struct dss_paragraph {
  dss_methods_fn part;
  void *user;
  bool cited[DSS_N_REFERENCES];
  char text[8192];
} dss_paragraph;

/* A sentence more. */
DSS_PRINTF(2, 3) void dss_paragraph_add(dss_paragraph *paragraph, const char *format, ...);
/* Hands it on, where there is one, and begins the next. */
void dss_paragraph_end(dss_paragraph *paragraph);
/* Hands on the references that were cited, by author. */
void dss_paragraph_references(const dss_paragraph *paragraph);

#endif
