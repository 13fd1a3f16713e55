package djredis

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

// maxDepth is above what the library ever writes or accepts (512), so reading can't run out of stack.
const maxDepth = 600

var (
	errTruncated = errors.New("the MessagePack ends in the middle of a value")
	errTooDeep   = errors.New("the value is nested too deeply")
)

// token is the start of one MessagePack value. number is a bool, an integer, the bits of a float, or how many elements
// (pairs, of a map) follow in the reader; data is a text, bytes, or the payload of an extension. It is not copied.
type token struct {
	kind   Kind
	number int64
	data   []byte
}

// reader goes through MessagePack.
type reader struct{ data []byte }

func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.data)) {
		return nil, errTruncated
	}
	taken := r.data[:n:n]
	r.data = r.data[n:]
	return taken, nil
}

// length reads a big-endian number of 1, 2, 4 or 8 bytes.
func (r *reader) length(size uint64) (uint64, error) {
	raw, err := r.take(size)
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return uint64(raw[0]), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(raw)), nil
	case 4:
		return uint64(binary.BigEndian.Uint32(raw)), nil
	}
	return binary.BigEndian.Uint64(raw), nil
}

// next reads one token.
func (r *reader) next() (token, error) {
	first, err := r.take(1)
	if err != nil {
		return token{}, err
	}
	switch b := first[0]; {
	case b < 0x80:
		return token{kind: KindInt, number: int64(b)}, nil
	case b < 0x90:
		return r.elements(KindMap, uint64(b&0x0f))
	case b < 0xa0:
		return r.elements(KindList, uint64(b&0x0f))
	case b < 0xc0:
		return r.bytes(KindText, uint64(b&0x1f))
	case b >= 0xe0:
		return token{kind: KindInt, number: int64(int8(b))}, nil
	default:
		return r.long(b)
	}
}

// long reads what follows a first byte from c0 to df.
func (r *reader) long(b byte) (token, error) {
	switch b {
	case 0xc0:
		return token{kind: KindNone}, nil
	case 0xc2, 0xc3:
		return token{kind: KindBool, number: int64(b - 0xc2)}, nil
	case 0xc4, 0xc5, 0xc6:
		return r.sized(KindBytes, 1<<(b-0xc4), r.bytes)
	case 0xc7, 0xc8, 0xc9:
		n, err := r.length(1 << (b - 0xc7))
		if err != nil {
			return token{}, err
		}
		return r.extension(n)
	case 0xca, 0xcb:
		return r.float(4 << (b - 0xca))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return r.unsigned(1 << (b - 0xcc))
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return r.signed(1 << (b - 0xd0))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return r.extension(1 << (b - 0xd4))
	case 0xd9, 0xda, 0xdb:
		return r.sized(KindText, 1<<(b-0xd9), r.bytes)
	case 0xdc, 0xdd:
		return r.sized(KindList, 2<<(b-0xdc), r.elements)
	case 0xde, 0xdf:
		return r.sized(KindMap, 2<<(b-0xde), r.elements)
	}
	return token{}, misfit("MessagePack has no value that starts with %#x", b)
}

func (r *reader) sized(kind Kind, size uint64, read func(Kind, uint64) (token, error)) (token, error) {
	n, err := r.length(size)
	if err != nil {
		return token{}, err
	}
	return read(kind, n)
}

func (r *reader) bytes(kind Kind, n uint64) (token, error) {
	data, err := r.take(n)
	return token{kind: kind, data: data}, err
}

// elements checks the count, so that nobody allocates for elements that can't be there.
func (r *reader) elements(kind Kind, n uint64) (token, error) {
	if n > uint64(len(r.data)) {
		return token{}, errTruncated
	}
	return token{kind: kind, number: int64(n)}, nil
}

func (r *reader) extension(n uint64) (token, error) {
	number, err := r.take(1)
	if err != nil {
		return token{}, err
	}
	kind, ok := kindOfType(int8(number[0]))
	if !ok {
		return token{}, misfit("unknown MessagePack extension %d", int8(number[0]))
	}
	return r.bytes(kind, n)
}

func (r *reader) float(size uint64) (token, error) {
	bits, err := r.length(size)
	if size == 4 {
		bits = math.Float64bits(float64(math.Float32frombits(uint32(bits))))
	}
	return token{kind: KindFloat, number: int64(bits)}, err
}

func (r *reader) unsigned(size uint64) (token, error) {
	n, err := r.length(size)
	if n > math.MaxInt64 {
		return token{kind: KindBigInt, data: strconv.AppendUint(nil, n, 10)}, err
	}
	return token{kind: KindInt, number: int64(n)}, err
}

func (r *reader) signed(size uint64) (token, error) {
	n, err := r.length(size)
	unused := 64 - 8*size
	return token{kind: KindInt, number: int64(n<<unused) >> unused}, err
}

// skip goes over `count` values.
func (r *reader) skip(count int64) error {
	for ; count > 0; count-- {
		t, err := r.next()
		if err != nil {
			return err
		}
		count += t.follow()
	}
	return nil
}

// follow tells how many values follow a token that belong to it.
func (t token) follow() int64 {
	switch t.kind {
	case KindList:
		return t.number
	case KindMap:
		return 2 * t.number
	}
	return 0
}

// container gives the array or map of a token with elements, and the reader that stands before its elements.
func (r *reader) container(t token) (token, *reader, error) {
	if t.kind == KindList || t.kind == KindMap {
		return t, r, nil
	}
	inner := &reader{t.data}
	if t.kind == KindDefaultDict || t.kind == KindDeque {
		// The factory or the maxlen stands first.
		if err := inner.skip(1); err != nil {
			return token{}, nil, err
		}
	}
	elements, err := inner.next()
	if err != nil {
		return token{}, nil, err
	}
	if t.kind.isArray() != (elements.kind == KindList) || t.kind.isMap() != (elements.kind == KindMap) {
		return token{}, nil, misfit("a %s that holds a %s", t.kind, elements.kind)
	}
	return elements, inner, nil
}
