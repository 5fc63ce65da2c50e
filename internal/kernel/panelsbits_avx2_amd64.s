//go:build !purego

#include "textflag.h"
#include "panelssuper_avx2_amd64.h"

// Panels of Q2_K and Q3_K times one vector. Of two codes of Q2_K in four bits, the upper one stays where it is: sums of
// these are four times as large, are kept in Y10, and are shifted once for a super-block.
// Requires: AVX2, FMA, F16C (all functions of this file).
//
// Q2_K: Y9: 12 in each byte, Y15: 3. Q3_K: Y9: 3, Y10: 4, Y15: 7. At SP: integer scales of eight rows, a byte each, four
// times 32 bytes, below it for Q3_K where sums start.

// MASKS sets Y15 and Y9.
#define MASKS \
	VPSRLW $2, Y15, Y9  \
	VPAND  Y15, Y9, Y15 \
	VPSLLW $2, Y15, Y9

// TWOS(AT, I, OP): Y0 to Y3 = or += four codes of eight rows, which are in the column at AT, times four elements of x.
// Four products of 3 * 4 * 127 fit 16 bits twice.
#define TWOS(AT, I, OP) \
	VMOVDQU (AT)(PANEL), Y4    \
	VPAND   Y15, Y4, Y5        \
	PRODUCT(Y5, (I), OP, Y0)   \
	VPAND   Y9, Y4, Y6         \
	PRODUCT(Y6, (32+I), OP, Y1) \
	VPSRLW  $4, Y4, Y4         \
	VPAND   Y15, Y4, Y5        \
	PRODUCT(Y5, (64+I), OP, Y2) \
	VPAND   Y9, Y4, Y6         \
	PRODUCT(Y6, (96+I), OP, Y3)

// ADD_TWO(S, SUM, ACC): ACC += SUM * scale S.
#define ADD_TWO(S, SUM, ACC) \
	VMOVDQU  scales-128+(32*((S)/4))(SP), Y4   \
	VPSHUFB  lower2<>+(32*((S)%4))(SB), Y4, Y4 \
	VPMADDWD Y4, SUM, SUM                      \
	VPADDD   SUM, ACC, ACC

// TWO64(H, Q, AT): elements 16*Q and on of each 32 of half H of the super-block.
#define TWO64(H, Q, AT) \
	TWOS((AT+320+512*H+256*Q), (128*H+16*Q), SET)       \
	TWOS((AT+384+512*H+256*Q), (128*H+16*Q+4), ADD)     \
	TWOS((AT+448+512*H+256*Q), (128*H+16*Q+8), ADD)     \
	TWOS((AT+512+512*H+256*Q), (128*H+16*Q+12), ADD)    \
	ADD_TWO((8*H+Q), Y0, Y12)                           \
	ADD_TWO((8*H+Q+2), Y1, Y10)                         \
	ADD_TWO((8*H+Q+4), Y2, Y12)                         \
	ADD_TWO((8*H+Q+6), Y3, Y10)

// NIBBLES4(J, AT): four scales are kept; sums J to J+3 -= four minimums times Y10 times sums of x.
#define NIBBLES4(J, AT) \
	VMOVDQU (AT+16*(J)+64)(PANEL), Y8     \
	VPAND   nibble<>(SB), Y8, Y0          \
	VMOVDQU Y0, scales-128+(8*(J))(SP)    \
	VPSRLW  $4, Y8, Y8                    \
	VPAND   nibble<>(SB), Y8, Y8          \
	MINIMUM((J+0), AT, Y8)                \
	MINIMUM((J+1), AT, Y8)                \
	MINIMUM((J+2), AT, Y8)                \
	MINIMUM((J+3), AT, Y8)

// HALF_Q2K(AT, RESULT): RESULT += eight rows of a super-block.
#define HALF_Q2K(AT, RESULT) \
	TWO_SCALES(AT)       \
	NIBBLES4(0, AT)      \
	NIBBLES4(4, AT)      \
	NIBBLES4(8, AT)      \
	NIBBLES4(12, AT)     \
	VPXOR Y12, Y12, Y12  \
	VPXOR Y10, Y10, Y10  \
	TWO64(0, 0, AT)      \
	TWO64(0, 1, AT)      \
	TWO64(1, 0, AT)      \
	TWO64(1, 1, AT)      \
	VPSRAD $2, Y10, Y10  \
	VPADDD Y10, Y12, Y12 \
	ADD_SUPER(RESULT)

// func panelsQ2KAVX2(dst *float32, w *byte, x *int8, xs, mins *float32, count, panels int)
// Reference: unpackQ2K, dotSuperGeneric and, for minimums, DotRows. Columns are those of panelsQ2KVNNI.
TEXT ·panelsQ2KAVX2(SB), 0, $1216-56
	BEGIN
	MASKS
	LEAQ sum-1216(SP), ACC
	ADDQ $63, ACC
	ANDQ $~63, ACC
	LEAQ 512(ACC), OTHER

rows: // for panels > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS
	MOVQ  mins+32(FP), SUMS
	VPXOR Y2, Y2, Y2
	EACH8(CLEAR)

super: // for LEFT > 0 { results += a super-block }
	HALF_Q2K(0, Y13)
	HALF_Q2K(32, Y14)
	ADDQ $64, SUMS
	NEXT(84)
	JNZ  super
	FOLD(0, Y13)
	FOLD(32, Y14)
	END_ROWS
	JNZ  rows
	VZEROUPPER
	RET

// THREE(CODES, I, SUM): SUM += the lower three bits of CODES times x[I:I+4].
#define THREE(CODES, I, SUM) \
	VPAND Y15, CODES, CODES    \
	PRODUCT(CODES, I, ADD, SUM)

// SIX32(AT, I, A, B): A += the lower three bits of the column at AT times x[I:I+4], B += the next three bits times
// x[32+I:32+I+4].
#define SIX32(AT, I, A, B) \
	VMOVDQU (AT)(PANEL), Y4   \
	VPSRLW  $3, Y4, Y5        \
	THREE(Y4, (I), A)         \
	THREE(Y5, (32+I), B)

// TOP(SHIFT, AT, I, SUM): SUM += codes times x[I:I+4]: the upper two bits of the column at AT, and bit 2 of Y6 >> SHIFT.
#define TOP(SHIFT, AT, I, SUM) \
	VMOVDQU (AT)(PANEL), Y4   \
	VPSRLW  $6, Y4, Y4        \
	VPAND   Y9, Y4, Y4        \
	VPSRLW  $SHIFT, Y6, Y5    \
	VPAND   Y10, Y5, Y5       \
	VPOR    Y5, Y4, Y4        \
	PRODUCT(Y4, I, ADD, SUM)

// FIRST(AT, I) and SECOND(AT, I): Y0 to Y3 += codes of the first and the second 128 elements.
#define FIRST(AT, I) \
	SIX32(AT, I, Y0, Y1)             \
	SIX32((AT+256), (64+I), Y2, Y3)
#define SECOND(AT, I) \
	VMOVDQU (AT+512)(PANEL), Y6           \
	SIX32((AT+512), (128+I), Y0, Y1)      \
	TOP(4, AT, (192+I), Y2)               \
	TOP(5, (AT+256), (224+I), Y3)

// START(S, SUM): SUM = twice -2 times sum S of x.
#define START(S, SUM) VPBROADCASTD start-192+(4*(S))(SP), SUM

// ADD_THREE(S, SUM): Y12 += SUM * scale S.
#define ADD_THREE(S, SUM) \
	VMOVDQU  scales-128+(32*((S)/4))(SP), Y4       \
	VPSHUFB  upper2<>+(32*((S)%4))(SB), Y4, Y4     \
	VPSRAW   $8, Y4, Y4                            \ /* twice 16 bits */
	VPMADDWD Y4, SUM, SUM                          \
	VPADDD   SUM, Y12, Y12

// THREE64(OP, S, AT, I): elements of every second 16 from sum S on, 64 of them, in columns from AT on.
#define THREE64(OP, S, AT, I) \
	START((S), Y0)             \
	START((S+2), Y1)           \
	START((S+4), Y2)           \
	START((S+6), Y3)           \
	OP((AT+0), (I+0))          \
	OP((AT+64), (I+4))         \
	OP((AT+128), (I+8))        \
	OP((AT+192), (I+12))       \
	ADD_THREE((S), Y0)         \
	ADD_THREE((S+2), Y1)       \
	ADD_THREE((S+4), Y2)       \
	ADD_THREE((S+6), Y3)

// SIX(K, UP, L): scales 4*K to 4*K+3 of eight rows are the lower halves of bytes of L with the upper bits that UP takes
// from Y2, - 32.
#define SIX(K, UP, L) \
	UP(Y2, Y3)                            \
	VPAND   bits45<>(SB), Y3, Y3          \
	VPAND   nibble<>(SB), L, Y4           \
	VPOR    Y4, Y3, Y3                    \
	VPSUBB  bit5<>(SB), Y3, Y3            \
	VMOVDQU Y3, scales-128+(32*(K))(SP)

// HALF_Q3K(AT, RESULT): RESULT += eight rows of a super-block.
#define HALF_Q3K(AT, RESULT) \
	VCVTPH2PS    (AT/2)(PANEL), Y11 \
	VBROADCASTSS (XS), Y0           \
	VMULPS       Y0, Y11, Y11       \ /* d * scale of x */
	VMOVDQU      (AT+32)(PANEL), Y0 \
	VMOVDQU      (AT+96)(PANEL), Y1 \
	VMOVDQU      (AT+160)(PANEL), Y2 \
	SIX(0, UP4, Y0)                 \
	SIX(1, UP2, Y1)                 \
	VPSRLW       $4, Y0, Y0         \
	VPSRLW       $4, Y1, Y1         \
	SIX(2, UP0, Y0)                 \
	SIX(3, DOWN2, Y1)               \
	VPXOR        Y12, Y12, Y12      \
	THREE64(FIRST, 0, (AT+224), 0)  \
	THREE64(SECOND, 8, (AT+224), 0) \
	THREE64(FIRST, 1, (AT+992), 16) \
	THREE64(SECOND, 9, (AT+992), 16) \
	ADD_SUPER(RESULT)

// STARTS(AT): eight sums of x, times -2, each twice 16 bits. With codes, which give up to 4 * 2 * 7 * 127, they fit.
#define STARTS(AT) \
	VMOVDQU  (AT)(SUMS), Y0               \
	VPADDD   Y0, Y0, Y0                   \
	VPXOR    Y1, Y1, Y1                   \
	VPSUBD   Y0, Y1, Y0                   \
	VPSLLD   $16, Y0, Y1                  \
	VPBLENDW $0xAA, Y1, Y0, Y0            \
	VMOVDQU  Y0, start-192+(AT)(SP)

// func panelsQ3KAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: unpackQ3K and dotSuperGeneric. Columns are those of panelsQ3KVNNI.
TEXT ·panelsQ3KAVX2(SB), 0, $192-56
	BEGIN
	VPSRLW $2, Y15, Y9
	VPAND  Y15, Y9, Y9   // 3 in each byte
	VPSRLW $1, Y15, Y10
	VPAND  Y15, Y10, Y15 // 7
	VPXOR  Y9, Y15, Y10  // 4

rows: // for panels > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS
	MOVQ sums+32(FP), SUMS

super: // for LEFT > 0 { results += a super-block }
	STARTS(0)
	STARTS(32)
	HALF_Q3K(0, Y13)
	HALF_Q3K(32, Y14)
	ADDQ $64, SUMS
	NEXT(110)
	JNZ  super
	END_ROWS
	JNZ  rows
	VZEROUPPER
	RET

// Masks of each byte: bit 5, bits 4 and 5, the lower half.
DATA bit5<>+0(SB)/8, $0x2020202020202020
DATA bit5<>+8(SB)/8, $0x2020202020202020
DATA bit5<>+16(SB)/8, $0x2020202020202020
DATA bit5<>+24(SB)/8, $0x2020202020202020
GLOBL bit5<>(SB), RODATA|NOPTR, $32
DATA bits45<>+0(SB)/8, $0x3030303030303030
DATA bits45<>+8(SB)/8, $0x3030303030303030
DATA bits45<>+16(SB)/8, $0x3030303030303030
DATA bits45<>+24(SB)/8, $0x3030303030303030
GLOBL bits45<>(SB), RODATA|NOPTR, $32
DATA nibble<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibble<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibble<>+16(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibble<>+24(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL nibble<>(SB), RODATA|NOPTR, $32

// lower2 takes byte n of each 32 bits as two numbers of 16 bits, for n = 0 to 3.
DATA lower2<>+0(SB)/8, $0x8004800480008000
DATA lower2<>+8(SB)/8, $0x800c800c80088008
DATA lower2<>+16(SB)/8, $0x8004800480008000
DATA lower2<>+24(SB)/8, $0x800c800c80088008
DATA lower2<>+32(SB)/8, $0x8005800580018001
DATA lower2<>+40(SB)/8, $0x800d800d80098009
DATA lower2<>+48(SB)/8, $0x8005800580018001
DATA lower2<>+56(SB)/8, $0x800d800d80098009
DATA lower2<>+64(SB)/8, $0x8006800680028002
DATA lower2<>+72(SB)/8, $0x800e800e800a800a
DATA lower2<>+80(SB)/8, $0x8006800680028002
DATA lower2<>+88(SB)/8, $0x800e800e800a800a
DATA lower2<>+96(SB)/8, $0x8007800780038003
DATA lower2<>+104(SB)/8, $0x800f800f800b800b
DATA lower2<>+112(SB)/8, $0x8007800780038003
DATA lower2<>+120(SB)/8, $0x800f800f800b800b
GLOBL lower2<>(SB), RODATA|NOPTR, $128
