// The words that kernels are written in, for one of the targets: CUDA, by clang alone,
// Metal, or the host, where sim.h runs threads in turns and checks what they do.
//
//	KERNEL(name, Args)   a kernel; its arguments are the struct a
//	WIDE_KERNEL          one whose blocks may have 1024 threads, not 256
//	NARROW_KERNEL        one whose threads have so few registers that two blocks share a multiprocessor
//	EARLY_KERNEL         a wide one that says LET_NEXT and WAIT_PREVIOUS itself: before it waits, it
//	                     may read what no other kernel writes
//	GLOBAL(T), SHARED(T) a pointer to memory of the device, or of the block
//	OWN(T) & or *        a reference or pointer to what a thread has for itself
//	ARGS(Args) a         a reference to the arguments of a kernel
//	ID_PARAMS, IDS       stand before the parameters, and in a call before the arguments, of a
//	                     function that says THREAD, LANE, WARP or BLOCK_X, or calls one that does
//	SHARED_ARRAY         an array of the block
//	SHARED_BYTES         the memory of the block that a launch asks for
//	BARRIER()            no thread goes on before all of the block are here
//	WARP_SUM, WARP_MAX   of a number of each lane of a warp of 32, for all of them
//
// A barrier, a declaration of shared memory and what lanes do together stand where all
// threads of a block, or lanes of a warp, come by. Products are never fused with sums
// but by fma32, so that a number has the same bits wherever it is computed on a device.
#pragma once

#if defined(__CUDA__)
#include "cuda.h"
#elif defined(__METAL_VERSION__)
#include "metal.h"
#else
#include "host.h"
#endif

#include "args.h"

#include "arithmetic.h"
