// The functions of the CUDA driver that cria calls, over the machine of block.cc. It knows
// the kernels that it was compiled with; of a module it wants only that its PTX has
// them, with arguments of the same size.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <sys/mman.h>

#include "block.h"

#define API extern "C" __attribute__((visibility("default"))) int

// Results, by their numbers in the driver.
enum {
	OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, INVALID_IMAGE = 200, INVALID_HANDLE = 400,
	NOT_FOUND = 500, LAUNCH_FAILED = 719,
};

enum : size_t { TOTAL = (size_t)1 << 30 };

struct Function {
	const sim::Kernel *kernel;
	int shared_max = 48 << 10;
};

struct Call {
	Function *f;
	int blocks[3], threads;
	size_t shared;
	std::string args;
};

struct Graph {
	std::vector<Call> calls;
};

static std::mutex lock;
static std::map<uintptr_t, size_t> allocations;
static size_t used;
static bool ready;
static std::string failure; // of the last launch
static thread_local Graph *capturing;

static bool allocation_of(const void *p, sim::Range *r) {
	std::lock_guard<std::mutex> l(lock);
	auto it = allocations.upper_bound((uintptr_t)p);
	if (it == allocations.begin()) return false;
	--it;
	*r = {it->first, it->first + it->second};
	return true;
}

static bool is_device(const void *p, size_t bytes) {
	sim::Range r;
	return allocation_of(p, &r) && r.has(p, bytes);
}

const sim::Limits sim::cuda = {allocation_of, 227 << 10};

API cuInit(unsigned) {
	ready = true;
	return OK;
}

API cuDriverGetVersion(int *v) {
	*v = 12030;
	return OK;
}

API cuDeviceGetCount(int *n) {
	*n = 1;
	return ready ? OK : NOT_INITIALIZED;
}

API cuDeviceGet(int *device, int i) {
	*device = i;
	return i == 0 ? OK : INVALID_VALUE;
}

API cuDeviceGetName(char *name, int n, int) {
	snprintf(name, n, "Simulated GPU");
	return OK;
}

API cuDeviceGetAttribute(int *v, int attribute, int) {
	switch (attribute) {
	case 16: *v = 2; return OK;  // multiprocessors
	case 75: *v = 9; return OK;  // compute capability
	case 76: *v = 0; return OK;
	case 97: *v = 227 << 10; return OK; // shared memory of a block, if asked for
	}
	return INVALID_VALUE;
}

API cuDeviceTotalMem_v2(size_t *n, int) {
	*n = TOTAL;
	return OK;
}

API cuDevicePrimaryCtxRetain(void **context, int) {
	*context = &ready;
	return OK;
}

API cuDevicePrimaryCtxRelease_v2(int) { return OK; }
API cuCtxSetCurrent(void *) { return OK; }

API cuMemGetInfo_v2(size_t *free, size_t *total) {
	*total = TOTAL;
	*free = TOTAL - used;
	return OK;
}

// Memory of LARGE bytes and more is the system's, which has none of it ready before it is used: most of what a model
// may need is never touched in tests. Of it only the ends begin as NaN.
enum : size_t { LARGE = 1 << 20, END = 1 << 16, PAGE = 1 << 16 };

static void *allocate(size_t n) {
	void *m = nullptr;
	if (n < LARGE) {
		if (posix_memalign(&m, 256, n)) return nullptr;
		return memset(m, 0xff, n); // NaN, to be seen if nobody writes it
	}
	m = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m == MAP_FAILED) return nullptr;
	memset(m, 0xff, END);
	memset((char *)m + n - END, 0xff, END);
	return m;
}

// zero sets bytes to 0: whole pages of LARGE memory by giving them back.
static void zero(uintptr_t p, size_t n) {
	uintptr_t first = (p + PAGE - 1) / PAGE * PAGE, last = (p + n) / PAGE * PAGE;
	if (n < LARGE || madvise((void *)first, last - first, MADV_DONTNEED)) {
		memset((void *)p, 0, n);
		return;
	}
	memset((void *)p, 0, first - p);
	memset((void *)last, 0, p + n - last);
}

API cuMemAlloc_v2(uintptr_t *p, size_t n) {
	std::lock_guard<std::mutex> l(lock);
	if (n == 0) return INVALID_VALUE;
	if (n > TOTAL - used) return OUT_OF_MEMORY;
	void *m = allocate(n);
	if (!m) return OUT_OF_MEMORY;
	*p = (uintptr_t)m;
	allocations[*p] = n;
	used += n;
	return OK;
}

API cuMemFree_v2(uintptr_t p) {
	std::lock_guard<std::mutex> l(lock);
	auto it = allocations.find(p);
	if (it == allocations.end()) return INVALID_VALUE;
	size_t n = it->second;
	used -= n;
	allocations.erase(it);
	if (n < LARGE) {
		free((void *)p);
	} else {
		munmap((void *)p, n);
	}
	return OK;
}

// Memory of the host that is mapped is the device's as well, and does not count.
API cuMemHostAlloc(void **p, size_t n, unsigned flags) {
	std::lock_guard<std::mutex> l(lock);
	if (n == 0 || flags & ~2u) return INVALID_VALUE;
	if (posix_memalign(p, 4096, n)) return OUT_OF_MEMORY;
	if (flags & 2) {
		memset(*p, 0xff, n);
		allocations[(uintptr_t)*p] = n;
	}
	return OK;
}

API cuMemHostGetDevicePointer_v2(uintptr_t *device, void *p, unsigned flags) {
	std::lock_guard<std::mutex> l(lock);
	*device = (uintptr_t)p;
	return flags == 0 && allocations.count((uintptr_t)p) ? OK : INVALID_VALUE;
}

API cuMemFreeHost(void *p) {
	std::lock_guard<std::mutex> l(lock);
	allocations.erase((uintptr_t)p);
	free(p);
	return OK;
}

// A stream does nothing before somebody waits for it: so what the host changes too early, or reads too early, is seen.
struct Stream {
	std::deque<std::function<void()>> work;
};

static void later(Stream *s, std::function<void()> f) {
	s->work.push_back([f] {
		if (failure.empty()) f();
	});
}

// wait does a stream's work until it is done, or all of it. A failure is told as the driver does: who waits hears of it.
static int wait(Stream *s, const bool *done) {
	while (!s->work.empty() && !(done && *done)) {
		auto f = std::move(s->work.front());
		s->work.pop_front();
		f();
	}
	return failure.empty() ? OK : LAUNCH_FAILED;
}

static int copy(Stream *s, const void *device, void *to, const void *from, size_t n) {
	if (!is_device(device, n)) return INVALID_VALUE;
	later(s, [=] { memcpy(to, from, n); });
	return OK;
}

API cuMemcpyHtoDAsync_v2(uintptr_t to, const void *from, size_t n, Stream *s) {
	return copy(s, (void *)to, (void *)to, from, n);
}

API cuMemcpyDtoHAsync_v2(void *to, uintptr_t from, size_t n, Stream *s) {
	return copy(s, (void *)from, to, (void *)from, n);
}

API cuMemcpyDtoDAsync_v2(uintptr_t to, uintptr_t from, size_t n, Stream *s) {
	if (!is_device((void *)from, n)) return INVALID_VALUE;
	return copy(s, (void *)to, (void *)to, (void *)from, n);
}

API cuMemsetD8Async(uintptr_t p, unsigned char b, size_t n, Stream *s) {
	if (!is_device((void *)p, n)) return INVALID_VALUE;
	later(s, [=] {
		if (b == 0) {
			zero(p, n);
		} else {
			memset((void *)p, b, n);
		}
	});
	return OK;
}

API cuStreamCreate(Stream **s, unsigned) {
	*s = new Stream();
	return OK;
}

API cuStreamSynchronize(Stream *s) { return wait(s, nullptr); }

API cuStreamDestroy_v2(Stream *s) {
	delete s;
	return OK;
}

API cuModuleLoadDataEx(void **module, const char *image, unsigned, int *, void **) {
	if (!strstr(image, ".target sm_")) return INVALID_IMAGE;
	*module = new std::string(image);
	return OK;
}

API cuModuleUnload(void *module) {
	delete (std::string *)module;
	return OK;
}

API cuModuleGetFunction(void **function, void *module, const char *name) {
	const std::string &ptx = *(std::string *)module;
	const sim::Kernel *k = sim::find(name);
	if (!k || ptx.find(std::string(".entry ") + name + "(") == std::string::npos) return NOT_FOUND;
	std::string param = std::string(name) + "_param_0[" + std::to_string(k->args) + "]";
	if (ptx.find(param) == std::string::npos) return INVALID_IMAGE;
	*function = new Function{k};
	return OK;
}

API cuFuncSetAttribute(Function *f, int attribute, int value) {
	if (attribute != 8 || value > 227 << 10) return INVALID_VALUE;
	f->shared_max = value;
	return OK;
}

static void run(const Call &c) {
	if (const char *what = sim::launch(c.f->kernel, c.blocks, c.threads, c.shared, c.args.data())) failure = what;
}

API cuLaunchKernel(Function *f, unsigned bx, unsigned by, unsigned bz, unsigned tx, unsigned ty, unsigned tz,
	unsigned shared, Stream *s, void **, void **extra) {
	if (!f || !bx || !by || !bz || by > 65535 || bz > 65535 || !tx || tx > 1024 || ty != 1 || tz != 1)
		return INVALID_VALUE;
	if ((int)shared > f->shared_max) return INVALID_VALUE;
	// extra is pairs of what and value: 1, the buffer; 2, the place of its size; 0.
	if (extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4]) return INVALID_VALUE;
	size_t size = *(size_t *)extra[3];
	if (size != f->kernel->args) return INVALID_VALUE;
	Call c = {f, {(int)bx, (int)by, (int)bz}, (int)tx, shared, std::string((const char *)extra[1], size)};
	if (capturing) {
		capturing->calls.push_back(c);
		return OK;
	}
	later(s, [c] { run(c); });
	return OK;
}

// Config is CUlaunchConfig, of which the attributes change nothing here.
struct Config {
	unsigned blocks[3], threads[3], shared;
	Stream *stream;
	struct {
		unsigned id, unused;
		int value[16];
	} *attributes;
	unsigned n;
};

API cuLaunchKernelEx(const Config *c, Function *f, void **params, void **extra) {
	if (c->n != 1 || c->attributes->id != 6 || c->attributes->value[0] != 1) return INVALID_VALUE;
	return cuLaunchKernel(f, c->blocks[0], c->blocks[1], c->blocks[2], c->threads[0], c->threads[1], c->threads[2],
		c->shared, c->stream, params, extra);
}

API cuStreamBeginCapture_v2(void *, int) {
	if (capturing) return INVALID_VALUE;
	capturing = new Graph();
	return OK;
}

API cuStreamEndCapture(void *, Graph **graph) {
	*graph = capturing;
	capturing = nullptr;
	return *graph ? OK : INVALID_VALUE;
}

API cuGraphInstantiateWithFlags(Graph **executable, Graph *graph, unsigned long long) {
	*executable = new Graph(*graph);
	return OK;
}

API cuGraphDestroy(Graph *g) {
	delete g;
	return OK;
}

API cuGraphExecDestroy(Graph *g) {
	delete g;
	return OK;
}

API cuGraphLaunch(Graph *g, Stream *s) {
	for (const Call &c : g->calls) later(s, [c] { run(c); });
	return OK;
}

struct Event {
	Stream *stream;
	bool done;
	std::chrono::steady_clock::time_point at;
};

API cuEventCreate(Event **e, unsigned flags) {
	*e = new Event{};
	return flags & ~2u ? INVALID_VALUE : OK; // 2: without time
}

API cuEventRecord(Event *e, Stream *s) {
	e->stream = s;
	e->done = false;
	s->work.push_back([e] {
		e->done = true;
		e->at = std::chrono::steady_clock::now();
	});
	return OK;
}

API cuEventSynchronize(Event *e) { return wait(e->stream, &e->done); }

API cuEventElapsedTime(float *ms, const Event *start, const Event *end) {
	if (!start->done || !end->done) return INVALID_HANDLE;
	*ms = std::chrono::duration<float, std::milli>(end->at - start->at).count();
	return OK;
}

API cuEventDestroy_v2(Event *e) {
	delete e;
	return OK;
}

static const struct {
	int code;
	const char *name, *text;
} results[] = {
	{INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
	{OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
	{NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
	{INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
	{INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
	{NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
	{LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
};

API cuGetErrorName(int code, const char **name) {
	for (const auto &r : results)
		if (r.code == code) return *name = r.name, OK;
	return INVALID_VALUE;
}

// cuGetErrorString tells of a launch what the kernel did wrong, which a real driver cannot.
API cuGetErrorString(int code, const char **text) {
	if (code == LAUNCH_FAILED && !failure.empty()) {
		static std::string told;
		told.swap(failure); // the next test begins anew
		failure.clear();
		*text = told.c_str();
		return OK;
	}
	for (const auto &r : results)
		if (r.code == code) return *text = r.text, OK;
	return INVALID_VALUE;
}
