#include "cleanup.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const char *volatile remembered;

/* The handler is gone once it runs (SA_RESETHAND), so that the signal then ends the program as it
 * would have. */
static void remove_and_end(int number) {
  if (remembered) unlink(remembered);
  raise(number);
}

static void handle(int number) {
  struct sigaction before, ours = {.sa_handler = remove_and_end, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&ours.sa_mask);
  /* Who starts us with a signal ignored (nohup) means it. */
  if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
    sigaction(number, &ours, NULL);
}

void cleanup_remember(const char *path) {
  remembered = path;
  handle(SIGHUP);
  handle(SIGINT);
  handle(SIGTERM);
}

void cleanup_forget(void) {
  remembered = NULL;
}
