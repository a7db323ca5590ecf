/* A build without MPI: team.c beside team_absent.c, whatever this build's own team is made of. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "dissensus/dissensus.h"

Test(team_absent, a_process_alone_has_no_team) {
  dss_context *context = dss_context_new();
  dss_team *team = (dss_team *)context;
  cr_assert_eq(dss_team_begin(context, &team), DSS_OK);
  cr_assert_null(team);
  cr_assert_str_eq(dss_team_library(), "");
  dss_context_free(context);
}

Test(team_absent, one_of_several_is_refused) {
  static const char *const launchers[][2] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                             {"PMI_RANK", "PMI_SIZE"},
                                             {"PMIX_RANK", "SLURM_STEP_NUM_TASKS"}};
  dss_context *context = dss_context_new();
  for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
    dss_team *team = NULL;
    setenv(launchers[i][0], "1", 1);
    setenv(launchers[i][1], "3", 1);
    cr_assert_eq(dss_team_begin(context, &team), DSS_ERR_DEVICE);
    cr_assert_null(team);
    cr_assert(strstr(dss_context_error(context),
                     "started as one of 3 processes, but this build has no MPI (configure with "
                     "-DDSS_MPI=ON)"),
              "%s", dss_context_error(context));
    unsetenv(launchers[i][0]);
    unsetenv(launchers[i][1]);
  }
  dss_context_free(context);
}
