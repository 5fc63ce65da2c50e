// The kernels that read matrices of one format: FORMAT is its struct, NAME what users call it.
#include "dialect.h"

#include "input.h"

#include "floats.h"

#include "codes.h"

#include "blocks.h"

#include "product.h"

PRODUCTS(NAME, FORMAT)
