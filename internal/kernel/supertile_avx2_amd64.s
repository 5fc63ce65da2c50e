//go:build !purego

#include "textflag.h"
#include "columns_avx2_amd64.h"

// Tiles of super-blocks: 16 rows side by side, lane = row, times several vectors. Requires: AVX2, FMA (all functions of
// this file).
//
// Codes, less their offset, are between -32 and 31: the products of four columns and x, two for each 16 bits, are at most
// 8*32*127 = 32512 in the end, whatever wraps around on the way. VPMADDWD multiplies them by the integer scale, which stands
// there twice, and widens them. Offset times x is taken off before, by two sums of x, one for either 16 bits.

#define SUBS   DI  // their integer scales
#define SCALES DX  // scales of the rows
#define PAIRS  R14 // sums of vector 0
#define PSTEP  R10 // bytes from a vector's sums to the next one's
#define XS     R11 // scale of vector 0
#define GSTEP  R12 // bytes from a vector's scales to the next one's
#define DST    R13 // results of vector 0
#define STRIDE BX  // bytes from a vector's results to the next one's
#define LEFT   AX  // elements of the super-block left
// Y0 to Y5: products that share an integer scale, rows 0 to 7 and 8 to 15 of each vector, 16 bits; Y6 to Y11: the same
// times integer scales, 32 bits.

// OFFSET(PAIRS, A, B): A, B = -offset times x.
#define OFFSET(PAIRS, A, B) \
	VPBROADCASTD PAIRS, Y14            \
	VPSLLW       shift-16(SP), Y14, A  \
	VMOVDQA      A, B

// NEXT goes on to the next 16 codes.
#define NEXT \
	ADDQ $16, X    \
	ADDQ $256, W   \
	ADDQ $64, SUBS \
	ADDQ $4, PAIRS \
	SUBQ $16, LEFT

// SCALE(A, B, C, D): C, D += A, B times the integer scales.
#define SCALE(A, B, C, D) \
	VPMADDWD -64(SUBS), A, A \
	VPMADDWD -32(SUBS), B, B \
	VPADDD   A, C, C         \
	VPADDD   B, D, D

// RESULT(XS, A, B, LOW, HIGH): LOW, HIGH += float32(A, B) * (scales of the rows * XS).
#define RESULT(XS, A, B, LOW, HIGH) \
	VCVTDQ2PS    A, A                 \
	VCVTDQ2PS    B, B                 \
	VBROADCASTSS XS, Y14              \
	VMULPS       (SCALES), Y14, Y12   \
	VMULPS       32(SCALES), Y14, Y13 \
	VFMADD213PS  LOW, Y12, A          \
	VFMADD213PS  HIGH, Y13, B         \
	VMOVUPS      A, LOW               \
	VMOVUPS      B, HIGH

// ARGUMENTS reads them; shift is the logarithm of the offset, as VPSLLW wants it.
#define ARGUMENTS \
	MOVQ    dst+0(FP), DST        \
	MOVQ    stride+8(FP), STRIDE  \
	MOVQ    columns+16(FP), W     \
	MOVQ    subs+24(FP), SUBS     \
	MOVQ    scales+32(FP), SCALES \
	MOVQ    x+40(FP), X           \
	MOVQ    xScales+48(FP), XS    \
	MOVQ    pairs+56(FP), PAIRS   \
	MOVQ    n+64(FP), XSTEP       \
	SHLQ    $2, STRIDE            \ /* numbers to bytes */
	MOVQ    XSTEP, GSTEP          \
	SHRQ    $6, GSTEP             \ /* a scale, float32, for each 256 elements */
	MOVQ    XSTEP, PSTEP          \
	SHRQ    $1, PSTEP             \ /* two sums, int32, for each 16 elements */
	BSRQ    offset+80(FP), AX     \ /* of 0 it is nobody's */
	VMOVQ   AX, X14               \
	VMOVDQU X14, shift-16(SP)

// SUPER_END goes on to the next super-block and counts it.
#define SUPER_END \
	ADDQ $4, XS          \
	ADDQ $64, SCALES     \
	DECQ count+88(FP)

// func tileSuperx3AVX2(dst *float32, stride int, columns *int8, subs *int32, scales *float32, x *int8, xScales *float32,
//	pairs *int32, n, piece, offset, count int)
// Reference: dotSuperGeneric, of 3 vectors, added to dst. piece is 16, or 32 if pairs of integer scales are equal, codes
// below 16 and offset is 0.
TEXT ·tileSuperx3AVX2(SB), NOSPLIT, $16-96
	ARGUMENTS

super: // for count > 0 { dst += a super-block }
	MOVQ  $256, LEFT
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	VPXOR Y11, Y11, Y11

piece: // for LEFT > 0 { Y6 to Y11 += products that share an integer scale }
	CMPQ offset+80(FP), $0
	JEQ  begin
	OFFSET((PAIRS), Y0, Y1)
	OFFSET((PAIRS)(PSTEP*1), Y2, Y3)
	OFFSET((PAIRS)(PSTEP*2), Y4, Y5)
	THREE(DOT, 0)
	JMP  dot

begin:
	THREE(BEGIN, 0)

dot:
	THREE(DOT, 1)
	THREE(DOT, 2)
	THREE(DOT, 3)
	NEXT
	CMPQ piece+72(FP), $16
	JEQ  scale
	THREE(DOT, 0)
	THREE(DOT, 1)
	THREE(DOT, 2)
	THREE(DOT, 3)
	NEXT

scale:
	SCALE(Y0, Y1, Y6, Y7)
	SCALE(Y2, Y3, Y8, Y9)
	SCALE(Y4, Y5, Y10, Y11)
	TESTQ LEFT, LEFT
	JNZ   piece
	RESULT((XS), Y6, Y7, (DST), 32(DST))
	RESULT((XS)(GSTEP*1), Y8, Y9, (DST)(STRIDE*1), 32(DST)(STRIDE*1))
	RESULT((XS)(GSTEP*2), Y10, Y11, (DST)(STRIDE*2), 32(DST)(STRIDE*2))
	SUPER_END
	JNZ   super
	VZEROUPPER
	RET

// func tileSuperx1AVX2(dst *float32, stride int, columns *int8, subs *int32, scales *float32, x *int8, xScales *float32,
//	pairs *int32, n, piece, offset, count int)
// tileSuperx3AVX2 of one vector.
TEXT ·tileSuperx1AVX2(SB), NOSPLIT, $16-96
	ARGUMENTS

super: // for count > 0 { dst += a super-block }
	MOVQ  $256, LEFT
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7

piece: // for LEFT > 0 { Y6, Y7 += products that share an integer scale }
	CMPQ offset+80(FP), $0
	JEQ  begin
	OFFSET((PAIRS), Y0, Y1)
	ONE(DOT, 0)
	JMP  dot

begin:
	ONE(BEGIN, 0)

dot:
	ONE(DOT, 1)
	ONE(DOT, 2)
	ONE(DOT, 3)
	NEXT
	CMPQ piece+72(FP), $16
	JEQ  scale
	ONE(DOT, 0)
	ONE(DOT, 1)
	ONE(DOT, 2)
	ONE(DOT, 3)
	NEXT

scale:
	SCALE(Y0, Y1, Y6, Y7)
	TESTQ LEFT, LEFT
	JNZ   piece
	RESULT((XS), Y6, Y7, (DST), 32(DST))
	SUPER_END
	JNZ   super
	VZEROUPPER
	RET

// func sumPairsAVX2(pairs *int32, q *int8, count int)
// Reference: sumPairsGeneric.
TEXT ·sumPairsAVX2(SB), NOSPLIT, $0-24
	MOVQ     pairs+0(FP), DI
	MOVQ     q+8(FP), SI
	MOVQ     count+16(FP), CX
	VPCMPEQB X4, X4, X4
	VPABSB   X4, X4                 // 1 in each byte
	VPXOR    X5, X5, X5

next: // for count > 0 { *pairs = minus the sums of q[0:16], numbers 0 and 1 of each four, 2 and 3 of each four }
	VMOVDQU    (SI), X0
	VPMADDUBSW X0, X4, X0           // sums of 2
	VPSHUFD    $0x4E, X0, X1
	VPADDW     X1, X0, X0
	VPSHUFD    $0xB1, X0, X1
	VPADDW     X1, X0, X0
	VPSUBW     X0, X5, X0
	VMOVD      X0, (DI)
	ADDQ       $16, SI
	ADDQ       $4, DI
	DECQ       CX
	JNZ        next
	RET
