#include "design.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX
#define MIXED (UINT32_MAX - 1)

/* --- union and find, over raters and then items ------------------------------------------- */

static uint64_t find_root(uint64_t *parent, uint64_t node) {
  while (parent[node] != node) {
    parent[node] = parent[parent[node]];
    node = parent[node];
  }
  return node;
}

static void unite(uint64_t *parent, uint64_t a, uint64_t b) {
  a = find_root(parent, a);
  b = find_root(parent, b);
  if (a < b)
    parent[b] = a;
  else
    parent[a] = b;
}

/* Marks who has ratings, joins who shares them, and counts distinct pairs. last_item[r]: 1 + the
 * item in which rater r was last seen, so that several questions count a pair once. */
static uint64_t join(const dss_study *study, uint64_t *parent, uint8_t *rated,
                     uint32_t *last_item) {
  uint64_t n_raters = dss_study_n_raters(study), pairs = 0;
  for (uint32_t u = 0; u < dss_study_n_items(study); u++) {
    for (size_t q = 0; q < dss_study_n_questions(study); q++) {
      const dss_question *question = dss_study_question(study, q);
      for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + (size_t)1]; i++) {
        uint32_t rater = question->rater[i];
        if (last_item[rater] == u + 1u) continue;
        last_item[rater] = u + 1u;
        rated[rater] = rated[n_raters + u] = 1;
        unite(parent, rater, n_raters + u);
        pairs++;
      }
    }
  }
  return pairs;
}

/* Blocks are numbered in the order of their first rater; a block's root is that rater. */
static void number_blocks(const dss_study *study, uint64_t *parent, const uint8_t *rated,
                          design *d) {
  uint32_t n_raters = dss_study_n_raters(study), n_items = dss_study_n_items(study);
  for (uint32_t r = 0; r < n_raters; r++) {
    d->block[r] = NOWHERE;
    if (!rated[r]) continue;
    uint64_t root = find_root(parent, r);
    d->block[r] = root == r ? d->n_blocks++ : d->block[root];
    d->block_raters[d->block[r]]++;
    d->raters++;
  }
  for (uint32_t u = 0; u < n_items; u++) {
    if (!rated[(uint64_t)n_raters + u]) continue;
    d->block_items[d->block[find_root(parent, (uint64_t)n_raters + u)]]++;
    d->items++;
  }
}

bool design_make(const dss_study *study, design *d) {
  size_t n_raters = dss_study_n_raters(study), n_nodes = n_raters + dss_study_n_items(study);
  uint64_t *parent = calloc(n_nodes, sizeof *parent);
  uint8_t *rated = calloc(n_nodes, 1);
  uint32_t *last_item = calloc(n_raters, sizeof *last_item);
  *d = (design){.block = calloc(n_raters, sizeof *d->block),
                .block_raters = calloc(n_raters, sizeof *d->block_raters),
                .block_items = calloc(n_raters, sizeof *d->block_items)};
  bool good = parent && rated && last_item && d->block && d->block_raters && d->block_items;
  if (good) {
    for (size_t i = 0; i < n_nodes; i++)
      parent[i] = i;
    d->pairs = join(study, parent, rated, last_item);
    number_blocks(study, parent, rated, d);
  } else {
    design_free(d);
  }
  free(parent);
  free(rated);
  free(last_item);
  return good;
}

void design_free(design *d) {
  free(d->block);
  free(d->block_raters);
  free(d->block_items);
  *d = (design){0};
}

/* --- attributes -------------------------------------------------------------------------- */

static void see(uint32_t *seen, uint32_t value) {
  *seen = *seen == NOWHERE || *seen == value ? value : MIXED;
}

static bool none_mixed(const uint32_t *seen, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (seen[i] == MIXED) return false;
  return true;
}

static void fit(const dss_study *study, const design *d, const dss_attribute *attribute,
                uint32_t *of_value, uint32_t *of_block, design_fit *found) {
  size_t n_values = attribute->n_categories;
  memset(of_value, 0xff, n_values * sizeof *of_value); /* NOWHERE */
  memset(of_block, 0xff, d->n_blocks * sizeof *of_block);
  *found = (design_fit){0};
  for (uint32_t r = 0; r < dss_study_n_raters(study); r++) {
    if (d->block[r] == NOWHERE || attribute->codes[r] < 0) continue;
    see(&of_value[attribute->codes[r]], d->block[r]);
    see(&of_block[d->block[r]], (uint32_t)attribute->codes[r]);
    found->known++;
  }
  found->values_within_blocks = none_mixed(of_value, n_values);
  found->blocks_within_values = none_mixed(of_block, d->n_blocks);
}

bool design_fit_of(const dss_study *study, const design *d, const dss_attribute *attribute,
                   design_fit *found) {
  uint32_t *of_value = calloc((size_t)attribute->n_categories + 1, sizeof *of_value);
  uint32_t *of_block = calloc((size_t)d->n_blocks + 1, sizeof *of_block);
  bool good = of_value && of_block;
  if (good) fit(study, d, attribute, of_value, of_block, found);
  free(of_value);
  free(of_block);
  return good;
}
