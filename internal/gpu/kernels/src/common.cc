// The kernels that are the same for all formats of weights.
#include "dialect.h"

#include "input.h"

#include "attention.h"

#include "vectors.h"

#include "route.h"

#include "draw.h"

#include "marks.h"
