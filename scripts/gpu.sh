#!/usr/bin/env bash
# Checks and measures cria on a GPU of NVIDIA, in one go of a few minutes: the tests of
# internal/gpu on the real driver, the golden story, and generation and prompts of synthetic models
# against the card's own speed of copying.
#
#	scripts/gpu.sh [FOLDER]
#
# Where there is Go, it builds what it needs into FOLDER (default: build/gpu) first; on a
# machine without, FOLDER holds what it built elsewhere: GPU_BUILD_ONLY=1 ends after that.
# CRIA_CUDA_LIBRARY names another driver, SHAPES, TYPES and BLOCKS other models, HALF how many layers of the first shape
# are half of them, MATMUL the size of gpu_matmul's matrices.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-build/gpu}
export CRIA_CUDA_LIBRARY=${CRIA_CUDA_LIBRARY-libcuda.so.1}
shapes=${SHAPES-1.1B,7B} types=${TYPES-f16,q8_0,q4_0}

if command -v go >/dev/null; then
	mkdir -p "$dir"
	export CGO_ENABLED=0
	go build -ldflags='-s -w' -o "$dir/cria" ./cmd/cria
	for example in gpu_add gpu_matmul gpu_f16; do
		go build -ldflags='-s -w' -o "$dir/$example" "./examples/$example"
	done
	go test -c -ldflags='-s -w' -o "$dir/gpu.test" ./internal/gpu
	go test -c -ldflags='-s -w' -o "$dir/place.test" ./internal/place
	data=${CRIA_DATA:-../shared/data}
	cp "$data"/models/{stories260K.v0.bin,tok512.bin} "$data"/golden/stories260K.t0.n200.txt "$dir/" || true
fi
[ -z "${GPU_BUILD_ONLY-}" ] || exit 0

echo "== what there is"
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null || true
"$dir/cria" doctor

echo "== checks"
"$dir/gpu_add" -library "$CRIA_CUDA_LIBRARY"
"$dir/gpu_matmul" -library "$CRIA_CUDA_LIBRARY" ${MATMUL+-n "$MATMUL"}
"$dir/gpu_f16" -library "$CRIA_CUDA_LIBRARY"
for test in gpu place; do
	"$dir/$test.test" -test.v 2>&1 | grep -E '^(ok|PASS|FAIL|---|panic)|    ---|_test.go' | grep -v '^=== '
done
if [ -e "$dir/stories260K.v0.bin" ]; then
	"$dir/cria" run --device cuda -m "$dir/stories260K.v0.bin" -z "$dir/tok512.bin" -t 1 --temp 0 -n 200 -p '' --no-stats \
		>"$dir/story.txt"
	if diff "$dir/story.txt" "$dir/stories260K.t0.n200.txt"; then echo 'the golden story: the same'; fi
fi

echo "== speed"
for shape in ${shapes//,/ }; do
	for type in ${types//,/ }; do
		"$dir/cria" bench --device cuda --synthetic "$shape" --type "$type" --pp "${PP-512}" --tg "${TG-64}" \
			--cache-type f16 --rounds "${ROUNDS-3}" --format md || true
	done
done

# What follows takes the first shape alone.
first=${shapes%%,*}
bench() { "$dir/cria" bench --device cuda --synthetic "$first" --type "$types" --cache-type f16 "$@" || true; }

echo "== the host waiting for each token"
bench --wait --pp 0 --tg "${TG-64}" --rounds "${ROUNDS-3}" --format md

echo "== types that are multiplied in squares"
"$dir/cria" bench --device cuda --synthetic "$first" --type "${BLOCKS-q4_k,q5_k,q6_k,q4_1,q5_0,iq4_nl,q2_k}" --cache-type f16 \
	--pp "${PP-512}" --tg "${TG-64}" --rounds 1 --format md || true

echo "== kernels, one by one"
bench --tg 16 --overhead

echo "== half of the layers on the processor"
bench --gpu-layers "${HALF-11}" --threads "$(nproc)" --pp "${PP-512}" --tg "${TG-64}" --rounds 1 --format md

echo "== weights in the host's memory"
bench --gpu-memory shared --pp "${PP-512}" --tg "${TG-64}" --rounds 1 --format md
