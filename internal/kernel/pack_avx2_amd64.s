//go:build !purego

#include "textflag.h"
#include "pack_avx2_amd64.h"

// Rows side by side: 8 of them become columns. Requires: AVX2 (all functions of this file).

// ROWS reads the arguments of a function.
#define ROWS \
	MOVQ to+0(FP), TO         \
	MOVQ from+8(FP), ROW0     \
	MOVQ step+16(FP), STEP    \
	MOVQ blocks+24(FP), BLOCKS \
	LEAQ (STEP)(STEP*2), STEP3 \
	LEAQ (ROW0)(STEP*4), ROW4

// NEXT goes on to the next 16 bytes of each row and counts them.
#define NEXT \
	ADDQ $16, ROW0 \
	ADDQ $16, ROW4 \
	DECQ BLOCKS

// func packQ8AVX2(to *int8, from *int8, step, blocks int)
// to[i][0][r], to[i][1][r] = the low and the high numbers of codes 4*i to 4*i+3 of row r, of 8 that are step bytes
// apart; 16 codes to a block. Reference: splitQ8.
TEXT ·packQ8AVX2(SB), NOSPLIT, $0-32
	ROWS
	MOVL         $0x80808080, AX
	VMOVD        AX, X14
	VPBROADCASTD X14, Y14
	MOVL         $0x0F0F0F0F, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15

block: // for blocks > 0 { to[0:4] = four columns }
	COLUMNS(0)
	SPLIT(0, Y4)
	SPLIT(1, Y5)
	SPLIT(2, Y6)
	SPLIT(3, Y7)
	ADDQ $256, TO
	NEXT
	JNZ  block
	VZEROUPPER
	RET

// func turnAVX2(to, from *uint32, step, blocks int)
// to[16*i+r] = number i of row r, of 8 that are step bytes apart; four numbers to a block. Reference: packQ8Generic,
// scales.
TEXT ·turnAVX2(SB), NOSPLIT, $0-32
	ROWS

block: // for blocks > 0 { four numbers of 8 rows }
	COLUMNS(0)
	VMOVDQU Y4, (TO)
	VMOVDQU Y5, 64(TO)
	VMOVDQU Y6, 128(TO)
	VMOVDQU Y7, 192(TO)
	ADDQ    $256, TO
	NEXT
	JNZ     block
	VZEROUPPER
	RET

// TWICE(I, Y) stores columns 2*I and 2*I+1: the lower halves of Y, each twice, then the upper ones.
#define TWICE(I, Y) \
	VPSLLD   $16, Y, Y12          \
	VPSRLD   $16, Y, Y13          \
	VPBLENDW $0xAA, Y12, Y, Y12   \
	VPBLENDW $0x55, Y13, Y, Y13   \
	VMOVDQU  Y12, (128*I)(TO)     \
	VMOVDQU  Y13, (128*I+64)(TO)

// func turnTwiceAVX2(to *int32, from *int16, step, blocks int)
// to[16*i+r] = number i of row r, of 8 that are step bytes apart, in either half; eight numbers to a block.
TEXT ·turnTwiceAVX2(SB), NOSPLIT, $0-32
	ROWS

block: // for blocks > 0 { eight numbers of 8 rows }
	COLUMNS(0)
	TWICE(0, Y4)
	TWICE(1, Y5)
	TWICE(2, Y6)
	TWICE(3, Y7)
	ADDQ $512, TO
	NEXT
	JNZ  block
	VZEROUPPER
	RET
