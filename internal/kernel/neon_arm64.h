// Vector instructions that Go's assembler has no name for, as words. Operands
// are numbers of V registers in the assembler's order, the destination last;
// 4S means four lanes of 32 bits. Source: Arm Architecture Reference Manual for
// A-profile, chapter C7.2. All are part of base Armv8.0, except SDOT, FEAT_DotProd, and
// SMMLA, FEAT_I8MM.

// Three registers: m at bit 16, n at bit 5, d at bit 0.
#define THREE(CODE, m, n, d) WORD $((CODE) | (m)<<16 | (n)<<5 | (d))

#define FADD4S(m, n, d)    THREE(0x4E20D400, m, n, d) // d = n + m
#define FSUB4S(m, n, d)    THREE(0x4EA0D400, m, n, d) // d = n - m
#define FMUL4S(m, n, d)    THREE(0x6E20DC00, m, n, d) // d = n * m
#define FDIV4S(m, n, d)    THREE(0x6E20FC00, m, n, d) // d = n / m
#define FMLA4S(m, n, d)    THREE(0x4E20CC00, m, n, d) // d += n * m, fused
#define FMAX4S(m, n, d)    THREE(0x4E20F400, m, n, d) // d = max(n, m), NaN if either is
#define FMIN4S(m, n, d)    THREE(0x4EA0F400, m, n, d) // d = min(n, m), NaN if either is
#define FCMGT4S(m, n, d)   THREE(0x6EA0E400, m, n, d) // d = ones where n > m, else 0
#define FADDP4S(m, n, d)   THREE(0x6E20D400, m, n, d) // d = n0+n1, n2+n3, m0+m1, m2+m3
#define ADD4S(m, n, d)     THREE(0x4EA08400, m, n, d) // d = n + m, integers
#define ADDP4S(m, n, d)    THREE(0x4EA0BC00, m, n, d) // d = n0+n1, n2+n3, m0+m1, m2+m3, integers
#define MUL4S(m, n, d)     THREE(0x4EA09C00, m, n, d) // d = n * m, integers
#define MLA4S(m, n, d)     THREE(0x4EA09400, m, n, d) // d += n * m, integers
#define UMAX4S(m, n, d)    THREE(0x6EA06400, m, n, d) // d = max(n, m), unsigned
#define SMAX16B(m, n, d)   THREE(0x4E206400, m, n, d) // d = max(n, m), signed bytes
#define AND16B(m, n, d)    THREE(0x4E201C00, m, n, d) // d = n & m
#define BIC16B(m, n, d)    THREE(0x4E601C00, m, n, d) // d = n &^ m
#define BIT16B(m, n, d)    THREE(0x6EA01C00, m, n, d) // d = n where m has ones
#define MOV16B(n, d)       THREE(0x4EA01C00, n, n, d) // d = n
#define SMULL8H(m, n, d)   THREE(0x0E20C000, m, n, d) // d = n * m, int8 to int16, lower 8 lanes
#define SMLAL28H(m, n, d)  THREE(0x4E208000, m, n, d) // d += n * m, upper 8 lanes
#define SDOT4S(m, n, d)    THREE(0x4E809400, m, n, d) // d += sums of four int8 products
#define SMMLA4S(m, n, d)   THREE(0x4E80A400, m, n, d) // d[i,j] += sum of n[i,k] * m[j,k], i, j < 2, k < 8, int8
#define USHL8H(m, n, d)    THREE(0x6E604400, m, n, d) // d = n << m, uint16; >> -m where m < 0
#define USHL4S(m, n, d)    THREE(0x6EA04400, m, n, d) // the same, uint32
#define USHL2S(m, n, d)    THREE(0x2EA04400, m, n, d) // the same, lower two lanes; upper 0

// Three registers, of m only lane i of four: its low bit at bit 21, its high bit at 11.
#define ELEMENT(CODE, i, m, n, d) THREE((CODE) | ((i)&1)<<21 | ((i)>>1)<<11, m, n, d)

#define FMULE4S(i, m, n, d) ELEMENT(0x4F809000, i, m, n, d) // d = n * m[i]
#define MLAE4S(i, m, n, d)  ELEMENT(0x6F800000, i, m, n, d) // d += n * m[i], integers
#define SDOTE4S(i, m, n, d) ELEMENT(0x4F80E000, i, m, n, d) // SDOT4S with the four bytes m[i]

// The same with lane i of eight, of m below 16: its bits, from the lowest, at 20, 21 and 11.
#define ELEMENT8(CODE, i, m, n, d) ELEMENT((CODE) | ((i)&1)<<20, (i)>>1, m, n, d)

#define SMLALE4S(i, m, n, d)  ELEMENT8(0x0F402000, i, m, n, d) // d += n * m[i], int16 to int32, lower 4 lanes
#define SMLAL2E4S(i, m, n, d) ELEMENT8(0x4F402000, i, m, n, d) // the same, upper 4 lanes

// Two registers: n at bit 5, d at bit 0.
#define TWO(CODE, n, d) WORD $((CODE) | (n)<<5 | (d))

#define FCVTL4S(n, d)   TWO(0x0E217800, n, d) // d = float32 of the lower four float16
#define FCVTL24S(n, d)  TWO(0x4E217800, n, d) // the same, upper four
#define FCVTN4H(n, d)   TWO(0x0E216800, n, d) // lower half of d = float16 of n; upper half 0
#define FCVTN28H(n, d)  TWO(0x4E216800, n, d) // the same, upper half of d; lower half stays
#define SHLL4S(n, d)    TWO(0x2E613800, n, d) // d = lower four uint16 << 16
#define SHLL24S(n, d)   TWO(0x6E613800, n, d) // the same, upper four
#define SSHLL8H(n, d)   TWO(0x0F08A400, n, d) // d = int16 of the lower eight int8
#define SSHLL28H(n, d)  TWO(0x4F08A400, n, d) // the same, upper eight
#define SSHLL4S(n, d)   TWO(0x0F10A400, n, d) // d = int32 of the lower four int16
#define SSHLL24S(n, d)  TWO(0x4F10A400, n, d) // the same, upper four
#define SHL23(n, d)     TWO(0x4F375400, n, d) // d = n << 23, four lanes
#define FNEG4S(n, d)    TWO(0x6EA0F800, n, d) // d = -n
#define FSQRT4S(n, d)   TWO(0x6EA1F800, n, d) // d = sqrt(n)
#define SCVTF4S(n, d)   TWO(0x4E21D800, n, d) // d = float32 of int32
#define FCVTNS4S(n, d)  TWO(0x4E21A800, n, d) // d = int32 of float32, half to even
#define SQXTN4H(n, d)   TWO(0x0E614800, n, d) // lower four int16 of d = int32 n, saturated; upper 0
#define SQXTN28H(n, d)  TWO(0x4E614800, n, d) // the same, upper four of d; lower stay
#define SQXTN8B(n, d)   TWO(0x0E214800, n, d) // lower eight int8 of d = int16 n, saturated; upper 0
#define SQXTN216B(n, d) TWO(0x4E214800, n, d) // the same, upper eight of d; lower stay
#define SADDLP8H(n, d)  TWO(0x4E202800, n, d) // d = sums of two neighbours, int8 to int16
#define SADALP4S(n, d)  TWO(0x4E606800, n, d) // d += sums of two neighbours, int16 to int32
#define SADDLV16B(n, d) TWO(0x4E303800, n, d) // lane 0 of d = the sum of 16 int8, int16; others 0
#define FMAXV4S(n, d)   TWO(0x6E30F800, n, d) // lane 0 of d = the largest of n; others 0
#define UMAXV4S(n, d)   TWO(0x6EB0A800, n, d) // the same, unsigned integers

// Two registers and a shift s, which bits 16 to 22 hold with the size of lanes.
#define USHR16B(s, n, d) TWO(0x6F000400 | (16-(s))<<16, n, d) // d = n >> s, bytes, s > 0
#define SLI16B(s, n, d)  TWO(0x6F005400 | (8+(s))<<16, n, d)  // d = n<<s | lower s bits of d, bytes
#define SLI8H(s, n, d)   TWO(0x6F005400 | (16+(s))<<16, n, d) // the same, uint16

// ZERO sets a register to zeros: MOVI.
#define ZERO(d) WORD $(0x6F00E400 | (d))

// FOUR applies an instruction to registers M to M+3, N to N+3 and D to D+3: a
// block of 16 lanes, lane j in register j/4.
#define FOUR(OP, M, N, D) \
	OP((M), (N), (D))       \
	OP((M)+1, (N)+1, (D)+1) \
	OP((M)+2, (N)+2, (D)+2) \
	OP((M)+3, (N)+3, (D)+3)

// FOURC is FOUR with the same register M for all lanes.
#define FOURC(OP, M, N, D) \
	OP((M), (N), (D))     \
	OP((M), (N)+1, (D)+1) \
	OP((M), (N)+2, (D)+2) \
	OP((M), (N)+3, (D)+3)

// FOUR2 is FOUR for an instruction of two registers.
#define FOUR2(OP, N, D) \
	OP((N), (D))     \
	OP((N)+1, (D)+1) \
	OP((N)+2, (D)+2) \
	OP((N)+3, (D)+3)

// COPY sets registers D to D+3 to N.
#define COPY(N, D) \
	MOV16B(N, (D))   \
	MOV16B(N, (D)+1) \
	MOV16B(N, (D)+2) \
	MOV16B(N, (D)+3)

// CLEAR sets registers D to D+3 to zeros.
#define CLEAR(D) \
	ZERO((D))   \
	ZERO((D)+1) \
	ZERO((D)+2) \
	ZERO((D)+3)

// FOLD4 folds the lanes of registers D to D+3 to the four of D: lane j with j+8, then j+4.
#define FOLD4(D) \
	FADD4S((D)+2, (D), (D))     \
	FADD4S((D)+3, (D)+1, (D)+1) \
	FADD4S((D)+1, (D), (D))

// FOLD_ROWS folds four rows in V0-V3, V4-V7, V8-V11, V12-V15 to V0, using V16 to V19.
#define FOLD_ROWS \
	FOLD4(0)                       \
	FOLD4(4)                       \
	FOLD4(8)                       \
	FOLD4(12)                      \
	VZIP1 V4.D2, V0.D2, V16.D2     \ /* V16 = lanes 0, 1 of row 0, then of row 1 */
	VZIP2 V4.D2, V0.D2, V17.D2     \ /* V17 = lanes 2, 3 */
	VZIP1 V12.D2, V8.D2, V18.D2    \ /* the same for rows 2 and 3 */
	VZIP2 V12.D2, V8.D2, V19.D2    \
	FADD4S(17, 16, 16)             \ /* j with j+2 */
	FADD4S(19, 18, 18)             \
	FADDP4S(18, 16, 0)               /* j with j+1 */

// SUM_ROWS adds the four int32 of each of registers D to D+3: lane i of D is the sum of D+i.
#define SUM_ROWS(D) \
	ADDP4S((D)+1, (D), (D))     \
	ADDP4S((D)+3, (D)+2, (D)+2) \
	ADDP4S((D)+2, (D), (D))

// LOAD_T(FROM) sets V20..V23 to the 16 numbers of type T at FROM, as float32,
// and moves FROM to the next ones. It uses V24 and V25.
#define LOAD_F32(FROM) \
	VLD1.P 64(FROM), [V20.S4, V21.S4, V22.S4, V23.S4]
#define LOAD_F16(FROM) \
	VLD1.P 32(FROM), [V24.H8, V25.H8] \
	FCVTL4S(24, 20)  \
	FCVTL24S(24, 21) \
	FCVTL4S(25, 22)  \
	FCVTL24S(25, 23)
#define LOAD_BF16(FROM) \
	VLD1.P 32(FROM), [V24.H8, V25.H8] \
	SHLL4S(24, 20)  \
	SHLL24S(24, 21) \
	SHLL4S(25, 22)  \
	SHLL24S(25, 23)
