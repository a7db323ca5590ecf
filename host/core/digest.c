#include "digest.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct dss_digest {
  EVP_MD_CTX *state;
  bool failed;
  size_t held;
  unsigned char buffer[8192]; /* small numbers come by the million */
};

dss_status dss_digest_new(dss_context *context, dss_digest **digest) {
  dss_digest *made = calloc(1, sizeof *made);
  if (!made) return dss_fail_memory(context, sizeof *made);
  made->state = EVP_MD_CTX_new();
  if (!made->state || EVP_DigestInit_ex(made->state, EVP_sha256(), NULL) != 1) {
    dss_digest_free(made);
    return dss_fail(context, DSS_ERR_INTERNAL, "SHA-256 is not to be had from OpenSSL");
  }
  *digest = made;
  return DSS_OK;
}

static void flush(dss_digest *digest) {
  if (EVP_DigestUpdate(digest->state, digest->buffer, digest->held) != 1) digest->failed = true;
  digest->held = 0;
}

void dss_digest_bytes(dss_digest *digest, const void *bytes, size_t count) {
  if (count > sizeof digest->buffer - digest->held) flush(digest);
  if (count > sizeof digest->buffer) {
    if (EVP_DigestUpdate(digest->state, bytes, count) != 1) digest->failed = true;
  } else if (count) {
    memcpy(digest->buffer + digest->held, bytes, count);
    digest->held += count;
  }
}

static void little_endian(dss_digest *digest, uint64_t number, size_t count) {
  unsigned char bytes[8];
  for (size_t i = 0; i < count; i++)
    bytes[i] = (unsigned char)(number >> (8 * i));
  dss_digest_bytes(digest, bytes, count);
}

void dss_digest_u8(dss_digest *digest, uint8_t number) {
  dss_digest_bytes(digest, &number, 1);
}

void dss_digest_u64(dss_digest *digest, uint64_t number) {
  little_endian(digest, number, 8);
}

/* Numbers come by the hundred million, and most machines hold them as they are digested. */
void dss_digest_u32s(dss_digest *digest, const uint32_t *numbers, size_t count) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  dss_digest_bytes(digest, numbers, count * sizeof *numbers);
#else
  for (size_t i = 0; i < count; i++)
    little_endian(digest, numbers[i], 4);
#endif
}

void dss_digest_u64s(dss_digest *digest, const uint64_t *numbers, size_t count) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  dss_digest_bytes(digest, numbers, count * sizeof *numbers);
#else
  for (size_t i = 0; i < count; i++)
    little_endian(digest, numbers[i], 8);
#endif
}

void dss_digest_text(dss_digest *digest, const char *text) {
  size_t length = strlen(text);
  dss_digest_u64(digest, length);
  dss_digest_bytes(digest, text, length);
}

dss_status dss_digest_end(dss_context *context, dss_digest *digest, char hex[65]) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  flush(digest);
  bool good = !digest->failed && EVP_DigestFinal_ex(digest->state, hash, &length) == 1;
  dss_digest_free(digest);
  if (!good || length != 32) return dss_fail(context, DSS_ERR_INTERNAL, "OpenSSL's SHA-256 failed");
  for (size_t i = 0; i < length; i++) {
    hex[2 * i] = "0123456789abcdef"[hash[i] >> 4];
    hex[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
  }
  hex[64] = '\0';
  return DSS_OK;
}

void dss_digest_free(dss_digest *digest) {
  if (!digest) return;
  EVP_MD_CTX_free(digest->state);
  free(digest);
}
