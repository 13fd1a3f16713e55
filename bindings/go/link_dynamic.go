//go:build cgo && dynamic

package djredis

/*
#cgo pkg-config: djredis
*/
import "C"
