//go:build !purego

#include "textflag.h"
#include "panels_avx512_amd64.h"
#include "super_avx512_amd64.h"

// Panels of Q2_K and Q3_K times one vector. Codes stay where they are in their bytes, so that sums are 4, 8, 16 or 64
// times as large, each of these by itself, and are shifted once for a super-block.
// Requires: AVX-512 F, BW, VNNI (all functions of this file).

// TWO(MASK, I, COLUMN): Z2 += bits of a column times x[I:I+4].
#define TWO(MASK, I, COLUMN) \
	VPANDD        MASK, COLUMN, Z1 \
	VPDPBUSD.BCST (I)(X), Z1, Z2

// TWO16(MASK, I, SCALES, BYTE, SUM): SUM += bits of four columns times x[I:I+16], times a scale: the lower half of a
// byte.
#define TWO16(MASK, I, SCALES, BYTE, SUM) \
	VPXORD  Z2, Z2, Z2                \
	TWO(MASK, I+0, Z24)               \
	TWO(MASK, I+4, Z25)               \
	TWO(MASK, I+8, Z26)               \
	TWO(MASK, I+12, Z27)              \
	VPSLLD  $(28-8*(BYTE)), SCALES, Z1 \
	VPSRLD  $28, Z1, Z1               \
	VPMULLD Z1, Z2, Z2                \
	VPADDD  Z2, SUM, SUM

// TWO64(HALF, Q, LOW, HIGH): elements 16*Q and on of each 32 of half a super-block; LOW and HIGH are their scales.
#define TWO64(HALF, Q, LOW, HIGH) \
	COLUMNS(20+32*HALF+16*Q)                      \
	TWO16(Z4, 128*HALF+16*Q, LOW, Q, Z5)          \
	TWO16(Z20, 128*HALF+16*Q+32, LOW, 2+Q, Z9)     \
	TWO16(Z21, 128*HALF+16*Q+64, HIGH, Q, Z11)     \
	TWO16(Z22, 128*HALF+16*Q+96, HIGH, 2+Q, Z16)

// NIBBLE_MINIMUM(J, MINS): sum J -= Z10 * the upper half of byte J%4 of MINS * the sum of x.
#define NIBBLE_MINIMUM(J, MINS) \
	VPSRLD            $(8*(J%4)+4), MINS, Z1 \
	VPERMPS           Z17, Z1, Z1            \ /* of lanes it takes the lower four bits */
	VMULPS            Z10, Z1, Z1            \
	VMOVUPS           (64*J)(ACC), Z19       \
	VFNMADD231PS.BCST (4*J)(MINSUM), Z1, Z19 \
	VMOVUPS           Z19, (64*J)(ACC)

// NIBBLE_MINIMUMS(J, MINS): sums J to J+3.
#define NIBBLE_MINIMUMS(J, MINS) \
	NIBBLE_MINIMUM((J+0), MINS) \
	NIBBLE_MINIMUM((J+1), MINS) \
	NIBBLE_MINIMUM((J+2), MINS) \
	NIBBLE_MINIMUM((J+3), MINS)

// func panelsQ2KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)
// Reference: unpackQ2K, dotSuperGeneric and, for minimums and sums, DotRows. Columns: dmin and d, scales and minimums
// of 16 elements each, codes.
TEXT ·panelsQ2KVNNI(SB), 0, $1088-120
	MOVQ      dst+0(FP), DST
	MOVQ      w+8(FP), ROW0
	BYTES(0x03, Z4)
	BYTES(0x0C, Z20)
	BYTES(0x30, Z21)
	BYTES(0xC0, Z22)
	VMOVUPS   nibbles<>(SB), Z17
	VPXORD    Z29, Z29, Z29
	LEAQ      sum-1088(SP), ACC
	ADDQ      $63, ACC
	ANDQ      $~63, ACC
	LEAQ      512(ACC), OTHER

rows: // for blocks > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS
	MOVQ sums+88(FP), MINSUM
	EACH8(CLEAR)
	MOVQ count+104(FP), LEFT

super: // for LEFT > 0 { results += a super-block }
	COLUMN(0, Z24)
	COLUMN(4, Z12)
	COLUMN(8, Z13)
	COLUMN(12, Z14)
	COLUMN(16, Z15)
	FLOATS(Z24)                   // d
	VPSRLD      $16, Z24, Z24
	VPMOVDW     Z24, Y10
	VCVTPH2PS   Y10, Z10          // dmin
	VMULPS.BCST (XS), Z0, Z0      // d * scale of x
	NIBBLE_MINIMUMS(0, Z12)
	NIBBLE_MINIMUMS(4, Z13)
	NIBBLE_MINIMUMS(8, Z14)
	NIBBLE_MINIMUMS(12, Z15)
	ADDQ        $64, MINSUM
	VPXORD      Z5, Z5, Z5
	VPXORD      Z9, Z9, Z9
	VPXORD      Z11, Z11, Z11
	VPXORD      Z16, Z16, Z16
	TWO64(0, 0, Z12, Z13)
	TWO64(0, 1, Z12, Z13)
	TWO64(1, 0, Z14, Z15)
	TWO64(1, 1, Z14, Z15)
	VPSRAD      $2, Z9, Z9
	VPSRAD      $4, Z11, Z11
	VPSRAD      $6, Z16, Z16
	VPADDD      Z9, Z5, Z5
	VPADDD      Z16, Z11, Z11
	VPADDD      Z11, Z5, Z5
	VCVTDQ2PS   Z5, Z5
	VFMADD231PS Z0, Z5, Z18
	NEXT_SUPER(84)
	JNZ         super
	FOLD_MINIMUMS
	STORE_ROWS
	DECQ        blocks+112(FP)
	JNZ         rows
	VZEROUPPER
	RET

// TOP(SHIFT, I, COLUMN, THIRD): Z2 += codes times x[I:I+4]: the upper two bits of COLUMN, and one of THIRD >> SHIFT.
#define TOP(SHIFT, I, COLUMN, THIRD) \
	VPSRLD        $6, COLUMN, COLUMN       \
	VPSRLD        $SHIFT, THIRD, Z1        \
	VPTERNLOGD    $0xD8, Z16, COLUMN, Z1   \ /* bits of Z16 from COLUMN, the others from Z1 */
	VPANDD        Z6, Z1, Z1               \
	VPDPBUSD.BCST (I)(X), Z1, Z2

// START(S, EIGHT): Z2 = -4 times sum S of x, or -32 times.
#define START(S, EIGHT) VPBROADCASTD start-128+(64*EIGHT+4*(S))(SP), Z2

// SCALED(SCALES, BYTE, SUM): SUM += Z2 times a scale.
#define SCALED(SCALES, BYTE, SUM) \
	VPSLLD  $(24-8*(BYTE)), SCALES, Z1 \
	VPSRAD  $24, Z1, Z1                \
	VPMULLD Z1, Z2, Z2                 \
	VPADDD  Z2, SUM, SUM

// LOW16(S, SCALES, BYTE, A, B, C, D): Z5 += the lower three bits of four columns times 16 elements of x, whose sum is S,
// times a scale. MIDDLE16: Z3 += the next three bits, eight times as large.
#define LOW16(S, SCALES, BYTE, A, B, C, D) \
	START(S, 0)               \
	TWO(Z6, 16*(S)+0, A)      \
	TWO(Z6, 16*(S)+4, B)      \
	TWO(Z6, 16*(S)+8, C)      \
	TWO(Z6, 16*(S)+12, D)     \
	SCALED(SCALES, BYTE, Z5)
#define MIDDLE16(S, SCALES, BYTE, A, B, C, D) \
	START(S, 1)               \
	TWO(Z7, 16*(S)+0, A)      \
	TWO(Z7, 16*(S)+4, B)      \
	TWO(Z7, 16*(S)+8, C)      \
	TWO(Z7, 16*(S)+12, D)     \
	SCALED(SCALES, BYTE, Z3)

// TOP16(SHIFT, S, BYTE, A, B, C, D): Z5 += the upper bits of four columns, likewise.
#define TOP16(SHIFT, S, BYTE, A, B, C, D) \
	START(S, 0)                      \
	TOP(SHIFT, 16*(S)+0, A, Z20)     \
	TOP(SHIFT, 16*(S)+4, B, Z21)     \
	TOP(SHIFT, 16*(S)+8, C, Z22)     \
	TOP(SHIFT, 16*(S)+12, D, Z23)    \
	SCALED(Z15, BYTE, Z5)

// THREE128(Q): elements 16*Q and on of each 32 of a super-block.
#define THREE128(Q) \
	COLUMN(14+48*Q+0, Z8)                              \
	COLUMN(14+48*Q+4, Z9)                              \
	COLUMN(14+48*Q+8, Z10)                             \
	COLUMN(14+48*Q+12, Z11)                            \
	COLUMNS(14+48*Q+16)                                \
	COLUMN(14+48*Q+32, Z20)                            \
	COLUMN(14+48*Q+36, Z21)                            \
	COLUMN(14+48*Q+40, Z22)                            \
	COLUMN(14+48*Q+44, Z23)                            \
	LOW16(Q, Z12, Q, Z8, Z9, Z10, Z11)                 \
	MIDDLE16(2+Q, Z12, 2+Q, Z8, Z9, Z10, Z11)          \
	LOW16(4+Q, Z13, Q, Z24, Z25, Z26, Z27)             \
	MIDDLE16(6+Q, Z13, 2+Q, Z24, Z25, Z26, Z27)        \
	LOW16(8+Q, Z14, Q, Z20, Z21, Z22, Z23)             \
	MIDDLE16(10+Q, Z14, 2+Q, Z20, Z21, Z22, Z23)       \
	TOP16(4, 12+Q, Q, Z8, Z9, Z10, Z11)                \
	TOP16(5, 14+Q, 2+Q, Z24, Z25, Z26, Z27)

// SIX(L, D): D = the lower halves of bytes of L with bits 4 and 5 of D, - 32.
#define SIX(L, D) \
	VPTERNLOGD $0xD8, Z4, L, D \ /* bits of Z4 from L, the others from D */
	VPANDD     Z28, D, D       \
	VPSUBB     Z29, D, D

// func panelsQ3KVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: unpackQ3K and dotSuperGeneric. Columns: the scale, integer scales, and two times codes as planesQ3K has them.
TEXT ·panelsQ3KVNNI(SB), 0, $128-112
	MOVQ dst+0(FP), DST
	MOVQ w+8(FP), ROW0
	BYTES(0x0F, Z4)
	BYTES(0x07, Z6)
	BYTES(0x38, Z7)
	BYTES(0x03, Z16)
	BYTES(0x3F, Z28)
	BYTES(0x20, Z29)

rows: // for blocks > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS
	MOVQ x_Sums_base+64(FP), SUMS
	MOVQ count+96(FP), LEFT

super: // for LEFT > 0 { results += a super-block }
	HALVES(0)
	VMULPS.BCST (XS), Z0, Z0 // d * scale of x
	COLUMN(2, Z24)           // lower bits of integer scales 0 to 3 and 8 to 11
	COLUMN(6, Z25)           // 4 to 7 and 12 to 15
	COLUMN(10, Z14)          // upper bits
	VPSLLD      $4, Z14, Z12
	VPSLLD      $2, Z14, Z13
	VPSRLD      $2, Z14, Z15
	SIX(Z24, Z12)
	SIX(Z25, Z13)
	VPSRLD      $4, Z24, Z24
	VPSRLD      $4, Z25, Z25
	SIX(Z24, Z14)
	SIX(Z25, Z15)
	VPXORD      Z5, Z5, Z5
	VPXORD      Z3, Z3, Z3
	VPSLLD      $2, (SUMS), Z2
	VPSUBD      Z2, Z3, Z2   // -4 times the sums
	VMOVDQU32   Z2, start-128(SP)
	VPSLLD      $3, Z2, Z2
	VMOVDQU32   Z2, start-64(SP)
	THREE128(0)
	THREE128(1)
	VPSRAD      $3, Z3, Z3
	VPADDD      Z3, Z5, Z5
	VCVTDQ2PS   Z5, Z5
	VFMADD231PS Z0, Z5, Z18
	ADDQ        $64, SUMS
	NEXT_SUPER(110)
	JNZ         super
	STORE_ROWS
	DECQ        blocks+104(FP)
	JNZ         rows
	VZEROUPPER
	RET

// What four bits stand for: themselves.
DATA nibbles<>+0(SB)/8, $0x3f80000000000000
DATA nibbles<>+8(SB)/8, $0x4040000040000000
DATA nibbles<>+16(SB)/8, $0x40a0000040800000
DATA nibbles<>+24(SB)/8, $0x40e0000040c00000
DATA nibbles<>+32(SB)/8, $0x4110000041000000
DATA nibbles<>+40(SB)/8, $0x4130000041200000
DATA nibbles<>+48(SB)/8, $0x4150000041400000
DATA nibbles<>+56(SB)/8, $0x4170000041600000
GLOBL nibbles<>(SB), RODATA|NOPTR, $64
