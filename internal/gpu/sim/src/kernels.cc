// Every kernel of cria, for the host.
#include "../../kernels/src/common.cc"

#include "../../kernels/src/floats.h"

#include "../../kernels/src/codes.h"

#include "../../kernels/src/blocks.h"

#include "../../kernels/src/product.h"

#include "../../kernels/src/halves.h"

#include "../../kernels/src/flash.h"

#include "../../kernels/src/rows8.h"

#include "../../kernels/src/host_group.h"

#include "../../kernels/src/wide.h"

HALF_PRODUCTS(tiled_f16, TiledF16)
HALF_PRODUCTS(tiled_bf16, TiledBF16)
WIDE_PRODUCTS(tiled_f16, TiledF16)
WIDE_PRODUCTS(tiled_bf16, TiledBF16)
PRODUCTS(f32, F32)
PRODUCTS(f16, F16)
PRODUCTS(bf16, BF16)
PRODUCTS(q8, Q8)
PRODUCTS(q4_0, Q4_0)
PRODUCTS(q4_1, Q4_1)
PRODUCTS(q5_0, Q5_0)
PRODUCTS(q5_1, Q5_1)
PRODUCTS(q8_0, Q8_0)
PRODUCTS(q2_k, Q2_K)
PRODUCTS(q3_k, Q3_K)
PRODUCTS(q4_k, Q4_K)
PRODUCTS(q5_k, Q5_K)
PRODUCTS(q6_k, Q6_K)
PRODUCTS(iq4_nl, IQ4_NL)
PRODUCTS(iq4_xs, IQ4_XS)
PRODUCTS(mxfp4, MXFP4)

#include "../../kernels/src/examples.cc"
