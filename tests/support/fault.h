/* Faults put in on purpose: programs killed at work, files cut short or with a wrong byte. */
#ifndef HS_TESTS_FAULT_H
#define HS_TESTS_FAULT_H

#include <stddef.h>
#include <sys/types.h>

/* Starts `handseg ARGUMENTS` and returns at once; `before` is a piece of shell that runs first,
 * such as "export OMP_NUM_THREADS=3" ("" for none). What the program says goes to the file
 * `output`. */
pid_t hs_test_start(const char *before, const char *arguments, const char *output);

/* Waits for its end: the exit status, or minus the signal that ended it. */
int hs_test_wait(pid_t child);

/* Most memory, in bytes, that the child last waited for has had. */
size_t hs_test_peak(void);

/* Waits until the file has `lines` lines, then for so many microseconds more, then sends `signal`.
 * Returns early, sending nothing, where the program ends before; like hs_test_wait otherwise. */
int hs_test_stop_at(pid_t child, const char *file, int lines, int microseconds, int signal);

/* Complete lines of a file; 0 where there is none. */
int hs_test_lines(const char *path);

/* Changes one byte, counted from the front, or from the end where `at` is negative. */
void hs_test_flip(const char *path, long at);

/* Copies the first `size` bytes of a file to another; (size_t)-1 copies all of it. */
void hs_test_copy(const char *from, const char *to, size_t size);

#endif
