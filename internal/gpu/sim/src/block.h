// What the stand-in for the driver needs of the machine.
#pragma once

#include "sim.h"

namespace sim {

// find returns a kernel by its name, or null.
const Kernel *find(const char *name);

// launch runs all blocks of a kernel. It returns null, or what the kernel did wrong.
const char *launch(const Kernel *k, const int blocks[3], int threads, size_t shared, const void *args);

// is_device reports whether bytes are in one allocation of the device.
bool is_device(const void *p, size_t bytes);

} // namespace sim
