#include "cuda_devices.h"
#include "simt.h"

bool devices_use(int n, dss_resources *resources) {
  simt_settings settings;
  simt_get(&settings);
  settings.devices = n;
  simt_set(&settings);
  resources->device = 0;
  return true;
}

void devices_order(uint64_t seed) {
  simt_settings settings;
  simt_get(&settings);
  settings.seed = seed;
  simt_set(&settings);
}

bool devices_are_clean(void) {
  return simt_nothing_left();
}
