//go:build !purego

#include "textflag.h"

// Panels of IQ4_XS times one vector, lane = row: the 16 rows of a panel are two registers. A super-block is eight blocks
// of 32 that share a scale, and have another one of six bits each; count super-blocks of 16 rows are a panel.
// Requires: AVX2, FMA, F16C (all functions of this file).

#define PANEL R8  // next super-block of the panel
#define X     SI  // next elements of x
#define XS    DI  // their scales
#define LEFT  CX  // super-blocks left
#define DST   R13 // where results go
// Y0, Y1: sums of rows 0 to 7 and 8 to 15, Y2, Y3: scales of all, Y4 to Y8: short-lived, Y11: what four bits stand for,
// Y12, Y13: results, Y14: 1 in each 16 bits, Y15: 15 in each byte.

// IN_TABLE(CODES, SUM): SUM += what CODES stand for times four elements of x, Y4, whose magnitudes are Y5. Two products
// of 127 * 127 fit 16 bits.
#define IN_TABLE(CODES, SUM) \
	VPSHUFB    CODES, Y11, CODES \
	VPSIGNB    Y4, CODES, CODES  \
	VPMADDUBSW CODES, Y5, CODES  \
	VPMADDWD   Y14, CODES, CODES \
	VPADDD     CODES, SUM, SUM

// COLUMN(AT, I): Y0, Y1 += the lower halves of a column times x[I:I+4], the upper ones times x[16+I:16+I+4].
#define COLUMN(AT, I) \
	VMOVDQU      (AT)(PANEL), Y6    \
	VMOVDQU      (32+AT)(PANEL), Y7 \
	VPBROADCASTD (I)(X), Y4         \
	VPABSB       Y4, Y5             \
	VPAND        Y15, Y6, Y8        \
	IN_TABLE(Y8, Y0)                \
	VPAND        Y15, Y7, Y8        \
	IN_TABLE(Y8, Y1)                \
	VPBROADCASTD (16+I)(X), Y4      \
	VPABSB       Y4, Y5             \
	VPSRLW       $4, Y6, Y6         \
	VPSRLW       $4, Y7, Y7         \
	VPAND        Y15, Y6, Y6        \
	VPAND        Y15, Y7, Y7        \
	IN_TABLE(Y6, Y0)                \
	IN_TABLE(Y7, Y1)

// HALVES sets Y2 and Y3 to the scales of all, the lower halves of the first column.
#define HALVES \
	VMOVDQU      (PANEL), Y2          \
	VMOVDQU      32(PANEL), Y3        \
	VPAND        low16<>(SB), Y2, Y2  \
	VPAND        low16<>(SB), Y3, Y3  \
	VPACKUSDW    Y3, Y2, Y2           \
	VPERMQ       $0xD8, Y2, Y2        \ /* rows in their order */
	VEXTRACTI128 $1, Y2, X3           \
	VCVTPH2PS    X2, Y2               \
	VCVTPH2PS    X3, Y3

// ADD_BLOCK(K, AT, D, SUM, RESULT): RESULT += float32(SUM) * (D * integer scale K * the scale of x).
#define ADD_BLOCK(K, AT, D, SUM, RESULT) \
	VMOVDQU      (AT)(PANEL), Y4     \
	VMOVDQU      (64+AT)(PANEL), Y5  \
	VPSRLD       $(12+2*K), Y4, Y4   \ /* the upper bits are from bit 16 on */
	VPSRLD       $(4*K), Y5, Y5      \
	VPAND        bits45<>(SB), Y4, Y4 \
	VPAND        low4<>(SB), Y5, Y5  \
	VPOR         Y5, Y4, Y4          \
	VPSUBD       bit5<>(SB), Y4, Y4  \
	VCVTDQ2PS    Y4, Y4              \
	VMULPS       D, Y4, Y4           \
	VBROADCASTSS (4*K)(XS), Y5       \
	VMULPS       Y5, Y4, Y4          \
	VCVTDQ2PS    SUM, SUM            \
	VFMADD231PS  Y4, SUM, RESULT

// BLOCK(K): results += elements 32*K to 32*K+31.
#define BLOCK(K) \
	VPXOR Y0, Y0, Y0               \
	VPXOR Y1, Y1, Y1               \
	COLUMN((128+256*K), (32*K))    \
	COLUMN((192+256*K), (32*K+4))  \
	COLUMN((256+256*K), (32*K+8))  \
	COLUMN((320+256*K), (32*K+12)) \
	ADD_BLOCK(K, 0, Y2, Y0, Y12)   \
	ADD_BLOCK(K, 32, Y3, Y1, Y13)

// func panelsIQ4XSAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: unpackIQ4XS and dotRowsQ8Generic. sums are of no use.
TEXT ·panelsIQ4XSAVX2(SB), NOSPLIT, $0-56
	MOVQ           dst+0(FP), DST
	MOVQ           w+8(FP), PANEL
	VBROADCASTI128 iq4<>(SB), Y11
	VPCMPEQB       Y15, Y15, Y15
	VPSRLW         $15, Y15, Y14
	VPSRLW         $12, Y15, Y15
	VPACKUSWB      Y15, Y15, Y15

rows: // for panels > 0 { dst[0:16] = dot of 16 rows }
	MOVQ  x+16(FP), X
	MOVQ  xs+24(FP), XS
	MOVQ  count+40(FP), LEFT
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13

super: // for LEFT > 0 { results += a super-block }
	HALVES
	BLOCK(0)
	BLOCK(1)
	BLOCK(2)
	BLOCK(3)
	BLOCK(4)
	BLOCK(5)
	BLOCK(6)
	BLOCK(7)
	ADDQ    $256, X
	ADDQ    $32, XS
	ADDQ    $(16*136), PANEL
	DECQ    LEFT
	JNZ     super
	VMOVUPS Y12, (DST)
	VMOVUPS Y13, 32(DST)
	ADDQ    $64, DST
	DECQ    panels+48(FP)
	JNZ     rows
	VZEROUPPER
	RET

// What four bits stand for.
DATA iq4<>+0(SB)/8, $0xf6eaddcfbfad9881
DATA iq4<>+8(SB)/8, $0x7159453526190d01
GLOBL iq4<>(SB), RODATA|NOPTR, $16

// Masks of each 32 bits: the lower 16, the lower 4, bits 4 and 5, bit 5.
DATA low16<>+0(SB)/8, $0x0000ffff0000ffff
DATA low16<>+8(SB)/8, $0x0000ffff0000ffff
DATA low16<>+16(SB)/8, $0x0000ffff0000ffff
DATA low16<>+24(SB)/8, $0x0000ffff0000ffff
GLOBL low16<>(SB), RODATA|NOPTR, $32
DATA low4<>+0(SB)/8, $0x0000000f0000000f
DATA low4<>+8(SB)/8, $0x0000000f0000000f
DATA low4<>+16(SB)/8, $0x0000000f0000000f
DATA low4<>+24(SB)/8, $0x0000000f0000000f
GLOBL low4<>(SB), RODATA|NOPTR, $32
DATA bits45<>+0(SB)/8, $0x0000003000000030
DATA bits45<>+8(SB)/8, $0x0000003000000030
DATA bits45<>+16(SB)/8, $0x0000003000000030
DATA bits45<>+24(SB)/8, $0x0000003000000030
GLOBL bits45<>(SB), RODATA|NOPTR, $32
DATA bit5<>+0(SB)/8, $0x0000002000000020
DATA bit5<>+8(SB)/8, $0x0000002000000020
DATA bit5<>+16(SB)/8, $0x0000002000000020
DATA bit5<>+24(SB)/8, $0x0000002000000020
GLOBL bit5<>(SB), RODATA|NOPTR, $32
