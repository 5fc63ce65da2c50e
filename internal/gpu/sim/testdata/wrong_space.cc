// A pointer to memory of the device in place of one to memory of the block does not compile.
#include "../../kernels/src/dialect.h"

struct WrongArgs {
	GLOBAL(float) x;
};

DEVICE float first(SHARED(float) s) { return s[0]; }

KERNEL(wrong, WrongArgs) { a.x[0] = first(a.x); }
