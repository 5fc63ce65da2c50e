package kernel

// Fetch asks for memory that is wanted soon, so that it comes from the second-level cache then. It does
// nothing where processors guess well enough, or nobody has measured that it helps.
func Fetch[T any](x []T) { fetch(x) }
