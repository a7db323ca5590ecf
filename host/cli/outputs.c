/* What is refused of outputs before any work is done. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console.h"
#include "options.h"

/* One output of a command. */
typedef struct place {
  const char *option; /* "-o" or "--truth" */
  const char *path;
  const char *const *inputs;
  size_t n_inputs;
} place;

static int refuse_place(const cli_command *command, const char *path, const char *why) {
  console_error(command->name, "%s: %s", path, why);
  return DSS_ERR_FILE;
}

/* --- what is there already ------------------------------------------------------------------- */

static int refuse_input(const cli_command *command, const place *p, const struct stat *output) {
  struct stat input;
  for (size_t i = 0; i < p->n_inputs; i++) {
    if (!p->inputs[i] || stat(p->inputs[i], &input) != 0) continue;
    if (input.st_dev == output->st_dev && input.st_ino == output->st_ino)
      return cli_usage(command, "%s %s: is a file that this command reads", p->option, p->path);
  }
  return CLI_GO_ON;
}

static int check_existing(const cli_command *command, bool force, const place *p) {
  struct stat status;
  if (lstat(p->path, &status) != 0) return CLI_GO_ON;
  /* A link that leads nowhere stays a link here. */
  if (stat(p->path, &status) == 0) {
    int result = refuse_input(command, p, &status);
    if (result != CLI_GO_ON) return result;
  }
  if (!S_ISREG(status.st_mode)) return refuse_place(command, p->path, "is not a regular file");
  if (!force) return refuse_place(command, p->path, "exists already; give --force to replace it");
  return CLI_GO_ON;
}

/* --- its folder ------------------------------------------------------------------------------ */

/* The folder of a path, which the caller frees, and the name behind it. NULL: out of memory. */
static char *folder_of(const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  if (!slash) return strdup(".");
  return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int check_folder(const cli_command *command, const char *path) {
  const char *name;
  char *folder = folder_of(path, &name);
  if (!folder) return cli_fail(command, NULL, DSS_ERR_MEMORY);
  bool writable = access(folder, W_OK | X_OK) == 0;
  int why = errno;
  free(folder);
  if (*name == '\0') return refuse_place(command, path, "is not a regular file");
  return writable ? CLI_GO_ON : refuse_place(command, path, strerror(why));
}

bool cli_same_place(const char *a, const char *b) {
  struct stat x, y;
  const char *a_name, *b_name;
  char *a_folder = folder_of(a, &a_name), *b_folder = folder_of(b, &b_name);
  bool same = a_folder && b_folder && strcmp(a_name, b_name) == 0 && stat(a_folder, &x) == 0 &&
              stat(b_folder, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
  free(a_folder);
  free(b_folder);
  return same;
}

/* --- the whole ------------------------------------------------------------------------------- */

static int check(const cli_command *command, bool force, const place *p) {
  int result = check_existing(command, force, p);
  return result == CLI_GO_ON ? check_folder(command, p->path) : result;
}

int cli_check_output(const cli_command *command, const cli_common *common, const char *name,
                     const char *const *inputs, size_t n_inputs) {
  const place p = {"-o", common->output, inputs, n_inputs};
  if (!p.path || *p.path == '\0') return cli_usage(command, "-o %s is missing", name);
  if (strcmp(p.path, "-") == 0)
    return cli_usage(command, "%s is an HDF5 file and cannot go to standard output", name);
  return check(command, common->force, &p);
}

int cli_check_second_output(const cli_command *command, const cli_common *common,
                            const char *option, const char *path, const char *const *inputs,
                            size_t n_inputs) {
  const place p = {option, path, inputs, n_inputs};
  if (*path == '\0') return cli_usage(command, "%s: the file's name is empty", option);
  if (common->output && cli_same_place(path, common->output))
    return cli_usage(command, "%s %s: is the file of -o", option, path);
  return check(command, common->force, &p);
}
