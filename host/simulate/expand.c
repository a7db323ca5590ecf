/* A pool grown from a study: every rater and, where wished, every item several times, with new
 * ratings by the fitted model. */
#include <math.h>

#include "exchange.h"
#include "expand.h"
#include "host/core/alloc.h"
#include "known.h"
#include "pool.h"
#include "truth.h"

void dss_expand_options_init(dss_expand_options *options) {
  *options = (dss_expand_options){.times = 10, .items_times = 1, .depth = 3, .seed = 1};
}

/* The pool's item attribute. */
#define BLOCK "block"

typedef struct growth {
  dss_context *context;
  const dss_study *from;
  const dss_expand_options *options;
  uint32_t n_raters, n_items; /* of the study */
  dss_cells cells;
  uint32_t *taker;
  dss_copies copies;
  dss_study *pool;
  json_t *questions, *left_out; /* what was fitted, and what was not */
} growth;

/* --- raters and items ------------------------------------------------------------------------ */

static const char *rater_name(const void *study, uint32_t i) {
  return dss_study_rater_name(study, i);
}

static const char *item_name(const void *study, uint32_t i) {
  return dss_study_item_name(study, i);
}

static dss_status new_study(growth *g) {
  dss_made_names raters = {0}, items = {0};
  uint32_t times = g->options->times, items_times = g->options->items_times;
  dss_status status = dss_names_times(g->context, g->n_raters, times, rater_name, g->from, &raters);
  if (status == DSS_OK)
    status = dss_names_times(g->context, g->n_items, items_times, item_name, g->from, &items);
  if (status == DSS_OK)
    status = dss_study_new(g->context, g->n_raters * times, raters.names, g->n_items * items_times,
                           items.names, &g->pool);
  dss_names_free(&raters);
  dss_names_free(&items);
  return status;
}

typedef dss_status (*add_fn)(dss_context *, dss_study *, const dss_attribute *);

static dss_status add_attribute(growth *g, const dss_attribute *from, uint32_t n, uint32_t times,
                                add_fn add) {
  dss_attribute attribute = *from;
  int32_t *codes = NULL;
  DSS_TRY(DSS_ALLOC(g->context, &codes, (size_t)n * times));
  for (size_t i = 0; i < (size_t)n * times; i++)
    codes[i] = from->codes[i / times];
  attribute.codes = codes;
  dss_status status = add(g->context, g->pool, &attribute);
  free(codes);
  return status;
}

/* Which of its copies an item is: by it an analysis keeps to one of them, or compares them. */
static dss_status add_block(growth *g) {
  uint32_t times = g->options->items_times, n = g->n_items * times;
  dss_made_names numbers = {0};
  int32_t *codes = NULL;
  if (times == 1) return DSS_OK;
  DSS_TRY(DSS_ALLOC(g->context, &codes, n));
  for (uint32_t i = 0; i < n; i++)
    codes[i] = (int32_t)(i % times);
  dss_status status = dss_names_count(g->context, "", false, times, &numbers);
  const dss_attribute block = {BLOCK, times, numbers.names, codes, false};
  if (status == DSS_OK) status = dss_study_add_item_attribute(g->context, g->pool, &block);
  dss_names_free(&numbers);
  free(codes);
  return status;
}

static dss_status add_attributes(growth *g) {
  for (size_t a = 0; a < dss_study_n_rater_attributes(g->from); a++)
    DSS_TRY(add_attribute(g, dss_study_rater_attribute(g->from, a), g->n_raters, g->options->times,
                          dss_study_add_rater_attribute));
  for (size_t a = 0; a < dss_study_n_item_attributes(g->from); a++)
    DSS_TRY(add_attribute(g, dss_study_item_attribute(g->from, a), g->n_items,
                          g->options->items_times, dss_study_add_item_attribute));
  return add_block(g);
}

/* --- who rates what -------------------------------------------------------------------------- */

/* Which new rater rates what rater r rated, k-th of those who do. */
static uint32_t new_rater(const dss_copies *copies, uint32_t r, uint32_t k) {
  size_t list = (size_t)r * copies->times + k;
  return (copies->taker ? copies->taker[list] : r) * copies->times + k;
}

/* Of items that are several, the k-th who rates what r rated gets the one whose number is
 * (k + r) mod items_times: the new raters of an item are divided among its new items evenly, and
 * those who shared items with each other still do. */
static void place_ratings(const dss_question *question, uint32_t n_items, const dss_copies *copies,
                          dss_design *design) {
  for (uint64_t i = 0; i < question->n_ratings; i++)
    for (uint32_t k = 0; k < copies->times; k++)
      design->start[(size_t)new_rater(copies, question->rater[i], k) + 1]++;
  for (uint32_t r = 0; r < design->n_raters; r++)
    design->start[r + 1] += design->start[r];
  for (uint32_t u = 0; u < n_items; u++)
    for (uint64_t i = question->item_ptr[u]; i < question->item_ptr[u + 1]; i++)
      for (uint32_t k = 0; k < copies->times; k++) {
        uint32_t r = question->rater[i];
        design->item[design->start[new_rater(copies, r, k)]++] =
            u * copies->items_times + (k + r) % copies->items_times;
      }
  for (uint32_t r = design->n_raters; r > 0; r--) /* each start was moved to its end */
    design->start[r] = design->start[r - 1];
  design->start[0] = 0;
}

dss_status dss_design_of_question(dss_context *context, const dss_question *question,
                                  uint32_t n_items, const dss_cells *cells,
                                  const dss_copies *copies, dss_design *design) {
  *design = (dss_design){.n_raters = cells->n_raters * copies->times,
                         .n_items = n_items * copies->items_times};
  DSS_TRY(DSS_ALLOC(context, &design->cell, design->n_raters));
  DSS_TRY(DSS_ALLOC(context, &design->start, (size_t)design->n_raters + 1));
  DSS_TRY(DSS_ALLOC(context, &design->item, question->n_ratings * copies->times));
  for (uint32_t r = 0; r < design->n_raters; r++)
    design->cell[r] = cells->cell[r / copies->times];
  place_ratings(question, n_items, copies, design);
  return DSS_OK;
}

static dss_status exchange_lists(growth *g) {
  const dss_expand_options *o = g->options;
  DSS_TRY(DSS_ALLOC(g->context, &g->taker, (size_t)g->n_raters * o->times));
  DSS_TRY(dss_exchange_lists(g->context, g->from, o->times, o->seed, g->taker));
  g->copies = (dss_copies){o->times, o->items_times, g->taker};
  return DSS_OK;
}

/* --- ratings --------------------------------------------------------------------------------- */

static dss_status draw_ratings(growth *g, const dss_question *question, uint32_t number,
                               const dss_fit *fit, const dss_design *design, dss_ratings *ratings) {
  const dss_expand_options *o = g->options;
  double *factors = NULL, *lenient = NULL;
  dss_status status =
      DSS_ALLOC(g->context, &factors, (size_t)design->n_items * fit->latent.n_factors);
  if (status == DSS_OK) status = DSS_ALLOC(g->context, &lenient, design->n_raters);
  if (status == DSS_OK)
    status = dss_known_items(g->context, question, g->n_items, o->items_times, &g->cells, fit,
                             o->seed, number, factors);
  if (status == DSS_OK)
    status = dss_known_raters(g->context, question, g->n_items, o->times, &g->cells, fit, o->seed,
                              number, lenient);
  const dss_rating_task task = {.design = design,
                                .latent = &fit->latent,
                                .seed = o->seed,
                                .question = number,
                                .factors = factors,
                                .lenient = lenient};
  if (status == DSS_OK) status = dss_rate(g->context, &task, ratings);
  free(factors);
  free(lenient);
  return status;
}

/* The study's own levels. */
dss_status dss_add_drawn_question(dss_context *context, dss_study *study,
                                  const dss_question *question, const dss_ratings *ratings) {
  bool numbers = true;
  for (uint32_t c = 0; c < question->n_levels; c++)
    numbers &= !isnan(question->values[c]);
  return dss_study_add_question(context, study, question->name, question->scale, question->n_levels,
                                question->labels, numbers ? question->values : NULL, ratings->n,
                                ratings->rater, ratings->item, ratings->code);
}

static dss_status grow_question(growth *g, const dss_question *question, uint32_t number) {
  dss_fit fit = {0};
  dss_design design = {0};
  dss_ratings ratings = {0};
  dss_status status = dss_fit_question(g->context, question, g->n_items, &g->cells, true, &fit);
  if (status == DSS_OK)
    status =
        dss_design_of_question(g->context, question, g->n_items, &g->cells, &g->copies, &design);
  if (status == DSS_OK)
    status = dss_ratings_new(g->context, question->n_ratings * g->options->times, &ratings);
  if (status == DSS_OK) status = draw_ratings(g, question, number, &fit, &design, &ratings);
  if (status == DSS_OK) status = dss_add_drawn_question(g->context, g->pool, question, &ratings);
  if (status == DSS_OK)
    json_array_append_new(g->questions, dss_truth_fit(g->from, question, &g->cells, &fit));
  dss_fit_free(&fit);
  dss_design_free(&design);
  dss_ratings_free(&ratings);
  return status;
}

/* --- the whole ------------------------------------------------------------------------------- */

static dss_status check_block(dss_context *context, const dss_study *study) {
  for (size_t a = 0; a < dss_study_n_item_attributes(study); a++)
    if (strcmp(dss_study_item_attribute(study, a)->name, BLOCK) == 0)
      return dss_fail(context, DSS_ERR_DATA,
                      "the study has an item attribute '" BLOCK "' already, which would say which "
                      "of its copies an item is: import it under another name");
  return DSS_OK;
}

static dss_status check(dss_context *context, const dss_study *study, const dss_expand_options *o) {
  if (o->times < 1 || o->times > 100000)
    return dss_fail(context, DSS_ERR_USAGE, "times %u: it must be 1 to 100000", o->times);
  if (o->items_times < 1 || o->items_times > o->times)
    return dss_fail(context, DSS_ERR_USAGE,
                    "items times %u: it must be 1 to the raters' times, %u, or items would have "
                    "fewer raters than in the study",
                    o->items_times, o->times);
  if (o->depth < 1 || o->depth > 3)
    return dss_fail(context, DSS_ERR_USAGE, "depth %u: it must be 1 to 3", o->depth);
  if ((uint64_t)dss_study_n_raters(study) * o->times >= UINT32_MAX ||
      (uint64_t)dss_study_n_items(study) * o->items_times >= UINT32_MAX)
    return dss_fail(context, DSS_ERR_USAGE, "times %u: more than 2^32 raters or items", o->times);
  if (dss_study_n_questions(study) > 255)
    return dss_fail(context, DSS_ERR_USAGE, "%zu questions; the most is 255",
                    dss_study_n_questions(study));
  if (o->items_times > 1) DSS_TRY(check_block(context, study));
  double ratings = 0;
  for (size_t q = 0; q < dss_study_n_questions(study); q++)
    ratings += (double)dss_study_question(study, q)->n_ratings;
  return dss_design_fits(context, ratings * o->times);
}

static dss_status note_fit(growth *g, char **text) {
  char digest[65];
  DSS_TRY(dss_study_digest(g->context, g->from, digest));
  json_t *attributes = json_array();
  for (size_t i = 0; i < g->cells.n_attributes; i++) {
    const dss_attribute *a = dss_study_rater_attribute(g->from, g->cells.attributes[i]);
    json_array_append_new(attributes, json_string(a->name));
  }
  json_t *root =
      json_pack("{s:s, s:s, s:i, s:i, s:o, s:o, s:O, s:O}", "simulated", "expanded", "from_sha256",
                digest, "times", (int)g->options->times, "items_times",
                (int)g->options->items_times, "seed", dss_truth_seed(g->options->seed),
                "attributes", attributes, "questions", g->questions, "left_out", g->left_out);
  DSS_TRY(dss_truth_text(g->context, root, text));
  return dss_note_made(g->context, g->pool, g->options->command, *text);
}

/* What has no order is left out, and said. */
static dss_status grow_questions(growth *g) {
  size_t n = dss_study_n_questions(g->from), grown = 0;
  for (size_t q = 0; q < n; q++) {
    const dss_question *question = dss_study_question(g->from, q);
    if (dss_fit_has_order(question)) {
      DSS_TRY(grow_question(g, question, (uint32_t)q));
      grown++;
    } else {
      dss_warn(g->context,
               "question '%s' is left out: it is nominal with %u levels, and the model needs an "
               "order",
               question->name, question->n_levels);
      json_array_append_new(g->left_out, json_string(question->name));
    }
    dss_progress(g->context, "questions", q + 1, n);
  }
  if (grown > 0) return DSS_OK;
  return dss_fail(g->context, DSS_ERR_DATA,
                  "no question has an order: the model cannot be fitted to nominal ones of more "
                  "than two levels");
}

static dss_status grow(growth *g, char **text) {
  const dss_expand_options *o = g->options;
  g->questions = json_array();
  g->left_out = json_array();
  DSS_TRY(check(g->context, g->from, o));
  DSS_TRY(dss_cells_make(g->context, g->from, o->attributes, o->n_attributes, o->depth, &g->cells));
  DSS_TRY(new_study(g));
  DSS_TRY(add_attributes(g));
  DSS_TRY(exchange_lists(g));
  DSS_TRY(grow_questions(g));
  return note_fit(g, text);
}

dss_status dss_expand(dss_context *context, const dss_study *study,
                      const dss_expand_options *options, dss_study **pool, char **fit) {
  growth g = {.context = context,
              .from = study,
              .options = options,
              .n_raters = dss_study_n_raters(study),
              .n_items = dss_study_n_items(study)};
  char *text = NULL;
  dss_status status = grow(&g, &text);
  dss_cells_free(&g.cells);
  free(g.taker);
  json_decref(g.questions);
  json_decref(g.left_out);
  if (status == DSS_OK) {
    *pool = g.pool;
    *fit = text;
  } else {
    dss_study_free(g.pool);
    free(text);
  }
  return status;
}
