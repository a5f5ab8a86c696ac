#include "handseg/version.h"

const char *hs_version(void)
{
    return HS_VERSION
#include "base/commit.inc"
        ;
}
