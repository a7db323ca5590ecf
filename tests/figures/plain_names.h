/* What figures are called and say, whatever the names in the data are: files' names of plain
 * letters, all different, and texts of one line. */
#ifndef TESTS_FIGURES_PLAIN_NAMES_H
#define TESTS_FIGURES_PLAIN_NAMES_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/figures.h"

typedef struct plain_names {
  char **names; /* [n], of which so many are taken */
  size_t taken;
} plain_names;

static inline plain_names plain_names_begin(size_t n) {
  return (plain_names){calloc(n, sizeof(char *)), 0};
}

/* Frees the texts. most: characters of a name. */
static inline void plain_names_take(plain_names *p, dss_figure_texts *texts, size_t most) {
  cr_expect_eq(
      strspn(texts->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      strlen(texts->name), "%s", texts->name);
  cr_expect_leq(strlen(texts->name), most);
  cr_expect_not(strpbrk(texts->title, "\n\r\t\033") || strpbrk(texts->description, "\n\r\t\033"));
  p->names[p->taken++] = strdup(texts->name);
  dss_figure_texts_free(texts);
}

static inline int plain_names_order(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All are different. */
static inline void plain_names_end(plain_names *p) {
  qsort(p->names, p->taken, sizeof *p->names, plain_names_order);
  for (size_t i = 1; i < p->taken; i++)
    cr_expect_str_neq(p->names[i - 1], p->names[i]);
  for (size_t i = 0; i < p->taken; i++)
    free(p->names[i]);
  free(p->names);
}

#endif
