// The runtime: messages, reference counts and pools.
#include "objc.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <set>
#include <unordered_set>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

namespace objc {

static const Method *methods;
static Object *objects;
static std::unordered_set<const void *> *addresses; // of objects
static std::set<std::string> *selectors; // interned
static std::vector<std::string> *notes;
static thread_local std::vector<std::vector<Object *>> *pools;

// What tests plant: a message that is dropped, sent twice, or fails.
enum { DROP = 1, TWICE = 2, FAIL = 3 };
static std::string planted;
static int planted_how;

Object::Object(const char *type) : type(type), next(objects) {
	objects = this;
	if (!addresses) addresses = new std::unordered_set<const void *>();
	addresses->insert(this);
}

Method::Method(const char *type, const char *selector, void *f) : type(type), selector(selector), f(f), next(methods) {
	methods = this;
}

void note(const char *format, ...) {
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (!notes) notes = new std::vector<std::string>();
	if (notes->size() < 20) notes->push_back(text);
}

void autorelease_object(Object *o) {
	if (!pools || pools->empty()) {
		note("no pool on this thread holds a %s", o->type);
		return;
	}
	pools->back().push_back(o);
}

static void release(Object *o) {
	if (o->held <= 0) {
		note("release of a %s that nobody holds", o->type);
		return;
	}
	if (--o->held == 0) o->end();
}

static uintptr_t nothing() { return 0; }

static void release_twice(Object *self) {
	release(self);
	release(self);
}

bool is_planted(const char *selector) { return planted_how == FAIL && planted == selector; }

// find returns the function that a message calls.
extern "C" void *objc_find(Object *self, const char *selector) {
	if (!self) return (void *)nothing;
	if (!selectors || !selectors->count(selector)) {
		note("a message without a registered selector");
		return (void *)nothing;
	}
	if (!addresses->count(self)) {
		note("%s to what is no object", selector);
		return (void *)nothing;
	}
	if (self->held <= 0) {
		note("%s to a released %s", selector, self->type);
		return (void *)nothing;
	}
	if (planted_how == DROP && planted == selector) return (void *)nothing;
	if (planted_how == TWICE && planted == selector) return (void *)release_twice;
	for (const Method *m = methods; m; m = m->next)
		if ((!strcmp(m->type, self->type) || !strcmp(m->type, "Object")) && !strcmp(m->selector, selector)) return m->f;
	note("%s does not answer %s", self->type, selector);
	return (void *)nothing;
}

METHOD(Object, object_release, "release", void) { release(self); }

METHOD(Object, object_retain, "retain", Object *) {
	self->held++;
	return self;
}

METHOD(Object, object_responds, "respondsToSelector:", bool, const char *selector) {
	for (const Method *m = methods; m; m = m->next)
		if (!strcmp(m->type, self->type) && !strcmp(m->selector, selector)) return true;
	return false;
}

METHOD(NSString, string_bytes, "UTF8String", const char *) { return self->text.c_str(); }

METHOD(NSError, error_text, "localizedDescription", NSString *) { return autorelease(new NSString(self->text)); }

struct StringClass;
METHOD(StringClass, string_of, "stringWithUTF8String:", NSString *, const char *text) {
	return autorelease(new NSString(text));
}

static const Class *classes;
Class::Class(const char *name, const char *type) : Object(type), name(name), before(classes) { classes = this; }

static const Class string_class("NSString", "StringClass");

} // namespace objc

// objc_msgSend goes to the function with all arguments where they are.
#if defined(__x86_64__)
asm(".text\n.globl objc_msgSend\n.type objc_msgSend, @function\nobjc_msgSend:\n"
	"push %rdi\npush %rsi\npush %rdx\npush %rcx\npush %r8\npush %r9\nsub $8, %rsp\n"
	"call objc_find\n"
	"add $8, %rsp\npop %r9\npop %r8\npop %rcx\npop %rdx\npop %rsi\npop %rdi\njmp *%rax\n");
#elif defined(__aarch64__)
asm(".text\n.globl objc_msgSend\n.type objc_msgSend, %function\nobjc_msgSend:\n"
	"stp x29, x30, [sp, #-96]!\nstp x0, x1, [sp, #16]\nstp x2, x3, [sp, #32]\nstp x4, x5, [sp, #48]\n"
	"stp x6, x7, [sp, #64]\nstr x8, [sp, #80]\n"
	"bl objc_find\nmov x9, x0\n"
	"ldp x0, x1, [sp, #16]\nldp x2, x3, [sp, #32]\nldp x4, x5, [sp, #48]\nldp x6, x7, [sp, #64]\nldr x8, [sp, #80]\n"
	"ldp x29, x30, [sp], #96\nbr x9\n");
#endif

API const void *objc_getClass(const char *name) {
	for (const objc::Class *c = objc::classes; c; c = c->before)
		if (!strcmp(c->name, name)) return (const objc::Object *)c;
	return nullptr;
}

API const char *sel_registerName(const char *name) {
	if (!objc::selectors) objc::selectors = new std::set<std::string>();
	return objc::selectors->insert(name).first->c_str();
}

API size_t objc_autoreleasePoolPush() {
	if (!objc::pools) objc::pools = new std::vector<std::vector<objc::Object *>>();
	objc::pools->push_back({});
	return objc::pools->size();
}

API void objc_autoreleasePoolPop(size_t pool) {
	if (!objc::pools || objc::pools->size() != pool) {
		objc::note("a pool is drained that is not the innermost one of this thread");
		return;
	}
	std::vector<objc::Object *> last = objc::pools->back();
	objc::pools->pop_back();
	for (objc::Object *o : last) objc::release(o);
}

// objc_plant lets messages with a selector be dropped, sent twice or fail; 0 is none of it.
API void objc_plant(const char *selector, int how) {
	objc::planted = selector;
	objc::planted_how = how;
}

// objc_notes returns what was done wrong since the last time, and, if all is to be over, which
// objects are still held: a line for each.
API const char *objc_notes(int over) {
	static std::string text;
	text.clear();
	if (objc::notes)
		for (const std::string &n : *objc::notes) text += n + "\n";
	delete objc::notes;
	objc::notes = nullptr;
	for (objc::Object *o = objc::objects; o && over; o = o->next) {
		if (o->held <= 0 || strstr(o->type, "Class")) continue;
		text += std::string("a ") + o->type + " is held for ever\n";
		o->held = 0; // so that the next test begins anew
	}
	return text.c_str();
}
