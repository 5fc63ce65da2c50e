// Threads of a block as fibers, and the checks of what they do.
#include "block.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include <sys/mman.h>

namespace sim {

static const Kernel *kernels;

Kernel::Kernel(const char *name, size_t args, void (*run)(const void *))
	: name(name), args(args), run(run), next(kernels) {
	kernels = this;
}

const Kernel *find(const char *name) {
	for (const Kernel *k = kernels; k; k = k->next)
		if (!strcmp(k->name, name)) return k;
	return nullptr;
}

// swap_stacks saves the registers that a function keeps, and goes on where load was saved.
extern "C" void swap_stacks(void **save, void *load);
#if defined(__x86_64__)
asm(".text\n.globl swap_stacks\nswap_stacks:\n"
	"push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
	"mov %rsp, (%rdi)\nmov %rsi, %rsp\n"
	"pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n");
enum { SAVED = 6 }; // words below the return address
#elif defined(__aarch64__)
asm(".text\n.globl swap_stacks\nswap_stacks:\n"
	"sub sp, sp, #160\n"
	"stp x19, x20, [sp]\nstp x21, x22, [sp, #16]\nstp x23, x24, [sp, #32]\nstp x25, x26, [sp, #48]\n"
	"stp x27, x28, [sp, #64]\nstp x29, x30, [sp, #80]\n"
	"stp d8, d9, [sp, #96]\nstp d10, d11, [sp, #112]\nstp d12, d13, [sp, #128]\nstp d14, d15, [sp, #144]\n"
	"mov x9, sp\nstr x9, [x0]\nmov sp, x1\n"
	"ldp x19, x20, [sp]\nldp x21, x22, [sp, #16]\nldp x23, x24, [sp, #32]\nldp x25, x26, [sp, #48]\n"
	"ldp x27, x28, [sp, #64]\nldp x29, x30, [sp, #80]\n"
	"ldp d8, d9, [sp, #96]\nldp d10, d11, [sp, #112]\nldp d12, d13, [sp, #128]\nldp d14, d15, [sp, #144]\n"
	"add sp, sp, #160\nret\n");
enum { SAVED = 20 };
#else
#error "no switch of stacks for this processor"
#endif

enum State { RUN, LANES, PAUSE, BARRIER, DONE };

struct Fiber : Thread {
	void *sp;
	char *stack;
	State state;
	int line; // where it waits
};

enum { THREADS_MAX = 1024, STACK = 128 << 10, SHARED_MAX = 227 << 10, SITES = 256, RANGES = 16 };

// Stacks begin at different places of their memory. Were they all as far apart as a power of two, caches had room for
// a few of them only.
enum { APART = 7 * 64, PLACES = 64 };

struct Machine {
	Machine();
	Block block;
	Fiber fibers[THREADS_MAX];
	void *home; // the stack of who launched
	const Kernel *kernel;
	const void *args;
	uint32_t epoch = 0;
	uint32_t slots[THREADS_MAX / 32][2][32];
	uint32_t wide_slots[THREADS_MAX / 32][2][32][6];
	alignas(16) char shared[SHARED_MAX];
	Word words[SHARED_MAX / 4] = {};
	size_t dynamic;
	Limits limits;
	Range ranges[RANGES]; // of the device's memory that the launch used lately
	int next_range = 0;
	void *sites[SITES];
	char message[512];
	bool failed = false;
	bool moved = false; // whether a thread did anything but pause
};

Machine::Machine() {
	for (Fiber &f : fibers) {
		f.stack = (char *)mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		f.thread = &f - fibers;
	}
}

thread_local Turn turn;
static thread_local Machine *machine;

// A launch takes a machine that is idle, or a new one.
static std::mutex lock;
static std::vector<Machine *> idle;

static Machine *take() {
	std::lock_guard<std::mutex> l(lock);
	if (idle.empty()) return new Machine();
	Machine *m = idle.back();
	idle.pop_back();
	return m;
}

static void give_back(Machine *m) {
	std::lock_guard<std::mutex> l(lock);
	idle.push_back(m);
}

static Fiber *current() { return (Fiber *)turn.thread; }

static void leave() { swap_stacks(&current()->sp, machine->home); }

// fail ends the launch with a message. It does not return.
static void fail(const char *format, ...) {
	Machine *m = machine;
	char what[320];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	snprintf(m->message, sizeof m->message, "kernel %s, block (%d, %d, %d), thread %d: %s", m->kernel->name,
		m->block.block[0], m->block.block[1], m->block.block[2], turn.thread ? turn.thread->thread : -1, what);
	m->failed = true;
	leave();
	abort();
}

void check_global_rest(const void *p, size_t bytes) {
	if ((uintptr_t)p % bytes != 0) fail("uses %zu bytes of device memory that are not aligned", bytes);
	for (const Range &r : machine->ranges)
		if (r.has(p, bytes)) {
			turn.hit = r;
			return;
		}
	Range &r = machine->ranges[machine->next_range++ % RANGES];
	if (!machine->limits.find(p, &r) || !r.has(p, bytes)) fail("uses %zu bytes outside of device memory", bytes);
	turn.hit = r;
}

void check_shared_rest(const void *p, size_t bytes, bool write) {
	ptrdiff_t at = (const char *)p - turn.shared;
	if (at < 0 || at + bytes > turn.used) fail("%s shared memory that it has not", write ? "writes" : "reads");
	if (at % bytes != 0) fail("%zu bytes of shared memory are not aligned", bytes);
	int me = turn.thread->thread + 1;
	for (ptrdiff_t i = at / 4; i <= (ptrdiff_t)(at + bytes - 1) / 4; i++) {
		Word &w = turn.words[i];
		// Neighbouring bytes of a word may belong to different threads.
		bool others_write = w.written == turn.epoch && w.writer != me && bytes >= 4;
		bool others_read = w.read == turn.epoch && w.reader != me && bytes >= 4;
		if (others_write) fail("races with thread %d for byte %td of shared memory: no barrier between", w.writer - 1, at);
		if (write && others_read) fail("writes byte %td of shared memory that others read: no barrier between", at);
		if (write) {
			w.written = turn.epoch;
			w.writer = me;
		} else {
			w.reader = w.read == turn.epoch && w.reader != me ? (int)MANY : me;
			w.read = turn.epoch;
		}
	}
}

void check_block(const void *p, size_t bytes) {
	ptrdiff_t at = (const char *)p - turn.shared;
	if (at < 0 || at + bytes > turn.used) fail("uses shared memory that it has not");
	if (at % (bytes < 16 ? bytes : 16) != 0) fail("%zu bytes of shared memory are not aligned", bytes);
}

void *shared_array(int site, size_t bytes) {
	Machine *m = machine;
	if (site < 0 || site >= SITES) fail("too many shared arrays");
	if (!m->sites[site]) {
		m->sites[site] = m->shared + turn.used;
		turn.used += (bytes + 15) & ~(size_t)15;
		if (turn.used > m->limits.shared) fail("%zu bytes of shared memory exceed %zu", turn.used, m->limits.shared);
	}
	return m->sites[site];
}

void *shared_bytes() { return machine->shared; } // before all arrays

void barrier(int line) {
	current()->line = line;
	current()->state = BARRIER;
	leave();
}

const uint32_t *exchange(uint32_t x, int line) {
	Fiber *f = current();
	uint32_t *slots = machine->slots[f->thread / 32][f->turn++ % 2]; // the slots of the next turn are others
	slots[f->thread % 32] = x;
	f->line = line;
	f->state = LANES;
	leave();
	return slots;
}

const uint32_t (*gather(const uint32_t *words, int line))[6] {
	Fiber *f = current();
	uint32_t(*slots)[6] = machine->wide_slots[f->thread / 32][f->turn++ % 2];
	memcpy(slots[f->thread % 32], words, sizeof slots[0]);
	f->line = line;
	f->state = LANES;
	leave();
	return slots;
}

void pause(int line) {
	current()->line = line;
	current()->state = PAUSE;
	leave();
}

void moved() { machine->moved = true; }

static void enter() {
	for (;;) {
		machine->kernel->run(machine->args);
		current()->state = DONE;
		leave();
	}
}

// start makes a fiber begin at enter.
static void start(Fiber &f) {
	void **top = (void **)(f.stack + STACK - 64 - f.thread % PLACES * APART);
	*--top = nullptr; // enter has no caller
#if defined(__x86_64__)
	*--top = (void *)enter;
	top -= SAVED;
#else
	top = (void **)((uintptr_t)top & ~(uintptr_t)15) - SAVED;
	top[11] = (void *)enter; // x30
#endif
	f.sp = top;
	f.state = RUN;
	f.turn = 0;
}

// all_there reports whether no lane waits for others of its warp, who are elsewhere.
static bool all_there(Machine *m, const Fiber *lanes, int n) {
	int waiting = 0;
	for (int i = 0; i < n; i++) waiting += lanes[i].state == LANES;
	for (int i = 0; i < n && waiting > 0; i++) {
		if (lanes[i].state == LANES && lanes[i].line == lanes[0].line && n == 32) continue;
		m->failed = true;
		snprintf(m->message, sizeof m->message, "kernel %s, thread %d: lanes of a warp part at line %d", m->kernel->name,
			lanes[i].thread, lanes[0].state == LANES ? lanes[0].line : lanes[i].line);
		return false;
	}
	return true;
}

// run_warp runs lanes until each waits at a barrier or has ended, or one pauses.
static void run_warp(Machine *m, Fiber *lanes, int n) {
	for (;;) {
		bool ran = false;
		int waiting = 0, pauses = 0;
		for (int i = 0; i < n; i++) {
			Fiber &f = lanes[i];
			if (f.state == RUN) {
				turn.thread = &f;
				swap_stacks(&m->home, f.sp);
				if (m->failed) return;
				ran = true;
				m->moved = m->moved || f.state != PAUSE;
			}
			waiting += f.state == LANES && f.line == lanes[0].line;
			pauses += f.state == PAUSE;
		}
		if (pauses) return;
		if (waiting < 32 && !all_there(m, lanes, n)) return;
		if (waiting == 0 && !ran) return;
		if (waiting == 0) continue;
		for (int i = 0; i < n; i++) lanes[i].state = RUN;
	}
}

// run_warps runs all threads until each waits at a barrier or has ended. It returns false if they failed.
static bool run_warps(Machine *m) {
	for (;;) {
		m->moved = false;
		for (int w = 0; w < m->block.threads; w += 32) {
			int n = m->block.threads - w < 32 ? m->block.threads - w : 32;
			run_warp(m, m->fibers + w, n);
			if (m->failed) return false;
		}
		const Fiber *pauses = nullptr;
		for (int i = 0; i < m->block.threads; i++) {
			if (m->fibers[i].state != PAUSE) continue;
			pauses = &m->fibers[i];
			m->fibers[i].state = RUN;
		}
		if (!pauses) return true;
		if (m->moved) continue;
		m->failed = true;
		snprintf(m->message, sizeof m->message, "kernel %s, thread %d waits at line %d for what does not arrive", m->kernel->name,
			pauses->thread, pauses->line);
		return false;
	}
}

// run_block runs the threads of a block to their end.
static void run_block(Machine *m) {
	turn.used = m->dynamic;
	memset(m->sites, 0, sizeof m->sites);
	for (int i = 0; i < m->block.threads; i++) start(m->fibers[i]);
	for (;;) {
		turn.epoch = ++m->epoch;
		if (!run_warps(m)) return;
		const Fiber *first = &m->fibers[0];
		bool all_done = true;
		for (int i = 0; i < m->block.threads; i++) {
			Fiber &f = m->fibers[i];
			all_done = all_done && f.state == DONE;
			if (f.state == first->state && (f.state == DONE || f.line == first->line)) continue;
			m->failed = true;
			snprintf(m->message, sizeof m->message, "kernel %s, thread %d is not at the barrier of line %d, where others wait",
				m->kernel->name, i, first->state == BARRIER ? first->line : f.line);
			return;
		}
		if (all_done) return;
		for (int i = 0; i < m->block.threads; i++) m->fibers[i].state = RUN;
	}
}

const char *launch(const Kernel *k, const int blocks[3], int threads, size_t shared, const void *args,
	const Limits &limits) {
	Machine *m = machine = take();
	m->limits = limits;
	m->kernel = k;
	m->args = args;
	m->failed = false;
	m->dynamic = (shared + 15) & ~(size_t)15;
	memset(m->ranges, 0, sizeof m->ranges);
	m->block.threads = threads;
	memcpy(m->block.blocks, blocks, sizeof m->block.blocks);
	turn = Turn{nullptr, &m->block, {0, 0}, m->shared, 0, m->words, m->epoch};
	int *b = m->block.block;
	for (b[2] = 0; b[2] < blocks[2]; b[2]++)
		for (b[1] = 0; b[1] < blocks[1]; b[1]++)
			for (b[0] = 0; b[0] < blocks[0] && !m->failed; b[0]++) run_block(m);
	if (m->failed) return m->message; // which stays: the machine is not used again
	give_back(m);
	return nullptr;
}

} // namespace sim
