// Tiles of AMX, which the assembler has no names for. A tile is up to 16 rows of up to 64 bytes. C and D are 16 × 16
// int32, A is 16 vectors of int8, B and E are the same columns of 16 rows of a panel, of which four bytes are one after
// the other. Registers are fixed: A is read from R8, rows CX bytes apart, B and E from SI, C is written to AX and D to
// R10, rows DX = 64 bytes apart.

#define TILE_CONFIGURE BYTE $0xC4; BYTE $0xE2; BYTE $0x78; BYTE $0x49; BYTE $0x00             // LDTILECFG (AX)
#define TILE_RELEASE   BYTE $0xC4; BYTE $0xE2; BYTE $0x78; BYTE $0x49; BYTE $0xC0             // TILERELEASE
#define TILE_CLEAR_C   BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x49; BYTE $0xC0             // TILEZERO TMM0
#define TILE_CLEAR_D   BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x49; BYTE $0xD8             // TILEZERO TMM3
#define TILE_LOAD_A    BYTE $0xC4; BYTE $0xC2; BYTE $0x7B; BYTE $0x4B; BYTE $0x0C; BYTE $0x08 // TILELOADD (R8)(CX*1), TMM1
#define TILE_LOAD_B    BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x4B; BYTE $0x14; BYTE $0x16 // TILELOADD (SI)(DX*1), TMM2
#define TILE_LOAD_E    BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x4B; BYTE $0x24; BYTE $0x16 // TILELOADD (SI)(DX*1), TMM4
#define TILE_STORE_C   BYTE $0xC4; BYTE $0xE2; BYTE $0x7A; BYTE $0x4B; BYTE $0x04; BYTE $0x10 // TILESTORED TMM0, (AX)(DX*1)
#define TILE_STORE_D   BYTE $0xC4; BYTE $0xC2; BYTE $0x7A; BYTE $0x4B; BYTE $0x1C; BYTE $0x12 // TILESTORED TMM3, (R10)(DX*1)

// TILE_DOT_C is C += A·B, and TILE_DOT_D is D += A·E: sums of products of four int8.
#define TILE_DOT_C BYTE $0xC4; BYTE $0xE2; BYTE $0x6B; BYTE $0x5E; BYTE $0xC1 // TDPBSSD TMM2, TMM1, TMM0
#define TILE_DOT_D BYTE $0xC4; BYTE $0xE2; BYTE $0x5B; BYTE $0x5E; BYTE $0xD9 // TDPBSSD TMM4, TMM1, TMM3
