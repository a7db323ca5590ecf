/* A picture beside one that somebody has looked at. After a change that is meant:
 * DSS_NEW_REFERENCES=FOLDER test-figures writes the new ones there, to be looked at. */
#ifndef TESTS_FIGURES_REFERENCE_H
#define TESTS_FIGURES_REFERENCE_H

#include <criterion/criterion.h>

#include "compare.h"

enum { REFERENCE_SIDE = 3 }; /* a point of the reference is a point (1/72 inch) of the figure */

/* side: the file's points on a side of one of the picture's. Frees the picture. */
static inline void expect_picture(picture drawn, const char *path, int side) {
  picture reference = picture_from_file(path, side);
  cr_assert_not_null(reference.points, "%s cannot be read", path);
  picture_difference d = picture_compare(&drawn, &reference);
  cr_expect(picture_is_alike(d),
            "%s: mean difference %.3f, largest %.1f; %d x %d, reference %d x %d", path, d.mean,
            d.largest, drawn.width, drawn.height, reference.width, reference.height);
  picture_free(&reference);
  picture_free(&drawn);
}

static inline void expect_reference(picture drawn, const char *name) {
  char path[600];
  const char *write = getenv("DSS_NEW_REFERENCES");
  snprintf(path, sizeof path, "%s/%s.png", write ? write : DSS_REFERENCES, name);
  if (write) cr_assert(picture_save(&drawn, path), "%s", path);
  expect_picture(drawn, path, 1);
}

#endif
