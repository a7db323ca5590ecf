/* A file to remove when a signal ends the program. */
#ifndef DSS_CLI_CLEANUP_H
#define DSS_CLI_CLEANUP_H

/* From now on SIGHUP, SIGINT and SIGTERM remove the file at path before they end the program. One
 * file at a time; path must stay valid until cleanup_forget. */
void cleanup_remember(const char *path);
void cleanup_forget(void);

#endif
