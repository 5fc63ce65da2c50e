//go:build (darwin || linux) && (amd64 || arm64) && !nogpu

package metal

import (
	"fmt"
	"runtime"
	"unsafe"

	"cria/internal/gpu/kernels"
)

// A pipeline is a kernel that is ready to run.
type pipeline struct {
	state   id
	threads int // that a block may have
}

// pipeline returns a kernel for blocks of so many threads. Its module is compiled first.
func (d *device) pipeline(name string, threads int) (id, error) {
	p, ok := d.pipelines[name]
	if !ok {
		var err error
		if p, err = d.newPipeline(name); err != nil {
			return 0, err
		}
		d.pipelines[name] = p
	}
	if threads > p.threads {
		text := fmt.Sprintf("%d threads, and a block of the kernel has %d at most", threads, p.threads)
		return 0, &Error{selNames[dispatch], text}
	}
	return p.state, nil
}

func (d *device) newPipeline(name string) (pipeline, error) {
	library, err := d.library(kernels.Module(name))
	if err != nil {
		return pipeline{}, err
	}
	function := id(d.send(library, newFunction, uintptr(d.text(name))))
	if function == 0 {
		return pipeline{}, &Error{selNames[newFunction], "the library has none"}
	}
	defer d.send(function, release)
	said := new(id)
	p := pipeline{state: id(d.send(d.device, newPipeline, uintptr(function), uintptr(unsafe.Pointer(said))))}
	if p.state == 0 {
		return p, d.error(newPipeline, *said)
	}
	const lanes = 32 // that the kernels are made for
	if width := d.send(p.state, executionWidth); width != lanes {
		d.send(p.state, release)
		return p, &Error{selNames[executionWidth], fmt.Sprintf("%d lanes go together, and the kernels need %d", width, lanes)}
	}
	p.threads = int(d.send(p.state, maxTotalThreads))
	return p, nil
}

// library compiles a module.
func (d *device) library(module string) (id, error) {
	if l, ok := d.libraries[module]; ok {
		return l, nil
	}
	text, err := kernels.Metal(module)
	if err != nil {
		return 0, err
	}
	options := d.options()
	defer d.send(options, release)
	said := new(id)
	l := id(d.send(d.device, newLibrary, uintptr(d.text(text)), uintptr(options), uintptr(unsafe.Pointer(said))))
	runtime.KeepAlive(said)
	if l == 0 {
		return 0, fmt.Errorf("module %s: %w", module, d.error(newLibrary, *said))
	}
	d.libraries[module] = l
	return l, nil
}

// options asks for arithmetic as it is written.
func (d *device) options() id {
	const version3, safe = 3 << 16, 0
	o := id(d.send(d.optionsClass, newObject))
	d.send(o, setLanguageVersion, version3)
	if d.is(o, respondsTo, d.selectors[setMathMode]) { // from macOS 15 on
		d.send(o, setMathMode, safe)
	} else {
		d.send(o, setFastMath, 0)
	}
	return o
}
