/* Fills the table of kernels, once. */
#include "base/log.h"
#include "base/text.h"
#include "kernels/prototypes.h"
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HS_ISA(name, features) #name,
static const char *const isa_names[] = {
#include "kernels/isa.def"
};
#undef HS_ISA

enum { ISAS = sizeof isa_names / sizeof *isa_names };

static hs_kernels table;
static hs_isa chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

const char *hs_isa_name(hs_isa isa)
{
    return isa_names[isa];
}

/* The compiler's built-in reads CPUID and XCR0: what the processor has and the system saves. */
bool hs_isa_supported(hs_isa isa)
{
#if defined(__x86_64__) && defined(HS_REAL_IS_FLOAT)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    const bool supported[] = {true, avx2, avx2 && avx512};
    return supported[isa];
#else
    return isa == HS_ISA_ref;
#endif
}

static void fill(hs_isa isa)
{
#define HS_KERNEL(what, how) \
    if (HS_ISA_##how <= isa) \
        table.what = hs_f32_##what##__##how;
#include "kernels/kernels.def"
#undef HS_KERNEL
    chosen = isa;
}

static void choose(void)
{
    hs_isa best = HS_ISA_ref;
    for (int isa = 0; isa < ISAS; isa++)
        if (hs_isa_supported((hs_isa)isa))
            best = (hs_isa)isa;
    const char *asked = getenv("HS_ISA");
    if (asked && *asked && strcmp(asked, "auto") != 0) {
        int isa = 0;
        while (isa < ISAS && strcmp(asked, isa_names[isa]) != 0)
            isa++;
        if (isa == ISAS || !hs_isa_supported((hs_isa)isa)) {
            char hint[256];
            hs_hint_names("", isa_names, ISAS, hint, sizeof hint);
            fprintf(stderr,
                    "handseg: HS_ISA: got '%s'%s, expected an instruction set this machine runs\n"
                    "    hint: %s; best here: %s\n",
                    asked, isa < ISAS ? ", which does not run here" : "", hint, isa_names[best]);
            exit(2);
        }
        best = (hs_isa)isa;
    }
    fill(best);
}

const hs_kernels *hs_kernels_get(void)
{
    pthread_once(&once, choose);
    return &table;
}

hs_isa hs_kernels_isa(void)
{
    pthread_once(&once, choose);
    return chosen;
}

bool hs_kernels_force(hs_isa isa)
{
    pthread_once(&once, choose);
    if (!hs_isa_supported(isa))
        return false;
    fill(isa);
    return true;
}

int hs_threads(void)
{
    return omp_get_max_threads();
}
