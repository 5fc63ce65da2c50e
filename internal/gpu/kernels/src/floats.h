// Weights that are floats. A format has a chunk, which is what a lane takes at once:
// load reads its bytes, decode makes numbers of them, and step adds its products to a sum.
#pragma once

// row_at returns where a row begins.
DEVICE GLOBAL(const u8) row_at(OWN(const Weight) &w, int row) { return w.data + (i64)row * w.pitch; }

// of4 adds four products, one after the other.
DEVICE float of4(float acc, OWN(const float) *w, f32x4 x) {
	acc = fma32(w[0], x.x, acc);
	acc = fma32(w[1], x.y, acc);
	acc = fma32(w[2], x.z, acc);
	return fma32(w[3], x.w, acc);
}

struct F32 {
	enum { LEN = 4, IS_CODES = 0, AHEAD = 4 };
	typedef u32x4 Raw;
	struct Chunk {
		float w[4];
		MEMBER float value(int i) const { return w[i]; }
	};
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) { return load16(row_at(w, row) + (i64)c * 16); }
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &, int) {
		return {{bits_float(r.x), bits_float(r.y), bits_float(r.z), bits_float(r.w)}};
	}
	template <class X> static MEMBER float step(float acc, OWN(const Chunk) &k, OWN(const X) &x, int c, int) {
		return of4(acc, k.w, x.at(c));
	}
};

struct Chunk8 {
	float w[8];
	MEMBER float value(int i) const { return w[i]; }
};

struct F16 {
	enum { LEN = 8, IS_CODES = 0, AHEAD = 4 };
	typedef u32x4 Raw;
	typedef Chunk8 Chunk;
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) { return load16(row_at(w, row) + (i64)c * 16); }
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &, int) {
		return {{low_half(r.x), high_half(r.x), low_half(r.y), high_half(r.y), low_half(r.z), high_half(r.z),
			low_half(r.w), high_half(r.w)}};
	}
	template <class X> static MEMBER float step(float acc, OWN(const Chunk) &k, OWN(const X) &x, int c, int) {
		return of4(of4(acc, k.w, x.at(2 * c)), k.w + 4, x.at(2 * c + 1));
	}
};

struct BF16 {
	enum { LEN = 8, IS_CODES = 0, AHEAD = 4 };
	typedef u32x4 Raw;
	typedef Chunk8 Chunk;
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) { return F16::load(w, row, c); }
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &, int) {
		return {{bits_float(r.x << 16), bits_float(r.x & 0xffff0000), bits_float(r.y << 16), bits_float(r.y & 0xffff0000),
			bits_float(r.z << 16), bits_float(r.z & 0xffff0000), bits_float(r.w << 16), bits_float(r.w & 0xffff0000)}};
	}
	template <class X> static MEMBER float step(float acc, OWN(const Chunk) &k, OWN(const X) &x, int c, int g) {
		return F16::step(acc, k, x, c, g);
	}
};
