// The kernels that multiply by matrices of one format of halves on tensor units.
#include "dialect.h"

#include "input.h"

#include "floats.h"

#include "halves.h"

#include "product.h"

#include "rows8.h"

#include "manyhalves.h"

HALF_PRODUCTS(NAME, FORMAT)
MANY_HALVES(NAME, FORMAT)
