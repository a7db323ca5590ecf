/* A folder for a test's files, removed with all of them. */
#ifndef TESTS_UNIT_TEMPORARY_H
#define TESTS_UNIT_TEMPORARY_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct temporary {
  char folder[256];
  char path[512]; /* of the file last asked for */
} temporary;

static inline void temporary_begin(temporary *t) {
  const char *base = getenv("TMPDIR");
  snprintf(t->folder, sizeof t->folder, "%s/dissensus-test-XXXXXX", base && *base ? base : "/tmp");
  if (!mkdtemp(t->folder)) abort();
}

static inline const char *temporary_path(temporary *t, const char *name) {
  snprintf(t->path, sizeof t->path, "%s/%s", t->folder, name);
  return t->path;
}

/* Files in the folder. */
static inline size_t temporary_count(const temporary *t) {
  size_t count = 0;
  DIR *folder = opendir(t->folder);
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    if (entry->d_name[0] != '.') count++;
  if (folder) closedir(folder);
  return count;
}

static inline void temporary_end(temporary *t) {
  DIR *folder = opendir(t->folder);
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      unlink(temporary_path(t, entry->d_name));
  if (folder) closedir(folder);
  rmdir(t->folder);
}

#endif
