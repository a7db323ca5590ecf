#include "power.h"
dss_status dss_power_of_study(dss_context *context, const dss_study *study,
                              const dss_power_design *design, const dss_power_test *test,
                              dss_power **power) {
  (void)study, (void)design, (void)test, (void)power;
  return dss_fail(context, DSS_ERR_USAGE, "not yet");
}
