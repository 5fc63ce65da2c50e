// The kernels that multiply by matrices of one format of codes on tensor units.
#include "dialect.h"

#include "cuda_copies.h"

#include "input.h"

#include "floats.h"

#include "halves.h"

#include "product.h"

#include "rows8.h"

#include "stream.h"

#include "cells.h"

#include "slabs.h"

#include "many.h"

CODE_PRODUCTS(NAME, FORMAT)
