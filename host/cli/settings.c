#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"

enum { MAX_SETTINGS = 1 << 20 };

/* The file's text, which the caller frees; NULL with errno. */
static char *read_text(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  char *text = malloc(MAX_SETTINGS + 1);
  size_t length = text ? fread(text, 1, MAX_SETTINGS + 1, file) : 0;
  bool failed = !text || ferror(file) != 0;
  int error = failed && errno ? errno : EFBIG;
  fclose(file);
  if (failed || length > MAX_SETTINGS) {
    free(text);
    errno = error;
    return NULL;
  }
  text[length] = '\0';
  return text;
}

int cli_apply_settings(const cli_command *command, cli_common *common, const cli_option *options,
                       size_t n_options, const char *path) {
  if (!path) return CLI_GO_ON;
  char *text = read_text(path);
  if (!text) {
    console_error(command->name, "%s: cannot be read: %s", path, strerror(errno));
    return DSS_ERR_FILE;
  }
  int result = cli_apply_text(command, common, options, n_options, path, text);
  free(text);
  return result;
}
