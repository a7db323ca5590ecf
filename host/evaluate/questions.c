#include "questions.h"

#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

dss_status dss_choose_questions(dss_context *context, const dss_study *study,
                                const dss_evaluation_run *run,
                                bool (*can_be)(const void *of, const dss_question *question),
                                const void *of, dss_chosen_questions *chosen) {
  size_t n = dss_study_n_questions(study), kept = 0;
  *chosen = (dss_chosen_questions){.run = *run};
  if (run->plan.n_questions > 0) return DSS_OK;
  DSS_TRY(DSS_ALLOC(context, &chosen->names, n));
  for (size_t q = 0; q < n; q++) {
    const dss_question *question = dss_study_question(study, q);
    if (can_be(of, question))
      chosen->names[kept++] = question->name;
    else
      DSS_TRY(dss_words_add(context, &chosen->left_out, question->name, strlen(question->name)));
  }
  if (kept > 0) {
    chosen->run.plan.questions = chosen->names;
    chosen->run.plan.n_questions = kept;
  } else {
    dss_words_free(&chosen->left_out);
  }
  return DSS_OK;
}

void dss_chosen_questions_free(dss_chosen_questions *chosen) {
  free(chosen->names);
  dss_words_free(&chosen->left_out);
  *chosen = (dss_chosen_questions){0};
}

dss_status dss_note_left_out(dss_context *context, const dss_chosen_questions *chosen,
                             const char *what, dss_evaluation *evaluation) {
  char names[512];
  if (chosen->left_out.count == 0) return DSS_OK;
  dss_words_list(&chosen->left_out, names, sizeof names);
  return dss_evaluation_add_note(context, evaluation, what, chosen->left_out.count, names);
}

bool dss_has_order(const void *nothing, const dss_question *question) {
  (void)nothing;
  return question->scale != DSS_NOMINAL;
}
