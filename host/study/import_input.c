#include "import_input.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

const char *dss_input_name(const char *path) {
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

dss_status dss_input_open(dss_context *context, dss_input *input, const char *path) {
  *input = (dss_input){0};
  bool standard = strcmp(path, "-") == 0;
  input->name = dss_input_name(path);
  input->stream = standard ? stdin : fopen(path, "rb");
  if (!input->stream)
    return dss_fail(context, DSS_ERR_FILE, "%s: cannot be opened: %s", path, strerror(errno));
  dss_status status = dss_digest_new(context, &input->digest);
  if (status != DSS_OK) dss_input_close(input);
  return status;
}

size_t dss_input_read(dss_input *input, void *bytes, size_t size) {
  errno = 0;
  size_t got = fread(bytes, 1, size, input->stream);
  if (got < size && ferror(input->stream)) input->error = errno ? errno : EIO;
  dss_digest_bytes(input->digest, bytes, got);
  return got;
}

dss_status dss_input_check(dss_context *context, const dss_input *input) {
  if (!input->error) return DSS_OK;
  return dss_fail(context, DSS_ERR_FILE, "%s: cannot be read: %s", input->name,
                  strerror(input->error));
}

dss_status dss_input_digest(dss_context *context, dss_input *input, char hex[65]) {
  dss_digest *digest = input->digest;
  input->digest = NULL;
  return dss_digest_end(context, digest, hex);
}

void dss_input_close(dss_input *input) {
  if (input->stream && input->stream != stdin) fclose(input->stream);
  dss_digest_free(input->digest);
  *input = (dss_input){0};
}
