//go:build !purego

#include "textflag.h"
#include "panelssuper_avx2_amd64.h"

// Panels of Q4_K, Q5_K and Q6_K times one vector.
// Requires: AVX2, FMA, F16C (all functions of this file).
//
// Q4_K, Q5_K: Y6, Y7: integer scales, a byte each, Y8, Y9: minimums, later the scales in use, Y10: their scale.

// SCALES(AT) sets Y11 to d * scale of x and Y10 to dmin, Y6 to Y9 to the integer scales and minimums, from the four
// columns at AT: dmin and d, scales, minimums, the lower bits of the last four of both.
#define SCALES(AT) \
	TWO_SCALES(AT)                   \
	VMOVDQU      (64+AT)(PANEL), Y0  \
	VMOVDQU      (128+AT)(PANEL), Y1 \
	VMOVDQU      (192+AT)(PANEL), Y2 \
	VPAND        low6<>(SB), Y0, Y6  \ /* scales 0 to 3 */
	VPAND        low6<>(SB), Y1, Y8  \ /* minimums 0 to 3 */
	VPSRLD       $2, Y0, Y0          \
	VPSRLD       $2, Y1, Y1          \
	VPAND        bits45<>(SB), Y0, Y0 \ /* upper bits of scales 4 to 7 */
	VPAND        bits45<>(SB), Y1, Y1 \ /* upper bits of minimums 4 to 7 */
	VPAND        Y15, Y2, Y7         \
	VPOR         Y0, Y7, Y7          \ /* scales 4 to 7 */
	VPSRLD       $4, Y2, Y2          \
	VPAND        Y15, Y2, Y9         \
	VPOR         Y1, Y9, Y9            /* minimums 4 to 7 */

#define MINIMUMS(AT) \
	MINIMUM(0, AT, Y8) \
	MINIMUM(1, AT, Y8) \
	MINIMUM(2, AT, Y8) \
	MINIMUM(3, AT, Y8) \
	MINIMUM(4, AT, Y9) \
	MINIMUM(5, AT, Y9) \
	MINIMUM(6, AT, Y9) \
	MINIMUM(7, AT, Y9)

// NEXT_SCALES(SCALES) sets Y8 and Y9 to the lowest two bytes of SCALES, which are shifted out, twice 16 bits each.
#define NEXT_SCALES(SCALES) \
	VPSHUFB pair0<>(SB), SCALES, Y8 \
	VPSHUFB pair1<>(SB), SCALES, Y9 \
	VPSRLD  $16, SCALES, SCALES

// CLEAR_PAIRS: Y0, Y1 = 0. ADD_PAIRS: Y12 += Y0, Y1 times the scales in use.
#define CLEAR_PAIRS \
	VPXOR Y0, Y0, Y0 \
	VPXOR Y1, Y1, Y1
#define ADD_PAIRS \
	ADD_SCALED(Y0, Y8) \
	ADD_SCALED(Y1, Y9)

// NIBBLES(AT, I): Y0 += the lower halves of eight rows of the column at AT times x[I:I+4], Y1 += the upper ones times
// x[32+I:32+I+4].
#define NIBBLES(AT, I) \
	VMOVDQU      (AT)(PANEL), Y2 \
	VPBROADCASTD (I)(X), Y4      \
	VPBROADCASTD (32+I)(X), Y5   \
	VPAND        Y15, Y2, Y3     \
	VPSRLW       $4, Y2, Y2      \
	VPAND        Y15, Y2, Y2     \
	VPMADDUBSW   Y4, Y3, Y3      \
	VPMADDUBSW   Y5, Y2, Y2      \
	VPADDW       Y3, Y0, Y0      \
	VPADDW       Y2, Y1, Y1

// NIBBLES64(K, AT, SCALES): Y12 += elements 64*K to 64*K+63. Eight products of 15 * 127 fit 16 bits twice.
#define NIBBLES64(K, AT, SCALES) \
	NEXT_SCALES(SCALES)                   \
	CLEAR_PAIRS                           \
	NIBBLES((AT+512*K+256), (64*K+0))     \
	NIBBLES((AT+512*K+320), (64*K+4))     \
	NIBBLES((AT+512*K+384), (64*K+8))     \
	NIBBLES((AT+512*K+448), (64*K+12))    \
	NIBBLES((AT+512*K+512), (64*K+16))    \
	NIBBLES((AT+512*K+576), (64*K+20))    \
	NIBBLES((AT+512*K+640), (64*K+24))    \
	NIBBLES((AT+512*K+704), (64*K+28))    \
	ADD_PAIRS

// HALF_Q4K(AT, RESULT): RESULT += eight rows of a super-block.
#define HALF_Q4K(AT, RESULT) \
	SCALES(AT)           \
	MINIMUMS(AT)         \
	VPXOR Y12, Y12, Y12  \
	NIBBLES64(0, AT, Y6) \
	NIBBLES64(1, AT, Y6) \
	NIBBLES64(2, AT, Y7) \
	NIBBLES64(3, AT, Y7) \
	ADD_SUPER(RESULT)

// FIFTHS(LOW, HIGH, AT, UPPER, I) is NIBBLES of codes whose bit 4 LOW and HIGH take from the column at UPPER.
#define FIFTHS(LOW, HIGH, AT, UPPER, I) \
	VMOVDQU      (UPPER)(PANEL), Y3  \
	VMOVDQU      (AT)(PANEL), Y2     \
	LOW(Y3, Y4)                      \
	HIGH(Y3, Y3)                     \
	VPAND        bit4<>(SB), Y4, Y4  \
	VPAND        bit4<>(SB), Y3, Y3  \
	VPAND        Y15, Y2, Y5         \
	VPOR         Y5, Y4, Y4          \
	VPSRLW       $4, Y2, Y2          \
	VPAND        Y15, Y2, Y2         \
	VPOR         Y2, Y3, Y3          \
	VPBROADCASTD (I)(X), Y5          \
	VPMADDUBSW   Y5, Y4, Y4          \
	VPADDW       Y4, Y0, Y0          \
	VPBROADCASTD (32+I)(X), Y5       \
	VPMADDUBSW   Y5, Y3, Y3          \
	VPADDW       Y3, Y1, Y1

// FIFTHS64 is NIBBLES64 with them. Only four products of 31 * 127 fit 16 bits twice.
#define FIFTHS64(LOW, HIGH, K, AT, SCALES) \
	NEXT_SCALES(SCALES)                                         \
	CLEAR_PAIRS                                                 \
	FIFTHS(LOW, HIGH, (AT+512*K+768), (AT+256), (64*K+0))       \
	FIFTHS(LOW, HIGH, (AT+512*K+832), (AT+320), (64*K+4))       \
	FIFTHS(LOW, HIGH, (AT+512*K+896), (AT+384), (64*K+8))       \
	FIFTHS(LOW, HIGH, (AT+512*K+960), (AT+448), (64*K+12))      \
	ADD_PAIRS                                                   \
	CLEAR_PAIRS                                                 \
	FIFTHS(LOW, HIGH, (AT+512*K+1024), (AT+512), (64*K+16))     \
	FIFTHS(LOW, HIGH, (AT+512*K+1088), (AT+576), (64*K+20))     \
	FIFTHS(LOW, HIGH, (AT+512*K+1152), (AT+640), (64*K+24))     \
	FIFTHS(LOW, HIGH, (AT+512*K+1216), (AT+704), (64*K+28))     \
	ADD_PAIRS

// HALF_Q5K is HALF_Q4K of Q5_K.
#define HALF_Q5K(AT, RESULT) \
	SCALES(AT)                        \
	MINIMUMS(AT)                      \
	VPXOR Y12, Y12, Y12               \
	FIFTHS64(UP4, UP3, 0, AT, Y6)     \
	FIFTHS64(UP2, UP1, 1, AT, Y6)     \
	FIFTHS64(UP0, DOWN1, 2, AT, Y7)   \
	FIFTHS64(DOWN2, DOWN3, 3, AT, Y7) \
	ADD_SUPER(RESULT)

// DOT_MINIMUMS(HALF, SIZE) is the body of panelsQ4K and panelsQ5K.
#define DOT_MINIMUMS(HALF, SIZE) \
	BEGIN \
rows: \ /* for panels > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
	MOVQ  mins+32(FP), SUMS \
	LEAQ  sum-1088(SP), ACC \
	ADDQ  $63, ACC \
	ANDQ  $~63, ACC \
	LEAQ  512(ACC), OTHER \
	VPXOR Y2, Y2, Y2 \
	EACH8(CLEAR) \
super: \ /* for LEFT > 0 { results += a super-block } */
	HALF(0, Y13) \
	HALF(32, Y14) \
	XCHGQ ACC, OTHER \
	ADDQ  $32, SUMS \
	NEXT(SIZE) \
	JNZ   super \
	TESTQ $1, count+40(FP) \
	JZ    fold \
	VPXOR Y2, Y2, Y2 \
	EACH8(PAD) \
fold: \
	FOLD(0, Y13) \
	FOLD(32, Y14) \
	END_ROWS \
	JNZ   rows \
	VZEROUPPER \
	RET

// func panelsQ4KAVX2(dst *float32, w *byte, x *int8, xs, mins *float32, count, panels int)
// Reference: dotQ4KVNNI, of rows.
TEXT ·panelsQ4KAVX2(SB), 0, $1088-56
	DOT_MINIMUMS(HALF_Q4K, 144)

// func panelsQ5KAVX2(dst *float32, w *byte, x *int8, xs, mins *float32, count, panels int)
// Reference: dotQ5KVNNI, of rows.
TEXT ·panelsQ5KAVX2(SB), 0, $1088-56
	DOT_MINIMUMS(HALF_Q5K, 176)

// Columns of Q6_K are in the order of their use: four of scales, then four times four of upper bits and two times four
// of lower bits.

// SIXTHS(LOW, HIGH, AT, UPPER, I, OP, A, B): A takes the codes of x[I:I+4], lower halves of the column at AT with the
// bits that LOW takes from the column at UPPER, B those of x[64+I:64+I+4].
#define SIXTHS(LOW, HIGH, AT, UPPER, I, OP, A, B) \
	VMOVDQU (AT)(PANEL), Y4      \
	VMOVDQU (UPPER)(PANEL), Y5   \
	LOW(Y5, Y6)                  \
	VPAND   bits45<>(SB), Y6, Y6 \
	VPAND   Y15, Y4, Y7          \
	VPOR    Y7, Y6, Y6           \
	PRODUCT(Y6, I, OP, A)        \
	VPSRLW  $4, Y4, Y4           \
	VPAND   Y15, Y4, Y4          \
	HIGH(Y5, Y5)                 \
	VPAND   bits45<>(SB), Y5, Y5 \
	VPOR    Y5, Y4, Y4           \
	PRODUCT(Y4, (64+I), OP, B)

// SUB(S, SCALES, BYTE, A, B): Y12 += (A + B - 32 * sum S of x) * scale S, byte BYTE of the column at SCALES.
#define SUB(S, SCALES, BYTE, A, B) \
	VMOVDQU      (SCALES)(PANEL), Y4              \
	VPSHUFB      upper2<>+(32*(BYTE))(SB), Y4, Y4 \
	VPSRAW       $8, Y4, Y4                       \ /* twice 16 bits */
	VPMADDWD     Y4, A, A                         \
	VPMADDWD     Y4, B, B                         \
	VPADDD       B, A, A                          \
	VPAND        low16<>(SB), Y4, Y4              \ /* once */
	VPBROADCASTD (4*(S))(SUMS), Y5                \
	VPMADDWD     Y4, Y5, Y5                       \
	VPSLLD       $5, Y5, Y5                       \
	VPSUBD       Y5, A, A                         \
	VPADDD       A, Y12, Y12

// SECOND2(LOW, HIGH, AT, UPPER, I): Y0, Y1 and Y2, Y3 take four columns.
#define COLUMNS4(LOW, HIGH, AT, UPPER, I) \
	SIXTHS(LOW, HIGH, (AT+0), (UPPER+0), (I+0), SET, Y0, Y2)       \
	SIXTHS(LOW, HIGH, (AT+64), (UPPER+64), (I+4), ADD, Y0, Y2)     \
	SIXTHS(LOW, HIGH, (AT+128), (UPPER+128), (I+8), SET, Y1, Y3)   \
	SIXTHS(LOW, HIGH, (AT+192), (UPPER+192), (I+12), ADD, Y1, Y3)

// SIXTEEN(H, Q, AT): Y12 += elements 16*Q and on of each 32 of half H of the super-block.
#define SIXTEEN(H, Q, AT) \
	COLUMNS4(UP4, UP0, (AT+1536*H+768*Q+544), (AT+1536*H+768*Q+288), (128*H+16*Q))        \
	SUB((8*H+Q), (AT+128*H+32), Q, Y0, Y1)                                                \
	SUB((8*H+Q+4), (AT+128*H+96), Q, Y2, Y3)                                              \
	COLUMNS4(UP2, DOWN2, (AT+1536*H+768*Q+800), (AT+1536*H+768*Q+288), (128*H+16*Q+32))   \
	SUB((8*H+Q+2), (AT+128*H+32), Q+2, Y0, Y1)                                            \
	SUB((8*H+Q+6), (AT+128*H+96), Q+2, Y2, Y3)

// HALF_Q6K(AT, RESULT): RESULT += eight rows of a super-block.
#define HALF_Q6K(AT, RESULT) \
	VCVTPH2PS    (AT/2)(PANEL), Y11 \
	VBROADCASTSS (XS), Y0           \
	VMULPS       Y0, Y11, Y11       \ /* d * scale of x */
	VPXOR        Y12, Y12, Y12      \
	SIXTEEN(0, 0, AT)               \
	SIXTEEN(0, 1, AT)               \
	SIXTEEN(1, 0, AT)               \
	SIXTEEN(1, 1, AT)               \
	ADD_SUPER(RESULT)

// func panelsQ6KAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: dotQ6KVNNI, of rows.
TEXT ·panelsQ6KAVX2(SB), NOSPLIT, $0-56
	BEGIN

rows: // for panels > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS
	MOVQ sums+32(FP), SUMS

super: // for LEFT > 0 { results += a super-block }
	HALF_Q6K(0, Y13)
	HALF_Q6K(32, Y14)
	ADDQ $64, SUMS
	NEXT(210)
	JNZ  super
	END_ROWS
	JNZ  rows
	VZEROUPPER
	RET

// Masks of each byte: the lower six bits, bits 4 and 5, bit 4.
DATA low6<>+0(SB)/8, $0x3f3f3f3f3f3f3f3f
DATA low6<>+8(SB)/8, $0x3f3f3f3f3f3f3f3f
DATA low6<>+16(SB)/8, $0x3f3f3f3f3f3f3f3f
DATA low6<>+24(SB)/8, $0x3f3f3f3f3f3f3f3f
GLOBL low6<>(SB), RODATA|NOPTR, $32
DATA bits45<>+0(SB)/8, $0x3030303030303030
DATA bits45<>+8(SB)/8, $0x3030303030303030
DATA bits45<>+16(SB)/8, $0x3030303030303030
DATA bits45<>+24(SB)/8, $0x3030303030303030
GLOBL bits45<>(SB), RODATA|NOPTR, $32
DATA bit4<>+0(SB)/8, $0x1010101010101010
DATA bit4<>+8(SB)/8, $0x1010101010101010
DATA bit4<>+16(SB)/8, $0x1010101010101010
DATA bit4<>+24(SB)/8, $0x1010101010101010
GLOBL bit4<>(SB), RODATA|NOPTR, $32

// pair0 and pair1 take byte 0 and byte 1 of each 32 bits as two numbers of 16 bits.
DATA pair0<>+0(SB)/8, $0x8004800480008000
DATA pair0<>+8(SB)/8, $0x800c800c80088008
DATA pair0<>+16(SB)/8, $0x8004800480008000
DATA pair0<>+24(SB)/8, $0x800c800c80088008
GLOBL pair0<>(SB), RODATA|NOPTR, $32
DATA pair1<>+0(SB)/8, $0x8005800580018001
DATA pair1<>+8(SB)/8, $0x800d800d80098009
DATA pair1<>+16(SB)/8, $0x8005800580018001
DATA pair1<>+24(SB)/8, $0x800d800d80098009
GLOBL pair1<>(SB), RODATA|NOPTR, $32
