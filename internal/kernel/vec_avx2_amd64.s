//go:build !purego

#include "textflag.h"

// Requires: AVX2, FMA, F16C (all functions of this file). Lengths are whole
// blocks: Go does the tails.

// The constants of float.Exp, eight times each: an operand in memory is a whole register.
// -87.33654, ExpMin
DATA exp8<>+0(SB)/8, $0xC2AEAC4FC2AEAC4F
DATA exp8<>+8(SB)/8, $0xC2AEAC4FC2AEAC4F
DATA exp8<>+16(SB)/8, $0xC2AEAC4FC2AEAC4F
DATA exp8<>+24(SB)/8, $0xC2AEAC4FC2AEAC4F
// 89, ExpMax
DATA exp8<>+32(SB)/8, $0x42B2000042B20000
DATA exp8<>+40(SB)/8, $0x42B2000042B20000
DATA exp8<>+48(SB)/8, $0x42B2000042B20000
DATA exp8<>+56(SB)/8, $0x42B2000042B20000
// Log2E
DATA exp8<>+64(SB)/8, $0x3FB8AA3B3FB8AA3B
DATA exp8<>+72(SB)/8, $0x3FB8AA3B3FB8AA3B
DATA exp8<>+80(SB)/8, $0x3FB8AA3B3FB8AA3B
DATA exp8<>+88(SB)/8, $0x3FB8AA3B3FB8AA3B
// ExpRound
DATA exp8<>+96(SB)/8, $0x4B4000004B400000
DATA exp8<>+104(SB)/8, $0x4B4000004B400000
DATA exp8<>+112(SB)/8, $0x4B4000004B400000
DATA exp8<>+120(SB)/8, $0x4B4000004B400000
// -Ln2Hi
DATA exp8<>+128(SB)/8, $0xBF318000BF318000
DATA exp8<>+136(SB)/8, $0xBF318000BF318000
DATA exp8<>+144(SB)/8, $0xBF318000BF318000
DATA exp8<>+152(SB)/8, $0xBF318000BF318000
// -Ln2Lo
DATA exp8<>+160(SB)/8, $0x395E8083395E8083
DATA exp8<>+168(SB)/8, $0x395E8083395E8083
DATA exp8<>+176(SB)/8, $0x395E8083395E8083
DATA exp8<>+184(SB)/8, $0x395E8083395E8083
// ExpC4
DATA exp8<>+192(SB)/8, $0x3AB688833AB68883
DATA exp8<>+200(SB)/8, $0x3AB688833AB68883
DATA exp8<>+208(SB)/8, $0x3AB688833AB68883
DATA exp8<>+216(SB)/8, $0x3AB688833AB68883
// ExpC3
DATA exp8<>+224(SB)/8, $0x3C0905B63C0905B6
DATA exp8<>+232(SB)/8, $0x3C0905B63C0905B6
DATA exp8<>+240(SB)/8, $0x3C0905B63C0905B6
DATA exp8<>+248(SB)/8, $0x3C0905B63C0905B6
// ExpC2
DATA exp8<>+256(SB)/8, $0x3D2AAA8D3D2AAA8D
DATA exp8<>+264(SB)/8, $0x3D2AAA8D3D2AAA8D
DATA exp8<>+272(SB)/8, $0x3D2AAA8D3D2AAA8D
DATA exp8<>+280(SB)/8, $0x3D2AAA8D3D2AAA8D
// ExpC1
DATA exp8<>+288(SB)/8, $0x3E2AAA6E3E2AAA6E
DATA exp8<>+296(SB)/8, $0x3E2AAA6E3E2AAA6E
DATA exp8<>+304(SB)/8, $0x3E2AAA6E3E2AAA6E
DATA exp8<>+312(SB)/8, $0x3E2AAA6E3E2AAA6E
// ExpC0
DATA exp8<>+320(SB)/8, $0x3F0000003F000000
DATA exp8<>+328(SB)/8, $0x3F0000003F000000
DATA exp8<>+336(SB)/8, $0x3F0000003F000000
DATA exp8<>+344(SB)/8, $0x3F0000003F000000
// 1, whose bits are 127<<23
DATA exp8<>+352(SB)/8, $0x3F8000003F800000
DATA exp8<>+360(SB)/8, $0x3F8000003F800000
DATA exp8<>+368(SB)/8, $0x3F8000003F800000
DATA exp8<>+376(SB)/8, $0x3F8000003F800000
// the sign
DATA exp8<>+384(SB)/8, $0x8000000080000000
DATA exp8<>+392(SB)/8, $0x8000000080000000
DATA exp8<>+400(SB)/8, $0x8000000080000000
DATA exp8<>+408(SB)/8, $0x8000000080000000
GLOBL exp8<>(SB), RODATA|NOPTR, $416

#define EXP_MIN exp8<>+0(SB)
#define EXP_MAX exp8<>+32(SB)
#define LOG2E exp8<>+64(SB)
#define ROUND exp8<>+96(SB)
#define NEG_LN2HI exp8<>+128(SB)
#define NEG_LN2LO exp8<>+160(SB)
#define C4 exp8<>+192(SB)
#define C3 exp8<>+224(SB)
#define C2 exp8<>+256(SB)
#define C1 exp8<>+288(SB)
#define C0 exp8<>+320(SB)
#define ONE exp8<>+352(SB)
#define SIGN exp8<>+384(SB)

// EXP sets Y0 to float.Exp(Y0), using Y1 to Y5.
#define EXP \
	VCMPPS      $1, EXP_MIN, Y0, Y5  \ /* Y5 = Y0 < ExpMin; false for NaN */
	VMOVUPS     EXP_MAX, Y1          \
	VMINPS      Y0, Y1, Y0           \ /* x = min(ExpMax, x); NaN stays */
	VMOVUPS     LOG2E, Y1            \
	VFMADD213PS ROUND, Y0, Y1        \ /* t = fma(x, Log2E, ExpRound) */
	VSUBPS      ROUND, Y1, Y2        \ /* n = t - ExpRound */
	VFMADD231PS NEG_LN2HI, Y2, Y0    \ /* r = fma(n, -Ln2Hi, x) */
	VFMADD231PS NEG_LN2LO, Y2, Y0    \ /* r = fma(n, -Ln2Lo, r) */
	VMOVUPS     C4, Y3               \
	VFMADD213PS C3, Y0, Y3           \ /* q = fma(C4, r, C3) */
	VFMADD213PS C2, Y0, Y3           \ /* q = fma(q, r, C2) */
	VFMADD213PS C1, Y0, Y3           \ /* q = fma(q, r, C1) */
	VFMADD213PS C0, Y0, Y3           \ /* q = fma(q, r, C0) */
	VMULPS      Y0, Y0, Y4           \ /* r*r */
	VFMADD213PS Y0, Y4, Y3           \ /* fma(q, r*r, r) */
	VADDPS      ONE, Y3, Y3          \ /* y = .. + 1 */
	VPSLLD      $23, Y1, Y1          \
	VPADDD      ONE, Y1, Y1          \ /* 2^n, as bits(t)<<23 + 127<<23 */
	VMULPS      Y1, Y3, Y0           \
	VANDNPS     Y0, Y5, Y0             /* 0 where x was below ExpMin */

// ADD_ROWS is the body of addRows: 32 columns at a time, then 16. SIZE is the
// bytes of an element of v, and MADD(OFFSET, ACC) adds p[j] * v[j][OFFSET:+8] to ACC.
#define MADD_F32(OFFSET, ACC) \
	VFMADD231PS (OFFSET*4)(R10), Y8, ACC
#define MADD_F16(OFFSET, ACC) \
	VCVTPH2PS   (OFFSET*2)(R10), Y9 \
	VFMADD231PS Y9, Y8, ACC
// FETCH_T fetches 32 columns of a row.
#define FETCH_F32 \
	PREFETCHT1 (R10)(R13*1)   \
	PREFETCHT1 64(R10)(R13*1)
#define FETCH_F16 \
	PREFETCHT1 (R10)(R13*1)
#define ADD_ROWS(MADD, FETCH, SIZE) \
	MOVQ   dst+0(FP), DI \
	MOVQ   v+8(FP), SI \
	MOVQ   p+16(FP), DX \
	MOVQ   n+24(FP), CX \
	MOVQ   rows+32(FP), R8 \
	MOVQ   ahead+40(FP), R13 \ /* R13 = bytes from a row to what is fetched with it */
	IMUL3Q $SIZE, CX, R9 \ /* R9 = bytes of a row */
cols32: \ /* for n >= 32 { dst[0:32] += sum over rows of p[j] * v[j][0:32] } */
	CMPQ   CX, $32 \
	JLT    cols16 \
	MOVQ   SI, R10 \
	MOVQ   DX, R11 \
	MOVQ   R8, R12 \
	VMOVUPS (DI), Y0 \
	VMOVUPS 32(DI), Y1 \
	VMOVUPS 64(DI), Y2 \
	VMOVUPS 96(DI), Y3 \
row32: \ /* for rows > 0 { Y0..Y3 += p[j] * v[j][0:32] } */
	VBROADCASTSS (R11), Y8 \
	FETCH \
	MADD(0, Y0) \
	MADD(8, Y1) \
	MADD(16, Y2) \
	MADD(24, Y3) \
	ADDQ   $4, R11 \
	ADDQ   R9, R10 \
	DECQ   R12 \
	JNZ    row32 \
	VMOVUPS Y0, (DI) \
	VMOVUPS Y1, 32(DI) \
	VMOVUPS Y2, 64(DI) \
	VMOVUPS Y3, 96(DI) \
	ADDQ   $128, DI \
	ADDQ   $(32*SIZE), SI \
	SUBQ   $32, CX \
	JMP    cols32 \
cols16: \ /* for n > 0 { the same with 16 columns } */
	TESTQ  CX, CX \
	JZ     done \
	MOVQ   SI, R10 \
	MOVQ   DX, R11 \
	MOVQ   R8, R12 \
	VMOVUPS (DI), Y0 \
	VMOVUPS 32(DI), Y1 \
row16: \
	VBROADCASTSS (R11), Y8 \
	PREFETCHT1   (R10)(R13*1) \
	MADD(0, Y0) \
	MADD(8, Y1) \
	ADDQ   $4, R11 \
	ADDQ   R9, R10 \
	DECQ   R12 \
	JNZ    row16 \
	VMOVUPS Y0, (DI) \
	VMOVUPS Y1, 32(DI) \
	ADDQ   $64, DI \
	ADDQ   $(16*SIZE), SI \
	SUBQ   $16, CX \
	JMP    cols16 \
done: \
	VZEROUPPER \
	RET

// func maxAVX2(x *float32, blocks int) float32
// Blocks of 8 ≥ 1. Reference: maxGeneric.
TEXT ·maxAVX2(SB), NOSPLIT, $0-20
	MOVQ         x+0(FP), SI
	MOVQ         blocks+8(FP), CX
	MOVL         $0xFF800000, AX
	VMOVD        AX, X0
	VPBROADCASTD X0, Y0          // Y0 = -Inf

block: // for blocks > 0 { Y0 = max(x[0:8], Y0); the second is taken if x is NaN }
	VMOVUPS      (SI), Y1
	VMAXPS       Y0, Y1, Y0
	ADDQ         $32, SI
	DECQ         CX
	JNZ          block
	VEXTRACTF128 $1, Y0, X1     // 8 lanes to one; none is NaN
	VMAXPS       X1, X0, X0
	VMOVHLPS     X0, X0, X1
	VMAXPS       X1, X0, X0
	VMOVSHDUP    X0, X1
	VMAXSS       X1, X0, X0
	VMOVSS       X0, ret+16(FP)
	VZEROUPPER
	RET

// func expSumAVX2(x *float32, blocks int, max float32, lanes *[Lanes]float32)
// Blocks of 16 ≥ 1; lanes are set to the sums, not folded. Reference: expSumGeneric.
TEXT ·expSumAVX2(SB), NOSPLIT, $0-32
	MOVQ         x+0(FP), SI
	MOVQ         blocks+8(FP), CX
	VBROADCASTSS max+16(FP), Y6
	MOVQ         lanes+24(FP), DI
	VXORPS       Y7, Y7, Y7      // lanes 0 to 7
	VXORPS       Y8, Y8, Y8      // lanes 8 to 15

block: // for blocks > 0 { x[0:16] = exp(x[0:16] - max); lanes += x[0:16] }
	VMOVUPS (SI), Y0
	VSUBPS  Y6, Y0, Y0
	EXP
	VMOVUPS Y0, (SI)
	VADDPS  Y0, Y7, Y7
	VMOVUPS 32(SI), Y0
	VSUBPS  Y6, Y0, Y0
	EXP
	VMOVUPS Y0, 32(SI)
	VADDPS  Y0, Y8, Y8
	ADDQ    $64, SI
	DECQ    CX
	JNZ     block
	VMOVUPS Y7, (DI)
	VMOVUPS Y8, 32(DI)
	VZEROUPPER
	RET

// func swiGLUAVX2(gate, up *float32, blocks int)
// Blocks of 8 ≥ 1. Reference: swiGLUGeneric.
TEXT ·swiGLUAVX2(SB), NOSPLIT, $0-24
	MOVQ gate+0(FP), DI
	MOVQ up+8(FP), SI
	MOVQ blocks+16(FP), CX

block: // for blocks > 0 { gate[0:8] = silu(gate[0:8]) * up[0:8] }
	VMOVUPS (DI), Y6
	VXORPS  SIGN, Y6, Y0
	EXP                  // exp(-gate)
	VADDPS  ONE, Y0, Y0
	VDIVPS  Y0, Y6, Y0   // gate / (1 + ..)
	VMULPS  (SI), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	DECQ    CX
	JNZ     block
	VZEROUPPER
	RET

// func scaleAVX2(dst, x, norm *float32, blocks int, s float32)
// Blocks of 8 ≥ 1. Reference: scaleGeneric.
TEXT ·scaleAVX2(SB), NOSPLIT, $0-36
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         norm+16(FP), DX
	MOVQ         blocks+24(FP), CX
	VBROADCASTSS s+32(FP), Y2

block: // for blocks > 0 { dst[0:8] = norm[0:8] * (s * x[0:8]) }
	VMULPS  (SI), Y2, Y0
	VMULPS  (DX), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	ADDQ    $32, DX
	DECQ    CX
	JNZ     block
	VZEROUPPER
	RET

// func divideAVX2(dst, x *float32, blocks int, d float32)
// Blocks of 8 ≥ 1. Reference: divideGeneric.
TEXT ·divideAVX2(SB), NOSPLIT, $0-28
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         blocks+16(FP), CX
	VBROADCASTSS d+24(FP), Y2

block: // for blocks > 0 { dst[0:8] = x[0:8] / d }
	VMOVUPS (SI), Y0
	VDIVPS  Y2, Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, DI
	ADDQ    $32, SI
	DECQ    CX
	JNZ     block
	VZEROUPPER
	RET

// func addRowsF32AVX2(dst, v, p *float32, n, rows, ahead int)
// Reference: addRowsGeneric.
TEXT ·addRowsF32AVX2(SB), NOSPLIT, $0-48
	ADD_ROWS(MADD_F32, FETCH_F32, 4)

// func addRowsF16AVX2(dst *float32, v *F16, p *float32, n, rows, ahead int)
// Reference: addRowsGeneric.
TEXT ·addRowsF16AVX2(SB), NOSPLIT, $0-48
	ADD_ROWS(MADD_F16, FETCH_F16, 2)
