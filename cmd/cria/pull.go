package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"cria/internal/hub"
)

// pullCmd fetches a model from the Hugging Face hub.
type pullCmd struct {
	Model string `arg:"" name:"model" help:"hf:org/name[@revision][:file-or-quant], such as hf:org/name:Q4_K_M."`
}

// Help is shown by --help.
func (*pullCmd) Help() string {
	return `The model goes into the cache that other programs use for the hub, and nothing is fetched that is there. What
was interrupted goes on where it was. The path to open is printed.

Without a file, a repository of safetensors is fetched as a directory, and of .gguf files the only one, or Q4_K_M.

HF_HUB_CACHE, HF_HOME and XDG_CACHE_HOME say where the cache is (default: ~/.cache/huggingface/hub), HF_TOKEN or the
file HF_HOME/token who asks, HF_ENDPOINT whom, and with HF_HUB_OFFLINE=1 nobody is asked.`
}

// Run is called by kong.
func (c *pullCmd) Run(ctx context.Context, a *app) error {
	m, err := a.pull(ctx, c.Model)
	if err == nil {
		_, err = fmt.Fprintln(a.stdout, m.Path)
	}
	return err
}

// pull returns where in the cache a model is that begins with hf:, and fetches what is missing of it.
func (a *app) pull(ctx context.Context, name string) (*hub.Model, error) {
	spec, err := hub.ParseSpec(name)
	if err != nil {
		return nil, usageError{err}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	config, err := hub.FromEnv(os.Getenv, home)
	if err != nil {
		return nil, err
	}
	progress, finish := a.fileBars()
	config.Progress = progress
	m, err := hub.Get(ctx, config, spec)
	finish()
	if err == nil && m.Unasked != nil {
		a.note("%s: %v; this is what was fetched before", name, m.Unasked)
	}
	return m, err
}

// fileBars is bar for one file after the other.
func (a *app) fileBars() (progress func(file string, done, total int64), finish func()) {
	var current string
	show, remove := func(int64, int64) {}, func() {}
	progress = func(file string, done, total int64) {
		if file != current {
			remove()
			current = file
			show, remove = a.bar(total, filepath.Base(file))
		}
		if show != nil {
			show(done, total)
		}
	}
	return progress, func() { remove() }
}
