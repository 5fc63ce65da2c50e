// Tensor units: what lanes of a warp, or the threads of a group of four, multiply together.
#include <cstring>

#include "sim.h"

namespace sim {

typedef double Terms __attribute__((ext_vector_type(16)));
typedef uint64_t Bits __attribute__((ext_vector_type(16)));
typedef float Floats __attribute__((ext_vector_type(16)));
typedef _Float16 Halves __attribute__((ext_vector_type(16)));
typedef uint16_t Shorts __attribute__((ext_vector_type(16)));
typedef uint32_t Words __attribute__((ext_vector_type(16)));

// values returns those of 16 halves.
static Terms values(bool bfloat, const void *p) {
	Floats f;
	if (bfloat) {
		Shorts s;
		memcpy(&s, p, sizeof s);
		f = __builtin_bit_cast(Floats, __builtin_convertvector(s, Words) << 16);
	} else {
		Halves h;
		memcpy(&h, p, sizeof h);
		f = __builtin_convertvector(h, Floats);
	}
	return __builtin_convertvector(f, Terms);
}

// add16 adds sixteen products to a sum. Terms lose what is below 2^-30 of the largest, and are then
// added up exactly, so that their order does not matter: as tensor units do, which lose a little more.
static float add16(float sum, Terms terms) {
	const uint64_t exponent = 0x7ff0000000000000;
	uint64_t all = __builtin_bit_cast(uint64_t, (double)sum) & exponent;
	Bits bits = __builtin_bit_cast(Bits, terms) & exponent;
	uint64_t top = all > __builtin_reduce_max(bits) ? all : __builtin_reduce_max(bits);
	if (top == exponent || top == 0) { // no number, or all of them 0
		double plain = sum;
		for (int i = 0; i < 16; i++) plain += terms[i];
		return (float)plain;
	}
	double round = __builtin_bit_cast(double, top + ((uint64_t)22 << 52) + ((uint64_t)1 << 51)); // 1.5 * 2^22 of the largest
	Terms cut = (terms + round) - round;
	auto half = cut.lo + cut.hi;
	auto quarter = half.lo + half.hi;
	double exact = (sum + round) - round;
	return (float)(exact + ((quarter.x + quarter.y) + (quarter.z + quarter.w)));
}

void load_tiles(uint32_t *r, const uint8_t *p, bool turned, int line) {
	check_block(p, 16);
	const uint32_t words[6] = {(uint32_t)(uintptr_t)p, (uint32_t)((uintptr_t)p >> 32), 0, 0, 0, 0};
	const uint32_t(*all)[6] = gather(words, line);
	int g = (self()->thread & 31) / 4, t = self()->thread & 3;
	for (int i = 0; i < 4; i++) {
		uint16_t halves[2];
		for (int j = 0; j < 2; j++) {
			int row = turned ? 2 * t + j : g, col = turned ? g : 2 * t + j;
			const uint32_t *w = all[8 * i + row];
			halves[j] = ((const uint16_t *)((uintptr_t)w[0] | (uintptr_t)w[1] << 32))[col];
		}
		r[i] = halves[0] | (uint32_t)halves[1] << 16;
	}
}

void copy16(uint8_t *to, const uint8_t *from) {
	check_block(to, 16);
	check_global(from, 16);
	memcpy(to, from, 16);
}

void multiply_tile(bool bfloat, float *d, const uint32_t *a, const uint32_t *b, int line) {
	const uint32_t words[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
	const uint32_t(*all)[6] = gather(words, line);
	int g = (self()->thread & 31) / 4, t = self()->thread & 3;
	uint32_t rows[2][8], cols[2][8]; // rows g and g+8, columns 2t and 2t+1
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 8; k++) {
			rows[i][k] = all[g * 4 + k % 4][i + k / 4 * 2];
			cols[i][k] = all[(2 * t + i) * 4 + k % 4][4 + k / 4];
		}
	Terms x[2] = {values(bfloat, rows[0]), values(bfloat, rows[1])}, w[2] = {values(bfloat, cols[0]), values(bfloat, cols[1])};
	bool same = !memcmp(rows[0], rows[1], sizeof rows[0]) && !memcmp(d, d + 2, 2 * sizeof *d);
	for (int i = 0; i < 4; i++)
		d[i] = same && i >= 2 ? d[i - 2] : add16(d[i], x[i / 2] * w[i % 2]);
}

void multiply_codes(float *d, const uint32_t *a, const uint32_t *b, int line) {
	const uint32_t words[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
	const uint32_t(*all)[6] = gather(words, line);
	int g = (self()->thread & 31) / 4, t = self()->thread & 3;
	for (int i = 0; i < 4; i++) { // rows g and g+8, columns 2t and 2t+1
		int sum = 0;
		for (int k = 0; k < 32; k++) {
			int word = k % 16 / 4, byte = k % 4 * 8;
			uint32_t x = all[g * 4 + word][i / 2 + k / 16 * 2], w = all[(2 * t + i % 2) * 4 + word][4 + k / 16];
			sum += (int8_t)(x >> byte) * (int8_t)(w >> byte);
		}
		d[i] = (float)(sum + 12582912);
	}
}

// row_of reads columns 16k to 16k+15 of a row from tiles of 8 rows and 64 columns, whose pieces of 16 bytes are swizzled.
static Terms row_of(bool bfloat, const uint8_t *tiles, int row, int k) {
	uint16_t halves[16];
	for (int c = 0; c < 2; c++) {
		const uint8_t *p = tiles + row / 8 * 1024 + row % 8 * 128 + ((2 * k + c) ^ row % 8) * 16;
		check_block(p, 16);
		memcpy(halves + 8 * c, p, 16);
	}
	return values(bfloat, halves);
}

void group_multiply(bool bfloat, float *d, const uint8_t *a, const uint8_t *b, int k, bool set) {
	int lane = self()->thread & 31, warp = self()->thread / 32 % 4;
	Terms x[2];
	for (int r = 0; r < 2; r++) x[r] = row_of(bfloat, a, warp * 16 + lane / 4 + 8 * r, k);
	for (int col = 0; col < 32; col++) {
		Terms w = row_of(bfloat, b, col / 2 * 8 + lane % 4 * 2 + col % 2, k);
		for (int r = 0; r < 2; r++) {
			float *sum = d + col / 2 * 4 + r * 2 + col % 2;
			*sum = add16(set ? 0 : *sum, x[r] * w);
		}
	}
}

// Arrivals are what has to arrive until a phase ends: threads, and bytes of copies.
struct Arrivals {
	uint64_t phase : 1, threads : 12, missing : 12;
	int64_t bytes : 39;
};
static_assert(sizeof(Arrivals) == 8, "a word of the block's memory");

static Arrivals *at(unsigned long long *p) {
	check_block(p, 8);
	return (Arrivals *)p;
}

static void end_phase(Arrivals *a) {
	moved();
	if (a->missing > 0 || a->bytes != 0) return;
	a->phase ^= 1;
	a->missing = a->threads;
}

void arrivals_start(unsigned long long *p, int threads) {
	*at(p) = Arrivals{0, (uint64_t)threads, (uint64_t)threads, 0};
}

void arrive(unsigned long long *p, int bytes) {
	Arrivals *a = at(p);
	a->bytes += bytes;
	a->missing--;
	end_phase(a);
}

// arrivals_wait waits for the end of a phase.
void arrivals_wait(unsigned long long *p, int phase, int line) {
	while (at(p)->phase == (unsigned)phase) pause(line);
}

void copy_bytes(uint8_t *to, const uint8_t *from, int n, unsigned long long *p) {
	check_block(to, n);
	for (int i = 0; i < n; i += 16) check_global(from + i, 16);
	memcpy(to, from, n);
	at(p)->bytes -= n;
	end_phase(at(p));
}

} // namespace sim
