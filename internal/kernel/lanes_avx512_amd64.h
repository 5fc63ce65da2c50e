// What kernels of 16 rows side by side share, lane = row, wherever the rows lie.

#define ROW0 R8  // row 0, or the next block of a panel
#define N    CX  // bytes of a row
#define N3   DX  // 3*N
#define X    SI  // 32 elements of x, or of the panel that is packed
#define XS   DI  // their scale, or scales
#define SUMS BX  // their sum
#define LEFT AX  // blocks left
#define DST  R13 // where results go

// BYTES(N, D) sets each byte of D to N.
#define BYTES(N, D) \
	MOVL         $(N*0x01010101), AX \
	VPBROADCASTD AX, D

// FLOATS(D) sets Z0 to the binary16 numbers in the lower halves of D.
#define FLOATS(D) \
	VPMOVDW   D, Y0 \
	VCVTPH2PS Y0, Z0
