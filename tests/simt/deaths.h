/* Acts in a process of their own, to see them die and what they said. */
#ifndef SIMT_DEATHS_H
#define SIMT_DEATHS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Runs act(argument). It must end the process, by abort or as the sanitizer does, having said
 * `expected` on stderr. */
static inline void must_die(void (*act)(const void *argument), const void *argument,
                            const char *expected) {
  char said[16384] = "";
  size_t length = 0;
  int ends[2], status;
  cr_assert_eq(pipe(ends), 0);
  pid_t child = fork();
  cr_assert_geq(child, 0);
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    act(argument);
    _exit(0);
  }
  close(ends[1]);
  for (char rest[512];;) {
    /* All of it is read, so that nobody waits to write. */
    size_t room = sizeof said - 1 - length;
    ssize_t got = read(ends[0], room ? said + length : rest, room ? room : sizeof rest);
    if (got <= 0) break;
    if (room) length += (size_t)got;
  }
  said[length] = '\0';
  close(ends[0]);
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(strstr(said, expected), "expected \"%s\", said: %s", expected, said);
  cr_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0, "went on after saying: %s", said);
  if (strncmp(said, "simt: ", 6) == 0) {
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    cr_assert_eq(strchr(said, '\n'), said + length - 1, "more than a line: %s", said);
  }
}

#endif
