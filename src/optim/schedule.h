/* Learning rates as pure functions of the step: a resumed run needs no state of theirs. */
#ifndef HS_OPTIM_SCHEDULE_H
#define HS_OPTIM_SCHEDULE_H

#include "config/fields.h"
#include "handseg/optimizer.h"

extern const hs_field hs_schedule_fields[];
extern const int hs_schedule_field_count;

#endif
