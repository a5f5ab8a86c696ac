/* The registration of every recording of a list. */
#ifndef HS_STUDIO_REGISTRATIONS_H
#define HS_STUDIO_REGISTRATIONS_H

#include "glove/registration.h"
#include "studio/frames.h"

typedef struct hs_registrations {
    hs_registration **items; /* [n], by recording; one for successive ones of the same rig */
    int n;
    size_t scratch; /* bytes that any of them needs to work in, one piece a thread */
} hs_registrations;

/* Initialise with {0}; free also after a failure. HS_ERR_DATA for a rig that is none. */
hs_status hs_registrations_init(hs_registrations *registrations, const hs_frames *frames);
void hs_registrations_free(hs_registrations *registrations);

#endif
