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
