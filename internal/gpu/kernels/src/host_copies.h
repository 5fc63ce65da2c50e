// What cuda_copies.h has, on the host: copies arrive at once.
#pragma once

#define ARRIVALS_START(bar, n) sim::arrivals_start((bar).p, n)
#define ARRIVALS_READY()
#define ARRIVE(bar) sim::arrive((bar).p, 0)
#define ARRIVE_EXPECTING(bar, bytes) sim::arrive((bar).p, bytes)
#define ARRIVALS_WAIT(bar, phase) sim::arrivals_wait((bar).p, phase, __LINE__)
#define COPY_BYTES(to, from, n, bar) sim::copy_bytes((to).p, (from).p, n, (bar).p)
