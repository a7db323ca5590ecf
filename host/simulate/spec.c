#include "spec.h"

#include <math.h>
#include <stdio.h>

#include "host/core/alloc.h"

/* --- small parts of texts -------------------------------------------------------------------- */

/* A decimal number, whatever the locale: digits, at most one point, a sign; false: something else.
 */
static bool read_number(const char *text, size_t length, double *number) {
  double digits = 0, scale = 1;
  size_t i = length > 0 && (*text == '-' || *text == '+'), seen = 0, first = i;
  bool point = false;
  for (; i < length; i++) {
    if (text[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[i] < '0' || text[i] > '9' || ++seen > 15) return false;
    digits = 10 * digits + (text[i] - '0');
    scale *= point ? 10 : 1;
  }
  *number = (first && *text == '-' ? -digits : digits) / scale;
  return seen > 0;
}

static void trim(const char **text, size_t *length) {
  while (*length > 0 && **text == ' ') {
    ++*text;
    --*length;
  }
  while (*length > 0 && (*text)[*length - 1] == ' ')
    --*length;
}

/* The next part of a list; false when there is none left. */
static bool next_part(const char **at, const char *end, char separator, const char **part,
                      size_t *length) {
  if (!*at) return false;
  const char *stop = *at;
  while (stop < end && *stop != separator)
    stop++;
  *part = *at;
  *length = (size_t)(stop - *at);
  trim(part, length);
  *at = stop < end ? stop + 1 : NULL;
  return true;
}

static size_t count_parts(const char *text, char separator) {
  size_t n = 1;
  for (; *text; text++)
    n += *text == separator;
  return n;
}

/* A text of its own inside `room`, which moves on. */
static const char *keep(char **room, const char *text, size_t length) {
  char *kept = *room;
  memcpy(kept, text, length);
  kept[length] = '\0';
  *room += length + 1;
  return kept;
}

/* --- attributes ------------------------------------------------------------------------------ */

static dss_status bad_attribute(dss_context *context, const char *text, const char *why) {
  return dss_fail(context, DSS_ERR_USAGE, "attribute '%s': %s", text, why);
}

static dss_status read_values(dss_context *context, const char *text, const char *at, char *room,
                              dss_spec_attribute *attribute) {
  const char *end = text + strlen(text), *part;
  size_t length;
  while (next_part(&at, end, ',', &part, &length)) {
    size_t name = length;
    double share = 1;
    for (size_t i = 0; i < length; i++)
      if (part[i] == ':') name = i;
    if (name < length && (!read_number(part + name + 1, length - name - 1, &share) || !(share > 0)))
      return bad_attribute(context, text, "a share is no positive number");
    if (name == 0) return bad_attribute(context, text, "a value has no name");
    attribute->shares[attribute->n] = share;
    attribute->values[attribute->n++] = keep(&room, part, name);
  }
  return DSS_OK;
}

static dss_status read_attribute(dss_context *context, const char *text,
                                 dss_spec_attribute *attribute) {
  const char *equals = strchr(text, '=');
  size_t n = count_parts(text, ',');
  if (!equals || equals == text)
    return bad_attribute(context, text, "not of the form NAME=VALUE:SHARE,VALUE:SHARE");
  DSS_TRY(DSS_ALLOC(context, &attribute->text, 2 * strlen(text) + 2));
  DSS_TRY(DSS_ALLOC(context, &attribute->values, n));
  DSS_TRY(DSS_ALLOC(context, &attribute->shares, n));
  char *room = attribute->text;
  attribute->name = keep(&room, text, (size_t)(equals - text));
  DSS_TRY(read_values(context, text, equals + 1, room, attribute));
  for (uint32_t i = 0; i < attribute->n; i++)
    for (uint32_t k = 0; k < i; k++)
      if (strcmp(attribute->values[i], attribute->values[k]) == 0)
        return bad_attribute(context, text, "a value is there twice");
  return DSS_OK;
}

/* --- questions ------------------------------------------------------------------------------- */

static dss_status bad_question(dss_context *context, const char *text, const char *why) {
  return dss_fail(context, DSS_ERR_USAGE, "question '%s': %s", text, why);
}

static dss_status read_question(dss_context *context, const char *text,
                                dss_spec_question *question) {
  const char *equals = strchr(text, '='), *end = text + strlen(text), *part;
  size_t length, n = count_parts(text, ',');
  if (!equals || equals == text)
    return bad_question(context, text, "not of the form NAME:SCALE=SHARE,SHARE");
  if (n < 2 || n > DSS_MAX_LEVELS)
    return bad_question(context, text, "it needs 2 to 256 levels, a share each");
  DSS_TRY(DSS_ALLOC(context, &question->text, strlen(text) + 2));
  DSS_TRY(DSS_ALLOC(context, &question->shares, n));
  char *room = question->text;
  question->name = keep(&room, text, (size_t)(equals - text));
  question->scale = DSS_ORDINAL;
  char *colon = strchr(question->text, ':');
  if (colon) {
    *colon = '\0';
    if (!dss_scale_parse(colon + 1, &question->scale))
      return bad_question(context, text, "the scale is not nominal, ordinal, interval or ratio");
  }
  if (*question->name == '\0') return bad_question(context, text, "it has no name");
  const char *at = equals + 1;
  while (next_part(&at, end, ',', &part, &length)) {
    double share;
    if (!read_number(part, length, &share) || !(share > 0))
      return bad_question(context, text, "a share is no positive number");
    question->shares[question->n_levels++] = share;
  }
  return DSS_OK;
}

/* --- effects --------------------------------------------------------------------------------- */

static dss_status find_value(dss_context *context, const dss_spec *spec, const char *what,
                             const char *text, size_t length, size_t *attribute, uint32_t *value) {
  const char *equals = memchr(text, '=', length);
  size_t name = equals ? (size_t)(equals - text) : length;
  for (size_t a = 0; equals && a < spec->n_attributes; a++) {
    const dss_spec_attribute *found = &spec->attributes[a];
    if (strlen(found->name) != name || memcmp(found->name, text, name) != 0) continue;
    for (uint32_t v = 0; v < found->n; v++)
      if (strlen(found->values[v]) == length - name - 1 &&
          memcmp(found->values[v], equals + 1, length - name - 1) == 0) {
        *attribute = a;
        *value = v;
        return DSS_OK;
      }
    return dss_fail(context, DSS_ERR_USAGE, "%s: attribute '%s' has no value '%.*s'", what,
                    found->name, (int)(length - name - 1), equals + 1);
  }
  if (!equals)
    return dss_fail(context, DSS_ERR_USAGE, "%s: '%.*s' is not of the form ATTR=VALUE", what,
                    (int)length, text);
  return dss_fail(context, DSS_ERR_USAGE, "%s: there is no attribute '%.*s'", what, (int)name,
                  text);
}

dss_status dss_spec_group(dss_context *context, const dss_spec *spec, const char *what,
                          const char *text, size_t length, bool *has) {
  const char *at = text, *part;
  size_t n, attribute = 0;
  uint32_t value = 0;
  for (uint32_t cell = 0; cell < spec->n_cells; cell++)
    has[cell] = true;
  while (next_part(&at, text + length, ',', &part, &n)) {
    DSS_TRY(find_value(context, spec, what, part, n, &attribute, &value));
    for (uint32_t cell = 0; cell < spec->n_cells; cell++)
      has[cell] &= dss_spec_value(spec, cell, attribute) == value;
  }
  for (uint32_t cell = 0; cell < spec->n_cells; cell++)
    if (has[cell]) return DSS_OK;
  return dss_fail(context, DSS_ERR_USAGE, "%s: two values of one attribute", what);
}

/* "severity 0.3 cohesion 0.4", each at most once. */
static bool read_strengths(const char *text, dss_effect *effect) {
  const char *end = text + strlen(text), *part;
  size_t length;
  double *target = NULL;
  bool severity = false, cohesion = false;
  while (next_part(&text, end, ' ', &part, &length)) {
    if (length == 0) continue;
    if (target) {
      if (!read_number(part, length, target)) return false;
      target = NULL;
    } else if (!severity && length == 8 && memcmp(part, "severity", 8) == 0) {
      target = &effect->severity;
      severity = true;
    } else if (!cohesion && length == 8 && memcmp(part, "cohesion", 8) == 0) {
      target = &effect->cohesion;
      cohesion = true;
    } else {
      return false;
    }
  }
  return (severity || cohesion) && !target;
}

static dss_status read_effect(dss_context *context, const dss_spec *spec, const char *text,
                              dss_effect *effect) {
  const char *colon = strrchr(text, ':');
  char what[160];
  snprintf(what, sizeof what, "effect '%.120s'", text);
  DSS_TRY(DSS_ALLOC(context, &effect->has, spec->n_cells));
  effect->name = text;
  if (!colon || !read_strengths(colon + 1, effect))
    return dss_fail(context, DSS_ERR_USAGE,
                    "%s: not of the form ATTR=VALUE,ATTR=VALUE: severity S cohesion K", what);
  if (!(effect->cohesion > -1) || fabs(effect->severity) > 10)
    return dss_fail(context, DSS_ERR_USAGE,
                    "%s: cohesion must be above -1, severity within -10 and 10", what);
  return dss_spec_group(context, spec, what, text, (size_t)(colon - text), effect->has);
}

/* Effects of one group add up where they are of different kinds alone. */
static dss_status check_twice(dss_context *context, const dss_spec *spec, size_t last) {
  const dss_effect *effect = &spec->effects[last];
  for (size_t i = 0; i < last; i++) {
    const dss_effect *other = &spec->effects[i];
    bool same = memcmp(other->has, effect->has, spec->n_cells * sizeof *effect->has) == 0;
    bool severity = other->severity != 0 && effect->severity != 0;
    if (same && (severity || (other->cohesion != 0 && effect->cohesion != 0)))
      return dss_fail(context, DSS_ERR_USAGE, "effect '%.120s': its group's %s is there twice",
                      effect->name, severity ? "severity" : "cohesion");
  }
  return DSS_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

static dss_status read_attributes(dss_context *context, const dss_simulate_options *options,
                                  dss_spec *spec) {
  uint64_t cells = 1;
  if (options->n_attributes == 0)
    return dss_fail(context, DSS_ERR_USAGE, "there is no attribute: a pool needs groups of raters");
  DSS_TRY(DSS_ALLOC(context, &spec->attributes, options->n_attributes));
  for (size_t a = 0; a < options->n_attributes; a++) {
    spec->n_attributes++;
    DSS_TRY(read_attribute(context, options->attributes[a], &spec->attributes[a]));
    cells *= spec->attributes[a].n;
    if (cells > DSS_MOST_CELLS)
      return dss_fail(context, DSS_ERR_USAGE, "the attributes make more than %d combinations",
                      DSS_MOST_CELLS);
  }
  spec->n_cells = (uint32_t)cells;
  return DSS_OK;
}

static dss_status read_questions(dss_context *context, const dss_simulate_options *options,
                                 dss_spec *spec) {
  static const char *const rating = "rating:ordinal=1,1,1,1,1";
  size_t n = options->n_questions;
  DSS_TRY(DSS_ALLOC(context, &spec->questions, n ? n : 1));
  if (n > 255) return dss_fail(context, DSS_ERR_USAGE, "%zu questions; the most is 255", n);
  for (size_t q = 0; q < (n ? n : 1); q++) {
    spec->n_questions++;
    DSS_TRY(read_question(context, n ? options->questions[q] : rating, &spec->questions[q]));
  }
  return DSS_OK;
}

dss_status dss_spec_read(dss_context *context, const dss_simulate_options *options,
                         dss_spec *spec) {
  *spec = (dss_spec){0};
  if (!(options->agreement > 0 && options->agreement < 1))
    return dss_fail(context, DSS_ERR_USAGE, "agreement %g: it must be above 0 and below 1",
                    options->agreement);
  if (!(options->leniency >= 0 && options->leniency + options->agreement <= 1))
    return dss_fail(context, DSS_ERR_USAGE,
                    "leniency %g: it must be at least 0, and with the agreement, %g, at most 1",
                    options->leniency, options->agreement);
  DSS_TRY(read_attributes(context, options, spec));
  DSS_TRY(read_questions(context, options, spec));
  DSS_TRY(DSS_ALLOC(context, &spec->effects, options->n_effects));
  for (size_t i = 0; i < options->n_effects; i++) {
    spec->n_effects++;
    DSS_TRY(read_effect(context, spec, options->effects[i], &spec->effects[i]));
    DSS_TRY(check_twice(context, spec, i));
  }
  return DSS_OK;
}

void dss_spec_free(dss_spec *spec) {
  for (size_t a = 0; a < spec->n_attributes; a++) {
    free(spec->attributes[a].text);
    free(spec->attributes[a].values);
    free(spec->attributes[a].shares);
  }
  for (size_t q = 0; q < spec->n_questions; q++) {
    free(spec->questions[q].text);
    free(spec->questions[q].shares);
  }
  for (size_t i = 0; i < spec->n_effects; i++)
    free(spec->effects[i].has);
  free(spec->attributes);
  free(spec->questions);
  free(spec->effects);
  *spec = (dss_spec){0};
}

uint32_t dss_spec_value(const dss_spec *spec, uint32_t cell, size_t attribute) {
  for (size_t a = spec->n_attributes - 1; a > attribute; a--)
    cell /= spec->attributes[a].n;
  return cell % spec->attributes[attribute].n;
}

void dss_spec_shares(const dss_spec *spec, double *shares) {
  for (uint32_t cell = 0; cell < spec->n_cells; cell++) {
    shares[cell] = 1;
    for (size_t a = 0; a < spec->n_attributes; a++)
      shares[cell] *= spec->attributes[a].shares[dss_spec_value(spec, cell, a)];
  }
}
