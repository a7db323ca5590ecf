/* A simulated study's groups as they were meant to be and as they came out: a row a group, with the
 * shares of its levels as two bars, IRR and GAI as a ring and a dot. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"
#include "kinds.h"
#include "layout.h"

enum { MOST_ROWS = 72, MOST_LEVELS_NAMED = 10 };
#define PITCH 19.0
#define BAR 5.6
#define LABEL_WIDTH 112.0
#define GAP 12.0
#define MARK 6.0
#define MADE_COLOR DSS_SURE_Q_COLOR
#define SHADE 0xf6f6f6u

/* The two values that have an axis. */
typedef enum measure { IRR, GAI, N_MEASURES } measure;

typedef struct drawing {
  dss_canvas *canvas;
  const dss_pool_check *check;
  size_t shown;               /* groups */
  double raters, bars, width; /* where the columns end and begin; of the bars */
  dss_plot plot[N_MEASURES];
  bool clipped;
} drawing;

static double value_of(const dss_pool_values *values, measure m) {
  return values->raters == 0 ? NAN : m == IRR ? values->irr : values->gai;
}

/* Whose values stand beside the pool's. */
static const char *meant_by(const drawing *d) {
  return dss_pool_check_is_grown(d->check) ? "study" : "model";
}

/* --- columns --------------------------------------------------------------------------------- */

/* The pool's and what they were meant to be each by themselves: by the model most groups may have
 * the same value, from which all others would then be far. */
static dss_status set_limits(drawing *d) {
  double *values;
  DSS_TRY(DSS_ALLOC(d->canvas->context, &values, d->shown));
  for (measure m = 0; m < N_MEASURES; m++) {
    for (size_t g = 0; g < d->shown; g++)
      values[g] = value_of(&dss_pool_check_group(d->check, g)->made, m);
    dss_limits limits = dss_limits_robust(values, d->shown, DSS_FENCE_VALUES);
    size_t n = 0;
    for (size_t g = 0; g < d->shown; g++) {
      double meant = value_of(&dss_pool_check_group(d->check, g)->meant, m);
      if (!isnan(meant)) values[n++] = meant;
    }
    dss_limits others = n > 0 ? dss_limits_robust(values, n, DSS_FENCE_VALUES) : limits;
    limits = dss_limits_with(dss_limits_with(limits, others.low), others.high);
    d->plot[m].x = dss_limits_padded(m == GAI ? dss_limits_with(limits, 1.0) : limits, 0.06);
  }
  free(values);
  return DSS_OK;
}

static void set_columns(drawing *d) {
  const dss_style style = {.size = DSS_LABEL_SIZE}, count = {.size = DSS_NOTE_SIZE, .bold = true};
  double label = dss_measure(d->canvas, &style, "Group").width;
  double raters = dss_measure(d->canvas, &count, "Raters").width;
  char text[DSS_NUMBER_ROOM];
  for (size_t g = 0; g < d->shown; g++) {
    const dss_pool_group *group = dss_pool_check_group(d->check, g);
    label = fmax(label, dss_measure(d->canvas, &style, group->group).width);
    raters = fmax(raters,
                  dss_measure(d->canvas, &count, dss_count_text(group->made.raters, text)).width);
  }
  d->raters = DSS_MARGIN + fmin(label, LABEL_WIDTH) + GAP + raters;
  d->bars = d->raters + GAP;
  d->width = (DSS_PAGE_WIDTH - DSS_MARGIN - d->bars - 2.0 * GAP) / 3.0;
  for (measure m = 0; m < N_MEASURES; m++) {
    d->plot[m].left = d->bars + (double)(m + 1) * (d->width + GAP);
    d->plot[m].right = d->plot[m].left + d->width;
  }
}

/* --- a row ----------------------------------------------------------------------------------- */

static dss_color level_color(uint32_t level, uint32_t n) {
  return dss_sequential_color(n > 1 ? 0.08 + 0.84 * level / (n - 1.0) : 0.5);
}

static void draw_bar(const drawing *d, const dss_pool_question *of, const double *shares,
                     double y) {
  double x = d->bars;
  if (!shares || isnan(shares[0])) {
    dss_hatch(d->canvas, x, y, d->width, BAR);
    return;
  }
  for (uint32_t c = 0; c < of->n_levels; c++) {
    dss_box(d->canvas, level_color(c, of->n_levels), x, y, d->width * shares[c], BAR);
    x += d->width * shares[c];
  }
  dss_frame(d->canvas, DSS_LINE, 0.4, d->bars, y, d->width, BAR);
}

static void draw_ring(const drawing *d, double x, double y) {
  dss_marker(d->canvas, DSS_SURE_NOT, x, y, MARK + 1.5);
}

static void draw_dot(const drawing *d, double x, double y) {
  cairo_t *cr = d->canvas->cairo;
  cairo_new_path(cr);
  cairo_arc(cr, x, y, 0.5 * MARK, 0.0, 6.283185307179586);
  cairo_set_source_rgb(cr, (MADE_COLOR >> 16 & 255) / 255.0, (MADE_COLOR >> 8 & 255) / 255.0,
                       (MADE_COLOR & 255) / 255.0);
  cairo_fill(cr);
}

/* One value, or a head at the end beyond which it lies. */
static void draw_value(drawing *d, const dss_plot *plot, double value, double y, bool made) {
  if (isnan(value)) return;
  if (!dss_limits_hold(&plot->x, value)) {
    bool left = value < plot->x.low;
    dss_arrow(d->canvas, made ? MADE_COLOR : DSS_SURE_NOT_COLOR, left ? plot->left : plot->right, y,
              MARK, left ? -1 : 1);
    d->clipped = true;
  } else if (made) {
    draw_dot(d, dss_plot_x(plot, value), y);
  } else {
    draw_ring(d, dss_plot_x(plot, value), y);
  }
}

static void draw_values(drawing *d, const dss_pool_group *group, measure m, double y) {
  const dss_plot *plot = &d->plot[m];
  double made = value_of(&group->made, m), meant = value_of(&group->meant, m);
  if (!isnan(made) && !isnan(meant))
    dss_line(d->canvas, DSS_LINE, 1.0, DSS_SOLID, dss_plot_x(plot, meant), y,
             dss_plot_x(plot, made), y);
  draw_value(d, plot, meant, y, false);
  draw_value(d, plot, made, y, true);
  if (!isnan(made) || !isnan(meant)) return;
  const dss_style style = {.size = DSS_NOTE_SIZE,
                           .italic = true,
                           .halo = true,
                           .color = DSS_SOFT_INK,
                           .align = DSS_CENTER};
  dss_write_middle(d->canvas, &style, 0.5 * (plot->left + plot->right), y, "undefined");
}

static void draw_row(drawing *d, const dss_pool_question *of, const dss_pool_group *group,
                     double y) {
  const dss_style label = {.size = DSS_LABEL_SIZE, .color = DSS_INK, .width = LABEL_WIDTH},
                  count = {.size = DSS_NOTE_SIZE, .color = DSS_INK, .align = DSS_RIGHT};
  char text[DSS_NUMBER_ROOM];
  dss_write_middle(d->canvas, &label, DSS_MARGIN, y, group->group);
  dss_write_middle(d->canvas, &count, d->raters, y, dss_count_text(group->made.raters, text));
  draw_bar(d, of, group->meant.shares, y - BAR - 0.8);
  draw_bar(d, of, group->made.shares, y + 0.8);
  for (measure m = 0; m < N_MEASURES; m++)
    draw_values(d, group, m, y);
}

/* --- a question ------------------------------------------------------------------------------ */

/* "50", or "50 (48 to 52)" where they are not all the same. */
static const char *spread_text(const dss_pool_spread *s, char text[80]) {
  if (s->least == s->most)
    snprintf(text, 80, "%" PRIu64, s->least);
  else
    snprintf(text, 80, "%.6g (%" PRIu64 "\xe2\x80\x93%" PRIu64 ")", s->median, s->least, s->most);
  return text;
}

/* Who rated how much, of the pool and of the study that it was grown from. */
static void say_counts(dss_sentences *words, const dss_pool_question *q) {
  char made[DSS_NUMBER_ROOM], source[DSS_NUMBER_ROOM], rater[80], item[80], source_item[80];
  dss_count_text(q->made.ratings, made);
  spread_text(&q->made.a_rater, rater);
  spread_text(&q->made.an_item, item);
  if (q->source.raters > 0)
    dss_say(words,
            "%s ratings, in the pool %s; of a rater %s; of an item %s, in the pool %s; agreement "
            "%.2g, leniency %.2g",
            dss_count_text(q->source.ratings, source), made, rater,
            spread_text(&q->source.an_item, source_item), item, q->agreement, q->leniency);
  else
    dss_say(words, "%s ratings; of a rater %s; of an item %s; agreement %.3g, leniency %.3g", made,
            rater, item, q->agreement, q->leniency);
}

static double draw_question_name(const drawing *d, const dss_pool_question *q, double y) {
  const dss_style bold = {.size = DSS_LABEL_SIZE,
                          .bold = true,
                          .color = DSS_INK,
                          .width = DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN,
                          .composed = true},
                  soft = {.size = DSS_NOTE_SIZE,
                          .color = DSS_SOFT_INK,
                          .width = DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN,
                          .lines = 2,
                          .composed = true};
  dss_sentences words = {.n = 0};
  dss_say(&words, "%s (%s, %" PRIu32 " levels)", dss_name(&words, q->name),
          dss_scale_name(q->scale), q->n_levels);
  say_counts(&words, q);
  for (size_t i = 0; i < words.n; i++)
    y += dss_write(d->canvas, i == 0 ? &bold : &soft, DSS_MARGIN, y, words.text[i]).height + 1.0;
  dss_sentences_free(&words);
  return y + 4.0;
}

/* A statistic's name, and what its signs are. */
static void draw_signs(const drawing *d, measure m, double y) {
  static const char *const names[] = {[IRR] = "IRR", [GAI] = "GAI"};
  dss_style style = {.size = DSS_NOTE_SIZE, .bold = true, .color = DSS_INK};
  double x = d->plot[m].left;
  dss_extent name = dss_write(d->canvas, &style, x, y, names[m]);
  double middle = y + 0.5 * name.height;
  style.bold = false;
  x += name.width + 10.0;
  draw_ring(d, x, middle);
  x += 7.0 + dss_write(d->canvas, &style, x + 7.0, y, meant_by(d)).width + 9.0;
  draw_dot(d, x, middle);
  dss_write(d->canvas, &style, x + 6.0, y, "pool");
}

static void draw_titles(const drawing *d, double y) {
  dss_style style = {.size = DSS_NOTE_SIZE, .bold = true, .color = DSS_INK};
  dss_write(d->canvas, &style, DSS_MARGIN, y, "Group");
  style.align = DSS_RIGHT;
  dss_write(d->canvas, &style, d->raters, y, "Raters");
  style.align = DSS_LEFT;
  dss_write(d->canvas, &style, d->bars, y, "Ratings by level");
  draw_signs(d, IRR, y);
  draw_signs(d, GAI, y);
}

static double draw_levels(const drawing *d, const dss_pool_question *q, double y) {
  dss_legend legend = {.n = 0};
  if (q->n_levels <= MOST_LEVELS_NAMED) {
    for (uint32_t c = 0; c < q->n_levels; c++)
      dss_legend_add(&legend, DSS_SIGN_BOX, level_color(c, q->n_levels), q->levels[c]);
  } else {
    dss_legend_add(&legend, DSS_SIGN_BOX, level_color(0, q->n_levels), q->levels[0]);
    dss_legend_add(&legend, DSS_SIGN_BOX, level_color(q->n_levels - 1, q->n_levels),
                   q->levels[q->n_levels - 1]);
  }
  return dss_draw_legend(d->canvas, &legend, y);
}

/* Groups first to end - 1, all of one question. */
static double draw_question(drawing *d, const dss_pool_question *q, size_t end, double y) {
  y = draw_question_name(d, q, y);
  draw_titles(d, y);
  double top = y + 12.0, bottom = top + PITCH * (double)(end - q->first_group), under = bottom;
  for (size_t g = q->first_group; g < end; g++)
    if ((g - q->first_group) % 2)
      dss_box(d->canvas, SHADE, DSS_MARGIN - 3.0, top + PITCH * (double)(g - q->first_group),
              DSS_PAGE_WIDTH - 2.0 * DSS_MARGIN + 6.0, PITCH);
  for (measure m = 0; m < N_MEASURES; m++) {
    d->plot[m].top = top;
    d->plot[m].bottom = bottom;
    under = fmax(under, dss_draw_x_axis(d->canvas, &d->plot[m], "", true));
  }
  double one = dss_plot_x(&d->plot[GAI], 1.0);
  dss_line(d->canvas, DSS_INK, 0.8, DSS_DASHED, one, top, one, bottom);
  for (size_t g = q->first_group; g < end; g++)
    draw_row(d, q, dss_pool_check_group(d->check, g),
             top + PITCH * ((double)(g - q->first_group) + 0.5));
  return draw_levels(d, q, under - 14.0) + 10.0;
}

/* --- words ----------------------------------------------------------------------------------- */

static double draw_heading(const drawing *d) {
  const dss_pool_question *q = dss_pool_check_question(d->check, 0);
  char raters[DSS_NUMBER_ROOM], items[DSS_NUMBER_ROOM], of_raters[DSS_NUMBER_ROOM],
      of_items[DSS_NUMBER_ROOM];
  dss_sentences words = {.n = 0};
  if (dss_pool_check_is_grown(d->check))
    dss_say(&words, "A pool grown from a study: its groups beside the study\xe2\x80\x99s");
  else
    dss_say(&words, "A simulated study: its groups beside those of the model");
  dss_count_text(q->made.raters, raters);
  dss_count_text(q->made.items, items);
  if (q->source.raters > 0)
    dss_say(&words, "%s raters for %s, %s items for %s, seed %s", raters,
            dss_count_text(q->source.raters, of_raters), items,
            dss_count_text(q->source.items, of_items), dss_pool_check_provenance(d->check, "seed"));
  else
    dss_say(&words, "%s raters, %s items, seed %s", raters, items,
            dss_pool_check_provenance(d->check, "seed"));
  double y = dss_draw_heading(d->canvas, &words);
  dss_sentences_free(&words);
  return y;
}

static double draw_notes(const drawing *d, double y) {
  size_t n = dss_pool_check_n_groups(d->check);
  dss_sentences notes = {.n = 0};
  if (!dss_pool_check_is_grown(d->check))
    dss_say(
        &notes,
        "Upper bars and rings: what the model makes of such a group with endless items and very "
        "many raters. Lower bars and dots: the pool, which differs by chance; small groups lie "
        "lower on the average. Nothing is tested.");
  else
    dss_say(&notes,
            "Upper bars and rings: the study, whose small groups have values by chance that the "
            "model does not keep. Lower bars and dots: the pool. Nothing is tested.");
  dss_say(&notes, "Dashed: GAI 1, where a group agrees with itself as much as with everyone else. "
                  "Of ratings: the median, and where they differ the least to the most.");
  if (d->clipped) dss_say(&notes, "An arrow head: the value lies outside of the picture.");
  if (d->shown < n) dss_say(&notes, "%zu more groups are in the table alone.", n - d->shown);
  y = dss_draw_notes(d->canvas, &notes, y);
  dss_sentences_free(&notes);
  return y;
}

static dss_status draw_pool(dss_canvas *canvas, const void *what, double *height) {
  drawing d = {.canvas = canvas, .check = what};
  size_t n = dss_pool_check_n_groups(what);
  d.shown = n < MOST_ROWS ? n : MOST_ROWS;
  DSS_TRY(set_limits(&d));
  set_columns(&d);
  double y = draw_heading(&d);
  for (size_t q = 0; q < dss_pool_check_n_questions(what); q++) {
    const dss_pool_question *question = dss_pool_check_question(what, q);
    size_t end = question->first_group + question->n_groups;
    if (question->first_group < d.shown)
      y = draw_question(&d, question, end < d.shown ? end : d.shown, y);
  }
  *height = draw_notes(&d, y);
  return DSS_OK;
}

dss_status dss_pool_figure_draw(dss_context *context, const dss_pool_check *check,
                                dss_figure_format format, unsigned char **bytes, size_t *n) {
  const dss_page page = {draw_pool, check, "A simulated study and what it was made of",
                         dss_pool_check_provenance(check, "created_at")};
  return dss_page_render_plainly(context, &page, format, bytes, n);
}
