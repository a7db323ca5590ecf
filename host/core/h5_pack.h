/* Chunks packed as HDF5's own filters do (shuffle, deflate, Fletcher32), by threads of ours: HDF5
 * packs in the one thread that writes. The bytes are those that HDF5 makes. */
#ifndef DSS_CORE_H5_PACK_H
#define DSS_CORE_H5_PACK_H

#include <stddef.h>
#include <stdint.h>

/* Room that a packed chunk of so many bytes may need. */
size_t dss_h5_packed_room(size_t bytes);

/* Packs count elements of `element` bytes, stored with the least significant byte first, at
 * deflate's level 1. scratch: as many bytes as the chunk. Returns the bytes in packed, 0 when
 * memory is out. Any thread may call it. */
size_t dss_h5_pack(const void *chunk, size_t element, size_t count, void *scratch, void *packed);

#endif
