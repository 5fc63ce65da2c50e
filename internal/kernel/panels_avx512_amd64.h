// 16 rows side by side in memory, as Interleave leaves them, under the names that columns_avx512_amd64.h has for
// 16 rows that follow each other.

#include "lanes_avx512_amd64.h"

// ROWS has nothing to do: a panel begins where the one before ends.
#define ROWS

// FETCH2 and FETCH4, of each line, have nothing to do either: the processor sees by itself that addresses follow each
// other.
#define FETCH2(AT)
#define FETCH4(OP, AT)

// NEXT_BLOCK(SIZE) goes on to the next block and counts it.
#define NEXT_BLOCK(SIZE) \
	ADDQ $(16*SIZE), ROW0 \
	DECQ LEFT

// FETCH_SOME asks for one line in four of what comes 8 KiB on, as far as a block of 8 bits reaches: the processor takes
// up a stream too late where the last-level cache has a part of it.
#define FETCH_SOME \
	PREFETCHT1 8192(ROW0) \
	PREFETCHT1 8448(ROW0)

// ADVANCE is NEXT_BLOCK, with that.
#define ADVANCE(SIZE) \
	FETCH_SOME        \
	NEXT_BLOCK(SIZE)

// STORE_ROWS stores 16 results.
#define STORE_ROWS \
	VMOVUPS Z18, (DST) \
	ADDQ    $64, DST

// COLUMN(AT, D) sets D to bytes AT to AT+3 of 16 rows, COLUMNS(AT) sets Z24+k to bytes AT+4k to AT+4k+3.
#define COLUMN(AT, D) VMOVDQU32 (16*(AT))(ROW0), D
#define COLUMNS(AT) \
	COLUMN(AT+0, Z24)  \
	COLUMN(AT+4, Z25)  \
	COLUMN(AT+8, Z26)  \
	COLUMN(AT+12, Z27)

// HALVES(AT) sets Z0 to the binary16 numbers at AT of 16 rows.
#define HALVES(AT) VCVTPH2PS (16*(AT))(ROW0), Z0

// PLUS_128 is done already.
#define PLUS_128(COLUMN)
