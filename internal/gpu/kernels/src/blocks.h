// Weights in blocks as files have them. A chunk is 32 neighbours, unpacked to
// int8 codes with a scale, and maybe a minimum, for each half: value = d·code + m.
// Package quant draws the layouts.
#pragma once

struct Codes32 {
	u32 q[8];
	float d[2], m[2];
	MEMBER float scale(int h) const { return d[h]; }
	MEMBER float minimum(int h) const { return m[h]; }
	MEMBER float value(int i) const { return d[i / 16] * (float)(int)(i8)(q[i / 4] >> (i % 4 * 8)) + m[i / 16]; }
};

DEVICE u32 half_at(GLOBAL(const u8) p, int at) { return GLOBAL_CAST(const u16, p + at)[0]; }
DEVICE float float_at(GLOBAL(const u8) p, int at) { return half_float((u16)half_at(p, at)); }

// words_at sets q to N words at a place of a block, of blocks that lie at multiples of ALIGN. Where that is 2, odd is the block's
// distance from a multiple of 4, and words are made of those that they lie in.
template <int ALIGN, int N> DEVICE void words_at(OWN(u32) *q, GLOBAL(const u8) p, int at, int odd) {
	if (ALIGN == 16) {
		UNROLL for (int i = 0; i < N / 4; i++) words_of(q + 4 * i, load16(p + (at + 16 * i)));
		return;
	}
	int before = ALIGN == 2 ? (at + odd) & 2 : 0;
	GLOBAL(const u32) from = GLOBAL_CAST(const u32, p + (at - before));
	UNROLL for (int i = 0; i < N; i++) q[i] = from[i];
	if (before == 0) return;
	u32 last = from[N];
	UNROLL for (int i = 0; i < N; i++) q[i] = q[i] >> 16 | (i + 1 < N ? q[i + 1] : last) << 16;
}

// minus subtracts k, below 128, from each of four bytes below 128.
DEVICE u32 minus(u32 bytes, u32 k) { return ((bytes | 0x80808080) - k * 0x01010101) ^ 0x80808080; }

// spread moves four bits to the lowest of four bytes each.
DEVICE u32 spread(u32 bits) { return ((bits & 15) * 0x00204081) & 0x01010101; }

// look_up replaces four nibbles, one to a byte, by bytes of a table.
DEVICE u32 look_up(u32 nibbles, u64 low, u64 high) {
	u32 y = 0;
	UNROLL for (int i = 0; i < 32; i += 8) {
		u32 n = (nibbles >> i) & 15;
		y |= (u32)((n < 8 ? low : high) >> (n % 8 * 8) & 255) << i;
	}
	return y;
}

DEVICE u32 iq4(u32 nibbles) { return look_up(nibbles, 0xf6eaddcfbfad9881, 0x7159453526190d01); }

// nibble_words sets q to the low nibbles of 16 bytes and then the high ones.
DEVICE void nibble_words(OWN(u32) *q, OWN(const u32) *bytes) {
	UNROLL for (int i = 0; i < 4; i++) {
		q[i] = bytes[i] & 0x0f0f0f0f;
		q[i + 4] = (bytes[i] >> 4) & 0x0f0f0f0f;
	}
}

DEVICE void scale_both(OWN(Codes32) &k, float d, float m) {
	k.d[0] = k.d[1] = d;
	k.m[0] = k.m[1] = m;
}

// What all of these have in common. A layout U says its block's bytes and length, whether a chunk has one scale or two and a
// minimum beside each, and unpacks.
template <class U> struct Blocks {
	enum { LEN = 32, IS_CODES = 1, AHEAD = 1, SCALES = U::SCALES, HAS_MINS = U::HAS_MINS, IS_SHORT = U::IS_SHORT };
	typedef Codes32 Raw;
	typedef Codes32 Chunk;
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) {
		Codes32 k;
		i64 at = (i64)row * w.pitch + (i64)(c / (U::BLOCK / 32)) * U::BYTES;
		U::unpack(k, w.data + at, c % (U::BLOCK / 32), (int)at & 2);
		return k;
	}
	static MEMBER Chunk decode(OWN(const Raw) &r, OWN(const Weight) &, int) { return r; }
	static MEMBER void codes(OWN(u32) *q, OWN(const Chunk) &k) { UNROLL for (int i = 0; i < 8; i++) q[i] = k.q[i]; }
	template <class X> static MEMBER float step(float acc, OWN(const Chunk) &k, OWN(const X) &x, int c, int group) {
		float dx = x.scale(c * 32 / group);
		int dot = 0, sum = 0;
		UNROLL for (int h = 0; h < 2; h++) {
			u32x4 v = x.at(2 * c + h);
			u32x4 q = {k.q[4 * h], k.q[4 * h + 1], k.q[4 * h + 2], k.q[4 * h + 3]};
			dot = dot16(q, v, dot);
			if (U::HAS_MINS) sum = dot16(v, u32x4(0x01010101), sum);
			if (h == 0 && SCALES == 1) continue;
			acc = fma32((float)dot * k.d[h], dx, acc);
			if (U::HAS_MINS) acc = fma32((float)sum * dx, k.m[h], acc);
			dot = sum = 0;
		}
		return acc;
	}
};

struct Q4_1Block {
	enum { BYTES = 20, BLOCK = 32, HAS_MINS = 1, SCALES = 1, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int, int odd) {
		u32 w[5];
		words_at<4, 5>(w, p, 0, odd);
		nibble_words(k.q, w + 1);
		scale_both(k, low_half(w[0]), high_half(w[0]));
	}
};

struct Q5_0Block {
	enum { BYTES = 22, BLOCK = 32, HAS_MINS = 0, SCALES = 1, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int, int odd) {
		u32 w[5];
		words_at<2, 5>(w, p, 2, odd);
		nibble_words(k.q, w + 1);
		UNROLL for (int i = 0; i < 8; i++) k.q[i] = minus(k.q[i] | spread(w[0] >> (4 * i)) << 4, 16);
		scale_both(k, float_at(p, 0), 0);
	}
};

struct Q5_1Block {
	enum { BYTES = 24, BLOCK = 32, HAS_MINS = 1, SCALES = 1, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int, int odd) {
		u32 w[6];
		words_at<4, 6>(w, p, 0, odd);
		nibble_words(k.q, w + 2);
		UNROLL for (int i = 0; i < 8; i++) k.q[i] |= spread(w[1] >> (4 * i)) << 4;
		scale_both(k, low_half(w[0]), high_half(w[0]));
	}
};

struct IQ4_NLBlock {
	enum { BYTES = 18, BLOCK = 32, HAS_MINS = 0, SCALES = 1, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int, int odd) {
		u32 w[4];
		words_at<2, 4>(w, p, 2, odd);
		nibble_words(k.q, w);
		UNROLL for (int i = 0; i < 8; i++) k.q[i] = iq4(k.q[i]);
		scale_both(k, float_at(p, 0), 0);
	}
};

struct MXFP4Block {
	enum { BYTES = 17, BLOCK = 32, HAS_MINS = 0, SCALES = 1, IS_SHORT = 0 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int, int odd) {
		UNROLL for (int i = 0; i < 4; i++) {
			u32 w = p[1 + 4 * i] | p[2 + 4 * i] << 8 | p[3 + 4 * i] << 16 | (u32)p[4 + 4 * i] << 24;
			k.q[i] = look_up(w & 0x0f0f0f0f, 0x0c08060403020100, 0xf4f8fafcfdfeff00);
			k.q[i + 4] = look_up((w >> 4) & 0x0f0f0f0f, 0x0c08060403020100, 0xf4f8fafcfdfeff00);
		}
		u32 e = p[0]; // 2**(e-128), of which the first two are subnormal
		scale_both(k, bits_float(e < 2 ? 0x200000u << e : (e - 1) << 23), 0);
	}
};

struct IQ4_XSBlock {
	enum { BYTES = 136, BLOCK = 256, HAS_MINS = 0, SCALES = 1, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int i, int odd) {
		u32 head[2], w[4];
		words_at<4, 2>(head, p, 0, odd);
		words_at<4, 4>(w, p, 8 + 16 * i, odd);
		nibble_words(k.q, w);
		UNROLL for (int j = 0; j < 8; j++) k.q[j] = iq4(k.q[j]);
		int s = (int)(head[1] >> (4 * i) & 15) + 16 * (int)(head[0] >> (16 + 2 * i) & 3) - 32;
		scale_both(k, low_half(head[0]) * (float)s, 0);
	}
};

struct Q2_KBlock {
	enum { BYTES = 84, BLOCK = 256, HAS_MINS = 1, SCALES = 2, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int i, int odd) {
		u32 d[1];
		words_at<4, 8>(k.q, p, 16 + i / 4 * 32, odd);
		words_at<4, 1>(d, p, 80, odd);
		UNROLL for (int j = 0; j < 8; j++) k.q[j] = (k.q[j] >> (i % 4 * 2)) & 0x03030303;
		int both = (int)half_at(p, 2 * i);
		UNROLL for (int h = 0; h < 2; h++) {
			k.d[h] = low_half(d[0]) * (float)(both >> (8 * h) & 15);
			k.m[h] = -(high_half(d[0]) * (float)(both >> (8 * h + 4) & 15));
		}
	}
};

struct Q3_KBlock {
	enum { BYTES = 110, BLOCK = 256, HAS_MINS = 0, SCALES = 2, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int i, int odd) {
		u32 low[8], high[8];
		words_at<2, 8>(low, p, 32 + i / 4 * 32, odd);
		words_at<2, 8>(high, p, 0, odd);
		UNROLL for (int j = 0; j < 8; j++)
			k.q[j] = minus(((low[j] >> (i % 4 * 2)) & 0x03030303) | ((high[j] >> i) & 0x01010101) << 2, 4);
		UNROLL for (int h = 0; h < 2; h++) {
			int n = 2 * i + h;
			int s = (p[96 + n % 8] >> (n / 8 * 4) & 15) + 16 * (p[104 + n % 4] >> (n / 4 * 2) & 3) - 32;
			k.d[h] = float_at(p, 108) * (float)s;
			k.m[h] = 0;
		}
	}
};

// k_scales sets the scale and the minimum of part i of 8, of 6 bits each. head is the block's first 16 bytes: both factors, and
// then 12 bytes of these.
DEVICE void k_scales(OWN(Codes32) &k, OWN(const u32) *head, int i) {
	int at = i % 4 * 8, a = (int)(head[1] >> at & 255), b = (int)(head[2] >> at & 255), c = (int)(head[3] >> at & 255);
	int s = i < 4 ? a & 63 : (c & 15) + 16 * (a >> 6), m = i < 4 ? b & 63 : (c >> 4) + 16 * (b >> 6);
	scale_both(k, low_half(head[0]) * (float)s, -(high_half(head[0]) * (float)m));
}

struct Q4_KBlock {
	enum { BYTES = 144, BLOCK = 256, HAS_MINS = 1, SCALES = 1, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int i, int odd) {
		u32 head[4];
		words_at<16, 4>(head, p, 0, odd);
		words_at<16, 8>(k.q, p, 16 + i / 2 * 32, odd);
		UNROLL for (int j = 0; j < 8; j++) k.q[j] = (k.q[j] >> (i % 2 * 4)) & 0x0f0f0f0f;
		k_scales(k, head, i);
	}
};

struct Q5_KBlock {
	enum { BYTES = 176, BLOCK = 256, HAS_MINS = 1, SCALES = 1, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int i, int odd) {
		u32 head[4], high[8];
		words_at<16, 4>(head, p, 0, odd);
		words_at<16, 8>(high, p, 16, odd);
		words_at<16, 8>(k.q, p, 48 + i / 2 * 32, odd);
		UNROLL for (int j = 0; j < 8; j++)
			k.q[j] = ((k.q[j] >> (i % 2 * 4)) & 0x0f0f0f0f) | ((high[j] >> i) & 0x01010101) << 4;
		k_scales(k, head, i);
	}
};

struct Q6_KBlock {
	enum { BYTES = 210, BLOCK = 256, HAS_MINS = 0, SCALES = 2, IS_SHORT = 1 };
	static MEMBER void unpack(OWN(Codes32) &k, GLOBAL(const u8) p, int i, int odd) {
		u32 low[8], high[8];
		words_at<2, 8>(low, p, i / 4 * 64 + i % 2 * 32, odd);
		words_at<2, 8>(high, p, 128 + i / 4 * 32, odd);
		UNROLL for (int j = 0; j < 8; j++)
			k.q[j] = minus(((low[j] >> (i / 2 % 2 * 4)) & 0x0f0f0f0f) | ((high[j] >> (i % 4 * 2)) & 0x03030303) << 4, 32);
		u32 both = half_at(p, 192 + 2 * i);
		UNROLL for (int h = 0; h < 2; h++) {
			k.d[h] = float_at(p, 208) * (float)(int)(i8)(both >> (8 * h));
			k.m[h] = 0;
		}
	}
};

typedef Blocks<Q4_1Block> Q4_1;
typedef Blocks<Q5_0Block> Q5_0;
typedef Blocks<Q5_1Block> Q5_1;
typedef Blocks<IQ4_NLBlock> IQ4_NL;
typedef Blocks<MXFP4Block> MXFP4;
typedef Blocks<IQ4_XSBlock> IQ4_XS;
typedef Blocks<Q2_KBlock> Q2_K;
typedef Blocks<Q3_KBlock> Q3_K;
typedef Blocks<Q4_KBlock> Q4_K;
typedef Blocks<Q5_KBlock> Q5_K;
typedef Blocks<Q6_KBlock> Q6_K;
