//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// A block of 16 numbers is four registers from the one that is named.

// The constants of float.Exp, in the order of V16 to V27.
DATA expc<>+0(SB)/4, $0xC2AEAC4F  // -87.33654, ExpMin
DATA expc<>+4(SB)/4, $0x42B20000  // 89, ExpMax
DATA expc<>+8(SB)/4, $0x3FB8AA3B  // Log2E
DATA expc<>+12(SB)/4, $0x4B400000 // ExpRound
DATA expc<>+16(SB)/4, $0xBF318000 // -Ln2Hi
DATA expc<>+20(SB)/4, $0x395E8083 // -Ln2Lo
DATA expc<>+24(SB)/4, $0x3AB68883 // ExpC4
DATA expc<>+28(SB)/4, $0x3C0905B6 // ExpC3
DATA expc<>+32(SB)/4, $0x3D2AAA8D // ExpC2
DATA expc<>+36(SB)/4, $0x3E2AAA6E // ExpC1
DATA expc<>+40(SB)/4, $0x3F000000 // ExpC0
DATA expc<>+44(SB)/4, $0x3F800000 // 1, whose bits are 127<<23
GLOBL expc<>(SB), RODATA|NOPTR, $48

// LOAD_EXP_CONSTANTS sets all lanes of V16 to ExpMin and so on, using R8.
#define LOAD_EXP_CONSTANTS \
	MOVD    $expc<>(SB), R8   \
	VLD1R.P 4(R8), [V16.S4] \
	VLD1R.P 4(R8), [V17.S4] \
	VLD1R.P 4(R8), [V18.S4] \
	VLD1R.P 4(R8), [V19.S4] \
	VLD1R.P 4(R8), [V20.S4] \
	VLD1R.P 4(R8), [V21.S4] \
	VLD1R.P 4(R8), [V22.S4] \
	VLD1R.P 4(R8), [V23.S4] \
	VLD1R.P 4(R8), [V24.S4] \
	VLD1R.P 4(R8), [V25.S4] \
	VLD1R.P 4(R8), [V26.S4] \
	VLD1R.P 4(R8), [V27.S4]

// EXP sets block 0 to float.Exp of it, using blocks 4, 8 and 12.
#define EXP \
	FCMGT4S(0, 16, 12)         \ /* block 12 = where x < ExpMin; false for NaN */
	FCMGT4S(1, 16, 13)         \
	FCMGT4S(2, 16, 14)         \
	FCMGT4S(3, 16, 15)         \
	FOURC(FMAX4S, 16, 0, 0)    \ /* x = max(x, ExpMin): all below stays finite; NaN stays */
	FOURC(FMIN4S, 17, 0, 0)    \ /* x = min(x, ExpMax) */
	COPY(19, 4)                \
	FOURC(FMLA4S, 18, 0, 4)    \ /* t = fma(x, Log2E, ExpRound) */
	FOURC(FSUB4S, 19, 4, 8)    \ /* n = t - ExpRound */
	FOUR2(SHL23, 4, 4)         \
	FOURC(ADD4S, 27, 4, 4)     \ /* t = 2^n, as bits(t)<<23 + 127<<23 */
	FOUR(BIC16B, 12, 4, 4)     \ /* but 0 where x was below ExpMin */
	FOURC(FMLA4S, 20, 8, 0)    \ /* r = fma(n, -Ln2Hi, x) */
	FOURC(FMLA4S, 21, 8, 0)    \ /* r = fma(n, -Ln2Lo, r) */
	COPY(23, 8)                \
	FOURC(FMLA4S, 22, 0, 8)    \ /* q = fma(C4, r, C3) */
	COPY(24, 12)               \
	FOUR(FMLA4S, 0, 8, 12)     \ /* q = fma(q, r, C2) */
	COPY(25, 8)                \
	FOUR(FMLA4S, 0, 12, 8)     \ /* q = fma(q, r, C1) */
	COPY(26, 12)               \
	FOUR(FMLA4S, 0, 8, 12)     \ /* q = fma(q, r, C0) */
	FOUR(FMUL4S, 0, 0, 8)      \ /* r*r */
	FOUR(FMLA4S, 8, 12, 0)     \ /* fma(q, r*r, r) */
	FOURC(FADD4S, 27, 0, 0)    \ /* y = .. + 1 */
	FOUR(FMUL4S, 4, 0, 0)        /* y * 2^n */

#define DST  R0 // next columns of dst
#define V    R1 // the same columns of row 0 of v
#define PS   R2 // weights of the rows
#define COLS R3 // columns left
#define ROWS R4 // rows of v
#define STEP R5 // bytes of a row
#define VR   R6 // columns of the row in hand, moving
#define PR   R7 // weight of the row in hand
#define LEFT R8 // rows left
#define SKIP R9 // bytes from the columns after those to the next row

// MADD(LOAD, D) is V[D:D+4] += VR[0:16] * V16; VR moves on.
#define MADD(LOAD, D) \
	LOAD(VR) \
	FOURC(FMLA4S, 16, 20, D)

// ADD_ROWS is the body of addRows: 64 columns at a time, then 16. LOAD is one
// of LOAD_T, SHIFT the binary logarithm of the bytes of an element of v.
#define ADD_ROWS(LOAD, SHIFT) \
	MOVD dst+0(FP), DST       \
	MOVD v+8(FP), V           \
	MOVD p+16(FP), PS         \
	MOVD n+24(FP), COLS       \
	MOVD rows+32(FP), ROWS    \
	LSL  $SHIFT, COLS, STEP   \
cols64: \ /* for COLS >= 64 { dst[0:64] += sum over rows of p[j] * v[j][0:64] } */
	CMP    $64, COLS   \
	BLT    cols16      \
	SUB    $(64<<SHIFT), STEP, SKIP \
	MOVD   V, VR       \
	MOVD   PS, PR      \
	MOVD   ROWS, LEFT  \
	VLD1.P 64(DST), [V0.S4, V1.S4, V2.S4, V3.S4]     \
	VLD1.P 64(DST), [V4.S4, V5.S4, V6.S4, V7.S4]     \
	VLD1.P 64(DST), [V8.S4, V9.S4, V10.S4, V11.S4]   \
	VLD1.P 64(DST), [V12.S4, V13.S4, V14.S4, V15.S4] \
	SUB    $256, DST   \
row64: \ /* for LEFT > 0 { V0..V15 += p[j] * v[j][0:64] } */
	VLD1R.P 4(PR), [V16.S4] \
	MADD(LOAD, 0)      \
	MADD(LOAD, 4)      \
	MADD(LOAD, 8)      \
	MADD(LOAD, 12)     \
	ADD    SKIP, VR    \
	SUBS   $1, LEFT    \
	BNE    row64       \
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(DST)     \
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(DST)     \
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(DST)   \
	VST1.P [V12.S4, V13.S4, V14.S4, V15.S4], 64(DST) \
	ADD    $(64<<SHIFT), V \
	SUB    $64, COLS   \
	B      cols64      \
cols16: \ /* for COLS > 0 { the same with 16 columns } */
	CBZ    COLS, done  \
	SUB    $(16<<SHIFT), STEP, SKIP \
	MOVD   V, VR       \
	MOVD   PS, PR      \
	MOVD   ROWS, LEFT  \
	VLD1   (DST), [V0.S4, V1.S4, V2.S4, V3.S4] \
row16: \
	VLD1R.P 4(PR), [V16.S4] \
	MADD(LOAD, 0)      \
	ADD    SKIP, VR    \
	SUBS   $1, LEFT    \
	BNE    row16       \
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(DST) \
	ADD    $(16<<SHIFT), V \
	SUB    $16, COLS   \
	B      cols16      \
done: \
	RET

// func addRowsF32NEON(dst, v, p *float32, n, rows int)
// Reference: addRowsGeneric.
TEXT ·addRowsF32NEON(SB), NOSPLIT, $0-40
	ADD_ROWS(LOAD_F32, 2)

// func addRowsF16NEON(dst *float32, v *F16, p *float32, n, rows int)
// Reference: addRowsGeneric.
TEXT ·addRowsF16NEON(SB), NOSPLIT, $0-40
	ADD_ROWS(LOAD_F16, 1)

// func maxNEON(x *float32, n int) float32
// Reference: maxGeneric. FMAXNM would pass over a quiet NaN, but not a signalling one.
TEXT ·maxNEON(SB), NOSPLIT, $0-20
	MOVD  x+0(FP), R0
	MOVD  n+8(FP), R1
	MOVW  $0xFF800000, R2
	VDUP  R2, V0.S4       // block 0 = -Inf
	COPY(0, 0)

max16: // for n > 0 { block 0 = max(x[0:16], block 0) }
	CBZ    R1, maxfold
	VLD1.P 64(R0), [V4.S4, V5.S4, V6.S4, V7.S4]
	FOUR(FCMGT4S, 0, 4, 8)  // block 8 = where x is greater; false for NaN
	FOUR(BIT16B, 8, 4, 0)   // there take x
	SUB    $16, R1
	B      max16

maxfold: // no lane is NaN
	FMAX4S(2, 0, 0)
	FMAX4S(3, 1, 1)
	FMAX4S(1, 0, 0)
	FMAXV4S(0, 0)
	FMOVS F0, ret+16(FP)
	RET

// func expSumNEON(x *float32, n int, max float32, lane *[Lanes]float32)
// Reference: expSumGeneric.
TEXT ·expSumNEON(SB), NOSPLIT, $0-32
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1
	MOVD $max+16(FP), R2
	MOVD lane+24(FP), R3
	LOAD_EXP_CONSTANTS
	VLD1 (R3), [V28.S4, V29.S4, V30.S4, V31.S4]

exp16: // for n > 0 { x[0:16] = exp(x[0:16] - max); lane += x[0:16] }
	CBZ    R1, expdone
	VLD1   (R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1R  (R2), [V4.S4]                       // max: there is no register to keep it
	FOURC(FSUB4S, 4, 0, 0)
	EXP
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	FOUR(FADD4S, 0, 28, 28)
	SUB    $16, R1
	B      exp16

expdone:
	VST1 [V28.S4, V29.S4, V30.S4, V31.S4], (R3)
	RET

// func swiGLUNEON(gate, up *float32, n int)
// Reference: swiGLUGeneric.
TEXT ·swiGLUNEON(SB), NOSPLIT, $0-24
	MOVD gate+0(FP), R0
	MOVD up+8(FP), R1
	MOVD n+16(FP), R2
	LOAD_EXP_CONSTANTS

swiglu16: // for n > 0 { gate[0:16] = silu(gate[0:16]) * up[0:16] }
	CBZ    R2, swigludone
	VLD1   (R0), [V28.S4, V29.S4, V30.S4, V31.S4]
	FOUR2(FNEG4S, 28, 0)
	EXP
	FOURC(FADD4S, 27, 0, 0)  // 1 + exp(-gate)
	FOUR(FDIV4S, 0, 28, 0)   // gate / ..
	VLD1.P 64(R1), [V4.S4, V5.S4, V6.S4, V7.S4]
	FOUR(FMUL4S, 4, 0, 0)    // .. * up
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUB    $16, R2
	B      swiglu16

swigludone:
	RET

// func scaleNEON(dst, x, norm *float32, n int, s float32)
// Reference: scaleGeneric.
TEXT ·scaleNEON(SB), NOSPLIT, $0-36
	MOVD  dst+0(FP), R0
	MOVD  x+8(FP), R1
	MOVD  norm+16(FP), R2
	MOVD  n+24(FP), R3
	FMOVS s+32(FP), F8

scale16: // for n > 0 { dst[0:16] = norm[0:16] * (s * x[0:16]) }
	CBZ    R3, scaledone
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FMULE4S(0, 8, 0, 0)      // s * x
	FMULE4S(0, 8, 1, 1)
	FMULE4S(0, 8, 2, 2)
	FMULE4S(0, 8, 3, 3)
	FOUR(FMUL4S, 4, 0, 0)    // .. * norm
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUB    $16, R3
	B      scale16

scaledone:
	RET
