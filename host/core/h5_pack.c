#include "h5_pack.h"

#include <string.h>
#include <zlib.h>

enum { LEVEL = 1, CHECKSUM_BYTES = 4 };

size_t dss_h5_packed_room(size_t bytes) {
  return compressBound(bytes) + CHECKSUM_BYTES;
}

/* First bytes first, then second ones ... */
static void shuffle(const unsigned char *from, size_t element, size_t count, unsigned char *to) {
  for (size_t b = 0; b < element; b++)
    for (size_t i = 0; i < count; i++)
      *to++ = from[i * element + b];
}

/* Fletcher's checksum of 16-bit words, the most significant byte first; an odd byte is one. Sums of
 * 360 words fit 32 bits. */
static uint32_t checksum(const unsigned char *bytes, size_t size) {
  uint32_t first = 0, second = 0;
  for (size_t words = size / 2; words > 0;) {
    size_t now = words < 360 ? words : 360;
    words -= now;
    for (; now > 0; now--, bytes += 2) {
      first += (uint32_t)bytes[0] << 8 | bytes[1];
      second += first;
    }
    first = (first & 0xffff) + (first >> 16);
    second = (second & 0xffff) + (second >> 16);
  }
  if (size % 2) {
    first += (uint32_t)*bytes << 8;
    second += first;
    first = (first & 0xffff) + (first >> 16);
    second = (second & 0xffff) + (second >> 16);
  }
  first = (first & 0xffff) + (first >> 16);
  second = (second & 0xffff) + (second >> 16);
  return second << 16 | first;
}

static const void *little_endian(const void *chunk, size_t element, size_t count, void *packed) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return chunk;
#else
  const unsigned char *from = chunk;
  unsigned char *to = packed; /* has room for the chunk, and is not needed yet */
  for (size_t i = 0; i < count; i++)
    for (size_t b = 0; b < element; b++)
      to[i * element + b] = from[i * element + element - 1 - b];
  return packed;
#endif
}

size_t dss_h5_pack(const void *chunk, size_t element, size_t count, void *scratch, void *packed) {
  unsigned char *bytes = packed;
  uLongf size = compressBound(element * count);
  shuffle(little_endian(chunk, element, count, packed), element, count, scratch);
  if (compress2(bytes, &size, scratch, element * count, LEVEL) != Z_OK) return 0;
  uint32_t sum = checksum(bytes, size);
  for (int b = 0; b < CHECKSUM_BYTES; b++)
    bytes[size + (size_t)b] = (unsigned char)(sum >> (8 * b));
  return size + CHECKSUM_BYTES;
}
