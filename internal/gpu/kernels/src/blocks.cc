// The kernels that read matrices of one format of codes: those of product.cc, and squares.
#include "product.cc"

#include "square.h"

#include "squares.h"

SQUARES(NAME, FORMAT)
