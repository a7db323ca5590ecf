/* Which questions are evaluated where none is named: those of which there is something to say. */
#ifndef DSS_EVALUATE_QUESTIONS_H
#define DSS_EVALUATE_QUESTIONS_H

#include "evaluate.h"
#include "host/study/import_text.h"

typedef struct dss_chosen_questions {
  dss_evaluation_run run; /* the caller's, but for the questions */
  const char **names;     /* they */
  dss_words left_out;
} dss_chosen_questions;

/* Keeps those of which can_be holds. Named questions stay as they are, and so does a study of which
 * none can be: whoever evaluates it says why it cannot. run's texts must outlive the choice.
 * DSS_ERR_MEMORY. Free it in any case. */
DSS_MUST_USE dss_status dss_choose_questions(dss_context *context, const dss_study *study,
                                             const dss_evaluation_run *run,
                                             bool (*can_be)(const void *of,
                                                            const dss_question *question),
                                             const void *of, dss_chosen_questions *chosen);
void dss_chosen_questions_free(dss_chosen_questions *chosen);

/* A note of what was left out; none where nothing was. */
DSS_MUST_USE dss_status dss_note_left_out(dss_context *context, const dss_chosen_questions *chosen,
                                          const char *what, dss_evaluation *evaluation);

/* The kinds' common case: what has an order. */
bool dss_has_order(const void *nothing, const dss_question *question);

#endif
