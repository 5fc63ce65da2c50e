# The index of habits. `make` alone prints this list.

GO      ?= go
FUZZTIME ?= 1m
FUNC    ?= dotRowsF32AVX512

.PHONY: help
help: ## print this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 14

.PHONY: test test-purego test-race test-arm64 cover
test: ## what a user runs: everything that needs nothing outside of the repository
	$(GO) test ./...
test-purego: ## the same without assembly
	$(GO) test -tags purego ./...
test-race: ## the same under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short ./...
test-arm64: ## kernels and models on an emulated arm64 (needs qemu-user)
	CGO_ENABLED=0 GOARCH=arm64 $(GO) test -short -exec "qemu-aarch64 -cpu max" ./internal/kernel ./internal/model .
cover: ## which lines no test reaches
	$(GO) test -coverprofile=cover.out ./... && $(GO) tool cover -html=cover.out

.PHONY: lint gen gen-check cross ci
lint: ## format, vet, linters, and the project's own rules
	test -z "$$(gofmt -l .)" && $(GO) vet ./... && golangci-lint run ./... && $(GO) test ./internal/lint
gen: ## make generated files again
	$(GO) generate ./...
gen-check: gen ## fail if that changes anything
	git diff --exit-code
cross: ## build for every tier-1 target
	.ci/run cross
ci: ## the whole gate
	.ci/run

.PHONY: storyteller
storyteller: ## train the model inside cria anew: the same bytes, after an hour on 2 cores
	mkdir -p build
	$(GO) run ./internal/corpus/write -n 100000 -seed 1 > build/stories.jsonl
	$(GO) run ./cmd/cria train $(if $(wildcard build/storyteller/state.ckpt),--resume) --data build/stories.jsonl \
		--vocab 2048 --dim 192 --layers 6 --heads 6 --kv-heads 3 --hidden 448 --seq 512 --batch 32 --windows documents \
		--steps 3000 --lr 0.002 --min-lr 0.00005 --warmup 100 --validation 0.01 --validate-every 250 --save-every 500 \
		--seed 1 --out build/storyteller
	cp build/storyteller/model.q8.bin storyteller/model.bin
	cp build/storyteller/tokenizer.bin storyteller/tokenizer.bin
	git diff --stat storyteller

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME=1m
	FUZZTIME=$(FUZZTIME) .ci/run fuzz

.PHONY: bench asm gpu
gpu: ## check and measure on a GPU of NVIDIA
	scripts/gpu.sh
bench: ## this machine's ceilings, and the published shapes against them
	$(GO) run ./cmd/cria bench
	$(GO) run ./cmd/cria bench --synthetic 15M,42M,110M --type f32,q8
asm: ## disassembly of a kernel: make asm FUNC=tile6AVX512 (binutils' objdump knows more than Go's)
	$(GO) build -o cria.asm ./cmd/cria
	@if command -v objdump >/dev/null; then objdump -d --no-show-raw-insn --disassemble='cria/internal/kernel.$(FUNC).abi0' cria.asm; \
	else $(GO) tool objdump -s '$(FUNC)' cria.asm; fi; rm -f cria.asm
