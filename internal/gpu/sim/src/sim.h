// A processor of many threads on one of the host: the threads of a block are fibers that
// take turns, and every access to memory is checked. What a kernel may not do ends the
// launch with a message: memory that is nobody's or not aligned, a race between two
// barriers, lanes or threads that wait at different places.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sim {

struct Kernel {
	Kernel(const char *name, size_t args, void (*run)(const void *));
	const char *name;
	size_t args; // bytes
	void (*run)(const void *);
	const Kernel *next;
};

// Thread is a fiber, Block what it shares with others.
struct Thread {
	int thread;
	uint32_t turn; // lane operations so far
};

struct Block {
	int threads;
	int block[3], blocks[3];
};

// Range is memory of the device that a kernel may use: the one that it used last.
struct Range {
	uintptr_t from, to;
	bool has(const void *p, size_t bytes) const { return (uintptr_t)p >= from && (uintptr_t)p + bytes <= to; }
};

// Word is who used four bytes of shared memory since which barrier. A thread number is
// plus one; MANY are several readers.
struct Word {
	uint32_t written, read; // counts of barriers
	int writer, reader;
};
enum { MANY = 1 << 30 };

// Turn is whose turn it is on this thread of the host, and what checks look at every time.
struct Turn {
	Thread *thread;
	const Block *block;
	Range hit;
	char *shared;
	size_t used; // bytes of it
	Word *words; // of it
	uint32_t epoch; // barriers so far
};
extern thread_local Turn turn;

inline Thread *self() { return turn.thread; }
inline const Block *now() { return turn.block; }
inline int number() { return self()->thread; } // for where thread is a word of the language

// The rest of a check is for what is not plain.
void check_global_rest(const void *p, size_t bytes);
void check_shared_rest(const void *p, size_t bytes, bool write);

inline void check_global(const void *p, size_t bytes) {
	if ((uintptr_t)p % bytes != 0 || !turn.hit.has(p, bytes)) check_global_rest(p, bytes);
}

inline void check_shared(const void *p, size_t bytes, bool write) {
	size_t at = (const char *)p - turn.shared;
	if (bytes != 4 || at % 4 != 0 || at >= turn.used) return check_shared_rest(p, bytes, write);
	Word &w = turn.words[at / 4];
	int me = turn.thread->thread + 1;
	bool others_write = w.written == turn.epoch && w.writer != me, read = w.read == turn.epoch, others_read = read && w.reader != me;
	if (others_write || (write && others_read)) return check_shared_rest(p, bytes, write);
	if (write) {
		w.written = turn.epoch;
		w.writer = me;
	} else {
		w.reader = others_read ? (int)MANY : me;
		w.read = turn.epoch;
	}
}

void *shared_array(int site, size_t bytes);
void *shared_bytes();
void barrier(int line);

// exchange waits until all lanes of the warp are at the same line and returns what each gave; gather does so for
// six words of each.
const uint32_t *exchange(uint32_t x, int line);
const uint32_t (*gather(const uint32_t *words, int line))[6];

// check_block checks that bytes are the block's own, and not who uses them: for what is in order by arrivals.
void check_block(const void *p, size_t bytes);

// pause lets others go on. If all pause and none has said moved since they did before, they wait for each other.
void pause(int line);
void moved();

// Tensor units, by plain loops: see cuda.h and cuda_group.h in package kernels for what they multiply.
void load_tiles(uint32_t *r, const uint8_t *p, bool turned, int line);
void copy16(uint8_t *to, const uint8_t *from);
void multiply_tile(bool bfloat, float *d, const uint32_t *a, const uint32_t *b, int line);
void multiply_codes(float *d, const uint32_t *a, const uint32_t *b, int line);
void group_multiply(bool bfloat, float *d, const uint8_t *a, const uint8_t *b, int k, bool set);
void arrivals_start(unsigned long long *p, int threads);
void arrive(unsigned long long *p, int bytes);
void arrivals_wait(unsigned long long *p, int phase, int line);
void copy_bytes(uint8_t *to, const uint8_t *from, int n, unsigned long long *p);

template <class T> T swap_lanes(T x, int mask, int line) {
	const uint32_t *all = exchange(__builtin_bit_cast(uint32_t, x), line);
	return __builtin_bit_cast(T, all[(self()->thread & 31) ^ mask]);
}

template <class T, class F> T warp_fold(T x, int line, F f) {
	const uint32_t *all = exchange(__builtin_bit_cast(uint32_t, x), line);
	T v[32];
	for (int i = 0; i < 32; i++) v[i] = __builtin_bit_cast(T, all[i]);
	for (int m = 16; m > 0; m >>= 1)
		for (int i = 0; i < m; i++) v[i] = f(v[i], v[i + m]); // lane i of a butterfly, which all agree with
	return v[0];
}

} // namespace sim
