//go:build !purego

#include "textflag.h"

// Requires: AVX2 (all functions of this file).

#define CODES  SI  // next super-block of 8 rows
#define SUB    R8  // their integer scales
#define SCALES R9  // their scales
#define X      DI  // 256 elements of x
#define XS     R10 // their scale
#define SUMS   R11 // their sums
#define LEFT   CX  // super-blocks left
#define HALVES R12 // 8 rows to do, twice
// Y0 to Y7: int32 lanes of each row, Y8: results, Y9 to Y12: short-lived,
// Y15: -offset.

// Which 16-bit numbers of 8 make the scales of 32 codes, two at a time.
DATA pair<>+0(SB)/8, $0x0100010001000100
DATA pair<>+8(SB)/8, $0x0100010001000100
DATA pair<>+16(SB)/8, $0x0302030203020302
DATA pair<>+24(SB)/8, $0x0302030203020302
DATA pair<>+32(SB)/8, $0x0504050405040504
DATA pair<>+40(SB)/8, $0x0504050405040504
DATA pair<>+48(SB)/8, $0x0706070607060706
DATA pair<>+56(SB)/8, $0x0706070607060706
DATA pair<>+64(SB)/8, $0x0908090809080908
DATA pair<>+72(SB)/8, $0x0908090809080908
DATA pair<>+80(SB)/8, $0x0B0A0B0A0B0A0B0A
DATA pair<>+88(SB)/8, $0x0B0A0B0A0B0A0B0A
DATA pair<>+96(SB)/8, $0x0D0C0D0C0D0C0D0C
DATA pair<>+104(SB)/8, $0x0D0C0D0C0D0C0D0C
DATA pair<>+112(SB)/8, $0x0F0E0F0E0F0E0F0E
DATA pair<>+120(SB)/8, $0x0F0E0F0E0F0E0F0E
GLOBL pair<>(SB), RODATA|NOPTR, $128

// DOT32(ROW, I, J, ACC): ACC += codes[32*I:+32] * x[32*I:+32], times their
// scales, J of the 4 pairs in Y9.
#define DOT32(ROW, I, J, ACC) \
	VMOVDQU    (256*ROW+32*I)(CODES), Y11 \
	VPMADDUBSW 32*I(X), Y11, Y11          \ /* sums of two products, at most 16002 */
	VPSHUFB    pair<>+32*J(SB), Y9, Y12   \
	VPMADDWD   Y12, Y11, Y11              \
	VPADDD     Y11, ACC, ACC

// ROW(R, ACC): ACC = -offset * the scales times the sums, + the products of row R.
#define ROW(R, ACC) \
	VPMOVSXWD      32*R(SUB), Y9      \
	VPMOVSXWD      (32*R+16)(SUB), Y10 \
	VPMULLD        (SUMS), Y9, Y9     \
	VPMULLD        32(SUMS), Y10, Y10 \
	VPADDD         Y10, Y9, Y9        \
	VPMULLD        Y15, Y9, ACC       \
	VBROADCASTI128 32*R(SUB), Y9      \
	DOT32(R, 0, 0, ACC)               \
	DOT32(R, 1, 1, ACC)               \
	DOT32(R, 2, 2, ACC)               \
	DOT32(R, 3, 3, ACC)               \
	VBROADCASTI128 (32*R+16)(SUB), Y9 \
	DOT32(R, 4, 0, ACC)               \
	DOT32(R, 5, 1, ACC)               \
	DOT32(R, 6, 2, ACC)               \
	DOT32(R, 7, 3, ACC)

// func dotSuperAVX2(dst *[16]float32, codes *int8, sub *int16, scales *float32,
//	q *int8, xs *float32, sums *int32, count, offset int)
// Reference: dotSuperGeneric.
TEXT ·dotSuperAVX2(SB), NOSPLIT, $0-72
	MOVQ         offset+64(FP), AX
	NEGQ         AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15
	MOVQ         codes+8(FP), CODES
	MOVQ         sub+16(FP), SUB
	MOVQ         scales+24(FP), SCALES
	MOVQ         dst+0(FP), DX
	MOVQ         $2, HALVES

half: // for HALVES > 0 { dst[0:8] = dot of 8 rows }
	MOVQ   q+32(FP), X
	MOVQ   xs+40(FP), XS
	MOVQ   sums+48(FP), SUMS
	MOVQ   count+56(FP), LEFT
	VXORPS Y8, Y8, Y8

super: // for LEFT > 0 { results += a super-block }
	ROW(0, Y0)
	ROW(1, Y1)
	ROW(2, Y2)
	ROW(3, Y3)
	ROW(4, Y4)
	ROW(5, Y5)
	ROW(6, Y6)
	ROW(7, Y7)
	VPHADDD      Y1, Y0, Y0          // rows 0 0 1 1 | 0 0 1 1
	VPHADDD      Y3, Y2, Y2
	VPHADDD      Y5, Y4, Y4
	VPHADDD      Y7, Y6, Y6
	VPHADDD      Y2, Y0, Y0          // rows 0 1 2 3 | 0 1 2 3
	VPHADDD      Y6, Y4, Y4          // rows 4 5 6 7 | 4 5 6 7
	VPERM2I128   $0x20, Y4, Y0, Y1   // lower halves
	VPERM2I128   $0x31, Y4, Y0, Y2   // upper halves
	VPADDD       Y2, Y1, Y1          // the sum of each row
	VCVTDQ2PS    Y1, Y1
	VBROADCASTSS (XS), Y2
	VMULPS       (SCALES), Y2, Y2    // scale of the row * scale of x
	VFMADD231PS  Y2, Y1, Y8
	ADDQ         $4096, CODES
	ADDQ         $512, SUB
	ADDQ         $64, SCALES
	ADDQ         $256, X
	ADDQ         $4, XS
	ADDQ         $64, SUMS
	DECQ         LEFT
	JNZ          super
	VMOVUPS      Y8, (DX)
	ADDQ         $32, DX
	MOVQ         codes+8(FP), CODES
	MOVQ         sub+16(FP), SUB
	MOVQ         scales+24(FP), SCALES
	ADDQ         $2048, CODES
	ADDQ         $256, SUB
	ADDQ         $32, SCALES
	DECQ         HALVES
	JNZ          half
	VZEROUPPER
	RET

// func sums16AVX2(sums *int32, q *int8, count int)
// Reference: sums16Generic.
TEXT ·sums16AVX2(SB), NOSPLIT, $0-24
	MOVQ sums+0(FP), DI
	MOVQ q+8(FP), SI
	MOVQ count+16(FP), CX
	VPCMPEQW X3, X3, X3
	VPABSW   X3, X3                 // 1 in each 16 bits
	VPCMPEQB X4, X4, X4
	VPABSB   X4, X4                 // 1 in each byte

next: // for count > 0 { *sums = sum of q[0:16] }
	VMOVDQU    (SI), X0
	VPMADDUBSW X0, X4, X0           // sums of 2
	VPMADDWD   X3, X0, X0           // sums of 4
	VPSHUFD    $0x4E, X0, X1
	VPADDD     X1, X0, X0
	VPSHUFD    $0xB1, X0, X1
	VPADDD     X1, X0, X0
	VMOVD      X0, (DI)
	ADDQ       $16, SI
	ADDQ       $4, DI
	DECQ       CX
	JNZ        next
	VZEROUPPER
	RET
