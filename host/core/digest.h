/* SHA-256 of a stream of bytes, numbers and texts. */
#ifndef DSS_CORE_DIGEST_H
#define DSS_CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "context.h"

typedef struct dss_digest dss_digest;

DSS_MUST_USE dss_status dss_digest_new(dss_context *context, dss_digest **digest);
/* A failure of any of these is kept and comes out of dss_digest_end. */
void dss_digest_bytes(dss_digest *digest, const void *bytes, size_t count);
/* Numbers' 1, 4 or 8 bytes, least significant first, on every machine. */
void dss_digest_u8(dss_digest *digest, uint8_t number);
void dss_digest_u64(dss_digest *digest, uint64_t number);
void dss_digest_u32s(dss_digest *digest, const uint32_t *numbers, size_t count);
void dss_digest_u64s(dss_digest *digest, const uint64_t *numbers, size_t count);
/* The length in bytes as u64, then the bytes. */
void dss_digest_text(dss_digest *digest, const char *text);
/* 64 hexadecimal characters and a NUL; frees the digest. */
DSS_MUST_USE dss_status dss_digest_end(dss_context *context, dss_digest *digest, char hex[65]);
void dss_digest_free(dss_digest *digest);

#endif
