//go:build !purego

#include "textflag.h"
#include "columns_avx512_amd64.h"
#include "super_avx512_amd64.h"

// Super-blocks where they lie times one vector, and codes of 16 rows as columns, for batches.
// Requires: AVX-512 F, BW, VNNI (all functions of this file).

// What columns of Q6_K hold: bits 4 and 5 of four 16 codes, bits 0 to 3 of two 16, the scale, the integer scales.
#define COLUMNS_HIGH(HALF, Q) COLUMNS(128+32*HALF+16*Q)
#define COLUMNS_LOW(HALF, Q, SECOND) COLUMNS(64*HALF+32*SECOND+16*Q)
#define Q6K_SCALE HALVES(208)
#define Q6K_SCALES COLUMNS(192)

// func dotQ4KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)
// Reference: UnpackSuper, DotSuper and, for minimums and the sums of x, DotRows, Q4_K. A row is
// count super-blocks in size bytes; blocks times 16 rows.
TEXT ·dotQ4KVNNI(SB), 0, $1088-120
	DOT_MINIMUMS(CODES_Q4K, 144)

// func dotQ5KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)
// Reference: the same, Q5_K.
TEXT ·dotQ5KVNNI(SB), 0, $1088-120
	DOT_MINIMUMS(CODES_Q5K, 176)

// func dotQ6KVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: UnpackSuper and DotSuper, Q6_K. A row is count super-blocks in size bytes; blocks times 16 rows.
TEXT ·dotQ6KVNNI(SB), NOSPLIT, $0-112
	DOT_Q6K

#define STORE4(AT) \
	VMOVDQU32 Z24, (AT+0)(X)   \
	VMOVDQU32 Z25, (AT+64)(X)  \
	VMOVDQU32 Z26, (AT+128)(X) \
	VMOVDQU32 Z27, (AT+192)(X)

// HALVES16(COLUMN, AT) stores the lower and the upper int16 of each lane as int32.
#define HALVES16(COLUMN, AT) \
	VPSLLD    $16, COLUMN, Z1        \
	VPSRAD    $16, Z1, Z1            \
	VPSRAD    $16, COLUMN, COLUMN    \
	VMOVDQU32 Z1, (AT+0)(X)          \
	VMOVDQU32 COLUMN, (AT+64)(X)

// func packSuperVNNI(columns *int8, subs *int32, codes *int8, sub *int16, count int)
// Columns: codes [count][16][256] to [count][64][16][4], and sub [count][16][16] to [count][16][16] with rows last.
TEXT ·packSuperVNNI(SB), NOSPLIT, $0-40
	MOVQ columns+0(FP), X
	MOVQ codes+16(FP), ROW0
	MOVQ count+32(FP), LEFT
	MOVQ $256, N
	MOVQ $768, N3

codes: // for LEFT > 0 { 256 codes of 16 rows }
	LEAQ 1024(ROW0), ROW4
	LEAQ 2048(ROW0), ROW8
	LEAQ 3072(ROW0), ROW12
	MOVQ $4, BX

quarter: // for BX > 0 { 64 codes }
	COLUMNS(0)
	STORE4(0)
	COLUMNS(16)
	STORE4(256)
	COLUMNS(32)
	STORE4(512)
	COLUMNS(48)
	STORE4(768)
	ADDQ $1024, X
	ADDQ $64, ROW0
	ADDQ $64, ROW4
	ADDQ $64, ROW8
	ADDQ $64, ROW12
	DECQ BX
	JNZ  quarter
	ADDQ $(4096-256), ROW0
	DECQ LEFT
	JNZ  codes
	MOVQ subs+8(FP), X
	MOVQ sub+24(FP), ROW0
	MOVQ count+32(FP), LEFT
	MOVQ $32, N
	MOVQ $96, N3

scales: // for LEFT > 0 { 16 integer scales of 16 rows }
	LEAQ 128(ROW0), ROW4
	LEAQ 256(ROW0), ROW8
	LEAQ 384(ROW0), ROW12
	COLUMNS(0)
	HALVES16(Z24, 0)
	HALVES16(Z25, 128)
	HALVES16(Z26, 256)
	HALVES16(Z27, 384)
	COLUMNS(16)
	HALVES16(Z24, 512)
	HALVES16(Z25, 640)
	HALVES16(Z26, 768)
	HALVES16(Z27, 896)
	ADDQ $1024, X
	ADDQ $512, ROW0
	DECQ LEFT
	JNZ  scales
	VZEROUPPER
	RET
