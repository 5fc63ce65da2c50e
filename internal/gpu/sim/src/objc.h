// Objects of a stand-in for the runtime of Objective-C. It sends messages to functions of C, as
// the real one does, and notes what a program may not do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace objc {

// An Object is never freed: a message to it after its last release is noted.
struct Object {
	explicit Object(const char *type);
	virtual ~Object() {}
	virtual void end() {} // when nobody holds it any more
	const char *type;
	int held = 1;
	Object *next;
};

// A Method is a function that a message to objects of a type calls: f(self, selector, ...).
struct Method {
	Method(const char *type, const char *selector, void *f);
	const char *type, *selector;
	void *f;
	const Method *next;
};

// METHOD(Type, function, "selector:", parameters) begins a method.
#define METHOD(Type, name, selector, result, ...)                               \
	static result name(Type *self, const char *sel, ##__VA_ARGS__);             \
	static const objc::Method name##_method(#Type, selector, (void *)name);     \
	static result name([[maybe_unused]] Type *self, [[maybe_unused]] const char *sel, ##__VA_ARGS__)

struct NSString : Object {
	explicit NSString(std::string text) : Object("NSString"), text(text) {}
	std::string text;
};

struct NSError : Object {
	explicit NSError(std::string text) : Object("NSError"), text(text) {}
	std::string text;
};

// A Class is what objc_getClass returns for a name; messages to it are of the type, which ends in "Class".
struct Class : Object {
	Class(const char *name, const char *type);
	const char *name;
	const Class *before;
};

// autorelease lets the innermost pool hold an object.
template <class T> T *autorelease(T *o);
void autorelease_object(Object *o);
template <class T> T *autorelease(T *o) {
	autorelease_object(o);
	return o;
}

// note keeps what a program did wrong.
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

// is_planted reports whether messages with a selector are to fail.
bool is_planted(const char *selector);

} // namespace objc
