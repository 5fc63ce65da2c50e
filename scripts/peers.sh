#!/usr/bin/env bash
# Measures cria against other programs, in turn, on the same GGUF files of random weights:
#
#   scripts/peers.sh 110M 'llama.cpp=.../llama-bench' 'ik_llama.cpp=.../llama-bench -rtr 1'
#
# The first argument is a published shape (cria bench --help lists them), the others are names and
# commands that take llama-bench's flags. PP and TG are the tokens of the prompt and those to generate,
# THREADS, ROUNDS and TYPES what their names say. Files are made in build/peers, once.
set -euo pipefail
cd "$(dirname "$0")/.."

shape=$1
shift
types=${TYPES:-F32 F16 BF16 Q8_0 Q4_0 Q4_K_M Q6_K IQ4_NL}
mkdir -p build/peers
go build -o build/peers/cria ./cmd/cria

for type in $types; do
	file=build/peers/$shape-$type.gguf
	[ -f "$file" ] || build/peers/cria quantize "synthetic:$shape" "$file" --type "$type"
	peers=()
	for peer in "$@"; do
		peers+=(--peer "$peer -m $file -t {threads} -p {pp} -n {tg} -r 1 -o json 2>/dev/null")
	done
	build/peers/cria bench "$file" --threads "${THREADS:-1,2}" --pp "${PP:-512}" --tg "${TG:-128}" \
		--rounds "${ROUNDS:-5}" --md "${peers[@]}"
done
