// The kernels that multiply by matrices of one format of halves on the tensor units of groups of warps.
#include "dialect.h"

#include "cuda_group.h"

#include "input.h"

#include "floats.h"

#include "halves.h"

#include "product.h"

#include "rows8.h"

#include "wide.h"

WIDE_PRODUCTS(NAME, FORMAT)
