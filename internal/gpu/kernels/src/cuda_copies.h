// The copy engine of sm_90, and how copies tell that they have arrived.
#pragma once

// An arrivals object counts threads and bytes. Its phases alternate: 0 first.
#define ARRIVALS_START(p, n) asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_at(p)), "r"(n) : "memory")
#define ARRIVALS_READY() asm volatile("fence.proxy.async.shared::cta;" ::: "memory")
#define ARRIVE(p) asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_at(p)) : "memory")
#define ARRIVE_EXPECTING(p, bytes) \
	asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_at(p)), "r"(bytes) : "memory")
#define ARRIVALS_WAIT(p, phase) arrivals_wait(p, phase)
DEVICE void arrivals_wait(const u64 *p, int phase) {
	asm volatile(
		"{ .reg .pred done; LOOP%=: mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1; @!done bra LOOP%=; }" ::"r"(
			shared_at(p)),
		"r"(phase)
		: "memory");
}

// COPY_BYTES copies n bytes, a multiple of 16, which arrive at p.
#define COPY_BYTES(to, from, n, p) copy_bytes(shared_at(to), from, n, shared_at(p))
DEVICE void copy_bytes(u32 to, const u8 *from, int n, u32 p) {
	asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to), "l"(from),
		"r"(n), "r"(p)
		: "memory");
}
