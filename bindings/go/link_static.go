//go:build cgo && !dynamic

package djredis

// The library stands beside this file, in the checkout after `make build`, or where the compiler looks by itself, as after
// `make install`. CGO_LDFLAGS=-L... adds a place, for `go mod vendor` say, which copies no library.

/*
#cgo linux LDFLAGS: -L${SRCDIR} -L${SRCDIR}/../../target/release -l:libdjredis.a -lgcc_s -lm -lrt -lpthread -ldl
#cgo darwin LDFLAGS: ${SRCDIR}/../../target/release/libdjredis.a -liconv -lm
*/
import "C"
