// A square is the unit that many vectors are multiplied by: exact sums of products of codes, of 16 vectors and 16 rows of a
// matrix, over 16 or 32 columns. A warp makes them, of lines of codes in the block's memory: by mma.sync on CUDA, by matrices of
// a simdgroup on Metal, by plain loops on the host. Of the 256 sums a lane gets eight, those of square_vector and square_row.
//
//	LINE(len)             the bytes of a line of so many codes
//	put_line<len>         stages line i of a stage; q has its codes in order, four to a word
//	SQUARE_BIAS           what sums are too large by
//	SQUARE_SCRATCH        the bytes that all warps of a block need beside
//	Square<len, scales>   lines of 16 vectors and 16 rows, which rows and vectors take; sums(h, ...) of part h, of len/scales codes
#pragma once

DEVICE int square_vector(int lane, int i) { return lane / 4 + i % 4 / 2 * 8; }
DEVICE int square_row(int lane, int i) { return lane % 4 * 2 + i % 2 + i / 4 * 8; }

#ifdef MULTIPLY_CODES
#define LINE(len) (len)
enum { SQUARE_BIAS = 3 << 22, SQUARE_SCRATCH = 0 };

// line_piece returns where piece c of 16 codes of line i is: of eight lines no two have theirs in the same banks.
template <int LEN> DEVICE int line_piece(int i, int c) { return i * LEN + (LEN == 16 ? 0 : (c ^ (i >> 2 & 1)) * 16); }

template <int LEN> DEVICE void put_line(SHARED(u8) lines, int i, OWN(const u32) *q) {
	UNROLL for (int c = 0; c < LEN / 16; c++)
		SHARED_CAST(u32x4, lines + line_piece<LEN>(i, c))[0] = u32x4{q[4 * c], q[4 * c + 1], q[4 * c + 2], q[4 * c + 3]};
}

template <int LEN, int SCALES> struct Square {
	u32 x[4], w[4]; // words t of vectors g and g+8, and words t+4 of these; words t and t+4 of row g, and of row g+8
	MEMBER void vectors(SHARED(const u8) lines) {
		LOAD_TILES(x, lines + line_piece<LEN>(LANE % 16, LANE / 16));
		if (LEN == 16) x[2] = x[3] = 0; // of which there are half as many
	}
	MEMBER void rows(SHARED(const u8) lines) {
		LOAD_TILES(w, lines + line_piece<LEN>(LANE / 16 * 8 + LANE % 8, LANE / 8 % 2));
		if (LEN == 16) w[1] = w[3] = 0;
	}
	// Of one part the other's words are taken for zeros.
	MEMBER void sums(OWN(float) *s, int h, SHARED(float)) const {
		u32 a[4] = {x[2 * h], x[2 * h + 1], SCALES == 1 ? x[2] : 0, SCALES == 1 ? x[3] : 0};
		UNROLL for (int n = 0; n < 2; n++) {
			u32 b[2] = {w[2 * n + h], SCALES == 1 ? w[2 * n + 1] : 0};
			MULTIPLY_CODES(s + 4 * n, a, b);
		}
	}
};
#else
// Codes are halves here, and sums of 32 products of theirs below 2^24: exact as floats in any order. Lines lie 16 bytes
// further from each other than they are long.
#define LINE(len) (2 * (len) + 16)
enum { SQUARE_BIAS = 0, SQUARE_SCRATCH = 8 * 256 * 4 };

DEVICE u32 two_halves(u32 codes) {
	return (u32)float_half((float)(int)(i8)codes) | (u32)float_half((float)(int)(i8)(codes >> 8)) << 16;
}

template <int LEN> DEVICE void put_line(SHARED(u8) lines, int i, OWN(const u32) *q) {
	SHARED(u32x4) line = SHARED_CAST(u32x4, lines + i * LINE(LEN));
	UNROLL for (int j = 0; j < LEN / 8; j++)
		line[j] = u32x4{two_halves(q[2 * j]), two_halves(q[2 * j] >> 16), two_halves(q[2 * j + 1]), two_halves(q[2 * j + 1] >> 16)};
}

template <int LEN, int SCALES> struct Square {
	SHARED(const f16) x;
	SHARED(const f16) w;
	MEMBER void vectors(ID_PARAMS SHARED(const u8) lines) { x = SHARED_CAST(const f16, lines); }
	MEMBER void rows(ID_PARAMS SHARED(const u8) lines) { w = SHARED_CAST(const f16, lines); }
	// Which lane holds what of a matrix is not said: sums go through the block's memory.
	MEMBER void sums(ID_PARAMS OWN(float) *s, int h, SHARED(float) scratch) const {
		enum { PITCH = LINE(LEN) / 2, N = LEN / SCALES };
		SHARED(float) mine = scratch + WARP * 256;
		WARP_MEETS(); // before others' sums are overwritten
		UNROLL for (int q = 0; q < 4; q++) {
			MATRIX8(float) d = MATRIX8_ZERO(float);
			UNROLL for (int k = h * N; k < (h + 1) * N; k += 8) {
				MATRIX8(f16) a, b;
				MATRIX8_LOAD(a, x + (q / 2 * 8 * PITCH + k), PITCH);
				MATRIX8_LOAD_TURNED(b, w + (q % 2 * 8 * PITCH + k), PITCH);
				MATRIX8_MULTIPLY(d, a, b);
			}
			MATRIX8_STORE(d, mine + (q / 2 * 128 + q % 2 * 8), 16);
		}
		WARP_MEETS();
		UNROLL for (int i = 0; i < 8; i++) s[i] = mine[square_vector(LANE, i) * 16 + square_row(LANE, i)];
	}
};
#endif
