/* Figures of pairs in words. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "axis.h"
#include "host/core/alloc.h"
#include "names.h"
#include "scale.h"

enum { MOST_NAMED = 12 };

static void say_blocks(FILE *to, const dss_pairs *pairs, size_t axis) {
  char number[DSS_NUMBER_ROOM];
  size_t named = 0, left = 0;
  for (size_t i = 0; i < dss_pairs_n_blocks(pairs); i++) {
    const dss_pair_block *b = dss_pairs_block(pairs, i);
    if (b->axis != axis) continue;
    if (named == MOST_NAMED) {
      left++;
      continue;
    }
    const char *first = dss_pairs_group(pairs, b->first)->name;
    fprintf(to, "%s", named++ == 0 ? " Mean agreement: " : "; ");
    if (b->first == b->second)
      fprintf(to, "within %s", first);
    else
      fprintf(to, "%s with %s", first, dss_pairs_group(pairs, b->second)->name);
    fprintf(to, " %s", dss_number_text(b->agreement, 3, number));
  }
  if (left > 0) fprintf(to, "; and %zu more", left);
  if (named > 0) fputc('.', to);
}

static void say(const dss_pairs *pairs, size_t axis, bool grouped, FILE *title, FILE *description) {
  const char *question = dss_pairs_question(pairs);
  if (grouped) {
    const dss_pair_axis *a = dss_pairs_axis(pairs, axis);
    fprintf(title, "%s: agreement of every two raters, by %s", question, a->name);
    fprintf(description,
            "Heatmap of the share of shared items on which two raters agree, %" PRIu32
            " raters ordered by %s, question %s.",
            a->raters, a->name, question);
    say_blocks(description, pairs, axis);
  } else {
    fprintf(title, "%s: agreement of every two raters", question);
    fprintf(description,
            "Heatmap of the share of shared items on which two raters agree, %" PRIu32
            " raters, question %s.",
            dss_pairs_n_raters(pairs), question);
  }
}

dss_status dss_pair_figure_describe(dss_context *context, const dss_pairs *pairs,
                                    const dss_figure *figure, dss_figure_texts *texts) {
  size_t axes = dss_pairs_n_axes(pairs);
  dss_texts_maker maker;
  if (figure->kind != DSS_FIGURE_PAIRS || figure->page != 0 || figure->axis >= (axes ? axes : 1))
    return dss_fail(context, DSS_ERR_USAGE, "the file of pairs has no such figure");
  DSS_TRY(dss_texts_begin(context, &maker));
  dss_texts_name(&maker, "pairs");
  dss_slug_append(maker.name, sizeof maker.name, dss_pairs_question(pairs));
  if (axes > 0) {
    dss_texts_name(&maker, "-a%zu", figure->axis + 1);
    dss_slug_append(maker.name, sizeof maker.name, dss_pairs_axis(pairs, figure->axis)->name);
  }
  say(pairs, figure->axis, axes > 0, maker.title, maker.description);
  return dss_texts_end(&maker, DSS_OK, texts);
}
