/* The machine a program runs on, for people who compare figures. */
#ifndef HS_BASE_MACHINE_H
#define HS_BASE_MACHINE_H

/* The processor's name as the system tells it; "unknown" where it does not. */
void hs_machine_processor(char *text, int size);

#endif
