//go:build !purego

#include "textflag.h"

// Rows side by side: 8 of them become columns. Requires: AVX2, F16C (all functions of this file).

#define ROW0   SI // rows 0 to 3, one STEP apart
#define ROW4   R8 // rows 4 to 7
#define STEP   CX
#define STEP3  DX // 3*STEP
#define TO     DI // where columns go
#define BLOCKS BX // 16 bytes of each row left

// COLUMNS(AT) sets Y4 to Y7 to four columns of 8 rows, four bytes each: 16 bytes at AT of each row.
#define COLUMNS(AT) \
	VMOVDQU     AT(ROW0), X0                   \
	VMOVDQU     AT(ROW0)(STEP*1), X1           \
	VMOVDQU     AT(ROW0)(STEP*2), X2           \
	VMOVDQU     AT(ROW0)(STEP3*1), X3          \
	VINSERTI128 $1, AT(ROW4), Y0, Y0           \ /* rows 0 | 4 */
	VINSERTI128 $1, AT(ROW4)(STEP*1), Y1, Y1   \
	VINSERTI128 $1, AT(ROW4)(STEP*2), Y2, Y2   \
	VINSERTI128 $1, AT(ROW4)(STEP3*1), Y3, Y3  \
	VPUNPCKLDQ  Y1, Y0, Y8                     \ /* columns 0 0 1 1 of rows 0 1 0 1 | 4 5 4 5 */
	VPUNPCKHDQ  Y1, Y0, Y9                     \ /* columns 2 2 3 3 */
	VPUNPCKLDQ  Y3, Y2, Y10                    \ /* the same of rows 2 3 | 6 7 */
	VPUNPCKHDQ  Y3, Y2, Y11                    \
	VPUNPCKLQDQ Y10, Y8, Y4                    \ /* column 0 of rows 0 to 7 */
	VPUNPCKHQDQ Y10, Y8, Y5                    \
	VPUNPCKLQDQ Y11, Y9, Y6                    \
	VPUNPCKHQDQ Y11, Y9, Y7

// SPLIT(I, Y) stores column I, Y: the low numbers of its codes + 128, then the high ones; Y14 is 128, Y15 15 in each byte.
#define SPLIT(I, Y) \
	VPXOR   Y14, Y, Y       \ /* + 128 */
	VPSRLW  $4, Y, Y12      \
	VPAND   Y15, Y, Y       \
	VPAND   Y15, Y12, Y12   \
	VMOVDQU Y, (64*I)(TO)   \
	VMOVDQU Y12, (64*I+32)(TO)

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

#define SCALES R9  // scales of the 8 rows and the next block
#define AHEAD  R10 // blocks to fetch ahead of time

// HALF4(I, ROW, D): numbers I to I+3 of D = the first two bytes of four rows.
#define HALF4(I, ROW, D) \
	VPINSRW $(I+0), (ROW), D, D           \
	VPINSRW $(I+1), (ROW)(STEP*1), D, D   \
	VPINSRW $(I+2), (ROW)(STEP*2), D, D   \
	VPINSRW $(I+3), (ROW)(STEP3*1), D, D

// NIBBLES(I, Y) stores columns I, the lower halves of Y, and I+4, the upper ones.
#define NIBBLES(I, Y) \
	VPSRLW  $4, Y, Y12      \
	VPAND   Y15, Y, Y       \
	VPAND   Y15, Y12, Y12   \
	VMOVDQU Y, (64*I)(TO)   \
	VMOVDQU Y12, (64*I+256)(TO)

// func packQ40AVX2(to *int8, scales *float32, w *byte, step, blocks int)
// Codes + 8 and scales of 8 rows, step bytes apart, side by side as of 16. Reference: unpackSmall, packQ8Generic.
TEXT ·packQ40AVX2(SB), NOSPLIT, $0-40
	MOVQ         to+0(FP), TO
	MOVQ         scales+8(FP), SCALES
	MOVQ         w+16(FP), ROW0
	MOVQ         step+24(FP), STEP
	MOVQ         blocks+32(FP), BLOCKS
	LEAQ         (STEP)(STEP*2), STEP3
	LEAQ         (ROW0)(STEP*4), ROW4
	LEAQ         8192(ROW4)(STEP*4), AHEAD
	MOVL         $0x0F0F0F0F, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15

block: // for blocks > 0 { a block of 8 rows }
	COLUMNS(2)
	NIBBLES(0, Y4)
	NIBBLES(1, Y5)
	NIBBLES(2, Y6)
	NIBBLES(3, Y7)
	VPXOR      X0, X0, X0
	HALF4(0, ROW0, X0)
	HALF4(4, ROW4, X0)
	VCVTPH2PS  X0, Y0
	VMOVUPS    Y0, (SCALES)
	PREFETCHT1 (AHEAD)
	PREFETCHT1 64(AHEAD)
	PREFETCHT1 128(AHEAD)
	ADDQ       $144, AHEAD
	ADDQ       $512, TO
	ADDQ       $64, SCALES
	ADDQ       $18, ROW0
	ADDQ       $18, ROW4
	DECQ       BLOCKS
	JNZ        block
	VZEROUPPER
	RET
