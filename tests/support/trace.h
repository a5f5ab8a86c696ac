/* What a network computes for given data, written to a file: for comparison with other programs.
 *
 * A case is an HDF5 file, in PyTorch's shapes:
 *   /input     [M,1,H,W] reals      /labels [M,1,H,W] uint8      /class_weights [C] float64
 *   /params/LAYER/TENSOR            where to begin, as in a checkpoint
 *   attributes  config (INI text of the network; may be given beside the file), batch, steps, lr,
 *               beta1, beta2
 *
 * What comes out, update k using frames k*batch, k*batch + 1, ... modulo M:
 *   /inference [N,C,H,W]            logits of the first batch, with running statistics
 *   /logits    [N,C,H,W]            the same with its own statistics
 *   /loss      [steps]              before each update
 *   /gradients/LAYER/TENSOR         of the first batch
 *   /after/LAYER/TENSOR             parameters and running statistics after `steps` updates of Adam
 *
 * Reals are written as float32, or float64 in a build with -DHS_REAL=double; both are read. */
#ifndef HS_TESTS_TRACE_H
#define HS_TESTS_TRACE_H

#include "handseg/tensor.h"
#include "io/hdf5.h"

#ifdef HS_REAL_IS_FLOAT
#    define HS_TRACE_REAL HS_H5_F32
#else
#    define HS_TRACE_REAL HS_H5_F64
#endif

/* Reads an array of reals of exactly this shape, rank 1 or more. */
hs_status hs_trace_read(hs_h5 *file, const char *name, int rank, const int64_t *dims,
                        hs_real *values);

/* Runs the case in the file `in` and writes its results to the file `out`. `config` is in place of
 * the case's; NULL: that. */
hs_status hs_trace_run(const char *in, const char *config, const char *out);

#endif
