// Every kernel of cria, for the host.
#include "../../kernels/src/common.cc"

#include "../../kernels/src/floats.h"

#include "../../kernels/src/codes.h"

#include "../../kernels/src/blocks.h"

#include "../../kernels/src/product.h"

#include "../../kernels/src/experts.h"

#include "../../kernels/src/halves.h"

#include "../../kernels/src/flash.h"

#include "../../kernels/src/rows8.h"

#include "../../kernels/src/host_group.h"

#include "../../kernels/src/wide.h"

#include "../../kernels/src/stream.h"

#include "../../kernels/src/cells.h"

#include "../../kernels/src/slabs.h"

#include "../../kernels/src/many.h"

CODE_PRODUCTS(tiled_q8_0, TiledQ8_0)
CODE_PRODUCTS(tiled_q4_0, TiledQ4_0)
HALF_PRODUCTS(tiled_f16, TiledF16)
HALF_PRODUCTS(tiled_bf16, TiledBF16)
WIDE_PRODUCTS(tiled_f16, TiledF16)
WIDE_PRODUCTS(tiled_bf16, TiledBF16)

// PLAIN defines the kernels of a format that has them all.
#define PLAIN(name, F)  \
	PRODUCTS(name, F) \
	EXPERTS(name, F)

PLAIN(f32, F32)
PLAIN(f16, F16)
PLAIN(bf16, BF16)
PLAIN(q8, Q8)
PLAIN(q4_0, Q4_0)
PLAIN(q4_1, Q4_1)
PLAIN(q5_0, Q5_0)
PLAIN(q5_1, Q5_1)
PLAIN(q8_0, Q8_0)
PLAIN(q2_k, Q2_K)
PLAIN(q3_k, Q3_K)
PLAIN(q4_k, Q4_K)
PLAIN(q5_k, Q5_K)
PLAIN(q6_k, Q6_K)
PLAIN(iq4_nl, IQ4_NL)
PLAIN(iq4_xs, IQ4_XS)
PLAIN(mxfp4, MXFP4)

#include "../../kernels/src/examples.cc"
