// Tiles of AMX, which the assembler has no names for. A tile is up to 16 rows of up to 64 bytes. C is 16 × 16 int32, A
// 16 vectors of int8, B the same columns of 16 rows of a panel, of which four bytes are one after the other.
// Registers are fixed: A is read from R8, rows CX bytes apart, B from SI and C written to AX, rows DX = 64 bytes apart.

#define TILE_CONFIGURE BYTE $0xC4; BYTE $0xE2; BYTE $0x78; BYTE $0x49; BYTE $0x00             // LDTILECFG (AX)
#define TILE_RELEASE   BYTE $0xC4; BYTE $0xE2; BYTE $0x78; BYTE $0x49; BYTE $0xC0             // TILERELEASE
#define TILE_CLEAR     BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x49; BYTE $0xC0             // TILEZERO C
#define TILE_LOAD_A    BYTE $0xC4; BYTE $0xC2; BYTE $0x7B; BYTE $0x4B; BYTE $0x0C; BYTE $0x08 // TILELOADD (R8)(CX*1), A
#define TILE_LOAD_B    BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x4B; BYTE $0x14; BYTE $0x16 // TILELOADD (SI)(DX*1), B
#define TILE_STORE     BYTE $0xC4; BYTE $0xE2; BYTE $0x7A; BYTE $0x4B; BYTE $0x04; BYTE $0x10 // TILESTORED C, (AX)(DX*1)


// TILE_DOT is C += A·B, sums of products of four int8.
#define TILE_DOT BYTE $0xC4; BYTE $0xE2; BYTE $0x6B; BYTE $0x5E; BYTE $0xC1 // TDPBSSD B, A, C
