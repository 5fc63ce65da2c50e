// Weights that are integers with scales, in planes: the codes of a row, and its
// scales elsewhere. Inputs are codes too, so that products are of integers.
#pragma once

// dot16 adds the products of 16 codes.
DEVICE int dot16(u32x4 a, u32x4 b, int c) {
	return dot4(a.w, b.w, dot4(a.z, b.z, dot4(a.y, b.y, dot4(a.x, b.x, c))));
}

// byte_of returns code i of 16.
DEVICE int byte_of(u32x4 q, int i) {
	u32 w = i < 8 ? (i < 4 ? q.x : q.y) : (i < 12 ? q.z : q.w);
	return (int)(i8)(w >> (i % 4 * 8));
}

// words_of sets words to 16 codes in order.
DEVICE void words_of(OWN(u32) *words, u32x4 q) {
	words[0] = q.x, words[1] = q.y, words[2] = q.z, words[3] = q.w;
}

struct Raw16 {
	u32x4 q;
	u16 d;
};

// Q8_0: 32 codes share a binary16 scale.
struct Q8_0 {
	enum { LEN = 16, IS_CODES = 1, AHEAD = 2, SCALES = 1, HAS_MINS = 0, IS_SHORT = 1 };
	typedef Raw16 Raw;
	struct Chunk {
		u32x4 q;
		float d;
		MEMBER float scale(int) const { return d; }
		MEMBER float minimum(int) const { return 0; }
		MEMBER float value(int i) const { return d * (float)byte_of(q, i); }
	};
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) {
		i64 group = (i64)row * (w.cols / 32) + c / 2;
		return {load16(row_at(w, row) + (i64)c * 16), GLOBAL_CAST(const u16, w.scales)[group]};
	}
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &, int) { return {r.q, half_float(r.d)}; }
	static MEMBER void codes(OWN(u32) *q, OWN(const Chunk) &k) { words_of(q, k.q); }
	template <class X> static MEMBER float step(float acc, OWN(const Chunk) &k, OWN(const X) &x, int c, int) {
		return fma32((float)dot16(k.q, x.at(c), 0) * k.d, x.scale(c / 2), acc);
	}
};

// Q4_0: byte i of 16 holds codes i and i+16, each plus 8; 32 codes share a binary16 scale.
struct Q4_0 {
	enum { LEN = 32, IS_CODES = 1, AHEAD = 2, SCALES = 1, HAS_MINS = 0, IS_SHORT = 1 };
	typedef Raw16 Raw;
	struct Chunk {
		u32x4 q;
		float d;
		MEMBER float scale(int) const { return d; }
		MEMBER float minimum(int) const { return 0; }
		MEMBER float value(int i) const {
			int b = byte_of(q, i % 16);
			return d * (float)((i < 16 ? b & 15 : (b >> 4) & 15) - 8);
		}
	};
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) {
		i64 group = (i64)row * (w.cols / 32) + c;
		return {load16(row_at(w, row) + (i64)c * 16), GLOBAL_CAST(const u16, w.scales)[group]};
	}
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &, int) { return {r.q, half_float(r.d)}; }
	static MEMBER u32x4 minus8(u32x4 nibbles) { return ((nibbles | 0x80808080) - 0x08080808) ^ 0x80808080; }
	static MEMBER void codes(OWN(u32) *q, OWN(const Chunk) &k) {
		words_of(q, minus8(k.q & 0x0f0f0f0f));
		words_of(q + 4, minus8((k.q >> 4) & 0x0f0f0f0f));
	}
	template <class X> static MEMBER float step(float acc, OWN(const Chunk) &k, OWN(const X) &x, int c, int) {
		int s = dot16(k.q & 0x0f0f0f0f, x.at(2 * c), -8 * x.sum(c));
		s = dot16((k.q >> 4) & 0x0f0f0f0f, x.at(2 * c + 1), s);
		return fma32((float)s * k.d, x.scale(c), acc);
	}
};

// Q8 of llama2.c: group codes of a row share a float scale. Where 16 does not divide
// the group, a chunk has codes of several groups, and what is behind a row is zero.
struct Q8 {
	enum { LEN = 16, IS_CODES = 1, AHEAD = 2, SCALES = 1, HAS_MINS = 0, IS_SHORT = 0 };
	struct Raw {
		u32x4 q;
		GLOBAL(const float) scales; // of the row
	};
	struct Chunk {
		u32x4 q;
		GLOBAL(const float) scales;
		int first, cols, group;
		MEMBER float scale(int) const { return scales[first / group]; }
		MEMBER float minimum(int) const { return 0; }
		MEMBER float value(int i) const { return (float)byte_of(q, i) * scales[(first + i) / group]; }
	};
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) {
		return {load16(row_at(w, row) + (i64)c * 16), GLOBAL_CAST(const float, w.scales) + (i64)row * (w.cols / w.group)};
	}
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &w, int c) { return {r.q, r.scales, c * 16, w.cols, w.group}; }
	static MEMBER void codes(OWN(u32) *q, OWN(const Chunk) &k) { words_of(q, k.q); }
	template <class X> static MEMBER float step(float acc, OWN(const Chunk) &k, OWN(const X) &x, int c, int group) {
		u32x4 q = x.at(c);
		if (group % 16 == 0) {
			int g = c * 16 / group;
			return fma32((float)dot16(k.q, q, 0) * k.scales[g], x.scale(g), acc);
		}
		for (int i = 0; i < 16 && k.first + i < k.cols; i++) {
			int g = (k.first + i) / group;
			acc = fma32((float)(byte_of(k.q, i) * byte_of(q, i)) * k.scales[g], x.scale(g), acc);
		}
		return acc;
	}
};
