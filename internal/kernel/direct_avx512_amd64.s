//go:build !purego

#include "textflag.h"
#include "columns_avx512_amd64.h"
#include "blocks_avx512_amd64.h"

// Blocks where they lie times one vector. For batches the same columns become a
// panel of int8. Requires: AVX-512 F, BW, VNNI (all functions of this file).
//
// Z8: a table of Q5_0's upper bits when they are packed, Z9: 15 in the lower two bytes of each lane, Z10: what makes
// the upper two count for nothing.

// TWO(LOOKUP, DOWN, I, COLUMN) is NIBBLES with a column >> DOWN, of which only bytes 0 and 1 count.
#define TWO(LOOKUP, DOWN, I, COLUMN) \
	VPSRLD        $DOWN, COLUMN, Z1         \
	VPTERNLOGD    $0xEA, Z10, Z9, Z1        \ /* Z1&Z9 | Z10 */
	LOOKUP(Z1)                              \
	VPDPBUSD.BCST (I)(X), Z1, Z2            \
	VPSRLD        $(4+DOWN), COLUMN, COLUMN \
	VPTERNLOGD    $0xEA, Z10, Z9, COLUMN    \
	LOOKUP(COLUMN)                          \
	VPDPBUSD.BCST (16+I)(X), COLUMN, Z3

// Two blocks of 18 bytes are nine columns. The first holds the scale of the first block, which goes to Z0, and its
// bytes 0 and 1, the fifth its bytes 14 and 15 and the second block's scale, which goes to Z6.
#define FIRST(LOOKUP, I, COLUMN) \
	FLOATS(COLUMN)               \
	TWO(LOOKUP, 16, I, COLUMN)
#define FIFTH(LOOKUP, I, COLUMN) \
	VPSRLD    $16, COLUMN, Z7    \
	VPMOVDW   Z7, Y7             \
	VCVTPH2PS Y7, Z6             \
	TWO(LOOKUP, 0, I, COLUMN)

// NEXT_COLUMNS(AT) is COLUMNS, and fetches as many bytes.
#define NEXT_COLUMNS(AT) \
	COLUMNS(AT)            \
	FETCH4(FETCH2, 16*AT)

// EIGHT_BLOCKS(LOOKUP, SHIFT): results += eight blocks, which are 36 columns; on to the next block.
#define EIGHT_BLOCKS(LOOKUP, SHIFT) \
	CLEAR_SUMS                 \
	NEXT_COLUMNS(0)            \
	FIRST(LOOKUP, 0, Z24)      \
	NIBBLES(LOOKUP, 2, Z25)    \
	NIBBLES(LOOKUP, 6, Z26)    \
	NIBBLES(LOOKUP, 10, Z27)   \
	NEXT_COLUMNS(16)           \
	FIFTH(LOOKUP, 14, Z24)     \
	ADD_BLOCK(0, SHIFT, Z0)    \
	CLEAR_SUMS                 \
	NIBBLES(LOOKUP, 32, Z25)   \
	NIBBLES(LOOKUP, 36, Z26)   \
	NIBBLES(LOOKUP, 40, Z27)   \
	NEXT_COLUMNS(32)           \
	NIBBLES(LOOKUP, 44, Z24)   \
	ADD_BLOCK(1, SHIFT, Z6)    \
	CLEAR_SUMS                 \
	FIRST(LOOKUP, 64, Z25)     \
	NIBBLES(LOOKUP, 66, Z26)   \
	NIBBLES(LOOKUP, 70, Z27)   \
	NEXT_COLUMNS(48)           \
	NIBBLES(LOOKUP, 74, Z24)   \
	FIFTH(LOOKUP, 78, Z25)     \
	ADD_BLOCK(2, SHIFT, Z0)    \
	CLEAR_SUMS                 \
	NIBBLES(LOOKUP, 96, Z26)   \
	NIBBLES(LOOKUP, 100, Z27)  \
	NEXT_COLUMNS(64)           \
	NIBBLES(LOOKUP, 104, Z24)  \
	NIBBLES(LOOKUP, 108, Z25)  \
	ADD_BLOCK(3, SHIFT, Z6)    \
	CLEAR_SUMS                 \
	FIRST(LOOKUP, 128, Z26)    \
	NIBBLES(LOOKUP, 130, Z27)  \
	NEXT_COLUMNS(80)           \
	NIBBLES(LOOKUP, 134, Z24)  \
	NIBBLES(LOOKUP, 138, Z25)  \
	FIFTH(LOOKUP, 142, Z26)    \
	ADD_BLOCK(4, SHIFT, Z0)    \
	CLEAR_SUMS                 \
	NIBBLES(LOOKUP, 160, Z27)  \
	NEXT_COLUMNS(96)           \
	NIBBLES(LOOKUP, 164, Z24)  \
	NIBBLES(LOOKUP, 168, Z25)  \
	NIBBLES(LOOKUP, 172, Z26)  \
	ADD_BLOCK(5, SHIFT, Z6)    \
	CLEAR_SUMS                 \
	FIRST(LOOKUP, 192, Z27)    \
	NEXT_COLUMNS(112)          \
	NIBBLES(LOOKUP, 194, Z24)  \
	NIBBLES(LOOKUP, 198, Z25)  \
	NIBBLES(LOOKUP, 202, Z26)  \
	FIFTH(LOOKUP, 206, Z27)    \
	ADD_BLOCK(6, SHIFT, Z0)    \
	CLEAR_SUMS                 \
	NEXT_COLUMNS(128)          \
	NIBBLES(LOOKUP, 224, Z24)  \
	NIBBLES(LOOKUP, 228, Z25)  \
	NIBBLES(LOOKUP, 232, Z26)  \
	NIBBLES(LOOKUP, 236, Z27)  \
	ADD_BLOCK(7, SHIFT, Z6)    \
	ADDQ $256, X               \
	ADDQ $32, XS               \
	ADDQ $32, SUMS             \
	NEXT_BLOCK(144)            \ /* which counts one */
	SUBQ $7, LEFT

// NIBBLES_ROWS(LOOKUP, SHIFT) is the body of dotQ40 and dotIQ4NL.
#define NIBBLES_ROWS(LOOKUP, SHIFT) \
rows: \ /* for blocks > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
eight: \ /* for LEFT >= 8 { results += eight blocks } */
	CMPQ LEFT, $8 \
	JLT  rest \
	EIGHT_BLOCKS(LOOKUP, SHIFT) \
	JMP  eight \
rest: \
	TESTQ LEFT, LEFT \
	JZ    end \
block: \ /* for LEFT > 0 { results += a block } */
	NIBBLES_BLOCK(LOOKUP, SHIFT) \
	JNZ block \
end: \
	END_ROWS \
	JNZ rows \
	VZEROUPPER \
	RET

// PLUS_128(COLUMN) makes int8 unsigned.
#define PLUS_128(COLUMN) VPXORD Z5, COLUMN, COLUMN

// UPPER_BITS sets Z6 to bytes 2 to 5 of a block of Q5_0, whose bit i belongs to element i.
#define UPPER_BITS \
	VPSRLD $16, Z19, Z19 \
	VPSLLD $16, Z20, Z20 \
	VPORD  Z20, Z19, Z6

// BEGIN_BLOCK5 leaves bytes 0 to 7 of 16 rows in Z19 and Z20, and bits in Z6.
#define BEGIN_BLOCK5 \
	HEADS(0)                       \
	FLOATS(Z19)                    \
	UPPER_BITS                     \
	CLEAR_SUMS

// ADVANCE(SIZE) is NEXT_BLOCK, and fetches ahead of time.
#define ADVANCE(SIZE) \
	FETCH4(FETCH2, 0)                  \
	FETCH2(256)                        \
	NEXT_BLOCK(SIZE)

#define BEGIN_PACK \
	MOVQ         codes+0(FP), X    \
	MOVQ         scales+8(FP), XS  \
	MOVQ         w+16(FP), ROW0    \
	MOVQ         size+24(FP), N    \
	LEAQ         (N)(N*2), N3      \
	ROWS                           \
	BYTES(0x0F, Z4)

// PACK_SCALES sets the scales of 16 rows and a block.
#define PACK_SCALES \
	HALVES(0)          \
	VMOVUPS Z0, (XS)   \
	ADDQ    $64, XS

// PACK_NIBBLES(AT, COLUMN): panel at AT = the lower halves of a column + 120, at AT+256 the upper
// ones: codes from -8 on, + 128. No byte overflows into the next.
#define PACK_NIBBLES(AT, COLUMN) \
	VPANDD    Z4, COLUMN, Z1          \
	VPADDD    Z5, Z1, Z1              \
	VMOVDQU32 Z1, AT(X)               \
	VPSRLD    $4, COLUMN, COLUMN      \
	VPANDD    Z4, COLUMN, COLUMN      \
	VPADDD    Z5, COLUMN, COLUMN      \
	VMOVDQU32 COLUMN, (256+AT)(X)

// PACK_FIFTHS(I, COLUMN) is PACK_NIBBLES with bit 4 of codes, which are from -16 on: + 112.
#define PACK_FIFTHS(I, COLUMN) \
	VPANDD    Z4, COLUMN, Z1          \
	UPPER_BIT(I, Z8, Z1)              \
	VPADDD    Z5, Z1, Z1              \
	VMOVDQU32 Z1, (16*I)(X)           \
	VPSRLD    $4, COLUMN, COLUMN      \
	VPANDD    Z4, COLUMN, COLUMN      \
	UPPER_BIT(16+I, Z8, COLUMN)       \
	VPADDD    Z5, COLUMN, COLUMN      \
	VMOVDQU32 COLUMN, (256+16*I)(X)

// PACK_VALUES is PACK_NIBBLES with the numbers in Z5 that four bits stand for.
#define PACK_VALUES(AT, COLUMN) \
	VPANDD    Z4, COLUMN, Z1          \
	VPSHUFB   Z1, Z5, Z1              \
	VMOVDQU32 Z1, AT(X)               \
	VPSRLD    $4, COLUMN, COLUMN      \
	VPANDD    Z4, COLUMN, COLUMN      \
	VPSHUFB   COLUMN, Z5, COLUMN      \
	VMOVDQU32 COLUMN, (256+AT)(X)

// PACK_BYTES(AT, COLUMN): panel at AT = a column + 128.
#define PACK_BYTES(AT, COLUMN) \
	VPXORD    Z5, COLUMN, COLUMN      \
	VMOVDQU32 COLUMN, AT(X)

// func dotQ40VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: Unpack and dotRowsQ8Generic, Q4_0. Codes are from -8 on. A row is count blocks in size bytes; blocks times 16 rows.
TEXT ·dotQ40VNNI(SB), NOSPLIT, $0-112
	BEGIN
	MOVL         $0x0F0F, AX
	VPBROADCASTD AX, Z9
	VPXORD       Z10, Z10, Z10
	NIBBLES_ROWS(AS_IS, 3)

// func dotIQ4NLVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: Unpack and dotRowsQ8Generic, IQ4_NL.
TEXT ·dotIQ4NLVNNI(SB), NOSPLIT, $0-112
	BEGIN
	VBROADCASTI32X4 iq4<>(SB), Z5
	MOVL         $0x0F0F, AX
	VPBROADCASTD AX, Z9
	MOVL         $0x80800000, AX // VPSHUFB makes 0 of these bytes
	VPBROADCASTD AX, Z10
	NIBBLES_ROWS(IN_TABLE, 7)

// func dotQ50VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: Unpack and dotRowsQ8Generic, Q5_0.
TEXT ·dotQ50VNNI(SB), NOSPLIT, $0-112
	BEGIN
	VMOVDQU32 bits4<>(SB), Z5
	DOT_BLOCKS(FIFTHS_BLOCK)

// func dotQ80VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: Unpack and dotRowsQ8Generic, Q8_0.
TEXT ·dotQ80VNNI(SB), NOSPLIT, $0-112
	BEGIN
	BYTES(0x80, Z5)
	DOT_BLOCKS(BYTES_BLOCK)

// func packQ40VNNI(codes *int8, scales *float32, w *byte, size, count int)
// Reference: Unpack and packVNNI, Q4_0, of 16 rows. A row is count blocks in size bytes.
TEXT ·packQ40VNNI(SB), NOSPLIT, $0-40
	BEGIN_PACK
	BYTES(0x78, Z5) // 120 in each byte
	MOVQ         count+32(FP), LEFT

block: // for LEFT > 0 { panel = a block of 16 rows }
	PACK_SCALES
	COLUMNS(2)
	PACK_NIBBLES(0, Z24)
	PACK_NIBBLES(64, Z25)
	PACK_NIBBLES(128, Z26)
	PACK_NIBBLES(192, Z27)
	ADDQ $512, X
	ADVANCE(18)
	JNZ  block
	VZEROUPPER
	RET

// func packQ50VNNI(codes *int8, scales *float32, w *byte, size, count int)
// Reference: Unpack and packVNNI, Q5_0.
TEXT ·packQ50VNNI(SB), NOSPLIT, $0-40
	BEGIN_PACK
	BYTES(0x70, Z5) // 112 in each byte
	VMOVDQU32    bits4<>(SB), Z8
	MOVQ         count+32(FP), LEFT

block: // for LEFT > 0 { panel = a block of 16 rows }
	HEADS(0)
	FLOATS(Z19)
	VMOVUPS   Z0, (XS)
	ADDQ      $64, XS
	UPPER_BITS
	COLUMNS(6)
	PACK_FIFTHS(0, Z24)
	PACK_FIFTHS(4, Z25)
	PACK_FIFTHS(8, Z26)
	PACK_FIFTHS(12, Z27)
	FETCH2(320)
	ADDQ $512, X
	ADVANCE(22)
	JNZ  block
	VZEROUPPER
	RET

// func packIQ4NLVNNI(codes *int8, scales *float32, w *byte, size, count int)
// Reference: Unpack and packVNNI, IQ4_NL.
TEXT ·packIQ4NLVNNI(SB), NOSPLIT, $0-40
	BEGIN_PACK
	VBROADCASTI32X4 iq4<>(SB), Z5
	MOVQ            count+32(FP), LEFT

block: // for LEFT > 0 { panel = a block of 16 rows }
	PACK_SCALES
	COLUMNS(2)
	PACK_VALUES(0, Z24)
	PACK_VALUES(64, Z25)
	PACK_VALUES(128, Z26)
	PACK_VALUES(192, Z27)
	ADDQ $512, X
	ADVANCE(18)
	JNZ  block
	VZEROUPPER
	RET

// func packQ80VNNI(codes *int8, scales *float32, w *byte, size, count int)
// Reference: Unpack and packVNNI, Q8_0.
TEXT ·packQ80VNNI(SB), NOSPLIT, $0-40
	BEGIN_PACK
	BYTES(0x80, Z5)
	MOVQ         count+32(FP), LEFT

block: // for LEFT > 0 { panel = a block of 16 rows }
	PACK_SCALES
	COLUMNS(2)
	PACK_BYTES(0, Z24)
	PACK_BYTES(64, Z25)
	PACK_BYTES(128, Z26)
	PACK_BYTES(192, Z27)
	COLUMNS(18)
	PACK_BYTES(256, Z24)
	PACK_BYTES(320, Z25)
	PACK_BYTES(384, Z26)
	PACK_BYTES(448, Z27)
	FETCH4(FETCH2, 320)
	ADDQ       $512, X
	ADVANCE(34)
	JNZ        block
	VZEROUPPER
	RET
