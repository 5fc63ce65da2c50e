// 16 rows of blocks side by side, lane = row.

#include "fetch_avx512_amd64.h"
#include "lanes_avx512_amd64.h"

// Rows 4k to 4k+3 are at ROW(4k), one N apart.
#define ROW4  R9
#define ROW8  R10
#define ROW12 R11
#define NEXT  R12 // blocks to fetch ahead of time
// Z0: scales of 16 rows, Z1: codes, Z2, Z3: int32 sums, Z4: 15 in each byte, Z18: results, Z19 to
// Z22: short-lived, Z24 to Z27: four columns. What else there is, a file's own lines say.

// ROWS sets what follows from ROW0.
#define ROWS \
	LEAQ (ROW0)(N*4), ROW4         \
	LEAQ (ROW4)(N*4), ROW8         \
	LEAQ (ROW8)(N*4), ROW12        \
	LEAQ AHEAD(ROW12)(N*4), NEXT

// NEXT_BLOCK(SIZE) goes on to the next block of each row and counts it.
#define NEXT_BLOCK(SIZE) \
	ADDQ $(16*SIZE), NEXT \
	ADDQ $SIZE, ROW0      \
	ADDQ $SIZE, ROW4      \
	ADDQ $SIZE, ROW8      \
	ADDQ $SIZE, ROW12     \
	DECQ LEFT

// STORE_ROWS stores 16 results and goes on to the next rows.
#define STORE_ROWS \
	VMOVUPS Z18, (DST) \
	ADDQ    $64, DST   \
	LEAQ    (ROW12)(N3*1), ROW0

#define INSERT4(LANE, AT, ROW) \
	VINSERTI32X4 $LANE, AT(ROW), Z24, Z24        \
	VINSERTI32X4 $LANE, AT(ROW)(N*1), Z25, Z25   \
	VINSERTI32X4 $LANE, AT(ROW)(N*2), Z26, Z26   \
	VINSERTI32X4 $LANE, AT(ROW)(N3*1), Z27, Z27

// COLUMNS(AT) sets Z24+k to bytes AT+4k to AT+4k+3 of 16 rows.
#define COLUMNS(AT) \
	VMOVDQU32   AT(ROW0), X24            \ /* lane i of Z24+j = row 4i+j */
	VMOVDQU32   AT(ROW0)(N*1), X25       \
	VMOVDQU32   AT(ROW0)(N*2), X26       \
	VMOVDQU32   AT(ROW0)(N3*1), X27      \
	INSERT4(1, AT, ROW4)                 \
	INSERT4(2, AT, ROW8)                 \
	INSERT4(3, AT, ROW12)                \
	VPUNPCKLDQ  Z25, Z24, Z19            \ /* columns 0 0 1 1 of rows j, j+1 */
	VPUNPCKHDQ  Z25, Z24, Z20            \ /* columns 2 2 3 3 */
	VPUNPCKLDQ  Z27, Z26, Z21            \ /* the same of rows j+2, j+3 */
	VPUNPCKHDQ  Z27, Z26, Z22            \
	VPUNPCKLQDQ Z21, Z19, Z24            \ /* column 0 of rows 0 to 15 */
	VPUNPCKHQDQ Z21, Z19, Z25            \
	VPUNPCKLQDQ Z22, Z20, Z26            \
	VPUNPCKHQDQ Z22, Z20, Z27

#define HALVES4(LANE, AT, ROW, D) \
	VPINSRW $(LANE+0), AT(ROW), D, D       \
	VPINSRW $(LANE+1), AT(ROW)(N*1), D, D  \
	VPINSRW $(LANE+2), AT(ROW)(N*2), D, D  \
	VPINSRW $(LANE+3), AT(ROW)(N3*1), D, D

// HALVES(AT) sets Z0 to the binary16 numbers at AT of 16 rows.
#define HALVES(AT) \
	VPXOR       X0, X0, X0    \
	VPXOR       X1, X1, X1    \
	HALVES4(0, AT, ROW0, X0)  \
	HALVES4(0, AT, ROW8, X1)  \
	HALVES4(4, AT, ROW4, X0)  \
	HALVES4(4, AT, ROW12, X1) \
	VINSERTI128 $1, X1, Y0, Y0 \
	VCVTPH2PS   Y0, Z0

#define PAIR8(AT, ROW, A, B) \
	VMOVQ   AT(ROW), A             \ /* rows j, j+1 */
	VMOVHPS AT(ROW)(N*1), A, A     \
	VMOVQ   AT(ROW)(N*2), B        \ /* rows j+2, j+3 */
	VMOVHPS AT(ROW)(N3*1), B, B

// HEADS(AT) sets Z19 to bytes AT to AT+3 of 16 rows, and Z20 to AT+4 to AT+7.
#define HEADS(AT) \
	PAIR8(AT, ROW0, X24, X25)      \
	PAIR8(AT, ROW4, X26, X27)      \
	VINSERTI32X4 $1, X26, Z24, Z24 \
	VINSERTI32X4 $1, X27, Z25, Z25 \
	PAIR8(AT, ROW8, X26, X27)      \
	VINSERTI32X4 $2, X26, Z24, Z24 \
	VINSERTI32X4 $2, X27, Z25, Z25 \
	PAIR8(AT, ROW12, X26, X27)     \
	VINSERTI32X4 $3, X26, Z24, Z24 \
	VINSERTI32X4 $3, X27, Z25, Z25 \
	VSHUFPS      $0x88, Z25, Z24, Z19 \
	VSHUFPS      $0xDD, Z25, Z24, Z20
