package cria

import (
	"embed"
	"io/fs"
)

//go:embed storyteller/model.bin storyteller/tokenizer.bin
var storyteller embed.FS

// Storyteller opens the model that is part of this package: 2.6 million
// parameters in int8, made by the project from stories of its own, with a
// context of 512 tokens. It writes short stories for children in simple English
// and knows nothing else; docs/storyteller.md is its card.
func Storyteller(opts ...Option) (*Model, error) {
	return OpenFS(StorytellerFiles(), "model.bin", opts...)
}

// StorytellerFiles returns the files of the storyteller: model.bin, a llama2.c
// checkpoint of version 2, and tokenizer.bin.
func StorytellerFiles() fs.FS {
	files, err := fs.Sub(storyteller, "storyteller")
	if err != nil {
		panic(err) // the name is valid, so there is none
	}
	return files
}
