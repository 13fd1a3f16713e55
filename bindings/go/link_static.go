//go:build cgo && !dynamic

package djredis

// The library stands in this folder (a vendored copy), in the checkout after `make build`, or where the compiler looks by
// itself, as after `make install`. CGO_LDFLAGS=-L... adds a place.

/*
#cgo linux LDFLAGS: -L${SRCDIR} -L${SRCDIR}/../../target/release -l:libdjredis.a -lgcc_s -lm -lrt -lpthread -ldl
#cgo darwin LDFLAGS: ${SRCDIR}/../../target/release/libdjredis.a -liconv -lm
*/
import "C"
