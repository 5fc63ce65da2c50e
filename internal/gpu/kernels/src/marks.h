// What changes logits before a token is chosen: biases, and penalties of tokens that were there lately, with the bits of
// package sample.
#pragma once

DEVICE float finite32(float x) {
	float most = bits_float(0x7f7fffff);
	return x > most ? most : x < -most ? -most : x;
}

DEVICE float marked(ARGS(MarkArgs) a, float x, float bias, int count) {
	if (magnitude(x) >= 0x7f800000) return x; // which is for the host to report
	x = finite32(x + bias);
	if (count == 0) return x;
	x = x > 0 ? x / a.repeat : x * a.repeat;
	float d = (float)count * a.frequency + a.presence;
	return finite32(finite32(x) - finite32(d));
}

// mark changes the logits of tokens, of which no two marks are, by one block. The first mark says how many there are behind it,
// and whether the token that was chosen last is to be counted with them.
KERNEL(mark, MarkArgs) {
	SHARED_ARRAY(int, met, 1);
	int n = a.marks[0].id, follows = a.marks[0].count, token = a.token[1];
	if (THREAD == 0) met[0] = 0;
	BARRIER();
	for (int i = 1 + THREAD; i <= n; i += THREADS) {
		int id = a.marks[i].id, count = a.marks[i].count;
		if (follows && id == token) {
			met[0] = 1;
			count++;
		}
		a.logits[id] = marked(a, a.logits[id], a.marks[i].bias, count);
	}
	BARRIER();
	if (THREAD == 0 && follows && !met[0]) a.logits[token] = marked(a, a.logits[token], 0, 1);
}
