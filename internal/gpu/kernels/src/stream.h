// Copies of a warp to its own memory, each to its place of a ring: by the copy engine from sm_90 on, by lanes before.
// STREAM_COPY begins one of n bytes, a multiple of 16, and STREAM_NONE stands where there is nothing to copy.
// STREAM_WAIT waits for the oldest of as many as were begun.
#pragma once

#if defined(__CUDA__) && __CUDA_ARCH__ < 900
#define STREAM_START(full, n) (void)(full)
#define STREAM_COPY(to, from, n, full)                                                           \
	do {                                                                                         \
		for (int piece = LANE * 16; piece < (n); piece += 512) COPY16((to) + piece, (from) + piece); \
		COPY_COMMIT();                                                                           \
	} while (0)
#define STREAM_NONE() COPY_COMMIT()
#define STREAM_WAIT(full, phase, n) \
	do {                            \
		(void)(phase);              \
		COPIES_WAIT((n) - 1);       \
		WARP_MEETS();               \
	} while (0)
#else
#define STREAM_START(full, n)                                                          \
	do {                                                                               \
		if (LANE == 0)                                                                 \
			for (int place = 0; place < (n); place++) ARRIVALS_START((full) + place, 1); \
		ARRIVALS_READY();                                                              \
		WARP_MEETS();                                                                  \
	} while (0)
#define STREAM_COPY(to, from, n, full)             \
	do {                                           \
		if (LANE == 0) {                           \
			ARRIVE_EXPECTING(full, n);             \
			COPY_BYTES(to, from, n, full);         \
		}                                          \
	} while (0)
#define STREAM_NONE()
#define STREAM_WAIT(full, phase, n) ARRIVALS_WAIT(full, phase)
#endif
