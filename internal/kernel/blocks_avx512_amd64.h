// Blocks times one vector, lane = row: four bytes of each of 16 rows stand side by side, in columns, so that
// nothing has to be folded. Where columns come from, columns_avx512_amd64.h says, or panels_avx512_amd64.h.
//
// Z5: what is added to each byte, or values that codes stand for, Z6: upper bits of Q5_0, or scales of the second
// of two blocks, Z7: short-lived.

// AS_IS and IN_TABLE turn codes of four bits into what they stand for.
#define AS_IS(CODES)
#define IN_TABLE(CODES) VPSHUFB CODES, Z5, CODES

// NIBBLES(LOOKUP, I, COLUMN): Z2 += what the lower halves of a column stand for times x[I:I+4],
// Z3 += the upper ones times x[16+I:16+I+4].
#define NIBBLES(LOOKUP, I, COLUMN) \
	VPANDD        Z4, COLUMN, Z1        \
	LOOKUP(Z1)                          \
	VPDPBUSD.BCST (I)(X), Z1, Z2        \
	VPSRLD        $4, COLUMN, COLUMN    \
	VPANDD        Z4, COLUMN, COLUMN    \
	LOOKUP(COLUMN)                      \
	VPDPBUSD.BCST (16+I)(X), COLUMN, Z3

// UPPER_BIT(I, TABLE, CODES) sets bit 4 of four codes to bits I to I+3 of Z6. VPERMD takes the lower four bits of lanes.
#define UPPER_BIT(I, TABLE, CODES) \
	VPSRLD $I, Z6, Z7        \
	VPERMD TABLE, Z7, Z7     \
	VPORD  Z7, CODES, CODES

// FIFTHS is NIBBLES with bit 4 of codes.
#define FIFTHS(I, COLUMN) \
	VPANDD        Z4, COLUMN, Z1           \
	UPPER_BIT(I, Z5, Z1)                   \
	VPDPBUSD.BCST (I)(X), Z1, Z2           \
	VPSRLD        $4, COLUMN, COLUMN       \
	VPANDD        Z4, COLUMN, COLUMN       \
	UPPER_BIT(16+I, Z5, COLUMN)            \
	VPDPBUSD.BCST (16+I)(X), COLUMN, Z3

// BYTES4(I): Z2 and Z3 += four columns + 128, unsigned, times x[I:I+16].
#define BYTES4(I) \
	PLUS_128(Z24)                       \
	PLUS_128(Z25)                       \
	PLUS_128(Z26)                       \
	PLUS_128(Z27)                       \
	VPDPBUSD.BCST (I+0)(X), Z24, Z2     \
	VPDPBUSD.BCST (I+4)(X), Z25, Z3     \
	VPDPBUSD.BCST (I+8)(X), Z26, Z2     \
	VPDPBUSD.BCST (I+12)(X), Z27, Z3

#define BEGIN \
	MOVQ dst+0(FP), DST            \
	MOVQ w+8(FP), ROW0             \
	MOVQ size+88(FP), N            \
	LEAQ (N)(N*2), N3              \
	BYTES(0x0F, Z4)

// BEGIN_ROWS begins 16 rows at ROW0.
#define BEGIN_ROWS \
	ROWS                           \
	MOVQ   x_Q_base+16(FP), X      \
	MOVQ   x_Scales_base+40(FP), XS \
	MOVQ   x_Sums_base+64(FP), SUMS \
	MOVQ   count+96(FP), LEFT      \
	VPXORD Z18, Z18, Z18

#define CLEAR_SUMS \
	VPXORD Z2, Z2, Z2 \
	VPXORD Z3, Z3, Z3

#define BEGIN_BLOCK \
	HALVES(0) \
	CLEAR_SUMS

// ADD_BLOCK(B, SHIFT, SCALES): results += float32(Z2 + Z3 - sum B<<SHIFT) * (SCALES * scale B of x).
#define ADD_BLOCK(B, SHIFT, SCALES) \
	VPADDD      Z3, Z2, Z2                 \
	VPSLLD.BCST $SHIFT, (4*B)(SUMS), Z19   \
	VPSUBD      Z19, Z2, Z2                \
	VCVTDQ2PS   Z2, Z2                     \
	VMULPS.BCST (4*B)(XS), SCALES, SCALES  \
	VFMADD231PS SCALES, Z2, Z18

// END_BLOCK(SIZE, SHIFT) is ADD_BLOCK of a block by itself; on to the next block.
#define END_BLOCK(SIZE, SHIFT) \
	ADD_BLOCK(0, SHIFT, Z0) \
	ADDQ $32, X             \
	ADDQ $4, XS             \
	ADDQ $4, SUMS           \
	ADVANCE(SIZE)

// END_ROWS stores 16 results and counts them.
#define END_ROWS \
	STORE_ROWS                         \
	DECQ    blocks+104(FP)

// NIBBLES_BLOCK(LOOKUP, SHIFT): results += a block of Q4_0 or IQ4_NL; on to the next one.
#define NIBBLES_BLOCK(LOOKUP, SHIFT) \
	BEGIN_BLOCK              \
	COLUMNS(2)               \
	NIBBLES(LOOKUP, 0, Z24)  \
	NIBBLES(LOOKUP, 4, Z25)  \
	NIBBLES(LOOKUP, 8, Z26)  \
	NIBBLES(LOOKUP, 12, Z27) \
	END_BLOCK(18, SHIFT)

// FIFTHS_BLOCK is that for Q5_0, whose codes are from -16 on, BYTES_BLOCK for Q8_0.
#define FIFTHS_BLOCK \
	BEGIN_BLOCK5      \
	COLUMNS(6)        \
	FIFTHS(0, Z24)    \
	FIFTHS(4, Z25)    \
	FIFTHS(8, Z26)    \
	FIFTHS(12, Z27)   \
	FETCH2(320)       \
	END_BLOCK(22, 4)
#define BYTES_BLOCK \
	BEGIN_BLOCK          \
	COLUMNS(2)           \
	BYTES4(0)            \
	COLUMNS(18)          \
	BYTES4(16)           \
	FETCH4(FETCH2, 320)  \
	END_BLOCK(34, 7)

// DOT_BLOCKS(BLOCK) is the body of products that go block by block.
#define DOT_BLOCKS(BLOCK) \
rows: \ /* for blocks > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
block: \ /* for LEFT > 0 { results += a block } */
	BLOCK \
	JNZ block \
	END_ROWS \
	JNZ rows \
	VZEROUPPER \
	RET

// What the four bits of IQ4_NL stand for, + 128.
DATA iq4<>+0(SB)/8, $0x766a5d4f3f2d1801
DATA iq4<>+8(SB)/8, $0xf1d9c5b5a6998d81
GLOBL iq4<>(SB), RODATA|NOPTR, $16

// bits4: dword n has 16 in byte j if bit j of n is set.
DATA bits4<>+0(SB)/8, $0x0000001000000000
DATA bits4<>+8(SB)/8, $0x0000101000001000
DATA bits4<>+16(SB)/8, $0x0010001000100000
DATA bits4<>+24(SB)/8, $0x0010101000101000
DATA bits4<>+32(SB)/8, $0x1000001010000000
DATA bits4<>+40(SB)/8, $0x1000101010001000
DATA bits4<>+48(SB)/8, $0x1010001010100000
DATA bits4<>+56(SB)/8, $0x1010101010101000
GLOBL bits4<>(SB), RODATA|NOPTR, $64
