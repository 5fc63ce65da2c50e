// Fetching weights ahead of the rows in hand, in order, whatever the order they are used in, into the
// second-level cache: the first has few buffers for lines that are on their way, and rows in hand need those.

// AHEAD is how many bytes weights are fetched ahead, beside the rows in hand.
#define AHEAD 8192

// FETCH(AT) fetches the line at NEXT+AT.
#define FETCH(AT) PREFETCHT1 (AT)(NEXT)

// FETCH2(AT) is FETCH, twice, at first from far ahead: where 16 rows are read side by side the processor drops
// requests.
#define FETCH2(AT) \
	PREFETCHT1 (AT+32768)(NEXT); PREFETCHT1 (AT)(NEXT)

// FETCH4(OP, AT): OP on four lines.
#define FETCH4(OP, AT) \
	OP(AT+0); OP(AT+64); OP(AT+128); OP(AT+192)

// FETCH_T fetches 64 columns of type T, NEXT bytes after those of the row at VR.
#define FETCH_F32 \
	PREFETCHT1 (VR)(NEXT*1)    \
	PREFETCHT1 64(VR)(NEXT*1)  \
	PREFETCHT1 128(VR)(NEXT*1) \
	PREFETCHT1 192(VR)(NEXT*1)
#define FETCH_F16 \
	PREFETCHT1 (VR)(NEXT*1)   \
	PREFETCHT1 64(VR)(NEXT*1)
