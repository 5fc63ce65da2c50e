//go:build !purego

#include "textflag.h"
#include "fetch_avx512_amd64.h"

// Requires: AVX-512 F, DQ (all functions of this file).

#define DST  DI  // next columns of dst
#define V    SI  // the same columns of row 0 of v
#define P    DX  // weights of the rows
#define COLS CX  // columns left
#define ROWS R8  // rows of v
#define STEP R9  // bytes of a row
#define VR   R10 // columns of the row in hand
#define PR   R11 // weight of the row in hand
#define LEFT R12 // rows left
#define NEXT R13 // bytes from a row to what is fetched with it

// MADD_T(OFFSET, ACC) is ACC += decode(VR[OFFSET:+16]) * Z8.
#define MADD_F32(OFFSET, ACC) \
	VFMADD231PS (OFFSET*4)(VR), Z8, ACC
#define MADD_F16(OFFSET, ACC) \
	VCVTPH2PS   (OFFSET*2)(VR), Z9 \
	VFMADD231PS Z9, Z8, ACC

// ADD_ROWS is the body of addRows: 64 columns at a time, then 16. SIZE is the
// bytes of an element of v.
#define ADD_ROWS(MADD, FETCH, SIZE) \
	MOVQ  dst+0(FP), DST \
	MOVQ  v+8(FP), V \
	MOVQ  p+16(FP), P \
	MOVQ  n+24(FP), COLS \
	MOVQ  rows+32(FP), ROWS \
	MOVQ  ahead+40(FP), NEXT \
	IMUL3Q $SIZE, COLS, STEP \
cols64: \ /* for COLS >= 64 { dst[0:64] += sum over rows of p[j] * v[j][0:64] } */
	CMPQ  COLS, $64 \
	JLT   cols16 \
	MOVQ  V, VR \
	MOVQ  P, PR \
	MOVQ  ROWS, LEFT \
	VMOVUPS (DST), Z0 \
	VMOVUPS 64(DST), Z1 \
	VMOVUPS 128(DST), Z2 \
	VMOVUPS 192(DST), Z3 \
row64: \ /* for LEFT > 0 { Z0..Z3 += p[j] * v[j][0:64] } */
	VBROADCASTSS (PR), Z8 \
	FETCH \
	MADD(0, Z0) \
	MADD(16, Z1) \
	MADD(32, Z2) \
	MADD(48, Z3) \
	ADDQ  $4, PR \
	ADDQ  STEP, VR \
	DECQ  LEFT \
	JNZ   row64 \
	VMOVUPS Z0, (DST) \
	VMOVUPS Z1, 64(DST) \
	VMOVUPS Z2, 128(DST) \
	VMOVUPS Z3, 192(DST) \
	ADDQ  $256, DST \
	ADDQ  $(64*SIZE), V \
	SUBQ  $64, COLS \
	JMP   cols64 \
cols16: \ /* for COLS > 0 { the same with 16 columns } */
	TESTQ COLS, COLS \
	JZ    done \
	MOVQ  V, VR \
	MOVQ  P, PR \
	MOVQ  ROWS, LEFT \
	VMOVUPS (DST), Z0 \
row16: \
	VBROADCASTSS (PR), Z8 \
	PREFETCHT1 (VR)(NEXT*1) \
	MADD(0, Z0) \
	ADDQ  $4, PR \
	ADDQ  STEP, VR \
	DECQ  LEFT \
	JNZ   row16 \
	VMOVUPS Z0, (DST) \
	ADDQ  $64, DST \
	ADDQ  $(16*SIZE), V \
	SUBQ  $16, COLS \
	JMP   cols16 \
done: \
	VZEROUPPER \
	RET

// The constants of float.Exp.
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
DATA expc<>+48(SB)/4, $0x80000000 // the sign
GLOBL expc<>(SB), RODATA|NOPTR, $52

#define LOAD_EXP_CONSTANTS \
	VBROADCASTSS expc<>+0(SB), Z16  \
	VBROADCASTSS expc<>+4(SB), Z17  \
	VBROADCASTSS expc<>+8(SB), Z18  \
	VBROADCASTSS expc<>+12(SB), Z19 \
	VBROADCASTSS expc<>+16(SB), Z20 \
	VBROADCASTSS expc<>+20(SB), Z21 \
	VBROADCASTSS expc<>+24(SB), Z22 \
	VBROADCASTSS expc<>+28(SB), Z23 \
	VBROADCASTSS expc<>+32(SB), Z24 \
	VBROADCASTSS expc<>+36(SB), Z25 \
	VBROADCASTSS expc<>+40(SB), Z26 \
	VBROADCASTSS expc<>+44(SB), Z27 \
	VBROADCASTSS expc<>+48(SB), Z28

// EXP sets Z0 to float.Exp(Z0), using Z1 to Z4 and K2.
#define EXP \
	VCMPPS      $1, Z16, Z0, K2  \ /* K2 = Z0 < ExpMin; false for NaN */
	VMINPS      Z0, Z17, Z0      \ /* x = min(ExpMax, x); NaN stays */
	VMOVAPS     Z0, Z1           \
	VFMADD213PS Z19, Z18, Z1     \ /* t = fma(x, Log2E, ExpRound) */
	VSUBPS      Z19, Z1, Z2      \ /* n = t - ExpRound */
	VFMADD231PS Z20, Z2, Z0      \ /* r = fma(n, -Ln2Hi, x) */
	VFMADD231PS Z21, Z2, Z0      \ /* r = fma(n, -Ln2Lo, r) */
	VMOVAPS     Z22, Z3          \
	VFMADD213PS Z23, Z0, Z3      \ /* q = fma(C4, r, C3) */
	VFMADD213PS Z24, Z0, Z3      \ /* q = fma(q, r, C2) */
	VFMADD213PS Z25, Z0, Z3      \ /* q = fma(q, r, C1) */
	VFMADD213PS Z26, Z0, Z3      \ /* q = fma(q, r, C0) */
	VMULPS      Z0, Z0, Z4       \ /* r*r */
	VFMADD213PS Z0, Z4, Z3       \ /* fma(q, r*r, r) */
	VADDPS      Z27, Z3, Z3      \ /* y = .. + 1 */
	VPSLLD      $23, Z1, Z1      \
	VPADDD      Z27, Z1, Z1      \ /* 2^n, as bits(t)<<23 + 127<<23 */
	VMULPS      Z1, Z3, Z0       \
	VPXORD      Z1, Z1, Z1       \
	VMOVAPS     Z1, K2, Z0         /* 0 where x was below ExpMin */

// TAIL_MASK sets K1 to the lower CX lanes, CX < 16.
#define TAIL_MASK \
	MOVL  $1, AX \
	SHLL  CX, AX \
	DECL  AX     \
	KMOVW AX, K1

// func maxAVX512(x *float32, n int) float32
// Reference: maxGeneric.
TEXT ·maxAVX512(SB), NOSPLIT, $0-20
	MOVQ         x+0(FP), SI
	MOVQ         n+8(FP), CX
	MOVL         $0xFF800000, AX
	VPBROADCASTD AX, Z0          // Z0 = -Inf

max16: // for n >= 16 { Z0 = max(x[0:16], Z0); the second is taken if x is NaN }
	CMPQ    CX, $16
	JLT     maxtail
	VMOVUPS (SI), Z1
	VMAXPS  Z0, Z1, Z0
	ADDQ    $64, SI
	SUBQ    $16, CX
	JMP     max16

maxtail: // the last n numbers; the other lanes stay
	TAIL_MASK
	VMOVUPS.Z (SI), K1, Z1
	VMAXPS    Z0, Z1, K1, Z0
	VEXTRACTF64X4 $1, Z0, Y1 // 16 lanes to one; none is NaN
	VMAXPS        Y1, Y0, Y0
	VEXTRACTF128  $1, Y0, X1
	VMAXPS        X1, X0, X0
	VMOVHLPS      X0, X0, X1
	VMAXPS        X1, X0, X0
	VMOVSHDUP     X0, X1
	VMAXSS        X1, X0, X0
	VMOVSS        X0, ret+16(FP)
	VZEROUPPER
	RET

// func expSumAVX512(x *float32, n int, max float32) float32
// Reference: expSumGeneric.
TEXT ·expSumAVX512(SB), NOSPLIT, $0-28
	MOVQ         x+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSS max+16(FP), Z29
	LOAD_EXP_CONSTANTS
	VPXORD       Z30, Z30, Z30   // the sums

exp16: // for n >= 16 { x[0:16] = exp(x[0:16] - max); lanes += x[0:16] }
	CMPQ    CX, $16
	JLT     exptail
	VMOVUPS (SI), Z0
	VSUBPS  Z29, Z0, Z0
	EXP
	VMOVUPS Z0, (SI)
	VADDPS  Z0, Z30, Z30
	ADDQ    $64, SI
	SUBQ    $16, CX
	JMP     exp16

exptail:
	TAIL_MASK
	VMOVUPS.Z (SI), K1, Z0
	VSUBPS    Z29, Z0, Z0
	EXP
	VMOVUPS   Z0, K1, (SI)
	VADDPS    Z0, Z30, K1, Z30
	VEXTRACTF64X4 $1, Z30, Y1 // fold: j with j+8
	VEXTRACTF64X4 $0, Z30, Y0
	VADDPS        Y1, Y0, Y0
	VEXTRACTF128  $1, Y0, X1  // +4
	VADDPS        X1, X0, X0
	VMOVHLPS      X0, X0, X1  // +2
	VADDPS        X1, X0, X0
	VMOVSHDUP     X0, X1      // +1
	VADDSS        X1, X0, X0
	VMOVSS        X0, ret+24(FP)
	VZEROUPPER
	RET

// SWIGLU sets Z0 = silu(Z0) * Z6, using Z1 to Z5.
#define SWIGLU \
	VMOVAPS Z0, Z5       \ /* Z5 = gate */
	VPXORD  Z28, Z0, Z0  \ /* -gate */
	EXP                  \
	VADDPS  Z27, Z0, Z0  \ /* 1 + exp(-gate) */
	VDIVPS  Z0, Z5, Z0   \ /* gate / .. */
	VMULPS  Z6, Z0, Z0

// func swiGLUAVX512(gate, up *float32, n int)
// Reference: swiGLUGeneric.
TEXT ·swiGLUAVX512(SB), NOSPLIT, $0-24
	MOVQ gate+0(FP), DI
	MOVQ up+8(FP), SI
	MOVQ n+16(FP), CX
	LOAD_EXP_CONSTANTS

swiglu16: // for n >= 16 { gate[0:16] = silu(gate[0:16]) * up[0:16] }
	CMPQ    CX, $16
	JLT     swiglutail
	VMOVUPS (DI), Z0
	VMOVUPS (SI), Z6
	SWIGLU
	VMOVUPS Z0, (DI)
	ADDQ    $64, DI
	ADDQ    $64, SI
	SUBQ    $16, CX
	JMP     swiglu16

swiglutail:
	TAIL_MASK
	VMOVUPS.Z (DI), K1, Z0
	VMOVUPS.Z (SI), K1, Z6
	SWIGLU
	VMOVUPS   Z0, K1, (DI)
	VZEROUPPER
	RET

// func scaleAVX512(dst, x, norm *float32, n int, s float32)
// Reference: scaleGeneric.
TEXT ·scaleAVX512(SB), NOSPLIT, $0-36
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         norm+16(FP), DX
	MOVQ         n+24(FP), CX
	VBROADCASTSS s+32(FP), Z2

scale16: // for n >= 16 { dst[0:16] = norm[0:16] * (s * x[0:16]) }
	CMPQ   CX, $16
	JLT    scaletail
	VMULPS (SI), Z2, Z0
	VMULPS (DX), Z0, Z0
	VMOVUPS Z0, (DI)
	ADDQ   $64, DI
	ADDQ   $64, SI
	ADDQ   $64, DX
	SUBQ   $16, CX
	JMP    scale16

scaletail:
	TAIL_MASK
	VMOVUPS.Z (SI), K1, Z0
	VMOVUPS.Z (DX), K1, Z1
	VMULPS    Z0, Z2, Z0
	VMULPS    Z1, Z0, Z0
	VMOVUPS   Z0, K1, (DI)
	VZEROUPPER
	RET

// func divideAVX512(dst, x *float32, n int, d float32)
// Reference: divideGeneric.
TEXT ·divideAVX512(SB), NOSPLIT, $0-28
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSS d+24(FP), Z2

divide16: // for n >= 16 { dst[0:16] = x[0:16] / d }
	CMPQ    CX, $16
	JLT     dividetail
	VMOVUPS (SI), Z0
	VDIVPS  Z2, Z0, Z0
	VMOVUPS Z0, (DI)
	ADDQ    $64, DI
	ADDQ    $64, SI
	SUBQ    $16, CX
	JMP     divide16

dividetail: // the other lanes divide zeros
	TAIL_MASK
	VMOVUPS.Z (SI), K1, Z0
	VDIVPS    Z2, Z0, Z0
	VMOVUPS   Z0, K1, (DI)
	VZEROUPPER
	RET

// func addRowsF32AVX512(dst, v, p *float32, n, rows, ahead int)
// Reference: addRowsGeneric.
TEXT ·addRowsF32AVX512(SB), NOSPLIT, $0-48
	ADD_ROWS(MADD_F32, FETCH_F32, 4)

// func addRowsF16AVX512(dst *float32, v *F16, p *float32, n, rows, ahead int)
// Reference: addRowsGeneric.
TEXT ·addRowsF16AVX512(SB), NOSPLIT, $0-48
	ADD_ROWS(MADD_F16, FETCH_F16, 2)

// func addTileAVX512(dst *float32, stride int, src *float32, srcStride, n, vectors int)
// Reference: AddTile. 16 divides n. Requires: AVX-512 F.
TEXT ·addTileAVX512(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ src+16(FP), SI
	MOVQ srcStride+24(FP), R8
	MOVQ n+32(FP), CX
	MOVQ vectors+40(FP), BX

vector: // for vectors > 0 { dst[0:n] += src[0:n] }
	XORQ AX, AX

add: // for AX < n { dst[AX:+16] += src[AX:+16] }
	VMOVUPS (DI)(AX*4), Z0
	VADDPS  (SI)(AX*4), Z0, Z0
	VMOVUPS Z0, (DI)(AX*4)
	ADDQ    $16, AX
	CMPQ    AX, CX
	JLT     add
	LEAQ    (DI)(DX*4), DI
	LEAQ    (SI)(R8*4), SI
	DECQ    BX
	JNZ     vector
	VZEROUPPER
	RET
