//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define CODES  R0  // next row of the super-block in hand
#define SUB    R1  // its integer scales
#define SCALES R2  // scales of 16 rows
#define X      R3  // next 256 elements of x
#define XS     R4  // their scale
#define SUMS   R5  // their sums
#define LEFT   R6  // super-blocks left
#define ROWS   R7  // rows left
#define INTS   R8  // where the row's integer sum goes
#define TMP    R9
// V0, V1: integer scales of a row, V2: four of them, or eight, V3: int32 lanes of a row, V4, V5: codes,
// V6, V7: products, V8 to V11: -offset * sums, V12 to V15: results, V16 to V31: x

// PAIR_T(SUB, Q, J, X) adds to V3 the products of 32 codes, V4 and V5, and x, V(X) and V(X+1),
// times their scales: lanes J and J+1 of the four in V2, which are lanes 4*Q to 4*Q+3 of SUB.
#define PAIR_DOT(SUB, Q, J, X) \
	ZERO(6)               \
	ZERO(7)               \
	SDOT4S((X), 4, 6)     \
	SDOT4S((X)+1, 5, 7)   \
	MLAE4S(J, 2, 6, 3)    \
	MLAE4S((J)+1, 2, 7, 3)

// Codes are at most 63, so that two products, at most 16002, fit int16.
#define PAIR_MUL(SUB, Q, J, X) \
	SMULL8H((X), 4, 6)              \
	SMULL8H((X)+1, 5, 7)            \
	SMLAL28H((X), 4, 6)             \
	SMLAL28H((X)+1, 5, 7)           \
	SMLALE4S((4*Q+(J)), SUB, 6, 3)    \
	SMLAL2E4S((4*Q+(J)), SUB, 6, 3)   \
	SMLALE4S((4*Q+(J)+1), SUB, 7, 3)  \
	SMLAL2E4S((4*Q+(J)+1), SUB, 7, 3)

// QUARTER(PAIR, WIDEN, I, SUB, Q, OFF) adds 64 codes: four scales of SUB, widened by WIDEN, times OFF, and
// the products.
#define QUARTER(PAIR, WIDEN, I, SUB, Q, OFF) \
	WIDEN(SUB, 2)                    \
	MLA4S(OFF, 2, 3)                 \
	FLDPQ.P 32(CODES), (F4, F5)      \
	PAIR(SUB, Q, 0, 16+4*I)          \
	FLDPQ.P 32(CODES), (F4, F5)      \
	PAIR(SUB, Q, 2, 18+4*I)

// DOT_SUPER is the body of dotSuper. PAIR is one of PAIR_T.
#define DOT_SUPER(PAIR) \
	MOVD codes+8(FP), CODES       \
	MOVD sub+16(FP), SUB          \
	MOVD scales+24(FP), SCALES    \
	MOVD q+32(FP), X              \
	MOVD xs+40(FP), XS            \
	MOVD sums+48(FP), SUMS        \
	MOVD count+56(FP), LEFT       \
	CLEAR(12)                     \
super: \ /* for LEFT > 0 { results += a super-block } */
	VLD1.P 64(X), [V16.B16, V17.B16, V18.B16, V19.B16] \
	VLD1.P 64(X), [V20.B16, V21.B16, V22.B16, V23.B16] \
	VLD1.P 64(X), [V24.B16, V25.B16, V26.B16, V27.B16] \
	VLD1.P 64(X), [V28.B16, V29.B16, V30.B16, V31.B16] \
	VLD1.P 64(SUMS), [V8.S4, V9.S4, V10.S4, V11.S4]    \
	MOVD offset+64(FP), TMP       \
	NEG  TMP, TMP                 \
	VDUP TMP, V0.S4               \
	FOURC(MUL4S, 0, 8, 8)         \ /* -offset * sums */
	MOVD $ints-64(SP), INTS       \
	MOVD $16, ROWS                \
row: \ /* for ROWS > 0 { ints[r] = the sum of row r } */
	FLDPQ.P 32(SUB), (F0, F1)     \
	ZERO(3)                       \
	QUARTER(PAIR, SSHLL4S, 0, 0, 0, 8)   \
	QUARTER(PAIR, SSHLL24S, 1, 0, 1, 9)  \
	QUARTER(PAIR, SSHLL4S, 2, 1, 0, 10)  \
	QUARTER(PAIR, SSHLL24S, 3, 1, 1, 11) \
	VADDV V3.S4, V3               \
	FMOVS.P F3, 4(INTS)           \
	SUBS $1, ROWS                 \
	BNE  row                      \
	MOVD $ints-64(SP), INTS       \
	VLD1 (INTS), [V0.S4, V1.S4, V2.S4, V3.S4]            \
	VLD1.P 64(SCALES), [V4.S4, V5.S4, V6.S4, V7.S4]      \
	FMOVS.P 4(XS), F8             \
	FMULE4S(0, 8, 4, 4)           \ /* scale of the row * scale of x */
	FMULE4S(0, 8, 5, 5)           \
	FMULE4S(0, 8, 6, 6)           \
	FMULE4S(0, 8, 7, 7)           \
	FOUR2(SCVTF4S, 0, 0)          \
	FOUR(FMLA4S, 4, 0, 12)        \
	SUBS $1, LEFT                 \
	BNE  super                    \
	MOVD dst+0(FP), TMP           \
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (TMP)         \
	RET

// func dotSuperDotNEON(dst *[16]float32, codes *int8, sub *int16, scales *float32,
//	q *int8, xs *float32, sums *int32, count, offset int)
// Reference: dotSuperGeneric. Requires: FEAT_DotProd.
TEXT ·dotSuperDotNEON(SB), NOSPLIT, $64-72
	DOT_SUPER(PAIR_DOT)

// func dotSuperMulNEON(dst *[16]float32, codes *int8, sub *int16, scales *float32,
//	q *int8, xs *float32, sums *int32, count, offset int)
// Reference: dotSuperGeneric.
TEXT ·dotSuperMulNEON(SB), NOSPLIT, $64-72
	DOT_SUPER(PAIR_MUL)

// func sums16NEON(sums *int32, q *int8, count int)
// Reference: sums16Generic.
TEXT ·sums16NEON(SB), NOSPLIT, $0-24
	MOVD sums+0(FP), SUMS
	MOVD q+8(FP), X
	MOVD count+16(FP), LEFT

next: // for LEFT > 0 { *sums = sum of q[0:16] }
	FMOVQ.P 16(X), F0
	SADDLV16B(0, 0)
	SSHLL4S(0, 0)
	FMOVS.P F0, 4(SUMS)
	SUBS    $1, LEFT
	BNE     next
	RET
