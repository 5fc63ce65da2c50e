// What cuda_group.h has, on the host: copies arrive at once, and products are there when they are asked for.
#pragma once

#define ARRIVALS_START(bar, n) sim::arrivals_start((bar).p, n)
#define ARRIVALS_READY()
#define ARRIVE(bar) sim::arrive((bar).p, 0)
#define ARRIVE_EXPECTING(bar, bytes) sim::arrive((bar).p, bytes)
#define ARRIVALS_WAIT(bar, phase) sim::arrivals_wait((bar).p, phase, __LINE__)
#define COPY_BYTES(to, from, n, bar) sim::copy_bytes((to).p, (from).p, n, (bar).p)
#define GROUP_BEGIN()
#define GROUP_COMMIT()
#define GROUP_WAIT_LAST()
#define GROUP_WAIT_ALL(d)
#define GROUP_MULTIPLY(bfloat, d, a, b, k, set) sim::group_multiply(bfloat, d, (a).p, (b).p, k, set)
