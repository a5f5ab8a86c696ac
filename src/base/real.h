/* The number type of tensors: float, or double where the library is built with -DHS_REAL=double,
 * which is what gradient checks run on. */
#ifndef HS_BASE_REAL_H
#define HS_BASE_REAL_H

#ifndef HS_REAL
#    define HS_REAL float
#endif
typedef HS_REAL hs_real;

#endif
