// The kernels of the programs in examples, which no model runs: products of matrices, and halves of floats and back.
#include "dialect.h"

// Y is X times W turned: y[i][j] is the sum of x[i][k] * w[j][k], as weights are multiplied. Behind their n numbers rows
// of X and W have zeros up to pitch, a multiple of 16. For the tensor unit both are halves.
struct MatmulArgs {
	GLOBAL(const float) x; // [n][pitch]
	GLOBAL(const float) w; // [n][pitch]
	GLOBAL(float) y; // [n][n]
	int n, pitch;
};

// matmul_naive gives each thread a number of Y. It reads its rows of X and W as if nobody else did; and what the lanes of a
// warp read of W at once lies pitch floats apart.
KERNEL(matmul_naive, MatmulArgs) {
	int row = BLOCK_Y, col = BLOCK_X * THREADS + THREAD;
	if (col >= a.n) return;
	float sum = 0;
	for (int k = 0; k < a.n; k++) sum = fma32(a.x[(i64)row * a.pitch + k], a.w[(i64)col * a.pitch + k], sum);
	a.y[(i64)row * a.n + col] = sum;
}

// matmul_tiled lets a block of 256 make 16 rows and columns of Y. It reads tiles of 16 by 16 into its memory, where 16
// threads use each number; lines of 17 have their numbers in different banks. The sums' order is that of matmul_naive.
KERNEL(matmul_tiled, MatmulArgs) {
	enum { SIDE = 16, LINE = SIDE + 1 };
	SHARED_ARRAY(float, x, SIDE * LINE);
	SHARED_ARRAY(float, w, SIDE * LINE);
	int r = THREAD / SIDE, c = THREAD % SIDE, row = BLOCK_Y * SIDE, col = BLOCK_X * SIDE;
	float sum = 0;
	for (int k = 0; k < a.pitch; k += SIDE) {
		x[r * LINE + c] = row + r < a.n ? a.x[(i64)(row + r) * a.pitch + k + c] : 0;
		w[r * LINE + c] = col + r < a.n ? a.w[(i64)(col + r) * a.pitch + k + c] : 0;
		BARRIER();
		UNROLL for (int i = 0; i < SIDE; i++) sum = fma32(x[r * LINE + i], w[c * LINE + i], sum);
		BARRIER();
	}
	if (row + r < a.n && col + c < a.n) a.y[(i64)(row + r) * a.n + col + c] = sum;
}

// Of halves, a block of eight warps makes 64 rows and columns of Y, a warp 16 by 32 of them. 64 halves of each row are in the
// block's memory, 8 to a piece; lines of 9 pieces are for the banks again.
enum { SIDE = 64, LINE_PIECES = 9 };

DEVICE void stage_halves(ID_PARAMS SHARED(u32x4) to, GLOBAL(const u32x4) from, int row, int rows, int k, int pieces) {
	for (int i = THREAD; i < SIDE * 8; i += THREADS) {
		int r = i / 8, c = i % 8;
		to[r * LINE_PIECES + c] = row + r < rows && k + c < pieces ? from[(i64)(row + r) * pieces + k + c] : u32x4(0);
	}
}

#ifdef MULTIPLY_TILE
// matmul_tensor multiplies by four tiles of the tensor unit for each warp.
KERNEL(matmul_tensor, MatmulArgs) {
	enum { LINE = LINE_PIECES, WORDS = 4 * LINE };
	SHARED_ARRAY(u32x4, x, SIDE * LINE);
	SHARED_ARRAY(u32x4, w, SIDE * LINE);
	GLOBAL(const u32x4) from_x = GLOBAL_CAST(const u32x4, a.x);
	GLOBAL(const u32x4) from_w = GLOBAL_CAST(const u32x4, a.w);
	int row = BLOCK_Y * SIDE, col = BLOCK_X * SIDE, pieces = a.pitch / 8;
	int warp_row = WARP % 4 * 16, warp_col = WARP / 4 * 32, g = LANE / 4, t = LANE % 4;
	float d[4][4] = {};
	for (int k = 0; k < pieces; k += 8) {
		stage_halves(IDS x, from_x, row, a.n, k, pieces);
		stage_halves(IDS w, from_w, col, a.n, k, pieces);
		BARRIER();
		UNROLL for (int step = 0; step < 4; step++) { // of 16 halves, which are 8 words
			SHARED(const u32) p = SHARED_CAST(const u32, x) + ((warp_row + g) * WORDS + step * 8 + t);
			u32 rows[4] = {p[0], p[8 * WORDS], p[4], p[8 * WORDS + 4]};
			UNROLL for (int j = 0; j < 4; j++) {
				SHARED(const u32) q = SHARED_CAST(const u32, w) + ((warp_col + 8 * j + g) * WORDS + step * 8 + t);
				u32 cols[2] = {q[0], q[4]};
				MULTIPLY_TILE(0, d[j], rows, cols);
			}
		}
		BARRIER();
	}
	UNROLL for (int i = 0; i < 16; i++) {
		int r = row + warp_row + g + i % 4 / 2 * 8, c = col + warp_col + i / 4 * 8 + 2 * t + i % 2;
		if (r < a.n && c < a.n) a.y[(i64)r * a.n + c] = d[i / 4][i % 4];
	}
}
#else
// matmul_tensor multiplies by eight matrices of a simdgroup for each warp.
KERNEL(matmul_tensor, MatmulArgs) {
	enum { LINE = LINE_PIECES, PITCH = 8 * LINE };
	SHARED_ARRAY(u32x4, x, SIDE * LINE);
	SHARED_ARRAY(u32x4, w, SIDE * LINE);
	SHARED_ARRAY(float, sums, 8 * 64);
	GLOBAL(const u32x4) from_x = GLOBAL_CAST(const u32x4, a.x);
	GLOBAL(const u32x4) from_w = GLOBAL_CAST(const u32x4, a.w);
	int row = BLOCK_Y * SIDE, col = BLOCK_X * SIDE, pieces = a.pitch / 8, warp_row = WARP % 4 * 16, warp_col = WARP / 4 * 32;
	MATRIX8(float) d[8];
	UNROLL for (int i = 0; i < 8; i++) d[i] = MATRIX8_ZERO(float);
	for (int k = 0; k < pieces; k += 8) {
		stage_halves(IDS x, from_x, row, a.n, k, pieces);
		stage_halves(IDS w, from_w, col, a.n, k, pieces);
		BARRIER();
		UNROLL for (int step = 0; step < 8; step++) { // of 8 halves
			MATRIX8(f16) rows[2], cols[4];
			UNROLL for (int i = 0; i < 2; i++)
				MATRIX8_LOAD(rows[i], SHARED_CAST(const f16, x) + ((warp_row + 8 * i) * PITCH + step * 8), PITCH);
			UNROLL for (int i = 0; i < 4; i++)
				MATRIX8_LOAD_TURNED(cols[i], SHARED_CAST(const f16, w) + ((warp_col + 8 * i) * PITCH + step * 8), PITCH);
			UNROLL for (int i = 0; i < 8; i++) MATRIX8_MULTIPLY(d[i], rows[i / 4], cols[i % 4]);
		}
		BARRIER();
	}
	UNROLL for (int i = 0; i < 8; i++) {
		MATRIX8_STORE(d[i], sums + WARP * 64, 8);
		WARP_MEETS();
		for (int j = LANE; j < 64; j += 32) {
			int r = row + warp_row + i / 4 * 8 + j / 8, c = col + warp_col + i % 4 * 8 + j % 8;
			if (r < a.n && c < a.n) a.y[(i64)r * a.n + c] = sums[WARP * 64 + j];
		}
		WARP_MEETS();
	}
}
#endif

struct NarrowArgs {
	GLOBAL(const float) x;
	GLOBAL(u16) h;
	GLOBAL(u8) overflows; // one for each warp
	int n, unused;
};

struct WidenArgs {
	GLOBAL(const u16) h;
	GLOBAL(float) x;
	int n, unused;
};

// narrow rounds floats to halves, half to even, and counts the finite ones that become infinite.
KERNEL(narrow, NarrowArgs) {
	int i = BLOCK_X * THREADS + THREAD, overflow = 0;
	if (i < a.n) {
		float x = a.x[i];
		u16 h = float_half(x);
		a.h[i] = h;
		overflow = (h & 0x7fff) == 0x7c00 && (float_bits(x) & 0x7fffffff) < 0x7f800000;
	}
	overflow = WARP_SUM(overflow);
	if (LANE == 0) a.overflows[i / 32] = (u8)overflow;
}

// widen makes floats of halves, which is exact.
KERNEL(widen, WidenArgs) {
	int i = BLOCK_X * THREADS + THREAD;
	if (i < a.n) a.x[i] = half_float(a.h[i]);
}
