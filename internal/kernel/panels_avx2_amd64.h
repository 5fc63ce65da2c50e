// Panels of blocks times one vector with AVX2, lane = row: the 16 rows of a panel are two registers.

#define PANEL R8  // next block of the panel
#define X     SI  // next elements of x
#define XS    DI  // their scale
#define SUMS  BX  // their sum
#define LEFT  CX  // blocks left
#define DST   R13 // where results go
// Y0, Y1: sums of rows 0 to 7 and 8 to 15, Y2, Y3: their scales, Y4, Y5: four elements of x, Y6, Y7: short-lived,
// Y11: what four bits stand for, Y12, Y13: results, Y14: 1 in each 16 bits, Y15: 15 in each byte.

#define BEGIN \
	MOVQ     dst+0(FP), DST  \
	MOVQ     w+8(FP), PANEL  \
	VPCMPEQB Y15, Y15, Y15   \
	VPSRLW   $15, Y15, Y14   \
	VPSRLW   $12, Y15, Y15   \
	VPACKUSWB Y15, Y15, Y15

// BEGIN_ROWS begins a panel.
#define BEGIN_ROWS \
	MOVQ  x+16(FP), X     \
	MOVQ  xs+24(FP), XS   \
	MOVQ  sums+32(FP), SUMS \
	VPXOR Y12, Y12, Y12   \
	VPXOR Y13, Y13, Y13

// STORE_ROWS stores 16 results, END_ROWS also counts them.
#define STORE_ROWS \
	VMOVUPS Y12, (DST)    \
	VMOVUPS Y13, 32(DST)  \
	ADDQ    $64, DST
#define END_ROWS \
	STORE_ROWS            \
	DECQ panels+48(FP)

// DOT_BLOCKS(BLOCK) is the body of products that go block by block.
#define DOT_BLOCKS(BLOCK) \
rows: \ /* for panels > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
	MOVQ count+40(FP), LEFT \
block: \ /* for LEFT > 0 { results += a block } */
	BLOCK \
	JNZ block \
	END_ROWS \
	JNZ rows \
	VZEROUPPER \
	RET

// SIGNED(W, SUM): SUM += four bytes of each row times Y4. |W| is at most 128 and |x| 127: two products of an unsigned
// and a signed byte fit 16 bits.
#define SIGNED(W, SUM) \
	VPSIGNB    W, Y4, Y7     \ /* x with the sign of W */
	VPABSB     W, W          \
	VPMADDUBSW Y7, W, W      \
	VPMADDWD   Y14, W, W     \
	VPADDD     W, SUM, SUM

// BYTES(AT, I): Y0, Y1 += the column at AT times x[I:I+4].
#define BYTES(AT, I) \
	VPBROADCASTD (I)(X), Y4       \
	VMOVDQU      (AT)(PANEL), Y5  \
	VMOVDQU      (32+AT)(PANEL), Y6 \
	SIGNED(Y5, Y0)                \
	SIGNED(Y6, Y1)

// BYTES32(AT): Y0, Y1 = eight columns from AT on times x[0:32].
#define BYTES32(AT) \
	BYTES(AT+0, 0)     \
	BYTES(AT+64, 4)    \
	BYTES(AT+128, 8)   \
	BYTES(AT+192, 12)  \
	BYTES(AT+256, 16)  \
	BYTES(AT+320, 20)  \
	BYTES(AT+384, 24)  \
	BYTES(AT+448, 28)

#define CLEAR_SUMS \
	VPXOR Y0, Y0, Y0 \
	VPXOR Y1, Y1, Y1

// HALVES sets Y2 and Y3 to the scales that a block begins with.
#define HALVES \
	VCVTPH2PS (PANEL), Y2   \
	VCVTPH2PS 16(PANEL), Y3

// WIDEN: pairs of 16 bits become 32 bits. TAKE_OFF(SHIFT): Y0, Y1 -= the sum of x << SHIFT.
#define WIDEN \
	VPMADDWD Y14, Y0, Y0 \
	VPMADDWD Y14, Y1, Y1
#define TAKE_OFF(SHIFT) \
	VPBROADCASTD (SUMS), Y4     \
	VPSLLD       $SHIFT, Y4, Y4 \
	VPSUBD       Y4, Y0, Y0     \
	VPSUBD       Y4, Y1, Y1

// ADD_BLOCK: results += float32(sums) * (scales * scale of x).
#define ADD_BLOCK \
	VCVTDQ2PS    Y0, Y0      \
	VCVTDQ2PS    Y1, Y1      \
	VBROADCASTSS (XS), Y4    \
	VMULPS       Y4, Y2, Y2  \
	VMULPS       Y4, Y3, Y3  \
	VFMADD231PS  Y2, Y0, Y12 \
	VFMADD231PS  Y3, Y1, Y13

// NEXT(SIZE) goes on to the next block, of which a row has SIZE bytes, and counts it.
#define NEXT(SIZE) \
	ADDQ $32, X           \
	ADDQ $4, XS           \
	ADDQ $4, SUMS         \
	ADDQ $(16*SIZE), PANEL \
	DECQ LEFT

// NIBBLES(AT, SUM): SUM += lower halves of half a column times Y4, upper halves times Y5: sums of pairs, 16 bits.
#define NIBBLES(AT, SUM) \
	VMOVDQU    (AT)(PANEL), Y6 \
	VPAND      Y15, Y6, Y7     \
	VPMADDUBSW Y4, Y7, Y7      \
	VPADDW     Y7, SUM, SUM    \
	VPSRLW     $4, Y6, Y6      \
	VPAND      Y15, Y6, Y6     \
	VPMADDUBSW Y5, Y6, Y6      \
	VPADDW     Y6, SUM, SUM

// COLUMN4(AT, I): Y0, Y1 += a column of four bits, of those from AT on: elements I to I+3 in lower, 16+I to 19+I in upper
// halves.
#define COLUMN4(AT, I) \
	VPBROADCASTD (I)(X), Y4    \
	VPBROADCASTD (16+I)(X), Y5 \
	NIBBLES(AT+16*I, Y0)       \
	NIBBLES(AT+16*I+32, Y1)

// UPPER_BIT(N, AT, CODES) adds bit 4 to four codes of each row: bits 4*N to 4*N+3 of the 32 bits at AT.
#define UPPER_BIT(N, AT, CODES) \
	VMOVDQU  (AT)(PANEL), Y7                    \
	VPSHUFB  bytes4<>+(32*(N/2))(SB), Y7, Y7    \ /* the byte that has them, four times */
	VPAND    bits4<>+(32*(N%2))(SB), Y7, Y7     \
	VPCMPEQB bits4<>+(32*(N%2))(SB), Y7, Y7     \
	VPAND    Y11, Y7, Y7                        \ /* 16 in each byte */
	VPOR     Y7, CODES, CODES

// FIFTHS(AT, I, HALF, SUM, UPPER) is NIBBLES of codes of five bits for half a column, whose bits begin at AT: lower ones
// add to SUM, upper to UPPER, because only four products of 31 * 127 fit 16 bits twice.
#define FIFTHS(AT, I, HALF, SUM, UPPER) \
	VMOVDQU    (AT+64+16*I+HALF)(PANEL), Y6 \
	VPAND      Y15, Y6, Y8                  \
	UPPER_BIT(I/4, AT+HALF, Y8)             \
	VPMADDUBSW Y4, Y8, Y8                   \
	VPADDW     Y8, SUM, SUM                 \
	VPSRLW     $4, Y6, Y6                   \
	VPAND      Y15, Y6, Y6                  \
	UPPER_BIT((I/4+4), AT+HALF, Y6)         \
	VPMADDUBSW Y5, Y6, Y6                   \
	VPADDW     Y6, UPPER, UPPER
#define COLUMN5(AT, I) \
	VPBROADCASTD (I)(X), Y4    \
	VPBROADCASTD (16+I)(X), Y5 \
	FIFTHS(AT, I, 0, Y0, Y9)   \
	FIFTHS(AT, I, 32, Y1, Y10)

// CLEAR_UPPER and ADD_UPPER are for products of upper codes, where they need sums of their own.
#define CLEAR_UPPER \
	VPXOR Y9, Y9, Y9    \
	VPXOR Y10, Y10, Y10
#define ADD_UPPER \
	VPMADDWD Y14, Y9, Y9   \
	VPMADDWD Y14, Y10, Y10 \
	VPADDD   Y9, Y0, Y0    \
	VPADDD   Y10, Y1, Y1

// FIFTHS32(AT): Y0, Y1 += 32 codes of five bits, whose bits 4 are at AT.
#define FIFTHS32(AT) \
	VPSLLW    $4, Y14, Y11   \
	VPACKUSWB Y11, Y11, Y11  \ /* 16 in each byte */
	CLEAR_UPPER              \
	COLUMN5(AT, 0)           \
	COLUMN5(AT, 4)           \
	COLUMN5(AT, 8)           \
	COLUMN5(AT, 12)          \
	WIDEN                    \
	ADD_UPPER

// IN_TABLE(CODES, SUM): SUM += what CODES stand for times four elements of x, Y4, whose magnitudes are Y5. Two products
// of 127 * 127 fit 16 bits.
#define IN_TABLE(CODES, SUM) \
	VPSHUFB    CODES, Y11, CODES \
	VPSIGNB    Y4, CODES, CODES  \
	VPMADDUBSW CODES, Y5, CODES  \
	VPMADDWD   Y14, CODES, CODES \
	VPADDD     CODES, SUM, SUM

// TABLE_COLUMN(AT, I): Y0, Y1 += the lower halves of a column times x[I:I+4], the upper ones times x[16+I:16+I+4].
#define TABLE_COLUMN(AT, I) \
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

// What the four bits of IQ4_NL and IQ4_XS stand for.
DATA iq4<>+0(SB)/8, $0xf6eaddcfbfad9881
DATA iq4<>+8(SB)/8, $0x7159453526190d01
GLOBL iq4<>(SB), RODATA|NOPTR, $16

// bytes4: 32 bytes that take byte n of each 32 bits four times, for n = 0 to 3.
DATA bytes4<>+0(SB)/8, $0x0404040400000000
DATA bytes4<>+8(SB)/8, $0x0c0c0c0c08080808
DATA bytes4<>+16(SB)/8, $0x0404040400000000
DATA bytes4<>+24(SB)/8, $0x0c0c0c0c08080808
DATA bytes4<>+32(SB)/8, $0x0505050501010101
DATA bytes4<>+40(SB)/8, $0x0d0d0d0d09090909
DATA bytes4<>+48(SB)/8, $0x0505050501010101
DATA bytes4<>+56(SB)/8, $0x0d0d0d0d09090909
DATA bytes4<>+64(SB)/8, $0x0606060602020202
DATA bytes4<>+72(SB)/8, $0x0e0e0e0e0a0a0a0a
DATA bytes4<>+80(SB)/8, $0x0606060602020202
DATA bytes4<>+88(SB)/8, $0x0e0e0e0e0a0a0a0a
DATA bytes4<>+96(SB)/8, $0x0707070703030303
DATA bytes4<>+104(SB)/8, $0x0f0f0f0f0b0b0b0b
DATA bytes4<>+112(SB)/8, $0x0707070703030303
DATA bytes4<>+120(SB)/8, $0x0f0f0f0f0b0b0b0b
GLOBL bytes4<>(SB), RODATA|NOPTR, $128

// bits4: bits 0 to 3, then bits 4 to 7, one in each byte.
DATA bits4<>+0(SB)/8, $0x0804020108040201
DATA bits4<>+8(SB)/8, $0x0804020108040201
DATA bits4<>+16(SB)/8, $0x0804020108040201
DATA bits4<>+24(SB)/8, $0x0804020108040201
DATA bits4<>+32(SB)/8, $0x8040201080402010
DATA bits4<>+40(SB)/8, $0x8040201080402010
DATA bits4<>+48(SB)/8, $0x8040201080402010
DATA bits4<>+56(SB)/8, $0x8040201080402010
GLOBL bits4<>(SB), RODATA|NOPTR, $64
