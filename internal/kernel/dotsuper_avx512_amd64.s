//go:build !purego

#include "textflag.h"
#include "fold_avx512_amd64.h"

// Requires: AVX-512 F, VNNI (all functions of this file).

#define CODES  SI  // next super-block of 16 rows
#define SUB    R8  // their integer scales
#define SCALES R9  // their scales
#define X      DI  // 256 elements of x
#define XS     R10 // their scale
#define SUMS   R11 // their sums
#define LEFT   CX  // super-blocks left
// Z0 to Z15: int32 lanes of each row, Z16, Z17: short-lived, Z18: results, Z21 to Z23, Z28: which
// scale belongs to each lane of 64 codes, Z24 to Z27: x, Z29: scales of a row,
// Z30: -offset, Z31: sums.

// DOT64(ROW, I, WHICH, XI, ACC): ACC += codes[64*I:+64] * x[64*I:+64], times
// their scales. A lane is the sum of four products, at most 32004, so it is one 16-bit number.
#define DOT64(ROW, I, WHICH, XI, ACC) \
	VMOVDQU32 (256*ROW+64*I)(CODES), Z16 \
	VPXORD    Z17, Z17, Z17              \
	VPDPBUSD  XI, Z16, Z17               \
	VPERMD    Z29, WHICH, Z16            \ /* scale, 0 in each lane */
	VPDPWSSD  Z16, Z17, ACC

// ROW(R, ACC): ACC = -offset * the scales times the sums, + the products of row R.
#define ROW(R, ACC) \
	VPMOVSXWD 32*R(SUB), Z16     \
	VPMULLD   Z31, Z16, ACC      \
	VPMOVZXWD 32*R(SUB), Z29     \
	DOT64(R, 0, Z21, Z24, ACC)   \
	DOT64(R, 1, Z22, Z25, ACC)   \
	DOT64(R, 2, Z23, Z26, ACC)   \
	DOT64(R, 3, Z28, Z27, ACC)

DATA quarter<>+0(SB)/8, $0x0000000000000000
DATA quarter<>+8(SB)/8, $0x0000000000000000
DATA quarter<>+16(SB)/8, $0x0000000100000001
DATA quarter<>+24(SB)/8, $0x0000000100000001
DATA quarter<>+32(SB)/8, $0x0000000200000002
DATA quarter<>+40(SB)/8, $0x0000000200000002
DATA quarter<>+48(SB)/8, $0x0000000300000003
DATA quarter<>+56(SB)/8, $0x0000000300000003
GLOBL quarter<>(SB), RODATA|NOPTR, $64

// func dotSuperVNNI(dst *[16]float32, codes *int8, sub *int16, scales *float32,
//	q *int8, xs *float32, sums *int32, count, offset int)
// Reference: dotSuperGeneric.
TEXT ·dotSuperVNNI(SB), NOSPLIT, $0-72
	MOVQ         codes+8(FP), CODES
	MOVQ         sub+16(FP), SUB
	MOVQ         scales+24(FP), SCALES
	MOVQ         q+32(FP), X
	MOVQ         xs+40(FP), XS
	MOVQ         sums+48(FP), SUMS
	MOVQ         count+56(FP), LEFT
	MOVQ         offset+64(FP), AX
	NEGQ         AX
	VPBROADCASTD AX, Z30
	MOVL         $0xCCCC, AX
	KMOVW        AX, K1
	MOVL         $4, AX
	VPBROADCASTD AX, Z16
	VMOVDQU32    quarter<>(SB), Z21
	VPADDD       Z16, Z21, Z22
	VPADDD       Z16, Z22, Z23
	VPADDD       Z16, Z23, Z28
	VPXORD       Z18, Z18, Z18

super: // for LEFT > 0 { results += a super-block }
	VMOVDQU32    (X), Z24
	VMOVDQU32    64(X), Z25
	VMOVDQU32    128(X), Z26
	VMOVDQU32    192(X), Z27
	VPMULLD      (SUMS), Z30, Z31    // -offset * sums
	ROW(0, Z0)
	ROW(1, Z1)
	ROW(2, Z2)
	ROW(3, Z3)
	ROW(4, Z4)
	ROW(5, Z5)
	ROW(6, Z6)
	ROW(7, Z7)
	ROW(8, Z8)
	ROW(9, Z9)
	ROW(10, Z10)
	ROW(11, Z11)
	ROW(12, Z12)
	ROW(13, Z13)
	ROW(14, Z14)
	ROW(15, Z15)
	FOLD_LANES
	ADD_LANES(Z0, Z4, 0x44, 0xEE, Z0)
	ADD_LANES(Z8, Z12, 0x44, 0xEE, Z8)
	ADD_LANES(Z0, Z8, 0x88, 0xDD, Z0) // Z0[r] = the sum of row r
	VCVTDQ2PS    Z0, Z0
	VBROADCASTSS (XS), Z16
	VMULPS       (SCALES), Z16, Z16  // scale of the row * scale of x
	VFMADD231PS  Z16, Z0, Z18
	ADDQ         $4096, CODES
	ADDQ         $512, SUB
	ADDQ         $64, SCALES
	ADDQ         $256, X
	ADDQ         $4, XS
	ADDQ         $64, SUMS
	DECQ         LEFT
	JNZ          super
	MOVQ         dst+0(FP), DX
	VMOVUPS      Z18, (DX)
	VZEROUPPER
	RET
