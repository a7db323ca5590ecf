#include "bench/workloads/model.h"

#include <math.h>

#include "host/simulate/draw.h"

/* One value a question from one stream, the first shared with weight rho. */
static void draw_related(dss_draw *stream, double rho, double values[N_QUESTIONS]) {
  values[0] = dss_draw_bell(stream);
  for (size_t q = 1; q < N_QUESTIONS; q++)
    values[q] = rho * values[0] + sqrt(1 - rho * rho) * dss_draw_bell(stream);
}

static unsigned rate(const settings *set, double latent) {
  unsigned rating = 1;
  for (size_t i = 0; i < set->n_thresholds; i++)
    rating += latent >= set->thresholds[i];
  return rating;
}

static size_t read_topic(const settings *set, uint64_t seed, const view *seen, size_t topic,
                         uint32_t rater, uint32_t item, uint32_t cell) {
  uint32_t n = (uint32_t)set->topics.n;
  dss_draw group = dss_draw_from(seed, DSS_DRAW_READING, item, cell);
  if (dss_draw_unit(&group) < seen->recast && n > 1)
    topic = (topic + 1 + dss_draw_below(&group, n - 1)) % n;
  dss_draw own = dss_draw_from(seed, DSS_DRAW_MISREADING, rater, item);
  if (dss_draw_unit(&own) < seen->misread) topic = dss_draw_below(&own, n);
  return topic;
}

answer model_answer(const settings *set, uint64_t seed, const design *made, uint32_t rater,
                    uint32_t item) {
  uint32_t cell = made->cell[rater];
  const view *seen = &set->views[set->cells[cell]];
  dss_draw streams[] = {dss_draw_from(seed, DSS_DRAW_SEVERITY, item, 0),
                        dss_draw_from(seed, DSS_DRAW_VIEW, item, cell),
                        dss_draw_from(seed, DSS_DRAW_NOISE, rater, item),
                        dss_draw_from(seed, DSS_DRAW_BIAS, rater, 0)};
  double severity[N_QUESTIONS], shared[N_QUESTIONS];
  draw_related(&streams[0], set->question_correlation, severity);
  draw_related(&streams[1], set->question_correlation, shared);
  double bias = set->bias_sd * dss_draw_bell(&streams[3]);

  answer given;
  for (size_t q = 0; q < N_QUESTIONS; q++) {
    double noise = seen->noise_sd * dss_draw_bell(&streams[2]);
    given.harm[q] =
        rate(set, set->topic_severity[made->topic[item]] + set->severity_sd * severity[q] +
                      seen->shared_sd * shared[q] + bias + noise);
  }
  given.reading = read_topic(set, seed, seen, made->topic[item], rater, item, cell);
  return given;
}

/* --- machines -------------------------------------------------------------------------------- */

/* Spread of what a machine gets wrong, how much of a trisection's own view a judge who is told of
 * it knows, and how little the second classifier sees in the last topic. */
static const double machine_sd = 0.5, told_share = 0.7, blind_share = 0.25;
enum { UNTOLD = MODEL_CLASSIFIERS, TOLD };

/* The severity that everyone sees in an item, of the first question. */
static double common_severity(const settings *set, uint64_t seed, const design *made,
                              uint32_t item) {
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_SEVERITY, item, 0);
  return set->topic_severity[made->topic[item]] + set->severity_sd * dss_draw_bell(&stream);
}

static double machine_error(uint64_t seed, uint32_t item, uint32_t machine) {
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_MACHINE, item, machine);
  return machine_sd * dss_draw_bell(&stream);
}

double model_score(const settings *set, uint64_t seed, const design *made, uint32_t item,
                   size_t classifier) {
  double severity = common_severity(set, seed, made, item);
  if (classifier == 1 && made->topic[item] + 1 == set->topics.n) severity *= blind_share;
  double score = 0.5 + (severity + machine_error(seed, item, (uint32_t)classifier)) / 6.0;
  return fmin(1.0, fmax(0.0, score));
}

unsigned model_told(const settings *set, uint64_t seed, const design *made, uint32_t item,
                    uint32_t cell) {
  dss_draw stream = dss_draw_from(seed, DSS_DRAW_VIEW, item, cell);
  double own = set->views[set->cells[cell]].shared_sd * dss_draw_bell(&stream);
  return rate(set, common_severity(set, seed, made, item) + told_share * own +
                       machine_error(seed, item, TOLD + cell));
}

unsigned model_untold(const settings *set, uint64_t seed, const design *made, uint32_t item) {
  return rate(set, common_severity(set, seed, made, item) + machine_error(seed, item, UNTOLD));
}
