//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define DST    R0  // results of vector 0
#define STRIDE R1  // bytes from one vector's results to the next one's
#define W0     R2  // the panel, next block; of its row 0, and so on
#define W1     R3
#define W2     R4
#define W3     R5
#define WS     R6  // next scales of the panel
#define X0     R7  // next block of vector 0, and so on
#define X1     R8
#define X2     R9
#define X3     R10
#define XS0    R11 // next scale of vector 0, and so on
#define XS1    R12
#define XS2    R13
#define XS3    R14
#define GROUP  R15 // blocks of 16 in a group
#define G      R16 // groups left
#define BLK    R17 // blocks left
#define STEP   R19 // bytes of a row or vector, or of its scales

// LOAD_TILE_ARGS reads the arguments that both tiles share.
#define LOAD_TILE_ARGS \
	MOVD dst+0(FP), DST       \
	MOVD stride+8(FP), STRIDE \
	MOVD w+16(FP), W0         \
	MOVD ws+24(FP), WS        \
	MOVD x+32(FP), X0         \
	MOVD xs+40(FP), XS0       \
	MOVD xStep+48(FP), STEP   \
	ADD  STEP, X0, X1         \
	ADD  STEP, X1, X2         \
	ADD  STEP, X2, X3         \
	MOVD xsStep+56(FP), STEP  \
	LSL  $2, STEP             \ /* floats to bytes */
	ADD  STEP, XS0, XS1       \
	ADD  STEP, XS1, XS2       \
	ADD  STEP, XS2, XS3       \
	MOVD group+64(FP), GROUP  \
	MOVD groups+72(FP), G     \
	LSR  $4, GROUP            \
	LSL  $2, STRIDE

// DOT8 is A and A+1 += the sums of four products of columns 4*I to 4*I+3: of
// eight rows, in W and W+1, with a vector, in X. DOT8X4 does so for four vectors.
#define DOT8(I, W, X, A) \
	SDOTE4S(I, X, W, A)       \
	SDOTE4S(I, X, (W)+1, (A)+1)
#define DOT8X4(I, W) \
	DOT8(I, W, 24, 0) \
	DOT8(I, W, 25, 2) \
	DOT8(I, W, 26, 4) \
	DOT8(I, W, 27, 6)

// END8 ends a group of eight rows, scales V16 and V17, and one vector, scale
// at XS, with integer sums A and A+1: S, S+1 = fma(float32(A), ws*xs, S).
#define END8(XS, A, S) \
	FMOVS.P 4(XS), F18       \
	FMULE4S(0, 18, 16, 20)   \ /* ws * xs */
	FMULE4S(0, 18, 17, 21)   \
	SCVTF4S(A, 22)           \
	SCVTF4S((A)+1, 23)       \
	FMLA4S(20, 22, (S))      \
	FMLA4S(21, 23, (S)+1)

// func tileQ8DotNEON(dst *float32, stride int, w *int8, ws *float32,
//	x *int8, xs *float32, xStep, xsStep, group, groups int)
// Reference: tileQ8Generic. Requires: FEAT_DotProd.
// Vector v has integer sums in V(2v) and V(2v+1), results in V(8+2v) and V(9+2v).
TEXT ·tileQ8DotNEON(SB), NOSPLIT, $0-80
	LOAD_TILE_ARGS
	CLEAR(8)
	CLEAR(12)

group: // for G > 0 { results[v] += float32(sums[v]) * scales }
	CLEAR(0)
	CLEAR(4)
	MOVD GROUP, BLK

block: // for BLK > 0 { sums[v] += w[0:8][0:16] * x[v][0:16] }
	FMOVQ.P 16(X0), F24
	FMOVQ.P 16(X1), F25
	FMOVQ.P 16(X2), F26
	FMOVQ.P 16(X3), F27
	FLDPQ   0(W0), (F16, F17)   // columns 0 to 3 of eight rows
	FLDPQ   64(W0), (F18, F19)  // 4 to 7
	FLDPQ   128(W0), (F20, F21) // 8 to 11
	FLDPQ   192(W0), (F22, F23) // 12 to 15
	DOT8X4(0, 16)
	DOT8X4(1, 18)
	DOT8X4(2, 20)
	DOT8X4(3, 22)
	ADD     $256, W0
	SUBS    $1, BLK
	BNE     block
	FLDPQ   (WS), (F16, F17)    // scales of eight rows
	ADD     $64, WS
	END8(XS0, 0, 8)
	END8(XS1, 2, 10)
	END8(XS2, 4, 12)
	END8(XS3, 6, 14)
	SUBS    $1, G
	BNE     group
	FSTPQ   (F8, F9), (DST)
	ADD     STRIDE, DST
	FSTPQ   (F10, F11), (DST)
	ADD     STRIDE, DST
	FSTPQ   (F12, F13), (DST)
	ADD     STRIDE, DST
	FSTPQ   (F14, F15), (DST)
	RET

// MATRIX8 is, of two vectors in X, 8 columns each, and four pairs of rows in W, W+2, W+4 and W+6:
// A to A+3 += their products.
#define MATRIX8(W, X, A) \
	SMMLA4S(X, (W), (A))     \
	SMMLA4S(X, (W)+2, (A)+1) \
	SMMLA4S(X, (W)+4, (A)+2) \
	SMMLA4S(X, (W)+6, (A)+3)

// func tileQ8MatrixNEON(dst *float32, stride int, w *int8, ws *float32,
//	x *int8, xs *float32, xStep, xsStep, group, groups int)
// Reference: tileQ8Generic. Requires: FEAT_I8MM.
// Vectors 0 and 1 have integer sums with pairs of rows in V0 to V3, vectors 2 and 3 in V4 to V7;
// vector v has results in V(8+2v) and V(9+2v).
TEXT ·tileQ8MatrixNEON(SB), NOSPLIT, $0-80
	LOAD_TILE_ARGS
	CLEAR(8)
	CLEAR(12)

group: // for G > 0 { results[v] += float32(sums[v]) * scales }
	CLEAR(0)
	CLEAR(4)
	MOVD GROUP, BLK

block: // for BLK > 0 { sums[v] += w[0:8][0:16] * x[v][0:16] }
	FMOVQ.P 16(X0), F24
	FMOVQ.P 16(X1), F25
	FMOVQ.P 16(X2), F26
	FMOVQ.P 16(X3), F27
	FLDPQ   0(W0), (F16, F17)      // rows 0 and 1: columns 0 to 7 of both, then 8 to 15
	FLDPQ   32(W0), (F18, F19)     // rows 2 and 3
	FLDPQ   64(W0), (F20, F21)     // rows 4 and 5
	FLDPQ   96(W0), (F22, F23)     // rows 6 and 7
	VZIP1   V25.D2, V24.D2, V28.D2 // columns 0 to 7 of vectors 0 and 1
	VZIP2   V25.D2, V24.D2, V29.D2 // 8 to 15
	VZIP1   V27.D2, V26.D2, V30.D2 // the same of vectors 2 and 3
	VZIP2   V27.D2, V26.D2, V31.D2
	MATRIX8(16, 28, 0)
	MATRIX8(16, 30, 4)
	MATRIX8(17, 29, 0)
	MATRIX8(17, 31, 4)
	ADD     $256, W0
	SUBS    $1, BLK
	BNE     block
	FLDPQ   (WS), (F16, F17)       // scales of eight rows
	ADD     $64, WS
	VUZP1   V1.S4, V0.S4, V24.S4   // vector 0, rows 0 to 3
	VUZP1   V3.S4, V2.S4, V25.S4   // rows 4 to 7
	VUZP2   V1.S4, V0.S4, V26.S4   // the same of vector 1
	VUZP2   V3.S4, V2.S4, V27.S4
	END8(XS0, 24, 8)
	END8(XS1, 26, 10)
	VUZP1   V5.S4, V4.S4, V24.S4   // and of vectors 2 and 3
	VUZP1   V7.S4, V6.S4, V25.S4
	VUZP2   V5.S4, V4.S4, V26.S4
	VUZP2   V7.S4, V6.S4, V27.S4
	END8(XS2, 24, 12)
	END8(XS3, 26, 14)
	SUBS    $1, G
	BNE     group
	FSTPQ   (F8, F9), (DST)
	ADD     STRIDE, DST
	FSTPQ   (F10, F11), (DST)
	ADD     STRIDE, DST
	FSTPQ   (F12, F13), (DST)
	ADD     STRIDE, DST
	FSTPQ   (F14, F15), (DST)
	RET

// MUL4 is A to A+3 += four sums each of the products of 16 columns of four
// rows, V20 to V23, with those of the vector at X. No x is -128: so two
// products, at most 128*127 each, fit int16.
#define MUL4(X, A) \
	FMOVQ.P 16(X), F24    \
	SMULL8H(20, 24, 25)   \
	SMULL8H(21, 24, 26)   \
	SMULL8H(22, 24, 27)   \
	SMULL8H(23, 24, 28)   \
	SMLAL28H(20, 24, 25)  \
	SMLAL28H(21, 24, 26)  \
	SMLAL28H(22, 24, 27)  \
	SMLAL28H(23, 24, 28)  \
	SADALP4S(25, (A))     \
	SADALP4S(26, (A)+1)   \
	SADALP4S(27, (A)+2)   \
	SADALP4S(28, (A)+3)

// END4 ends a group of four rows, scales V20, and one vector, scale at XS, with
// integer sums A to A+3: S = fma(float32(A), ws*xs, S).
#define END4(XS, A, S) \
	FMOVS.P 4(XS), F24          \
	FMULE4S(0, 24, 20, 25)      \ /* ws * xs */
	SUM_ROWS(A)                 \
	SCVTF4S((A), 26)            \
	FMLA4S(25, 26, S)

// func tileQ8MulNEON(dst *float32, stride int, w *int8, ws *float32,
//	x *int8, xs *float32, xStep, xsStep, group, groups int)
// Reference: tileQ8Generic. The rows of the panel follow each other.
// Vector v has integer sums in V(4v) to V(4v+3), results in V(16+v).
TEXT ·tileQ8MulNEON(SB), NOSPLIT, $0-80
	LOAD_TILE_ARGS
	MOVD group+64(FP), STEP
	MUL  G, STEP              // bytes of a row
	ADD  STEP, W0, W1
	ADD  STEP, W1, W2
	ADD  STEP, W2, W3
	CLEAR(16)

group: // for G > 0 { results[v] += float32(sums[v]) * scales }
	CLEAR(0)
	CLEAR(4)
	CLEAR(8)
	CLEAR(12)
	MOVD GROUP, BLK

block: // for BLK > 0 { sums[v] += w[0:4][0:16] * x[v][0:16] }
	FMOVQ.P 16(W0), F20
	FMOVQ.P 16(W1), F21
	FMOVQ.P 16(W2), F22
	FMOVQ.P 16(W3), F23
	MUL4(X0, 0)
	MUL4(X1, 4)
	MUL4(X2, 8)
	MUL4(X3, 12)
	SUBS    $1, BLK
	BNE     block
	FMOVQ   (WS), F20   // scales of four rows
	ADD     $64, WS
	END4(XS0, 0, 16)
	END4(XS1, 4, 17)
	END4(XS2, 8, 18)
	END4(XS3, 12, 19)
	SUBS    $1, G
	BNE     group
	FMOVQ   F16, (DST)
	ADD     STRIDE, DST
	FMOVQ   F17, (DST)
	ADD     STRIDE, DST
	FMOVQ   F18, (DST)
	ADD     STRIDE, DST
	FMOVQ   F19, (DST)
	RET

// func packQ8NEON(dst, w *int8, n int)
// Packs four rows of n numbers. Reference: packQ8Generic.
TEXT ·packQ8NEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), DST
	MOVD w+8(FP), W0
	MOVD n+16(FP), STEP
	ADD  STEP, W0, W1
	ADD  STEP, W1, W2
	ADD  STEP, W2, W3
	LSR  $4, STEP, BLK

pack16: // for BLK > 0 { dst[i][0:4] = w[0:4][i], i < 4, in words of four columns }
	FMOVQ.P 16(W0), F0
	FMOVQ.P 16(W1), F1
	FMOVQ.P 16(W2), F2
	FMOVQ.P 16(W3), F3
	VZIP1   V1.S4, V0.S4, V4.S4 // rows 0 and 1 of words 0 and 1
	VZIP2   V1.S4, V0.S4, V5.S4 // of words 2 and 3
	VZIP1   V3.S4, V2.S4, V6.S4 // the same of rows 2 and 3
	VZIP2   V3.S4, V2.S4, V7.S4
	VZIP1   V6.D2, V4.D2, V0.D2 // word 0 of four rows
	VZIP2   V6.D2, V4.D2, V1.D2 // word 1, and so on
	VZIP1   V7.D2, V5.D2, V2.D2
	VZIP2   V7.D2, V5.D2, V3.D2
	FMOVQ   F0, 0(DST)
	FMOVQ   F1, 64(DST)
	FMOVQ   F2, 128(DST)
	FMOVQ   F3, 192(DST)
	ADD     $256, DST
	SUBS    $1, BLK
	BNE     pack16
	RET

// func packQ8MatrixNEON(dst, w *int8, step, n int)
// Packs two rows of n numbers, the second step bytes after the first, for tileQ8MatrixNEON:
// 8 numbers of each in turn, 16 at a time.
TEXT ·packQ8MatrixNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), DST
	MOVD w+8(FP), W0
	MOVD step+16(FP), STEP
	MOVD n+24(FP), BLK
	ADD  STEP, W0, W1
	LSR  $4, BLK

pack16: // for BLK > 0 { dst[i][0:2] = w[0:2][8*i:8*i+8], i < 2 }
	FMOVQ.P 16(W0), F0
	FMOVQ.P 16(W1), F1
	VZIP1   V1.D2, V0.D2, V2.D2
	VZIP2   V1.D2, V0.D2, V3.D2
	FSTPQ   (F2, F3), (DST)
	ADD     $256, DST
	SUBS    $1, BLK
	BNE     pack16
	RET
