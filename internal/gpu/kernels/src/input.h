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

// An Element is one number of the input of a product: x, or its RMSNorm.
struct Element {
	GLOBAL(const float) x;
	GLOBAL(const float) norm;
	float rms;
	MEMBER float at(int i) const {
		float f = x[i];
		if (norm) f = norm[i] * (rms * f);
		return f;
	}
};

// quantize_group makes codes of n elements from first on, by a warp: scale is their largest
// magnitude / 127, codes are rounded half to even. What is no number spoils the scale.
template <class Store> DEVICE void quantize_group(const Element &e, int first, int n, Store &store) {
	u32 top = 0;
	for (int i = LANE; i < n; i += 32) {
		u32 b = float_bits(e.at(first + i)) & 0x7fffffff;
		top = b > top ? b : top;
	}
	top = WARP_MAX(top);
	float scale = top < 0x7f800000 ? bits_float(top) / 127 : bits_float(0x7fc00000);
	int sum = 0;
	for (int i = LANE; i < n; i += 32) {
		float r = 0;
		if (top > 0 && top < 0x7f800000) r = scale > 0 ? round32(e.at(first + i) / scale) : 0;
		r = r < -127 ? -127 : r > 127 ? 127 : r;
		store.code(first + i, (int)r);
		sum += (int)r;
	}
	sum = WARP_SUM(sum);
	if (LANE == 0) store.group(first / n, scale, sum);
}

struct StagedStore {
	SHARED(i8) q;
	SHARED(float) scales;
	SHARED(int) sums;
	MEMBER void code(int i, int c) { q[i] = (i8)c; }
	MEMBER void group(int g, float scale, int sum) {
		scales[g] = scale;
		sums[g] = sum;
	}
};

struct GlobalStore {
	GLOBAL(i8) q;
	GLOBAL(float) scales;
	GLOBAL(int) sums;
	MEMBER void code(int i, int c) { q[i] = (i8)c; }
	MEMBER void group(int g, float scale, int sum) {
		scales[g] = scale;
		sums[g] = sum;
	}
};
