/* Mis-steering: every group's ratings with the predictions for every group of the axis. */
#include "host/core/alloc.h"
#include "steering_room.h"

/* The cell in which a rating stands with the profile of rater `as`, and his group there. */
static uint32_t place(const dss_steer_axis *axis, const int32_t *group_of, uint32_t item,
                      uint32_t as, uint32_t *group) {
  uint32_t class = axis->cells.class_of[as];
  if (group_of[as] < 0 || class == DSS_NO_CLASS) return DSS_NO_CELL;
  *group = (uint32_t)group_of[as];
  return dss_steer_cell(&axis->cells, item, class);
}

/* Sorts the ratings by cell, and counts each group's. */
static void sort_ratings(const dss_steering *s, const dss_steer_axis *axis,
                         const dss_steer_draw *draw, dss_steer_room *room) {
  const dss_rated_question *q = &s->rated->questions[0];
  const int32_t *group_of = s->rated->plan->kernel_axes[axis->axis].group;
  uint32_t groups = dss_steer_groups(s, axis), group = 0;
  /* ptr[c + 2] counts cell c, so that ptr[c + 1] moves from its begin to its end below */
  uint32_t *ptr = room->cell_ptr;
  memset(ptr, 0, ((size_t)axis->cells.n_cells + 2) * sizeof *ptr);
  memset(room->begin, 0, ((size_t)groups + 1) * sizeof *room->begin);
  for (uint32_t u = 0; u < s->rated->n_items; u++)
    for (uint64_t i = q->item_ptr[u]; i < q->item_ptr[u + 1]; i++) {
      bool counts =
          dss_steer_item_weight(draw, u) > 0 && dss_steer_rater_weight(draw, q->rater[i]) > 0;
      uint32_t as = draw->source[q->rater[i]];
      room->cell_of[i] = counts ? place(axis, group_of, u, as, &group) : DSS_NO_CELL;
      if (room->cell_of[i] == DSS_NO_CELL) continue;
      ptr[room->cell_of[i] + 2]++;
      room->begin[group + 1]++;
    }
  for (uint32_t c = 0; c < axis->cells.n_cells; c++)
    ptr[c + 2] += ptr[c + 1];
  for (uint32_t g = 0; g < groups; g++)
    room->begin[g + 1] += room->begin[g];
  for (uint64_t i = 0; i < q->n_ratings; i++) {
    if (room->cell_of[i] == DSS_NO_CELL) continue;
    uint32_t rater = q->rater[i];
    room->ratings[ptr[room->cell_of[i] + 1]++] = (dss_steer_rating){
        (uint32_t)group_of[draw->source[rater]], dss_steer_rater_weight(draw, rater), q->code[i]};
  }
}

/* Points of every group's ratings with the predictions for `told`. */
static void gather(const dss_steering *s, const dss_steer_axis *axis, const dss_steer_draw *draw,
                   uint32_t told, dss_steer_room *room) {
  const dss_steer_cells *c = &axis->cells;
  const uint32_t *order = c->order + (size_t)told * c->n_cells;
  const double *x = c->x + (size_t)told * c->n_cells;
  uint32_t groups = dss_steer_groups(s, axis);
  for (uint32_t g = 0; g < groups; g++) {
    size_t at = room->begin[g];
    dss_points to = {0, room->points.x + at, room->points.y + at, room->points.weight + at};
    dss_steer_block_begin(&room->blocks[g], room->counts + (size_t)g * s->told.scale.n_levels, to);
  }
  for (uint32_t k = 0; k < c->n_order[told]; k++) {
    uint32_t cell = order[k];
    uint64_t times = dss_steer_item_weight(draw, c->item[cell]);
    for (uint32_t i = room->cell_ptr[cell]; i < room->cell_ptr[cell + 1]; i++) {
      const dss_steer_rating *rating = &room->ratings[i];
      dss_steer_block_add(&room->blocks[rating->group], x[cell], rating->code,
                          times * rating->weight);
    }
  }
  for (uint32_t g = 0; g < groups; g++)
    dss_steer_block_end(&room->blocks[g]);
}

/* An item's means, into pairs. */
static void end_item(const dss_steering *s, const dss_steer_draw *draw, uint32_t item,
                     uint32_t groups, dss_steer_room *room) {
  for (uint32_t g = 0; g < groups; g++) {
    if (room->means[g].weight == 0) continue;
    room->pairs[room->begin[g] + room->n_pairs[g]++] = dss_steer_mean_pair(
        &room->means[g], s->told.scale.steps, dss_steer_item_weight(draw, item));
    room->means[g].weight = 0;
  }
}

static void gather_means(const dss_steering *s, const dss_steer_axis *axis,
                         const dss_steer_draw *draw, uint32_t told, dss_steer_room *room) {
  const dss_steer_cells *c = &axis->cells;
  const double *x = c->x + (size_t)told * c->n_cells, *value = s->told.scale.value;
  uint32_t groups = dss_steer_groups(s, axis);
  memset(room->n_pairs, 0, groups * sizeof *room->n_pairs);
  for (uint32_t u = 0; u < s->rated->n_items; u++) {
    for (uint32_t cell = c->item_ptr[u]; cell < c->item_ptr[u + 1]; cell++)
      for (uint32_t i = room->cell_ptr[cell]; x[cell] == x[cell] && i < room->cell_ptr[cell + 1];
           i++) {
        const dss_steer_rating *rating = &room->ratings[i];
        dss_steer_mean_add(&room->means[rating->group], s->told.scale.steps, x[cell],
                           value[rating->code], rating->weight);
      }
    end_item(s, draw, u, groups, room);
  }
}

/* Why there is nothing of a group: it has no rating, or none of an item with a prediction. */
static dss_reason missing(const dss_steer_axis *axis, uint32_t group) {
  return axis->samples[1 + group].missing == DSS_REASON_NO_RATINGS ? DSS_REASON_NO_RATINGS
                                                                   : DSS_REASON_NO_PREDICTIONS;
}

void dss_steer_fill_matrix(const dss_steering *s, const dss_steer_axis *axis,
                           const dss_steer_draw *draw, dss_steer_room *room) {
  const dss_plan *plan = s->rated->plan;
  const uint8_t *tested = plan->kernel.tested + plan->kernel_axes[axis->axis].first_group;
  uint32_t groups = dss_steer_groups(s, axis);
  sort_ratings(s, axis, draw, room);
  for (uint32_t told = 0; told < groups; told++) {
    dss_steer_values *row = room->matrix + (size_t)told * groups;
    if (tested[told]) gather(s, axis, draw, told, room);
    if (tested[told] && s->options->against == DSS_AGAINST_MEANS)
      gather_means(s, axis, draw, told, room);
    for (uint32_t g = 0; g < groups; g++)
      row[g] = !tested[told] || !tested[g]
                   ? dss_steer_nothing(DSS_REASON_TOO_FEW_RATERS)
                   : dss_steer_of_points(s, room, room->blocks[g].to, room->pairs + room->begin[g],
                                         room->n_pairs[g], missing(axis, g));
  }
}

dss_status dss_steer_matrix_size(dss_context *context, const dss_steering *s,
                                 const dss_steer_axis *axis, uint32_t rated, uint32_t told,
                                 dss_steer_size *size) {
  const dss_rated_question *q = &s->rated->questions[0];
  const int32_t *group_of = s->rated->plan->kernel_axes[axis->axis].group;
  const double *x = axis->cells.x + (size_t)told * axis->cells.n_cells;
  bool *seen;
  *size = (dss_steer_size){0};
  DSS_TRY(DSS_ALLOC(context, &seen, s->rated->n_raters));
  for (uint32_t u = 0; u < s->rated->n_items; u++) {
    uint64_t before = size->ratings;
    for (uint64_t i = q->item_ptr[u]; i < q->item_ptr[u + 1]; i++) {
      uint32_t rater = q->rater[i], group = 0, cell = place(axis, group_of, u, rater, &group);
      if (cell == DSS_NO_CELL || group != rated || x[cell] != x[cell]) continue;
      size->ratings++;
      size->raters += !seen[rater];
      seen[rater] = true;
    }
    size->items += size->ratings > before;
  }
  free(seen);
  return DSS_OK;
}
