// A pointer to what only is read in place of one to what is written does not compile.
#include "../../kernels/src/dialect.h"

struct WrongArgs {
	GLOBAL(const float) x;
};

KERNEL(wrong, WrongArgs) { a.x[0] = 1; }
