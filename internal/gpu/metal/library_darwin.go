//go:build darwin && (amd64 || arm64) && !nogpu

package metal

// usualLibraries are those that the functions below are in. A program of the command line gets no device
// unless CoreGraphics is there too.
var usualLibraries = []string{
	"/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics",
	"/System/Library/Frameworks/Foundation.framework/Foundation",
	"/System/Library/Frameworks/Metal.framework/Metal",
	"/usr/lib/libobjc.A.dylib",
}
