// The part of Metal that cria calls, over the machine of block.cc. A command buffer's work is done when
// somebody waits for it, and what no barrier parts, in reverse: who does not wait, or has
// forgotten a barrier, gets other numbers.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "block.h"

#include "objc.h"

using objc::autorelease;
using objc::note;
using objc::NSError;
using objc::NSString;
using objc::Object;

enum : size_t { TOTAL = (size_t)1 << 30, BUFFER_MAX = (size_t)1 << 29, SHARED_MAX = 32 << 10, PAGE = 4096 };

// Storage modes, as options of a resource.
enum : size_t { SHARED = 0, PRIVATE = 32 };

static size_t used;

// A buffer's bytes are at two places, so that the host's address is none of the device.
struct MTLBuffer : Object {
	MTLBuffer(size_t n) : Object("MTLBuffer"), length(n) {
		int fd = memfd_create("buffer", 0);
		bytes = (n + PAGE - 1) / PAGE * PAGE;
		if (fd < 0 || ftruncate(fd, bytes)) return;
		host = (char *)mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		device = (char *)mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		used += n;
	}
	void end() override {
		munmap(host, bytes);
		munmap(device, bytes);
		used -= length;
	}
	size_t length, bytes;
	char *host, *device;
	bool read_only = false, is_private = false;
};

struct MTLLibrary : Object {
	explicit MTLLibrary(const char *text) : Object("MTLLibrary"), text(text) {}
	std::string text;
};

struct MTLFunction : Object {
	MTLFunction() : Object("MTLFunction") {}
	const sim::Kernel *kernel;
	size_t threads_max;
};

struct MTLPipeline : Object {
	MTLPipeline() : Object("MTLPipeline") {}
	const sim::Kernel *kernel;
	size_t threads_max;
};

struct MTLSize {
	size_t width, height, depth;
};

// A Step is a launch, a copy, or a barrier.
struct Step {
	enum { LAUNCH, COPY, BARRIER } what;
	const sim::Kernel *kernel;
	int blocks[3], threads;
	MTLBuffer *from, *to; // from holds a launch's arguments
	size_t from_at, to_at, bytes;
	std::vector<MTLBuffer *> resident;
};

struct MTLEncoder;

struct MTLCommandBuffer;

struct MTLQueue : Object {
	MTLQueue() : Object("MTLQueue") {}
	std::vector<MTLCommandBuffer *> committed; // and not run yet
};

struct MTLCommandBuffer : Object {
	explicit MTLCommandBuffer(MTLQueue *q) : Object("MTLCommandBuffer"), queue(q) {}
	void end() override {
		if (!committed) note("a command buffer goes without commit");
		if (committed && !done) note("nobody waits for a command buffer");
	}
	MTLQueue *queue;
	std::vector<Step> steps;
	MTLEncoder *open = nullptr;
	bool committed = false, done = false;
	double start = 0, end_time = 0; // seconds
	std::string failure;
};

struct MTLEncoder : Object {
	MTLEncoder(const char *type, MTLCommandBuffer *b) : Object(type), buffer(b) {}
	void end() override {
		if (!ended) note("an encoder goes without endEncoding");
	}
	bool usable(const char *sel) {
		if (ended) note("%s after endEncoding", sel);
		return !ended;
	}
	MTLCommandBuffer *buffer;
	bool ended = false;
};

struct MTLComputeEncoder : MTLEncoder {
	explicit MTLComputeEncoder(MTLCommandBuffer *b) : MTLEncoder("MTLComputeEncoder", b) {}
	MTLPipeline *pipeline = nullptr;
	MTLBuffer *args = nullptr;
	size_t args_at = 0;
	std::vector<MTLBuffer *> resident;
};

struct MTLBlitEncoder : MTLEncoder {
	explicit MTLBlitEncoder(MTLCommandBuffer *b) : MTLEncoder("MTLBlitEncoder", b) {}
};


struct MTLCompileOptions : Object {
	MTLCompileOptions() : Object("MTLCompileOptions") {}
	bool fast = true; // as in Metal
};

struct MTLDevice : Object {
	MTLDevice() : Object("MTLDevice") {}
};

static const objc::Class options_class("MTLCompileOptions", "OptionsClass");
struct OptionsClass;
METHOD(OptionsClass, options_new, "new", Object *) { return new MTLCompileOptions(); }
METHOD(MTLCompileOptions, options_fast, "setFastMathEnabled:", void, bool fast) { self->fast = fast; }
METHOD(MTLCompileOptions, options_mode, "setMathMode:", void, long mode) { self->fast = mode != 0; }
METHOD(MTLCompileOptions, options_version, "setLanguageVersion:", void, long version) {
	if (version < 3 << 16) note("language version %lx has no pointers in structs", version);
}

METHOD(MTLDevice, device_name, "name", NSString *) { return autorelease(new NSString("Simulated Metal")); }
METHOD(MTLDevice, device_family, "supportsFamily:", bool, long family) { return family == 1007 || family == 5001; }
METHOD(MTLDevice, device_unified, "hasUnifiedMemory", bool) { return true; }
METHOD(MTLDevice, device_total, "recommendedMaxWorkingSetSize", size_t) { return TOTAL; }
METHOD(MTLDevice, device_used, "currentAllocatedSize", size_t) { return used; }
METHOD(MTLDevice, device_buffer_max, "maxBufferLength", size_t) { return BUFFER_MAX; }
METHOD(MTLDevice, device_shared, "maxThreadgroupMemoryLength", size_t) { return SHARED_MAX; }
METHOD(MTLDevice, device_queue, "newCommandQueue", Object *) { return new MTLQueue(); }

METHOD(MTLDevice, device_buffer, "newBufferWithLength:options:", Object *, size_t n, size_t options) {
	if (options != SHARED && options != PRIVATE) note("buffers with options %zx are not simulated", options);
	if (n == 0 || n > BUFFER_MAX || n > TOTAL - used) return nullptr;
	MTLBuffer *b = new MTLBuffer(n);
	b->is_private = options == PRIVATE;
	return b;
}

// The device sees the bytes as they are now.
METHOD(MTLDevice, device_no_copy, "newBufferWithBytesNoCopy:length:options:deallocator:", Object *, char *p, size_t n,
	size_t options, void *deallocator) {
	if ((uintptr_t)p % PAGE || n % PAGE || n == 0) note("no-copy bytes are not whole pages");
	if (options != 0 || deallocator) note("no-copy bytes with options or a deallocator");
	if (n > BUFFER_MAX) return nullptr;
	MTLBuffer *b = new MTLBuffer(n);
	memcpy(b->host, p, n);
	b->read_only = true;
	return b;
}

METHOD(MTLDevice, device_library, "newLibraryWithSource:options:error:", Object *, NSString *text,
	MTLCompileOptions *options, NSError **error) {
	if (!options || options->fast) note("fast arithmetic gives other numbers");
	if (!objc::is_planted(sel)) return new MTLLibrary(text->text.c_str());
	*error = autorelease(new NSError("program_source:1:1: error: planted"));
	return nullptr;
}

METHOD(MTLDevice, device_pipeline, "newComputePipelineStateWithFunction:error:", Object *, MTLFunction *f,
	NSError **error) {
	if (objc::is_planted(sel)) {
		*error = autorelease(new NSError("Compute function exceeds available registers"));
		return nullptr;
	}
	MTLPipeline *p = new MTLPipeline();
	p->kernel = f->kernel;
	p->threads_max = f->threads_max;
	return p;
}

METHOD(MTLQueue, queue_buffer, "commandBuffer", Object *) { return autorelease(new MTLCommandBuffer(self)); }

METHOD(MTLBuffer, buffer_contents, "contents", void *) {
	if (self->is_private) note("contents of a private buffer");
	return self->is_private ? nullptr : self->host;
}
METHOD(MTLBuffer, buffer_address, "gpuAddress", void *) { return self->device; }

// A library knows the kernels that its text defines.
METHOD(MTLLibrary, library_function, "newFunctionWithName:", Object *, NSString *name) {
	std::string n = name->text, format = "#define NAME ";
	if (size_t at = self->text.find(format); at != std::string::npos) { // direct_f16 is written direct_##name
		at += format.size();
		std::string suffix = "_" + self->text.substr(at, self->text.find('\n', at) - at);
		if (n.size() > suffix.size() && n.substr(n.size() - suffix.size()) == suffix)
			n = n.substr(0, n.size() - suffix.size()) + "_##name";
	} else if (n.rfind("attend_", 0) == 0) {
		n = "attend_##name";
	}
	const sim::Kernel *k = sim::find(name->text.c_str());
	size_t at = self->text.find("KERNEL(" + n + ",");
	if (!k || at == std::string::npos) return nullptr;
	MTLFunction *f = new MTLFunction();
	f->kernel = k;
	f->threads_max = self->text.substr(at - 5, 5) == "WIDE_" ? 1024 : 256;
	return f;
}

METHOD(MTLPipeline, pipeline_threads, "maxTotalThreadsPerThreadgroup", size_t) { return self->threads_max; }
METHOD(MTLPipeline, pipeline_width, "threadExecutionWidth", size_t) { return 32; }

template <class E> static E *encoder(MTLCommandBuffer *b) {
	if (b->committed) note("an encoder of a command buffer that is committed");
	if (b->open) note("a second encoder before the first one's endEncoding");
	E *e = new E(b);
	b->open = e;
	return autorelease(e);
}

METHOD(MTLCommandBuffer, buffer_compute, "computeCommandEncoderWithDispatchType:", Object *, size_t type) {
	if (type != 1) note("dispatches that are not concurrent are not simulated");
	return encoder<MTLComputeEncoder>(self);
}

METHOD(MTLCommandBuffer, buffer_blit, "blitCommandEncoder", Object *) { return encoder<MTLBlitEncoder>(self); }

METHOD(MTLCommandBuffer, buffer_commit, "commit", void) {
	if (self->open) note("commit before endEncoding");
	if (self->committed) note("commit for a second time");
	self->committed = true;
	self->queue->committed.push_back(self);
}

METHOD(MTLCommandBuffer, buffer_status, "status", size_t) {
	return !self->committed ? 0 : !self->done ? 2 : self->failure.empty() ? 4 : 5;
}

METHOD(MTLCommandBuffer, buffer_error, "error", Object *) {
	return self->failure.empty() ? nullptr : autorelease(new NSError(self->failure));
}

METHOD(MTLCommandBuffer, buffer_start, "GPUStartTime", double) { return self->start; }
METHOD(MTLCommandBuffer, buffer_end, "GPUEndTime", double) { return self->end_time; }

static void end_encoding(MTLEncoder *e) {
	if (!e->usable("endEncoding")) return;
	e->ended = true;
	if (e->buffer->open == e) e->buffer->open = nullptr;
	Step s = {};
	s.what = Step::BARRIER; // for what follows
	e->buffer->steps.push_back(s);
}

METHOD(MTLComputeEncoder, compute_end, "endEncoding", void) { end_encoding(self); }
METHOD(MTLBlitEncoder, blit_end, "endEncoding", void) { end_encoding(self); }

METHOD(MTLBlitEncoder, blit_copy, "copyFromBuffer:sourceOffset:toBuffer:destinationOffset:size:", void, MTLBuffer *from,
	size_t from_at, MTLBuffer *to, size_t to_at, size_t bytes) {
	if (!self->usable(sel)) return;
	if (from_at + bytes > from->length || to_at + bytes > to->length) {
		note("a copy of %zu bytes is not within the buffers", bytes);
		return;
	}
	if (from_at % 4 || to_at % 4 || bytes % 4) note("a copy is not of whole words");
	Step s = {};
	s.what = Step::COPY;
	s.from = from, s.from_at = from_at, s.to = to, s.to_at = to_at, s.bytes = bytes;
	self->buffer->steps.push_back(s);
}

METHOD(MTLComputeEncoder, compute_pipeline, "setComputePipelineState:", void, MTLPipeline *p) {
	if (self->usable(sel)) self->pipeline = p;
}

METHOD(MTLComputeEncoder, compute_buffer, "setBuffer:offset:atIndex:", void, MTLBuffer *b, size_t at, size_t index) {
	if (!self->usable(sel)) return;
	if (index != 0) note("kernels have one buffer");
	self->args = b;
	self->args_at = at;
}

METHOD(MTLComputeEncoder, compute_offset, "setBufferOffset:atIndex:", void, size_t at, size_t index) {
	if (!self->usable(sel)) return;
	if (index != 0 || !self->args) note("an offset into a buffer that is not set");
	self->args_at = at;
}

METHOD(MTLComputeEncoder, compute_use, "useResources:count:usage:", void, MTLBuffer **list, size_t n, size_t usage) {
	if (!self->usable(sel)) return;
	for (size_t i = 0; i < n; i++)
		if (usage != (list[i]->read_only ? 1 : 3)) note("a resource of usage %zu", usage);
	self->resident.insert(self->resident.end(), list, list + n);
}

METHOD(MTLComputeEncoder, compute_barrier, "memoryBarrierWithScope:", void, size_t scope) {
	if (!self->usable(sel)) return;
	if (scope != 1) note("a barrier of scope %zu is none for buffers", scope);
	Step s = {};
	s.what = Step::BARRIER;
	self->buffer->steps.push_back(s);
}

METHOD(MTLComputeEncoder, compute_dispatch, "dispatchThreadgroups:threadsPerThreadgroup:", void, MTLSize blocks,
	MTLSize threads) {
	if (!self->usable(sel)) return;
	if (!self->pipeline || !self->args) {
		note("a dispatch without a pipeline or without arguments");
		return;
	}
	const sim::Kernel *k = self->pipeline->kernel;
	if (!blocks.width || !blocks.height || !blocks.depth || threads.height != 1 || threads.depth != 1)
		note("kernel %s: %zu x %zu x %zu blocks of %zu x %zu x %zu threads", k->name, blocks.width, blocks.height,
			blocks.depth, threads.width, threads.height, threads.depth);
	if (threads.width > self->pipeline->threads_max)
		note("kernel %s: %zu threads, of which it allows %zu", k->name, threads.width, self->pipeline->threads_max);
	if (self->args_at % 256 || self->args_at + k->args > self->args->length)
		note("kernel %s: its arguments are not in the buffer, or not aligned", k->name);
	Step s = {};
	s.what = Step::LAUNCH;
	s.kernel = k;
	s.blocks[0] = blocks.width, s.blocks[1] = blocks.height, s.blocks[2] = blocks.depth;
	s.threads = threads.width;
	s.from = self->args, s.from_at = self->args_at;
	s.resident = self->resident;
	self->buffer->steps.push_back(s);
}

static const Step *running;

static bool buffer_of(const void *p, sim::Range *r) {
	for (const MTLBuffer *b : running->resident) {
		*r = {(uintptr_t)b->device, (uintptr_t)b->device + b->length};
		if (r->has(p, 1)) return true;
	}
	return false;
}

static const sim::Limits limits = {buffer_of, SHARED_MAX};

// run does a step and returns what went wrong, or null.
static const char *run(const Step &s) {
	if (s.what == Step::COPY) memcpy(s.to->device + s.to_at, s.from->device + s.from_at, s.bytes);
	if (s.what != Step::LAUNCH) return nullptr;
	running = &s;
	for (const MTLBuffer *b : s.resident)
		if (b->held <= 0) return "a resource is released before it is used";
	return sim::launch(s.kernel, s.blocks, s.threads, 0, s.from->device + s.from_at, limits);
}

static double clock_seconds() {
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static void run_all(MTLCommandBuffer *self) {
	self->done = true;
	self->start = clock_seconds();
	size_t first = 0;
	for (size_t i = 0; i < self->steps.size(); i++) {
		if (self->steps[i].what != Step::BARRIER) continue;
		std::reverse(self->steps.begin() + first, self->steps.begin() + i);
		first = i + 1;
	}
	for (const Step &s : self->steps)
		if (const char *what = run(s)) {
			self->failure = what;
			return;
		}
	self->end_time = clock_seconds();
}

// What was committed before has to be run, too.
METHOD(MTLCommandBuffer, buffer_wait, "waitUntilCompleted", void) {
	if (!self->committed) note("waitUntilCompleted without commit");
	std::vector<MTLCommandBuffer *> &list = self->queue->committed;
	while (self->committed && !self->done) {
		run_all(list.front());
		list.erase(list.begin());
	}
}

extern "C" __attribute__((visibility("default"))) Object *MTLCreateSystemDefaultDevice() {
	return objc::is_planted("MTLCreateSystemDefaultDevice") ? nullptr : new MTLDevice();
}
