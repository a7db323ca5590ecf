/* How the executor says what is wrong: one line on stderr, then abort. */
#ifndef SIMT_CHECK_H
#define SIMT_CHECK_H

#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIMT_ASAN 1
#endif
#endif

/* What fresh memory of the device is full of: nothing may count on zeros. */
#define SIMT_POISON 0xA5

/* "simt: " message, newline. */
_Noreturn void simt_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
