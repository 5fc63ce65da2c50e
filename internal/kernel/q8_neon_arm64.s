//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// MAC_T is A += four sums of the products of the 16 int8 in W and X. In MAC_MUL
// no X is -128: so two products, at most 128*127 each, fit int16. T is for its use.
#define MAC_DOT(W, X, A, T) \
	SDOT4S(W, X, A)
#define MAC_MUL(W, X, A, T) \
	SMULL8H(W, X, T)  \
	SMLAL28H(W, X, T) \
	SADALP4S(T, A)

#define DST   R0  // next result
#define X     R1  // next block of x
#define XS    R2  // next scale of x
#define GROUP R3  // blocks of 16 in a group
#define G     R4  // groups left
#define BLK   R5  // blocks left
#define W0    R6  // row 0 of those in hand, next block, and so on
#define W1    R7
#define W2    R8
#define W3    R9
#define S0    R10 // next scale of row 0, and so on
#define S1    R11
#define S2    R12
#define S3    R13
#define ROWS  R14 // rows left
#define STEP  R15 // bytes of a row
#define SSTEP R16 // bytes of a row's scales

// DOT_ROWS_Q8 is the body of dotRowsQ8, four rows at a time. MAC is one of MAC_T.
#define DOT_ROWS_Q8(MAC) \
	MOVD dst+0(FP), DST     \
	MOVD w+8(FP), W3        \
	MOVD ws+16(FP), S3      \
	MOVD group+40(FP), GROUP \
	MOVD groups+48(FP), SSTEP \
	MOVD rows+56(FP), ROWS  \
	MUL  GROUP, SSTEP, STEP \
	LSR  $4, GROUP          \
	LSL  $2, SSTEP          \
rows4: \ /* for ROWS > 0 { dst[0:4] = dot of four rows } */
	MOVD W3, W0        \ /* W3 and S3 have come to the next rows */
	ADD  STEP, W0, W1  \
	ADD  STEP, W1, W2  \
	ADD  STEP, W2, W3  \
	MOVD S3, S0        \
	ADD  SSTEP, S0, S1 \
	ADD  SSTEP, S1, S2 \
	ADD  SSTEP, S2, S3 \
	MOVD x+24(FP), X   \
	MOVD xs+32(FP), XS \
	MOVD groups+48(FP), G \
	ZERO(16)           \ /* V16 = the results */
group4: \ /* for G > 0 { V16 = fma(float32(sums), ws*xs, V16) } */
	CLEAR(0)           \ /* V0 to V3 = four sums of each row */
	MOVD GROUP, BLK    \
block4: \ /* for BLK > 0 { V[r] += w[r][0:16] * x[0:16] } */
	FMOVQ.P 16(X), F4  \
	FMOVQ.P 16(W0), F5 \
	FMOVQ.P 16(W1), F6 \
	FMOVQ.P 16(W2), F7 \
	FMOVQ.P 16(W3), F8 \
	MAC(5, 4, 0, 20)   \
	MAC(6, 4, 1, 21)   \
	MAC(7, 4, 2, 22)   \
	MAC(8, 4, 3, 23)   \
	SUBS $1, BLK         \
	BNE  block4        \
	FMOVS.P 4(S0), F9  \ /* V9 = ws of each row */
	VLD1.P 4(S1), V9.S[1] \
	VLD1.P 4(S2), V9.S[2] \
	VLD1.P 4(S3), V9.S[3] \
	FMOVS.P 4(XS), F10 \
	FMULE4S(0, 10, 9, 9) \ /* ws * xs */
	SUM_ROWS(0)        \
	SCVTF4S(0, 0)      \
	FMLA4S(9, 0, 16)   \
	SUBS $1, G         \
	BNE  group4        \
	FMOVQ.P F16, 16(DST) \
	SUBS $4, ROWS      \
	BNE  rows4         \
	RET

// func dotRowsQ8DotNEON(dst *float32, w *int8, ws *float32,
//	x *int8, xs *float32, group, groups, rows int)
// Reference: dotRowsQ8Generic. Requires: FEAT_DotProd.
TEXT ·dotRowsQ8DotNEON(SB), NOSPLIT, $0-64
	DOT_ROWS_Q8(MAC_DOT)

// func dotRowsQ8MulNEON(dst *float32, w *int8, ws *float32,
//	x *int8, xs *float32, group, groups, rows int)
// Reference: dotRowsQ8Generic.
TEXT ·dotRowsQ8MulNEON(SB), NOSPLIT, $0-64
	DOT_ROWS_Q8(MAC_MUL)

#define Q      R0  // next results
#define SCALES R1  // next scale
#define SUMS   R2  // next sum
#define XG     R6  // next block of the group, first round
#define X2     R9  // next block of the group, second round
#define BITS   R7  // of the largest magnitude
#define TMP    R8

// func quantizeNEON(q *int8, scales *float32, sums *int32, x *float32, group, groups int)
// Reference: quantizeGeneric.
TEXT ·quantizeNEON(SB), NOSPLIT, $0-48
	MOVD  q+0(FP), Q
	MOVD  scales+8(FP), SCALES
	MOVD  sums+16(FP), SUMS
	MOVD  x+24(FP), X2
	MOVD  group+32(FP), GROUP
	MOVD  groups+40(FP), G
	LSR   $4, GROUP
	MOVW  $0x7fffffff, TMP
	VDUP  TMP, V30.S4           // V30 = all bits but the sign
	MOVW  $-127, TMP
	VDUP  TMP, V31.B16          // V31 = -127
	MOVW  $0x42fe0000, TMP
	FMOVS TMP, F29              // F29 = 127

group: // for G > 0 { quantize x[0:group] }
	CLEAR(0)
	MOVD X2, XG
	MOVD GROUP, BLK

max16: // for BLK > 0 { V0..V3 = max(bits(|x[0:16]|), V0..V3) }
	VLD1.P 64(XG), [V4.S4, V5.S4, V6.S4, V7.S4]
	FOURC(AND16B, 30, 4, 4)
	FOUR(UMAX4S, 4, 0, 0)
	SUBS   $1, BLK
	BNE    max16
	UMAX4S(2, 0, 0)
	UMAX4S(3, 1, 1)
	UMAX4S(1, 0, 0)
	UMAXV4S(0, 0)
	FMOVS   F0, BITS
	FDIVS   F29, F0, F28
	FMOVS.P F28, 4(SCALES)   // scale = max|x| / 127
	MOVD    GROUP, BLK
	ZERO(16)                 // V16 = sums
	MOVW    $0x7f800000, TMP
	CMPW    TMP, BITS
	BHS     infinite
	FMOVS   F28, TMP
	CBZW    TMP, zero        // scale == 0
	VDUP    V28.S[0], V28.S4

quantize16: // for BLK > 0 { q[0:16] = max(-127, min(127, round(x[0:16] / scale))) }
	VLD1.P  64(X2), [V0.S4, V1.S4, V2.S4, V3.S4]
	FOURC(FDIV4S, 28, 0, 0)
	FOUR2(FCVTNS4S, 0, 0)
	SQXTN4H(0, 4)            // to int16, then int8, saturated
	SQXTN28H(1, 4)
	SQXTN4H(2, 5)
	SQXTN28H(3, 5)
	SQXTN8B(4, 6)
	SQXTN216B(5, 6)
	SMAX16B(31, 6, 6)
	FMOVQ.P F6, 16(Q)
	SADDLP8H(6, 7)
	SADALP4S(7, 16)          // sums += q[0:16]
	SUBS    $1, BLK
	BNE     quantize16

next:
	VADDV   V16.S4, V16
	FMOVS.P F16, 4(SUMS)
	SUBS    $1, G
	BNE     group
	RET

infinite: // an infinity or a NaN: scale = NaN
	MOVW $0x7fc00000, TMP
	MOVW TMP, -4(SCALES)

zero: // for BLK > 0 { q[0:16] = 0 }
	FMOVQ.P F16, 16(Q)
	SUBS    $1, BLK
	BNE     zero
	MOVD    XG, X2
	B       next
