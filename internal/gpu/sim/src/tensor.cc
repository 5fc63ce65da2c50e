// Tensor units: what lanes of a warp, or the threads of a group of four, multiply together.
#include <cmath>
#include <cstring>

#include "sim.h"

namespace sim {

static double value(bool bfloat, uint16_t half) {
	if (bfloat) return __builtin_bit_cast(float, (uint32_t)half << 16);
	return (float)__builtin_bit_cast(_Float16, half);
}

// add16 adds sixteen products to a sum. Terms lose what is below 2^-30 of the largest, and are then
// added up exactly, so that their order does not matter: as tensor units do, which lose a little more.
static float add16(float sum, const double *terms) {
	double top = std::fabs(sum), plain = sum;
	for (int i = 0; i < 16; i++) {
		top = std::fabs(terms[i]) > top ? std::fabs(terms[i]) : top;
		plain += terms[i];
	}
	if (!std::isfinite(plain) || top == 0) return (float)plain;
	double round = std::ldexp(1.5, std::ilogb(top) - 30 + 52), exact = (sum + round) - round;
	for (int i = 0; i < 16; i++) exact += (terms[i] + round) - round;
	return (float)exact;
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
	for (int i = 0; i < 4; i++) { // rows g and g+8, columns 2t and 2t+1
		double terms[16];
		for (int k = 0; k < 16; k++) {
			uint32_t x = all[g * 4 + k % 8 / 2][i / 2 + k / 8 * 2], w = all[(2 * t + i % 2) * 4 + k % 8 / 2][4 + k / 8];
			terms[k] = value(bfloat, x >> (k % 2 * 16)) * value(bfloat, w >> (k % 2 * 16));
		}
		d[i] = add16(d[i], terms);
	}
}

// row_of reads columns 16k to 16k+15 of a row from tiles of 8 rows and 64 columns, whose pieces of 16 bytes are swizzled.
static void row_of(bool bfloat, double *to, const uint8_t *tiles, int row, int k) {
	for (int c = 0; c < 2; c++) {
		uint16_t halves[8];
		const uint8_t *p = tiles + row / 8 * 1024 + row % 8 * 128 + ((2 * k + c) ^ row % 8) * 16;
		check_block(p, sizeof halves);
		memcpy(halves, p, sizeof halves);
		for (int i = 0; i < 8; i++) to[8 * c + i] = value(bfloat, halves[i]);
	}
}

void group_multiply(bool bfloat, float *d, const uint8_t *a, const uint8_t *b, int k, bool set) {
	int lane = self()->thread & 31, warp = self()->thread / 32 % 4;
	double x[2][16], w[16], terms[16];
	for (int r = 0; r < 2; r++) row_of(bfloat, x[r], a, warp * 16 + lane / 4 + 8 * r, k);
	for (int col = 0; col < 32; col++) {
		row_of(bfloat, w, b, col / 2 * 8 + lane % 4 * 2 + col % 2, k);
		for (int r = 0; r < 2; r++) {
			float *sum = d + col / 2 * 4 + r * 2 + col % 2;
			for (int i = 0; i < 16; i++) terms[i] = x[r][i] * w[i];
			*sum = add16(set ? 0 : *sum, terms);
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
