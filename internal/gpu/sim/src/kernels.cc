// Every kernel of cria, for the host.
#include "../../kernels/src/common.cc"

#include "../../kernels/src/floats.h"

#include "../../kernels/src/codes.h"

#include "../../kernels/src/blocks.h"

#include "../../kernels/src/product.h"

#include "../../kernels/src/experts.h"

#include "../../kernels/src/square.h"

#include "../../kernels/src/squares.h"

#include "../../kernels/src/halves.h"

#include "../../kernels/src/flash.h"

#include "../../kernels/src/rows8.h"

#include "../../kernels/src/manyhalves.h"

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
MANY_HALVES(tiled_f16, TiledF16)
MANY_HALVES(tiled_bf16, TiledBF16)
WIDE_PRODUCTS(tiled_f16, TiledF16)
WIDE_PRODUCTS(tiled_bf16, TiledBF16)

// PLAIN defines the kernels of a format that is not for tensor units alone, BLOCKS those of one of codes.
#define PLAIN(name, F)  \
	PRODUCTS(name, F) \
	EXPERTS(name, F)
#define BLOCKS(name, F)  \
	PLAIN(name, F) \
	SQUARES(name, F)

PLAIN(f32, F32)
PLAIN(f16, F16)
PLAIN(bf16, BF16)
BLOCKS(q8, Q8)
BLOCKS(q4_0, Q4_0)
BLOCKS(q4_1, Q4_1)
BLOCKS(q5_0, Q5_0)
BLOCKS(q5_1, Q5_1)
BLOCKS(q8_0, Q8_0)
BLOCKS(q2_k, Q2_K)
BLOCKS(q3_k, Q3_K)
BLOCKS(q4_k, Q4_K)
BLOCKS(q5_k, Q5_K)
BLOCKS(q6_k, Q6_K)
BLOCKS(iq4_nl, IQ4_NL)
BLOCKS(iq4_xs, IQ4_XS)
BLOCKS(mxfp4, MXFP4)

#include "../../kernels/src/examples.cc"
