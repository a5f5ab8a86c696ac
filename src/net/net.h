/* Networks inside the library: part of a configuration that holds other sections too. */
#ifndef HS_NET_NET_H
#define HS_NET_NET_H

#include "config/ini.h"
#include "handseg/net.h"

/* The network among the sections of `ini`, which it borrows; sections whose type is among `others`
 * (n of them) are somebody else's. */
hs_status hs_net_from_ini(hs_ini *ini, const char *const *others, int n, hs_net **net);

/* Puts a size into [input], over what the file says. */
void hs_net_set_size(hs_net *net, int32_t height, int32_t width);

#endif
