//go:build !cgo

package djredis

// This package calls a C library. Where the compiler stops here, set CGO_ENABLED=1 and install a C compiler (gcc or clang).
var _ = djredis_needs_cgo__set_CGO_ENABLED_1_and_install_a_C_compiler
