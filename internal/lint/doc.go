// Package lint holds tests about the code itself: who imports whom, how long
// a function may be, what only a program may do, which words do not belong.
//
// Each test runs one check over the repository, and over small trees with a
// planted violation, so that a check which finds nothing is known to look.
package lint
