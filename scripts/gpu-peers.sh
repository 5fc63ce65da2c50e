#!/usr/bin/env bash
# Measures cria on a GPU of NVIDIA against other programs, in turn, on the same GGUF files of random weights:
#
#	scripts/gpu-peers.sh 7B 'llama.cpp=.../llama-bench -fa 1' 'calm=.../run {model}.calm -t 0 -n {tg}'
#
# The first argument is a published shape (cria bench --help lists them), the others are names and commands. A
# command gets llama-bench's flags, and the last of three runs counts: a graph is made in the first of a prompt of 512. If it
# has {tg} in it, it is run as it is: {model} there is the file's name without .gguf, for programs with a format of their own. PP are the tokens of prompts, TG those to generate, ROUNDS and TYPES what their names
# say. Files are made in FILES (default: DIR), once.
# Where there is Go, it builds cria into DIR (default: build/gpu) first, as scripts/gpu.sh does; elsewhere it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${DIR:-build/gpu}
files=${FILES:-$dir}

shape=$1
shift
mkdir -p "$dir" "$files"
if command -v go >/dev/null; then CGO_ENABLED=0 go build -ldflags='-s -w' -o "$dir/cria" ./cmd/cria; fi

# What llama-bench prints, for sed: the last run.
last='s|.*"samples_ts": \[.*[ ,]\([0-9.][0-9.]*\) *\].*|\1 tok/s|p'

for type in ${TYPES:-F16 Q8_0 Q4_0}; do
	model=$files/$shape-$type
	[ -f "$model.gguf" ] || "$dir/cria" quantize "synthetic:$shape" "$model.gguf" --type "$type" --pure
	peers=()
	for peer in "$@"; do
		case $peer in
		*'{tg}'*) peers+=(--peer "${peer//'{model}'/$model}") ;;
		*) peers+=(--peer "$peer -m $model.gguf -ngl 99 -p {pp} -n {tg} -r 3 -o json | sed -n '$last'") ;;
		esac
	done
	tg=${TG:-128}
	for pp in ${PP:-512 2048}; do
		"$dir/cria" bench "$model.gguf" --device cuda --cache-type f16 --pp "$pp" --tg "$tg" \
			--rounds "${ROUNDS:-3}" --md "${peers[@]}"
		tg=0
	done
done
