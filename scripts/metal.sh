#!/usr/bin/env bash
# Checks and measures cria on the GPU of a Mac, in one go: the tests of internal/gpu on Metal itself, the golden
# story, and generation and prompts of synthetic models against the GPU's own speed of copying.
#
#	scripts/metal.sh [FOLDER]
#
# It builds into FOLDER (default: build/metal). SHAPES and TYPES name other models, MATMUL the size of gpu_matmul's matrices; CRIA_METAL_LIBRARY names the
# simulated Metal, with which this script itself was tried: on a Mac it has not run yet.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-build/metal}
shapes=${SHAPES-1.1B,7B} types=${TYPES-f16,q8_0,q4_k} data=${CRIA_DATA:-../shared/data}
mkdir -p "$dir"
export CGO_ENABLED=0
go build -o "$dir/cria" ./cmd/cria
for example in gpu_add gpu_matmul gpu_f16; do
	go build -o "$dir/$example" "./examples/$example"
done

echo "== what there is"
"$dir/cria" doctor

echo "== checks"
"$dir/gpu_add" -device metal ${CRIA_METAL_LIBRARY+-library "$CRIA_METAL_LIBRARY"}
"$dir/gpu_matmul" -device metal ${CRIA_METAL_LIBRARY+-library "$CRIA_METAL_LIBRARY"} ${MATMUL+-n "$MATMUL"}
"$dir/gpu_f16" -device metal ${CRIA_METAL_LIBRARY+-library "$CRIA_METAL_LIBRARY"}
CRIA_METAL=1 go test -count=1 -v ./internal/gpu | grep -E '^(ok|PASS|FAIL|---|panic)|    ---|_test.go' || true

golden=$data/golden/stories260K.t0.n200.txt
if [ -e "$golden" ]; then
	"$dir/cria" run --device metal -m "$data/models/stories260K.v0.bin" -z "$data/models/tok512.bin" -t 1 --temp 0 -n 200 \
		-p '' --no-stats >"$dir/story.txt"
	if diff "$dir/story.txt" "$golden"; then echo 'the golden story: the same'; fi
fi

echo "== speed"
for shape in ${shapes//,/ }; do
	for type in ${types//,/ }; do
		"$dir/cria" bench --device metal --synthetic "$shape" --type "$type" --pp "${PP-512}" --tg "${TG-64}" \
			--cache-type f16 --rounds "${ROUNDS-3}" --format md || true
	done
done

echo "== weights in memory that the processor sees too"
"$dir/cria" bench --device metal --gpu-memory shared --synthetic "${shapes%%,*}" --type "$types" --pp "${PP-512}" --tg "${TG-64}" \
	--cache-type f16 --rounds 1 --format md || true

echo "== kernels, one by one"
for type in ${types//,/ }; do
	"$dir/cria" bench --device metal --synthetic "${shapes%%,*}" --type "$type" --tg 16 --cache-type f16 --overhead || true
done
