/* One kernel over its grid: see executor.c. */
#ifndef SIMT_EXECUTOR_H
#define SIMT_EXECUTOR_H

#include <stddef.h>
#include <stdint.h>

#include <simt_calls.h>

/* The configuration must have been found right. Dies at the first mistake of the kernel. */
void simt_execute(const cudaLaunchConfig_t *config, const simt_kernel *kernel, uint64_t seed);

/* "kernel (file:line)": as it was launched. */
void simt_kernel_name(const simt_kernel *kernel, char *name, size_t size);

/* Into the file that SIMT_KERNELS names: trace.c. */
void simt_note_kernel(const void *function);

#endif
