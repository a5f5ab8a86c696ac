/* SIGINT and SIGTERM as a question that a run asks itself between two steps. */
#ifndef HS_TRAIN_INTERRUPT_H
#define HS_TRAIN_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

typedef struct hs_interrupts {
    struct sigaction old_int, old_term;
} hs_interrupts;

/* From here to the end the signals are only noted. One run at a time. */
void hs_interrupts_begin(hs_interrupts *interrupts);
void hs_interrupts_end(const hs_interrupts *interrupts);
bool hs_interrupted(void);

#endif
