/* Status codes and the error message that goes with them. */
#ifndef HANDSEG_STATUS_H
#define HANDSEG_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum hs_status {
#define HS_STATUS(code, exit_status, meaning) HS_##code,
#include "handseg/status_codes.def"
#undef HS_STATUS
} hs_status;

/* Name of a status code, such as "ERR_FORMAT". */
const char *hs_status_name(hs_status status);

/* Exit status a program ends with after `status`: 0 done, 1 failed, 2 bad usage or configuration.
 */
int hs_status_exit(hs_status status);

/* Message of this thread's last error, "WHAT: WHERE: got ..., expected ...", and the hint that says
 * what to do ("" where there is none). Valid until the thread's next error; never NULL. */
const char *hs_error_message(void);
const char *hs_error_hint(void);

#ifdef __cplusplus
}
#endif

#endif
