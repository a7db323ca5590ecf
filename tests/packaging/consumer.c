/* Somebody else's program: the selftest links every backend, a missing file gives its status. */
#include <dissensus/dissensus.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  dss_context *context = dss_context_new();
  dss_study *study = NULL;
  if (!context) return 1;
  dss_status status = dss_study_open(context, "there-is-none.h5", &study);
  int right = status == DSS_ERR_FILE && !study && strcmp(dss_version(), DSS_VERSION_STRING) == 0 &&
              strstr(dss_context_error(context), "there-is-none.h5") != NULL;
  status = dss_selftest(context, NULL, NULL);
  right = right && status == DSS_OK;
  printf("%s\n", right ? "as it should be" : dss_context_error(context));
  dss_context_free(context);
  return !right;
}
