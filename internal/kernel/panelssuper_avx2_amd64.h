// Panels of super-blocks times one vector with AVX2, lane = row: first eight rows of a super-block, then the other eight.
// count super-blocks of 16 rows are a panel.

#include "minimums_avx2_amd64.h"

#define PANEL  R8  // next super-block of the panel
#define X      SI  // next elements of x
#define XS     DI  // their scale
#define SUMS   BX  // sums of x, of every 16 elements, or those for minimums
#define LEFT   CX  // super-blocks left
#define DST    R13 // where results go
// Y0 to Y3: sums of pairs, 16 bits, Y4 to Y7: short-lived, Y11: scales of the super-block, Y12: its sum, 32 bits,
// Y13, Y14: results, Y15: 15 in each byte.

#define BEGIN \
	MOVQ      dst+0(FP), DST \
	MOVQ      w+8(FP), PANEL \
	VPCMPEQB  Y15, Y15, Y15  \
	VPSRLW    $12, Y15, Y15  \
	VPACKUSWB Y15, Y15, Y15

// BEGIN_ROWS begins a panel.
#define BEGIN_ROWS \
	MOVQ  x+16(FP), X     \
	MOVQ  xs+24(FP), XS   \
	MOVQ  count+40(FP), LEFT \
	VPXOR Y13, Y13, Y13   \
	VPXOR Y14, Y14, Y14

// END_ROWS stores 16 results and counts them.
#define END_ROWS \
	VMOVUPS Y13, (DST)    \
	VMOVUPS Y14, 32(DST)  \
	ADDQ    $64, DST      \
	DECQ    panels+48(FP)

// NEXT(SIZE) goes on to the next super-block, of which a row has SIZE bytes, and counts it.
#define NEXT(SIZE) \
	ADDQ $256, X          \
	ADDQ $4, XS           \
	ADDQ $(16*SIZE), PANEL \
	DECQ LEFT

// ADD_SUPER(RESULT): RESULT += float32(Y12) * Y11.
#define ADD_SUPER(RESULT) \
	VCVTDQ2PS   Y12, Y12 \
	VFMADD231PS Y11, Y12, RESULT

// TWO_SCALES(AT) sets Y11 to d * scale of x and Y10 to dmin, the halves of the column at AT.
#define TWO_SCALES(AT) \
	VMOVDQU      (AT)(PANEL), Y0     \
	VPSRLD       $16, Y0, Y1         \
	VPAND        low16<>(SB), Y0, Y0 \
	VPACKUSDW    Y1, Y0, Y0          \
	VPERMQ       $0xD8, Y0, Y0       \ /* d of eight rows | dmin */
	VEXTRACTI128 $1, Y0, X1          \
	VCVTPH2PS    X0, Y11             \
	VCVTPH2PS    X1, Y10             \
	VBROADCASTSS (XS), Y0            \
	VMULPS       Y0, Y11, Y11

// MINIMUM(J, AT, MINS): sum J -= Y10 * the lowest byte of MINS, which is shifted out, * the sum of x.
#define MINIMUM(J, AT, MINS) \
	VPAND        low8<>(SB), MINS, Y1 \
	VPSRLD       $8, MINS, MINS       \
	VCVTDQ2PS    Y1, Y1               \
	VMULPS       Y10, Y1, Y1          \
	VMOVUPS      (64*J+AT)(ACC), Y0   \
	VBROADCASTSS (4*J)(SUMS), Y2      \
	VFNMADD231PS Y2, Y1, Y0           \
	VMOVUPS      Y0, (64*J+AT)(ACC)

// ADD_SCALED(SUM, SCALE): Y12 += sums of pairs times a scale.
#define ADD_SCALED(SUM, SCALE) \
	VPMADDWD SCALE, SUM, SUM \
	VPADDD   SUM, Y12, Y12

// UPn and DOWNn shift bits.
#define UP4(H, D) VPSLLW $4, H, D
#define UP3(H, D) VPSLLW $3, H, D
#define UP2(H, D) VPSLLW $2, H, D
#define UP1(H, D) VPSLLW $1, H, D
#define UP0(H, D) VMOVDQA H, D
#define DOWN1(H, D) VPSRLW $1, H, D
#define DOWN2(H, D) VPSRLW $2, H, D
#define DOWN3(H, D) VPSRLW $3, H, D

// EACH8(OP): OP(0) to OP(7).
#define EACH8(OP) OP(0) OP(1) OP(2) OP(3) OP(4) OP(5) OP(6) OP(7)

// Of Y2 = 0: CLEAR(J) clears sums J and J+8, PAD(J) is what Dot does where the last 16 elements are only 8.
#define CLEAR(J) VMOVUPS Y2, (64*J)(ACC); VMOVUPS Y2, (64*J+32)(ACC); VMOVUPS Y2, (64*J)(OTHER); VMOVUPS Y2, (64*J+32)(OTHER);
#define PAD(J) \
	VADDPS  (64*J)(ACC), Y2, Y0    \
	VMOVUPS Y0, (64*J)(ACC)        \
	VADDPS  (64*J+32)(ACC), Y2, Y0 \
	VMOVUPS Y0, (64*J+32)(ACC);

// PRODUCT(CODES, I, OP, SUM): SUM = or += codes times x[I:I+4], as sums of pairs. Two of 63 * 127 fit 16 bits twice.
#define SET(A, SUM) VMOVDQA A, SUM
#define ADD(A, SUM) VPADDW A, SUM, SUM
#define PRODUCT(CODES, I, OP, SUM) \
	VPBROADCASTD (I)(X), Y8        \
	VPMADDUBSW   Y8, CODES, CODES  \
	OP(CODES, SUM)

// Masks of each 32 bits: the lower 16 and the lower 8.
DATA low16<>+0(SB)/8, $0x0000ffff0000ffff
DATA low16<>+8(SB)/8, $0x0000ffff0000ffff
DATA low16<>+16(SB)/8, $0x0000ffff0000ffff
DATA low16<>+24(SB)/8, $0x0000ffff0000ffff
GLOBL low16<>(SB), RODATA|NOPTR, $32
DATA low8<>+0(SB)/8, $0x000000ff000000ff
DATA low8<>+8(SB)/8, $0x000000ff000000ff
DATA low8<>+16(SB)/8, $0x000000ff000000ff
DATA low8<>+24(SB)/8, $0x000000ff000000ff
GLOBL low8<>(SB), RODATA|NOPTR, $32

// upper2 takes byte n of each 32 bits as the upper halves of two numbers of 16 bits, for n = 0 to 3.
DATA upper2<>+0(SB)/8, $0x0480048000800080
DATA upper2<>+8(SB)/8, $0x0c800c8008800880
DATA upper2<>+16(SB)/8, $0x0480048000800080
DATA upper2<>+24(SB)/8, $0x0c800c8008800880
DATA upper2<>+32(SB)/8, $0x0580058001800180
DATA upper2<>+40(SB)/8, $0x0d800d8009800980
DATA upper2<>+48(SB)/8, $0x0580058001800180
DATA upper2<>+56(SB)/8, $0x0d800d8009800980
DATA upper2<>+64(SB)/8, $0x0680068002800280
DATA upper2<>+72(SB)/8, $0x0e800e800a800a80
DATA upper2<>+80(SB)/8, $0x0680068002800280
DATA upper2<>+88(SB)/8, $0x0e800e800a800a80
DATA upper2<>+96(SB)/8, $0x0780078003800380
DATA upper2<>+104(SB)/8, $0x0f800f800b800b80
DATA upper2<>+112(SB)/8, $0x0780078003800380
DATA upper2<>+120(SB)/8, $0x0f800f800b800b80
GLOBL upper2<>(SB), RODATA|NOPTR, $128
