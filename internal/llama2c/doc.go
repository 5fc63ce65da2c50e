// Package llama2c reads and writes the checkpoints of llama2.c: bytes on one
// side, a header and named tensors on the other. What the tensors mean is not
// its business; their names are those of llama2.c's model.py.
//
// Numbers are little-endian. A matrix is stored by rows: [out][in]. In the
// drawings, L, D, F, V and P are n_layers, dim, hidden_dim, vocab_size and
// seq_len; K is the width of one head, D / n_heads, and G is n_kv_heads.
//
// Version 0, "legacy", has no magic number:
//
//	byte 0   4    8    12   16   20   24   28
//	     dim  hid. lay. hea. kv_h voc. seq.       seven int32; a negative vocab_size
//	                                              says that the classifier is not shared
//	then, all of it f32:
//	     tok_embeddings   [V][D]
//	     attention_norm   [L][D]
//	     wq               [L][D][D]      wk, wv   [L][G*K][D]     wo   [L][D][D]
//	     ffn_norm         [L][D]
//	     w1               [L][F][D]      w2       [L][D][F]       w3   [L][F][D]
//	     norm             [D]
//	     freqs_cos        [P][K/2]       freqs_sin   [P][K/2]     nobody reads these two
//	     output           [V][D]         if the classifier is not shared
//
// Versions 1 to 3 share a header of 256 bytes:
//
//	byte 0    "ak42" as a number, 0x616b3432: the bytes 32 34 6b 61
//	     4    version, int32
//	     8    the seven int32 of version 0; vocab_size is positive
//	     36   shared_classifier, one byte, 0 or 1
//	     37   version 2: group_size, int32, not aligned
//	          version 3: type of the matrices, one byte: 0 f32, 1 f16, 2 bf16
//	     ...  zeros up to byte 256
//
// and the order of what follows:
//
//	attention_norm [L][D]   ffn_norm [L][D]   norm [D]     f32 in every version
//	tok_embeddings, wq, wk, wv, wo, w1, w2, w3             the matrices
//	output                                  if the classifier is not shared
//
// Version 1 holds f32. Version 2 holds, for each matrix, and for each layer by
// itself, the int8 values and then one f32 scale per group_size of them:
//
//	q [out][in]   scale [out][in/group_size]        value = q * scale
//
// Version 3 is cria's own: version 1 with the matrices in the type that byte 37 names.
package llama2c
