/* A range's part of the accumulators, in one block of memory that travels to a GPU and back. */
#ifndef DSS_CUDA_PART_H
#define DSS_CUDA_PART_H

#include "accumulate.h"

typedef struct dss_cu_image {
  unsigned char *memory; /* of the host */
  uint64_t bytes;
  uint64_t begin, count; /* the range */
  dss_cu_part part;      /* its arrays are in memory */
} dss_cu_image;

/* Blocks of moments that a range touches. */
uint64_t dss_cu_blocks(uint64_t begin, uint64_t count);
/* Bytes of an image over so many blocks. */
uint64_t dss_cu_image_bytes(const dss_accumulators *a, uint64_t n_blocks);

/* The frames, and nothing counted yet. false: out of memory. free(memory) afterwards. */
bool dss_cu_image_make(const dss_accumulators *a, uint64_t begin, uint64_t count,
                       dss_cu_image *image);
/* The same part over a copy of the image elsewhere. */
dss_cu_part dss_cu_part_at(const dss_cu_image *image, void *memory);
/* Adds what a GPU counted. Images come in the order of their ranges, the first of which goes on
 * where the accumulators ended. */
void dss_cu_merge(dss_accumulators *a, const dss_cu_image *image);

#endif
