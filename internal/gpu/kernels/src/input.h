// What a matrix is multiplied by: floats, or int8 codes with scales, of one vector
// staged in the block's memory or of many in the device's.
#pragma once

// Vectors of four floats are staged such that the two that a lane takes for its eight
// weights lie in different banks than its neighbours'.
DEVICE int staged(int v) { return (v & ~63) + ((v & 1) << 5) + ((v >> 1) & 31); }

struct StagedFloats {
	SHARED(const f32x4) x;
	MEMBER f32x4 at(int v) const { return x[staged(v)]; }
};

struct Floats {
	GLOBAL(const f32x4) x;
	MEMBER f32x4 at(int v) const { return x[v]; }
};

struct StagedCodes {
	SHARED(const u32x4) q;
	SHARED(const float) scales;
	SHARED(const int) sums;
	MEMBER u32x4 at(int v) const { return q[v]; }
	MEMBER float scale(int g) const { return scales[g]; }
	MEMBER int sum(int g) const { return sums[g]; }
};

struct Codes {
	GLOBAL(const u32x4) q;
	GLOBAL(const float) scales;
	GLOBAL(const int) sums;
	MEMBER u32x4 at(int v) const { return q[v]; }
	MEMBER float scale(int g) const { return scales[g]; }
	MEMBER int sum(int g) const { return sums[g]; }
};

// An Element is one number of the input of a product: x, or its RMSNorm. Behind their ends x
// and norm have zeros, up to a multiple of 8.
struct Element {
	GLOBAL(const float) x;
	GLOBAL(const float) norm;
	float rms;
	MEMBER float at(int i) const {
		float f = x[i];
		if (norm) f = norm[i] * (rms * f);
		return f;
	}
	MEMBER f32x4 at4(int v) const {
		f32x4 f = GLOBAL_CAST(const f32x4, x)[v];
		if (norm) f = GLOBAL_CAST(const f32x4, norm)[v] * (rms * f);
		return f;
	}
};

// Codes are rounded half to even; the scale is the largest magnitude / 127. What is no
// number spoils the scale.
DEVICE float scale_of(u32 top) { return top < 0x7f800000 ? bits_float(top) / 127 : bits_float(0x7fc00000); }

DEVICE int code_of(float x, float scale) {
	float r = scale > 0 ? round32(x / scale) : 0;
	return (int)(r < -127 ? -127 : r > 127 ? 127 : r);
}

DEVICE u32 magnitude(float x) { return float_bits(x) & 0x7fffffff; }

DEVICE u32 larger(u32 a, u32 b) { return a > b ? a : b; }

// A Store is where codes, scales and sums go.
struct StagedStore {
	SHARED(i8) q;
	SHARED(float) scales;
	SHARED(int) sums;
	MEMBER void code(int i, int c) const { q[i] = (i8)c; }
	MEMBER void codes4(int v, u32 c) const { SHARED_CAST(u32, q)[v] = c; }
	MEMBER void group(int g, float scale, int sum) const {
		scales[g] = scale;
		sums[g] = sum;
	}
};

// A GlobalStore is of vector t: its codes and scales are one behind the other, or, for squares, those of the same 32 columns and
// of the same group of TOGETHER vectors.
enum { TOGETHER = 64 };
DEVICE i64 codes_together(i64 t, int cols) { return (t / TOGETHER * ((cols + 31) / 32) * TOGETHER + t % TOGETHER) * 32; }
DEVICE i64 scales_together(i64 t, int groups) { return t / TOGETHER * groups * TOGETHER + t % TOGETHER; }

struct GlobalStore {
	GLOBAL(i8) q;
	GLOBAL(float) scales;
	GLOBAL(int) sums;
	int apart; // 1 or TOGETHER
	MEMBER void code(int i, int c) const { q[i / 32 * (32 * apart) + i % 32] = (i8)c; }
	MEMBER void codes4(int v, u32 c) const { GLOBAL_CAST(u32, q)[v / 8 * (8 * apart) + v % 8] = c; }
	MEMBER void group(int g, float scale, int sum) const {
		scales[g * apart] = scale;
		sums[g] = sum;
	}
};

// quantize_group makes codes of n elements from first on, by a warp.
template <class Store> DEVICE void quantize_group(
	ID_PARAMS OWN(const Element) &e, int first, int n, OWN(const Store) &store) {
	u32 top = 0;
	for (int i = LANE; i < n; i += 32) top = larger(top, magnitude(e.at(first + i)));
	top = WARP_MAX(top);
	float scale = scale_of(top);
	int sum = 0;
	for (int i = LANE; i < n; i += 32) {
		int c = code_of(e.at(first + i), scale);
		store.code(first + i, c);
		sum += c;
	}
	sum = WARP_SUM(sum);
	if (LANE == 0) store.group(first / n, scale, sum);
}

// codes4 makes codes of four numbers, and adds them to sum.
DEVICE u32 codes4(f32x4 f, float scale, OWN(int) &sum) {
	int a = code_of(f.x, scale), b = code_of(f.y, scale), c = code_of(f.z, scale), d = code_of(f.w, scale);
	sum += a + b + c + d;
	return (u32)(a & 255) | (u32)(b & 255) << 8 | (u32)(c & 255) << 16 | (u32)(d & 255) << 24;
}

DEVICE u32 top4(f32x4 f) {
	return larger(larger(magnitude(f.x), magnitude(f.y)), larger(magnitude(f.z), magnitude(f.w)));
}

// quantize_eights makes codes of n elements in groups of 32, 64, 128 or 256, of which each
// thread takes eight neighbours at a time.
template <class Store> DEVICE void quantize_eights(
	ID_PARAMS OWN(const Element) &e, int n, int group, OWN(const Store) &store) {
	f32x4 next[2] = {f32x4(0), f32x4(0)};
	if (THREAD < n / 8) {
		next[0] = e.at4(2 * THREAD);
		next[1] = e.at4(2 * THREAD + 1);
	}
	for (int o = THREAD; o - LANE < n / 8; o += THREADS) { // all lanes of a warp come by
		f32x4 f = next[0], g = next[1];
		next[0] = next[1] = f32x4(0);
		if (o + THREADS < n / 8) {
			next[0] = e.at4(2 * (o + THREADS));
			next[1] = e.at4(2 * (o + THREADS) + 1);
		}
		u32 top = larger(top4(f), top4(g));
		for (int m = 1; m < group / 8; m *= 2) {
			u32 other = SWAP_LANES(top, m);
			top = larger(top, other);
		}
		float scale = scale_of(top);
		int sum = 0;
		u32 low = codes4(f, scale, sum), high = codes4(g, scale, sum);
		for (int m = 1; m < group / 8; m *= 2) sum += SWAP_LANES(sum, m);
		if (o < n / 8) {
			store.codes4(2 * o, low);
			store.codes4(2 * o + 1, high);
			if (o * 8 % group == 0) store.group(o * 8 / group, scale, sum);
		}
	}
}

// quantize makes codes of n elements in groups, by a block.
template <class Store> DEVICE void quantize(
	ID_PARAMS OWN(const Element) &e, int n, int group, OWN(const Store) &store) {
	if (group == 32 || group == 64 || group == 128 || group == 256) {
		quantize_eights(IDS e, n, group, store);
		return;
	}
	for (int g = WARP; g < n / group; g += THREADS / 32) quantize_group(IDS e, g * group, group, store);
}
