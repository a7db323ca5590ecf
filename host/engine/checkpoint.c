#include "checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/core/alloc.h"
#include "host/core/timestamp.h"
#include "host/core/digest.h"
#include "results_h5.h"
#include "skeleton.h"

enum { HEX = 64, MOST_FOUND = 64 };

bool dss_checkpoint_due(const dss_checkpoint *c) {
  return c->batch->every > 0 && dss_seconds() - c->written >= c->batch->every;
}

bool dss_batch_stops(const dss_batch *batch) {
  if (!batch->checkpoint) return false;
  return (batch->stop && *batch->stop) || (batch->end_at > 0 && dss_seconds() >= batch->end_at);
}

/* --- names ----------------------------------------------------------------------------------- */

/* A run's files in a folder: "run.00000003.DIGEST.h5", "shard-2-of-16.00000001.DIGEST.h5". */
typedef struct file {
  uint64_t generation;
  char name[256];
} file;

static void name_run(const dss_batch *batch, char name[64]) {
  if (batch->n_shards > 0)
    snprintf(name, 64, "shard-%" PRIu64 "-of-%" PRIu64, batch->shard, batch->n_shards);
  else
    snprintf(name, 64, "run");
}

/* At most 15 digits, so that there is always a next one. */
static bool parse_generation(const char *digits, const char *end, uint64_t *generation) {
  *generation = 0;
  if (end == digits || end - digits > 15) return false;
  for (; digits < end; digits++) {
    if (*digits < '0' || *digits > '9') return false;
    *generation = 10 * *generation + (uint64_t)(*digits - '0');
  }
  return true;
}

/* Whether a file is a checkpoint of the run of that name. */
static bool parse_name(const char *run, const char *name, file *f) {
  enum { TAIL = 1 + HEX + 3 }; /* ".DIGEST.h5" */
  size_t length = strlen(run), size = strlen(name);
  if (size >= sizeof f->name || size <= length + 1 + TAIL) return false;
  const char *tail = name + size - TAIL;
  if (strncmp(name, run, length) != 0 || name[length] != '.' || *tail != '.') return false;
  if (strspn(tail + 1, "0123456789abcdef") != HEX || strcmp(tail + 1 + HEX, ".h5") != 0)
    return false;
  if (!parse_generation(name + length + 1, tail, &f->generation)) return false;
  memcpy(f->name, name, size + 1);
  return true;
}

static int newest_first(const void *a, const void *b) {
  const file *x = a, *y = b;
  return (x->generation < y->generation) - (x->generation > y->generation);
}

/* The newest ones, newest first; SIZE_MAX where the folder cannot be read. */
static size_t find_files(const dss_batch *batch, file found[MOST_FOUND]) {
  char run[64];
  size_t n = 0;
  DIR *folder = opendir(batch->checkpoint);
  if (!folder) return SIZE_MAX;
  name_run(batch, run);
  for (const struct dirent *entry; (entry = readdir(folder));) {
    file f;
    if (!parse_name(run, entry->d_name, &f)) continue;
    if (n == MOST_FOUND && f.generation <= found[n - 1].generation) continue;
    found[n < MOST_FOUND ? n++ : n - 1] = f;
    qsort(found, n, sizeof *found, newest_first);
  }
  closedir(folder);
  return n;
}

static dss_status path_of(dss_context *context, const dss_batch *batch, const char *name,
                          char **path) {
  size_t size = strlen(batch->checkpoint) + strlen(name) + 2;
  DSS_TRY(DSS_ALLOC(context, path, size));
  snprintf(*path, size, "%s/%s", batch->checkpoint, name);
  return DSS_OK;
}

static void remove_file(const dss_batch *batch, const char *name) {
  char *path;
  if (path_of(NULL, batch, name, &path) == DSS_OK) unlink(path);
  free(path);
}

/* What a process that was killed while it wrote has left. */
static void remove_unfinished(const dss_batch *batch) {
  char run[64];
  DIR *folder = opendir(batch->checkpoint);
  if (!folder) return;
  name_run(batch, run);
  for (const struct dirent *entry; (entry = readdir(folder));)
    if (strncmp(entry->d_name, run, strlen(run)) == 0 && entry->d_name[strlen(run)] == '.' &&
        strstr(entry->d_name, ".h5.part-"))
      remove_file(batch, entry->d_name);
  closedir(folder);
}

/* A file beside the checkpoints. */
static dss_status side_path(dss_context *context, const dss_batch *batch, const char *ending,
                            char **path) {
  char run[64], name[80];
  name_run(batch, run);
  snprintf(name, sizeof name, "%s.%s", run, ending);
  return path_of(context, batch, name, path);
}

void dss_checkpoint_remove(const dss_batch *batch) {
  static const char *const endings[] = {"rows", "lock"};
  file found[MOST_FOUND];
  if (!batch->checkpoint) return;
  size_t n = find_files(batch, found);
  /* The newest last: should this be cut short, what is left is no older run than it was. */
  for (size_t i = n == SIZE_MAX ? 0 : n; i-- > 0;)
    remove_file(batch, found[i].name);
  remove_unfinished(batch);
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    char *path;
    if (side_path(NULL, batch, endings[i], &path) == DSS_OK) unlink(path);
    free(path);
  }
}

dss_status dss_checkpoint_values(dss_context *context, const dss_batch *batch, const dss_results *r,
                                 dss_results_writer *writer) {
  const char *permutations = r->keys[DSS_KEY_permutations];
  uint64_t most = r->part ? r->part->end - r->part->first : strtoull(permutations, NULL, 10);
  uint64_t count = r->part ? most : r->resamples;
  char *path;
  dss_rows rows;
  if (most == 0) return DSS_OK;
  DSS_TRY(dss_results_writer_begin(context, writer, r, most));
  DSS_TRY(side_path(context, batch, "rows", &path));
  dss_status status =
      dss_rows_open(context, path, r->n_questions * r->n_groups * r->n_columns, &rows);
  if (status == DSS_OK) status = dss_rows_write(context, &rows, count, r->rows_crc, writer);
  dss_rows_close(&rows);
  free(path);
  return status;
}

/* --- beginning ------------------------------------------------------------------------------- */

static dss_status look_at_folder(dss_context *context, const dss_batch *batch, size_t n) {
  if (n == SIZE_MAX)
    return dss_fail(context, DSS_ERR_FILE, "%s: no folder for checkpoints: %s", batch->checkpoint,
                    strerror(errno));
  if (n > 0 && !batch->resume)
    return dss_fail(context, DSS_ERR_FILE,
                    "%s: has a checkpoint already; give --resume to go on from it, or remove it",
                    batch->checkpoint);
  return DSS_OK;
}

/* Whether a file that was opened is the one that has its name now: who ended before may have
 * removed it between our opening and our locking it. */
static bool is_at(int descriptor, const char *path) {
  struct stat ours, there;
  return fstat(descriptor, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

/* Where the file system knows locks; else *descriptor becomes -1. */
static dss_status lock_file(dss_context *context, const dss_batch *batch, const char *path,
                            int *descriptor) {
  for (;;) {
    *descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*descriptor < 0) return DSS_OK;
    bool locked = flock(*descriptor, LOCK_EX | LOCK_NB) == 0;
    bool taken = !locked && errno == EWOULDBLOCK;
    if (!taken && (!locked || is_at(*descriptor, path))) return DSS_OK;
    close(*descriptor);
    if (taken)
      return dss_fail(context, DSS_ERR_FILE, "%s: another run keeps its checkpoints here",
                      batch->checkpoint);
  }
}

/* The file stays as long as the checkpoints. */
static dss_status lock_run(dss_context *context, const dss_batch *batch, dss_results *results) {
  char *path;
  int descriptor;
  DSS_TRY(side_path(context, batch, "lock", &path));
  dss_status status = lock_file(context, batch, path, &descriptor);
  free(path);
  if (status == DSS_OK) results->lock = descriptor + 1;
  return status;
}

dss_status dss_checkpoint_open(dss_context *context, const dss_batch *batch, dss_results *results,
                               dss_checkpoint *c) {
  file found[MOST_FOUND];
  char run[64];
  *c = (dss_checkpoint){.batch = batch, .written = dss_seconds()};
  name_run(batch, run);
  DSS_TRY(path_of(context, batch, run, &c->base));
  DSS_TRY(lock_run(context, batch, results));
  errno = 0;
  size_t n = find_files(batch, found);
  DSS_TRY(look_at_folder(context, batch, n));
  if (n > 0) c->generation = found[0].generation;
  remove_unfinished(batch);
  return DSS_OK;
}

void dss_checkpoint_close(dss_checkpoint *c) {
  free(c->base);
  *c = (dss_checkpoint){0};
}

/* --- reading --------------------------------------------------------------------------------- */

static dss_status digest_file(dss_context *context, const char *path, char hex[65]) {
  unsigned char piece[1 << 14];
  dss_digest *digest;
  FILE *stream = fopen(path, "rb");
  if (!stream) return dss_fail(context, DSS_ERR_FILE, "%s: cannot open: %s", path, strerror(errno));
  dss_status status = dss_digest_new(context, &digest);
  if (status == DSS_OK) {
    for (size_t n; (n = fread(piece, 1, sizeof piece, stream)) > 0;)
      dss_digest_bytes(digest, piece, n);
    status = dss_digest_end(context, digest, hex);
  }
  if (status == DSS_OK && ferror(stream))
    status = dss_fail(context, DSS_ERR_FILE, "%s: cannot read", path);
  fclose(stream);
  return status;
}

/* The name ends in ".DIGEST.h5". */
static dss_status check_digest(dss_context *context, const char *path) {
  char hex[65];
  DSS_TRY(digest_file(context, path, hex));
  if (strncmp(path + strlen(path) - 3 - HEX, hex, HEX) == 0) return DSS_OK;
  return dss_fail(context, DSS_ERR_DATA, "%s: is damaged: its bytes are not those of its name",
                  path);
}

static dss_status check_same(dss_context *context, const char *path, const dss_results *there,
                             const dss_results *here) {
  char why[DSS_DIFFERENCE_ROOM];
  const dss_part *a = there->part, *b = here->part;
  if (!dss_results_same_plan(there, here, why))
    return dss_fail(context, DSS_ERR_DATA, "%s: is a checkpoint of another run: %s", path, why);
  if (a->has_null && !dss_same_accumulation(&a->null.how, &b->null.how))
    return dss_fail(context, DSS_ERR_DATA, "%s: its null distribution is made otherwise", path);
  if (a->total != b->total || a->shard != b->shard || a->n_shards != b->n_shards ||
      a->first != b->first || a->end != b->end)
    return dss_fail(context, DSS_ERR_DATA, "%s: is a checkpoint of another shard", path);
  if (a->saves_null != b->saves_null)
    return dss_fail(context, DSS_ERR_DATA, "%s: is of a run %s --save-null", path,
                    a->saves_null ? "with" : "without");
  return DSS_OK;
}

/* What was computed goes into the results that were begun. */
static void take(dss_results *from, dss_results *to) {
  for (size_t q = 0; q < to->n_questions; q++)
    for (size_t g = 0; g < to->n_groups; g++)
      if (from->part->made[q * to->n_groups + g])
        dss_copy_interval(to, (dss_unit){q, g}, from, (dss_unit){q, g});
  dss_part_free(to->part);
  to->part = from->part;
  from->part = NULL;
}

void dss_checkpoint_remove_own(dss_context *context, const dss_batch *batch, dss_results *done) {
  file found[MOST_FOUND];
  char *path;
  dss_results *there = NULL;
  size_t n = find_files(batch, found);
  if (n == SIZE_MAX || lock_run(context, batch, done) != DSS_OK) return;
  if (n == 0) dss_checkpoint_remove(batch); /* the run ended while it removed the rest */
  if (n == 0) return;
  if (path_of(context, batch, found[0].name, &path) != DSS_OK) return;
  dss_status status = check_digest(context, path);
  if (status == DSS_OK) status = dss_part_open(context, path, 1, &there);
  if (status == DSS_OK && check_same(context, path, there, done) == DSS_OK)
    dss_checkpoint_remove(batch);
  dss_results_free(there);
  free(path);
}

static dss_status resume_rows(dss_context *context, dss_checkpoint *c, const dss_part *part) {
  if (!c->rows) return DSS_OK;
  return dss_rows_resume(context, c->rows, part->rows_crc[0], (uint32_t)part->rows_crc[1]);
}

static dss_status load_file(dss_context *context, dss_checkpoint *c, const char *path,
                            unsigned threads, dss_results *expected) {
  dss_results *there = NULL;
  DSS_TRY(check_digest(context, path));
  DSS_TRY(dss_part_open(context, path, threads, &there));
  dss_status status = check_same(context, path, there, expected);
  if (status == DSS_OK) status = resume_rows(context, c, there->part);
  if (status == DSS_OK) take(there, expected);
  dss_results_free(there);
  return status;
}

dss_status dss_checkpoint_load(dss_context *context, dss_checkpoint *c, unsigned threads,
                               dss_results *expected) {
  file found[MOST_FOUND];
  size_t n = find_files(c->batch, found);
  if (n == SIZE_MAX) n = 0;
  if (n == 0) return c->rows ? dss_rows_begin(context, c->rows) : DSS_OK;
  for (size_t i = 0; i < n; i++) {
    char *path;
    DSS_TRY(path_of(context, c->batch, found[i].name, &path));
    dss_status status = load_file(context, c, path, threads, expected);
    free(path);
    if (status == DSS_OK) c->kept = found[i].generation;
    if (status == DSS_OK || status == DSS_ERR_MEMORY || status == DSS_INTERRUPTED) return status;
    dss_warn(context, "checkpoint refused: %s", dss_context_error(context));
  }
  return dss_fail(context, DSS_ERR_DATA, "%s: no checkpoint here can be used; the newest: %.1500s",
                  c->batch->checkpoint, dss_context_error(context));
}

/* --- writing --------------------------------------------------------------------------------- */

/* All but the newest and the one that was good before it: damaged ones that are younger go too. */
static void remove_others(const dss_checkpoint *c) {
  file found[MOST_FOUND];
  size_t n = find_files(c->batch, found);
  for (size_t i = 0; n != SIZE_MAX && i < n; i++)
    if (found[i].generation != c->generation && found[i].generation != c->kept)
      remove_file(c->batch, found[i].name);
}

dss_status dss_checkpoint_write(dss_context *context, dss_checkpoint *c,
                                const dss_results *results) {
  size_t size = strlen(c->base) + 32;
  dss_h5 h5;
  char *path;
  c->written = dss_seconds();
  if (c->rows) {
    DSS_TRY(dss_rows_sync(context, c->rows));
    results->part->rows_crc[0] = c->rows->count;
    results->part->rows_crc[1] = c->rows->crc;
  }
  DSS_TRY(DSS_ALLOC(context, &path, size));
  snprintf(path, size, "%s.%08" PRIu64, c->base, c->generation + 1);
  dss_status status = dss_results_create(context, results, path, &h5);
  if (status == DSS_OK) {
    status = dss_results_put(&h5, results, NULL);
    if (status == DSS_OK) status = dss_h5_store_digested(&h5);
    dss_h5_close(&h5);
  }
  free(path);
  if (status != DSS_OK) return status;
  c->written = dss_seconds(); /* a large one takes its time, which is not the run's */
  c->generation++;
  remove_others(c);
  c->kept = c->generation;
  return DSS_OK;
}
