//go:build !purego

#include "textflag.h"
#include "panels_avx2_amd64.h"

// Panels of IQ4_XS times one vector, lane = row. A super-block is eight blocks of 32 that share a scale, and have another
// one of six bits each; count super-blocks of 16 rows are a panel.
// Requires: AVX2, FMA, F16C (all functions of this file).

// ALL_SCALES sets Y2 and Y3 to the scales of all, the lower halves of the first column.
#define ALL_SCALES \
	VMOVDQU      (PANEL), Y2          \
	VMOVDQU      32(PANEL), Y3        \
	VPAND        low16<>(SB), Y2, Y2  \
	VPAND        low16<>(SB), Y3, Y3  \
	VPACKUSDW    Y3, Y2, Y2           \
	VPERMQ       $0xD8, Y2, Y2        \ /* rows in their order */
	VEXTRACTI128 $1, Y2, X3           \
	VCVTPH2PS    X2, Y2               \
	VCVTPH2PS    X3, Y3

// ADD_SCALED(K, AT, D, SUM, RESULT): RESULT += float32(SUM) * (D * integer scale K * the scale of x).
#define ADD_SCALED(K, AT, D, SUM, RESULT) \
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
	TABLE_COLUMN((128+256*K), (32*K))    \
	TABLE_COLUMN((192+256*K), (32*K+4))  \
	TABLE_COLUMN((256+256*K), (32*K+8))  \
	TABLE_COLUMN((320+256*K), (32*K+12)) \
	ADD_SCALED(K, 0, Y2, Y0, Y12)   \
	ADD_SCALED(K, 32, Y3, Y1, Y13)

// SUPER: results += a super-block; on to the next one.
#define SUPER \
	ALL_SCALES           \
	BLOCK(0)             \
	BLOCK(1)             \
	BLOCK(2)             \
	BLOCK(3)             \
	BLOCK(4)             \
	BLOCK(5)             \
	BLOCK(6)             \
	BLOCK(7)             \
	ADDQ $256, X         \
	ADDQ $32, XS         \
	ADDQ $(16*136), PANEL \
	DECQ LEFT

// func panelsIQ4XSAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
// Reference: unpackIQ4XS and dotRowsQ8Generic. sums are of no use.
TEXT ·panelsIQ4XSAVX2(SB), NOSPLIT, $0-56
	BEGIN
	VBROADCASTI128 iq4<>(SB), Y11
	DOT_BLOCKS(SUPER)

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
