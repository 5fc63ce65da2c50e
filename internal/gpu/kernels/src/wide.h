// Products of a matrix of halves and many vectors, on the tensor units of a group of four warps (sm_90a). Tiles of
// both lie in the device's memory as these units read them, so one thread copies slabs and two groups
// multiply. A sum has the order that rows8.h says.
#pragma once

// A block multiplies WIDE vectors, half of them in each group, and WIDE rows. STAGES copies are on their way.
enum { WIDE = 128, WIDE_ROW_TILES = WIDE / 8 };

template <class F> struct Stage {
	enum { BYTES = SLAB_BYTES * (F::PARTS + 1), COUNT = F::PARTS == 1 ? 6 : 4 };
};

// copy_slabs is the work of the thread that copies.
template <class F> DEVICE void copy_slabs(
	ARGS(ProductArgs) a, OWN(const Weight) &w, int row, SHARED(u8) bytes, SHARED(u64) full, SHARED(u64) empty) {
	typedef Stage<F> S;
	int n = (a.cols + 63) / 64, pitch = slab_pitch(a.cols), s = 0, phase = 1;
	GLOBAL(const u8) weights = w.data + tile_at(row, 0, pitch);
	GLOBAL(const i8) vectors = a.q + (i64)BLOCK_X * pitch;
	for (int it = 0; it < n; it++) {
		ARRIVALS_WAIT(empty + s, phase);
		ARRIVE_EXPECTING(full + s, S::BYTES);
		SHARED(u8) to = bytes + s * S::BYTES;
		UNROLL for (int p = 0; p < F::PARTS; p++) {
			GLOBAL(const u8) from = GLOBAL_CAST(const u8, vectors + ((i64)p * a.group + (i64)it * SLAB_BYTES));
			COPY_BYTES(to + p * SLAB_BYTES, from, SLAB_BYTES, full + s);
		}
		COPY_BYTES(to + F::PARTS * SLAB_BYTES, weights + (i64)it * SLAB_BYTES, SLAB_BYTES, full + s);
		if (++s == S::COUNT) {
			s = 0;
			phase ^= 1;
		}
	}
}

// multiply_tiles is the work of a group: total[i] of a thread is of the vector and row that tile_vector and tile_row say.
template <class F> DEVICE void multiply_tiles(
	float *total, int n, int group, SHARED(u8) bytes, SHARED(u64) full, SHARED(u64) empty) {
	typedef Stage<F> S;
	float sum[WIDE / 2];
	int s = 0, phase = 0, before = 0; // before s
	UNROLL for (int i = 0; i < WIDE / 2; i++) total[i] = sum[i] = 0;
	for (int first = 0; first < n; first += PART / TILE_COLS) {
		int end = first + PART / TILE_COLS < n ? first + PART / TILE_COLS : n;
		for (int it = first; it < end; it++) {
			ARRIVALS_WAIT(full + s, phase);
			SHARED(const u8) x = bytes + (s * S::BYTES + group * (WIDE_ROW_TILES / 2) * TILE_BYTES);
			SHARED(const u8) w = bytes + (s * S::BYTES + F::PARTS * WIDE_ROW_TILES * TILE_BYTES);
			GROUP_BEGIN();
			UNROLL for (int k = 0; k < 4; k++)
				UNROLL for (int p = 0; p < F::PARTS; p++)
					GROUP_MULTIPLY(F::IS_BFLOAT, sum, x + p * WIDE_ROW_TILES * TILE_BYTES, w, k, it == first && k == 0 && p == 0);
			GROUP_COMMIT();
			GROUP_WAIT_LAST();
			// The tiles before these are free.
			if (LANE == 0 && it > 0) ARRIVE(empty + before);
			before = s;
			if (++s == S::COUNT) {
				s = 0;
				phase ^= 1;
			}
		}
		GROUP_WAIT_ALL(sum);
		UNROLL for (int i = 0; i < WIDE / 2; i++) total[i] = total[i] + sum[i];
	}
}

// store_wide stores what a thread has of vector t, pairs of rows from row on, eight rows apart. What they are added to is
// read for all of them at first.
DEVICE void store_wide(ARGS(ProductArgs) a, int which, int row, int rows, int t, const float *total) {
	if (t >= a.vectors) return;
	float inverse = a.scales[t];
	GLOBAL(f32x2) dst = GLOBAL_CAST(f32x2, OF(a, which, dst) + ((i64)t * OF(a, which, stride) + row));
	GLOBAL(const float) bias = OF(a, which, bias);
	f32x2 before[WIDE / 8];
	UNROLL for (int j = 0; j < WIDE / 8; j++) before[j] = a.then == ADD && row + 8 * j + 1 < rows ? dst[4 * j] : f32x2(0);
	UNROLL for (int j = 0; j < WIDE / 8; j++) {
		f32x2 y = {total[4 * j] * inverse, total[4 * j + 1] * inverse};
		int r = row + 8 * j;
		if (r + 1 == rows) finish(a, which, r, t, y.x);
		if (r + 1 >= rows) continue;
		if (bias) y = f32x2{y.x + bias[r], y.y + bias[r + 1]};
		dst[4 * j] = a.then == ADD ? before[j] + y : y;
	}
}

template <class F> DEVICE void wide(ARGS(ProductArgs) a, SHARED(u8) bytes) {
	typedef Stage<F> S;
	SHARED(u64) full = SHARED_CAST(u64, bytes + S::COUNT * S::BYTES);
	SHARED(u64) empty = full + S::COUNT;
	if (THREAD == 0) {
		for (int i = 0; i < S::COUNT; i++) {
			ARRIVALS_START(full + i, 1);
			ARRIVALS_START(empty + i, 8);
		}
	}
	ARRIVALS_READY();
	BARRIER();
	int first = BLOCK_Y * WIDE, which = which_of(a, first), row = first - OF(a, which, first);
	Weight w = weight_of(a, which);
	if (row >= w.rows) return;
	if (WARP == 8) {
		if (LANE == 0) copy_slabs<F>(a, w, row, bytes, full, empty);
		return;
	}
	int group = WARP / 4;
	float total[WIDE / 2];
	multiply_tiles<F>(total, (a.cols + 63) / 64, group, bytes, full, empty);
	int t = BLOCK_X * WIDE + group * 64 + WARP % 4 * 16 + LANE / 4;
	row += LANE % 4 * 2;
	store_wide(a, which, row, w.rows, t, total);
	store_wide(a, which, row, w.rows, t + 8, total + 2);
}

#define WIDE_PRODUCTS(name, F) WIDE_PRODUCTS_OF(name, F)
#define WIDE_PRODUCTS_OF(name, F)                    \
	KERNEL_OF(288, wide_##name, ProductArgs) {       \
		SHARED_BYTES(bytes);                         \
		wide<F>(a, bytes);                           \
	}
