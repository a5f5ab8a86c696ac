#include "train/interrupt.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void hs_interrupts_begin(hs_interrupts *i)
{
    struct sigaction handler = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    interrupted = 0;
    sigaction(SIGINT, &handler, &i->old_int);
    sigaction(SIGTERM, &handler, &i->old_term);
}

void hs_interrupts_end(const hs_interrupts *i)
{
    sigaction(SIGINT, &i->old_int, NULL);
    sigaction(SIGTERM, &i->old_term, NULL);
}

bool hs_interrupted(void)
{
    return interrupted;
}
