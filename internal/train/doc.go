// Package train teaches a model.
package train
