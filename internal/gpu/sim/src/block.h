// What the stand-in for the driver needs of the machine.
#pragma once

#include "sim.h"

namespace sim {

// find returns a kernel by its name, or null.
const Kernel *find(const char *name);

// Limits are what a kernel may use: memory of the device, of which find sets the allocation
// that has a byte, if there is one, and bytes of the block.
struct Limits {
	bool (*find)(const void *p, Range *r);
	size_t shared;
};

// cuda is the limits of the stand-in for that driver.
extern const Limits cuda;

// launch runs all blocks of a kernel. It returns null, or what the kernel did wrong.
const char *launch(const Kernel *k, const int blocks[3], int threads, size_t shared, const void *args,
	const Limits &limits = cuda);

} // namespace sim
