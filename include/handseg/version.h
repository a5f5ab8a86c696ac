/* Version of the library; the first two numbers change when its interface does. */
#ifndef HANDSEG_VERSION_H
#define HANDSEG_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#define HS_VERSION "0.1.0"

/* HS_VERSION and, of a build in a checkout, its commit: "0.1.0 (1f2e3d4c5b6a)", or
 * "0.1.0 (1f2e3d4c5b6a-dirty)" where files differed from it. What checkpoints and reports carry. */
const char *hs_version(void);

#ifdef __cplusplus
}
#endif

#endif
