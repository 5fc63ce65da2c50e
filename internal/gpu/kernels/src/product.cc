// The kernels that read matrices of one format: FORMAT is its struct, NAME what users call it.
#include "dialect.h"

#include "input.h"

#include "floats.h"

#include "codes.h"

#include "blocks.h"

#include "product.h"

#include "experts.h"

PRODUCTS(NAME, FORMAT)
EXPERTS(NAME, FORMAT)
