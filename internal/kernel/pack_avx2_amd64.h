// What functions share that pack 8 rows side by side.

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
