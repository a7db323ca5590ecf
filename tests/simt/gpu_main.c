/* Runs the program's tests if there is a device to run them on. */
#include <criterion/criterion.h>
#include <stdio.h>

#include <cuda_runtime_api.h>

int main(int argc, char **argv) {
  int devices = 0;
  cudaError_t error = cudaGetDeviceCount(&devices);
  if (error || devices == 0) {
    printf("SKIPPED: no device: %s\n", cudaGetErrorString(error));
    return 77;
  }
  struct criterion_test_set *tests = criterion_initialize();
  int result = 0;
  if (criterion_handle_args(argc, argv, true)) result = !criterion_run_all_tests(tests);
  criterion_finalize(tests);
  return result;
}
