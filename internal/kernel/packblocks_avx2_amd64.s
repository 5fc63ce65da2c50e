//go:build !purego

#include "textflag.h"
#include "pack_avx2_amd64.h"

// Blocks side by side, where they lie: 8 rows of them become columns. Requires: AVX2, F16C (all functions of this file).

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

// VALUES(I, Y) stores columns I and I+4 of IQ4_NL: the low and the high numbers of the values + 128 that halves of Y stand
// for, which Y13 and Y14 hold.
#define VALUES(I, Y) \
	VPSRLW  $4, Y, Y12           \
	VPAND   Y15, Y, Y            \
	VPAND   Y15, Y12, Y12        \
	VPSHUFB Y, Y13, Y0           \
	VPSHUFB Y, Y14, Y1           \
	VPSHUFB Y12, Y13, Y2         \
	VPSHUFB Y12, Y14, Y3         \
	VMOVDQU Y0, (64*I)(TO)       \
	VMOVDQU Y1, (64*I+32)(TO)    \
	VMOVDQU Y2, (64*I+256)(TO)   \
	VMOVDQU Y3, (64*I+288)(TO)

// BLOCKS_BEGIN reads the arguments of what packs blocks.
#define BLOCKS_BEGIN \
	MOVQ         to+0(FP), TO              \
	MOVQ         scales+8(FP), SCALES      \
	MOVQ         w+16(FP), ROW0            \
	MOVQ         step+24(FP), STEP         \
	MOVQ         blocks+32(FP), BLOCKS     \
	LEAQ         (STEP)(STEP*2), STEP3     \
	LEAQ         (ROW0)(STEP*4), ROW4      \
	LEAQ         8192(ROW4)(STEP*4), AHEAD \
	MOVL         $0x0F0F0F0F, AX           \
	VMOVD        AX, X15                   \
	VPBROADCASTD X15, Y15

// NEXT_BLOCK(SIZE) stores the scales of 8 rows, goes on to the next block of each and counts it.
#define NEXT_BLOCK(SIZE) \
	VPXOR      X0, X0, X0        \
	HALF4(0, ROW0, X0)           \
	HALF4(4, ROW4, X0)           \
	VCVTPH2PS  X0, Y0            \
	VMOVUPS    Y0, (SCALES)      \
	PREFETCHT1 (AHEAD)           \
	PREFETCHT1 64(AHEAD)         \
	PREFETCHT1 128(AHEAD)        \
	ADDQ       $(8*SIZE), AHEAD  \
	ADDQ       $512, TO          \
	ADDQ       $64, SCALES       \
	ADDQ       $SIZE, ROW0       \
	ADDQ       $SIZE, ROW4       \
	DECQ       BLOCKS

// func packQ40AVX2(to *int8, scales *float32, w *byte, step, blocks int)
// Codes + 8 and scales of 8 rows, step bytes apart, side by side as of 16. Reference: unpackSmall, packQ8Generic.
TEXT ·packQ40AVX2(SB), NOSPLIT, $0-40
	BLOCKS_BEGIN

block: // for BLOCKS > 0 { a block of 8 rows }
	COLUMNS(2)
	NIBBLES(0, Y4)
	NIBBLES(1, Y5)
	NIBBLES(2, Y6)
	NIBBLES(3, Y7)
	NEXT_BLOCK(18)
	JNZ block
	VZEROUPPER
	RET

// func packQ80AVX2(to *int8, scales *float32, w *byte, step, blocks int)
// Codes, as packQ8AVX2 packs them, and scales of 8 rows, step bytes apart. Reference: unpackSmall, splitQ8.
TEXT ·packQ80AVX2(SB), NOSPLIT, $0-40
	BLOCKS_BEGIN
	MOVL         $0x80808080, AX
	VMOVD        AX, X14
	VPBROADCASTD X14, Y14

block: // for BLOCKS > 0 { a block of 8 rows }
	COLUMNS(2)
	SPLIT(0, Y4)
	SPLIT(1, Y5)
	SPLIT(2, Y6)
	SPLIT(3, Y7)
	COLUMNS(18)
	SPLIT(4, Y4)
	SPLIT(5, Y5)
	SPLIT(6, Y6)
	SPLIT(7, Y7)
	PREFETCHT1 192(AHEAD)
	PREFETCHT1 256(AHEAD)
	NEXT_BLOCK(34)
	JNZ block
	VZEROUPPER
	RET

// The lower and the upper four bits of valuesIQ4 + 128.
DATA low<>+0(SB)/8, $0x060A0D0F0F0D0801
DATA low<>+8(SB)/8, $0x0109050506090D01
GLOBL low<>(SB), RODATA|NOPTR, $16
DATA high<>+0(SB)/8, $0x0706050403020100
DATA high<>+8(SB)/8, $0x0F0D0C0B0A090808
GLOBL high<>(SB), RODATA|NOPTR, $16

// func packIQ4NLAVX2(to *int8, scales *float32, w *byte, step, blocks int)
// packQ80AVX2 of IQ4_NL.
TEXT ·packIQ4NLAVX2(SB), NOSPLIT, $0-40
	BLOCKS_BEGIN
	VBROADCASTI128 low<>(SB), Y13
	VBROADCASTI128 high<>(SB), Y14

block: // for BLOCKS > 0 { a block of 8 rows }
	COLUMNS(2)
	VALUES(0, Y4)
	VALUES(1, Y5)
	VALUES(2, Y6)
	VALUES(3, Y7)
	NEXT_BLOCK(18)
	JNZ block
	VZEROUPPER
	RET
