/* The networks of configs/nets, narrow, against PyTorch's numbers in double precision, where
 * rounding decides nothing: neither between nearly equal values of a pool nor between signs of a
 * gradient. */
#include "support/golden_nets.h"
#include "support/suite.h"

START_TEST(equals_pytorch)
{
    hs_golden_net_check(hs_golden_nets[_i], HS_GOLDEN_ALL, hs_golden_nets[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nets in double precision");
    TCase *tests = tcase_create("golden");
    tcase_add_loop_test(tests, equals_pytorch, 0, HS_GOLDEN_NETS);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}
