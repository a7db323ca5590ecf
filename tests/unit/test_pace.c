/* host/engine/pace.h: how large a run's next step is. */
#include <criterion/criterion.h>

#include "host/engine/pace.h"

Test(pace, steps_grow_while_they_are_short) {
  dss_pace pace = {.step = DSS_STEP_LEAST};
  for (int i = 0; i < 20; i++) {
    dss_pace_note(&pace, 0.0);
    cr_assert(4096 % pace.step == 0 || pace.step % 4096 == 0,
              "a step ends where a checkpoint does");
  }
  cr_expect_eq(pace.step, DSS_STEP_MOST);
  pace = (dss_pace){.step = 1024, .before = 0.25};
  dss_pace_note(&pace, 0.49);
  cr_expect_eq(pace.step, 2048);
  dss_pace_note(&pace, 0.98);
  cr_expect_eq(pace.step, 2048, "twice as many take twice as long");
}

/* Where a step costs what it costs, however many resamples it has. */
Test(pace, steps_grow_while_that_pays) {
  dss_pace pace = {.step = DSS_STEP_LEAST};
  for (int i = 0; i < 40; i++)
    dss_pace_note(&pace, 2.0 + 1e-3 * (double)pace.step);
  cr_expect_eq(pace.step, 4096, "%llu", (unsigned long long)pace.step);
  pace = (dss_pace){.step = DSS_STEP_LEAST};
  for (int i = 0; i < 40; i++)
    dss_pace_note(&pace, 0.01 * (double)pace.step);
  cr_expect_eq(pace.step, 2 * DSS_STEP_LEAST, "a slow plan: one try");
}
