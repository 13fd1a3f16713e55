package djredis

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"
)

// encoder writes Go values as the MessagePack of docs/values.md.
type encoder struct {
	buf []byte
	// open are the containers around what is being written.
	open []visit
}

// visit says which pointer, map, slice or struct a container is. at is nil for what can't hold itself.
type visit struct {
	at     unsafe.Pointer
	length int
	of     reflect.Type
}

// enter begins a container. leave must follow, unless writing ends with an error.
func (e *encoder) enter(v visit) error {
	if len(e.open) == maxDepth {
		return misfit("it is nested more than %d levels deep", maxDepth)
	}
	if v.at != nil && slices.Contains(e.open, v) {
		return misfit("the value of type %s holds itself", v.of)
	}
	e.open = append(e.open, v)
	return nil
}

func (e *encoder) leave() { e.open = e.open[:len(e.open)-1] }

// value writes any Go value. The common types take no reflection.
func (e *encoder) value(v any) error {
	switch v := v.(type) {
	case nil:
		e.buf = append(e.buf, 0xc0)
	case bool:
		e.bool(v)
	case string:
		return e.text(v)
	case int:
		e.int(int64(v))
	case int64:
		e.int(v)
	case float64:
		e.float(v)
	case []byte:
		if v == nil {
			return e.value(nil)
		}
		e.bytes(v)
	case []any:
		return sequence(e, v, v == nil)
	case []string:
		return sequence(e, v, v == nil)
	case map[string]any:
		return textMap(e, v)
	case map[string]string:
		return textMap(e, v)
	default:
		return e.other(v)
	}
	return nil
}

// other writes the types of this package and of the standard library, and the rest by reflection.
func (e *encoder) other(v any) error {
	switch v := v.(type) {
	case Value:
		return e.lazy(v)
	case big.Int:
		e.bigInt(&v)
		return nil
	case big.Rat:
		return e.leaf(KindFraction, []byte(v.String()))
	case Opaque, Payload:
		return misfit("stored bytes (%T) can't stand inside another value", v)
	case Error:
		return e.leaf(KindError, []byte(v.Message))
	}
	if handled, err := e.leafType(v); handled {
		return err
	}
	if handled, err := e.time(v); handled {
		return err
	}
	if handled, err := e.container(v); handled {
		return err
	}
	return e.reflected(reflect.ValueOf(v))
}

// leafType writes what is one run of bytes to MessagePack.
func (e *encoder) leafType(v any) (handled bool, err error) {
	switch v := v.(type) {
	case Decimal:
		if v == "" {
			v = "0"
		}
		return true, e.leaf(KindDecimal, []byte(v))
	case UUID:
		return true, e.leaf(KindUUID, v[:])
	case SafeText:
		return true, e.leaf(KindSafeText, []byte(v))
	case SurrogateText:
		return true, e.leaf(KindSurrogateText, []byte(v))
	case ByteArray:
		return true, e.leaf(KindByteArray, v)
	case Ellipsis:
		return true, e.leaf(KindEllipsis, nil)
	case complex128:
		return true, e.complex(v)
	}
	return false, nil
}

func (e *encoder) time(v any) (handled bool, err error) {
	var kind Kind
	var data []byte
	switch v := v.(type) {
	case time.Time:
		kind = KindDateTime
		data, err = appendTime(nil, v)
	case DateTime:
		kind = KindDateTime
		data, err = appendDateTime(nil, v)
	case Date:
		kind = KindDate
		data, err = appendDate(nil, v)
	case TimeOfDay:
		kind = KindTime
		data, err = appendClock(nil, v)
	case time.Duration:
		kind = KindDuration
		data, err = appendTimedelta(nil, timedeltaOf(v))
	case Timedelta:
		kind = KindDuration
		data, err = appendTimedelta(nil, v)
	default:
		return false, nil
	}
	if err == nil {
		err = e.leaf(kind, data)
	}
	return true, err
}

func (e *encoder) bool(b bool) {
	if b {
		e.buf = append(e.buf, 0xc3)
	} else {
		e.buf = append(e.buf, 0xc2)
	}
}

func (e *encoder) int(n int64) {
	switch {
	case n >= -32 && n < 128:
		e.buf = append(e.buf, byte(n))
	case n >= math.MinInt8 && n < 0:
		e.buf = append(e.buf, 0xd0, byte(n))
	case n >= 0 && n <= math.MaxUint8:
		e.buf = append(e.buf, 0xcc, byte(n))
	case n >= math.MinInt16 && n <= math.MaxInt16:
		e.buf = binary.BigEndian.AppendUint16(append(e.buf, 0xd1), uint16(n))
	case n >= math.MinInt32 && n <= math.MaxInt32:
		e.buf = binary.BigEndian.AppendUint32(append(e.buf, 0xd2), uint32(n))
	default:
		e.buf = binary.BigEndian.AppendUint64(append(e.buf, 0xd3), uint64(n))
	}
}

func (e *encoder) uint(n uint64) {
	if n <= math.MaxInt64 {
		e.int(int64(n))
		return
	}
	e.buf = appendExtension(e.buf, extensionOf[KindBigInt], strconv.AppendUint(nil, n, 10))
}

func (e *encoder) bigInt(n *big.Int) {
	if n.IsInt64() {
		e.int(n.Int64())
		return
	}
	e.buf = appendExtension(e.buf, extensionOf[KindBigInt], n.Append(nil, 10))
}

func (e *encoder) float(f float64) {
	e.buf = binary.BigEndian.AppendUint64(append(e.buf, 0xcb), math.Float64bits(f))
}

func (e *encoder) complex(c complex128) error {
	data := binary.BigEndian.AppendUint64(nil, math.Float64bits(real(c)))
	return e.leaf(KindComplex, binary.BigEndian.AppendUint64(data, math.Float64bits(imag(c))))
}

func (e *encoder) text(s string) error {
	if !utf8.ValidString(s) {
		return errNoText
	}
	if len(s) < 32 {
		e.buf = append(e.buf, 0xa0|byte(len(s)))
	} else {
		e.buf = appendSize(e.buf, 0xd9, 0xda, 0xdb, len(s))
	}
	e.buf = append(e.buf, s...)
	return nil
}

// errNoText: a str of Python's is Unicode.
var errNoText = misfit("a string that is no valid UTF-8; store it as []byte, or as djredis.SurrogateText")

func (e *encoder) bytes(b []byte) {
	e.buf = append(appendSize(e.buf, 0xc4, 0xc5, 0xc6, len(b)), b...)
}

// header writes the start of a list or map of n elements.
func (e *encoder) header(kind Kind, n int) {
	short, two, four := byte(0x90), byte(0xdc), byte(0xdd)
	if kind == KindMap {
		short, two, four = 0x80, 0xde, 0xdf
	}
	switch {
	case n < 16:
		e.buf = append(e.buf, short|byte(n))
	case n <= math.MaxUint16:
		e.buf = binary.BigEndian.AppendUint16(append(e.buf, two), uint16(n))
	default:
		e.buf = binary.BigEndian.AppendUint32(append(e.buf, four), uint32(n))
	}
}

func (e *encoder) leaf(kind Kind, data []byte) error {
	if uint64(len(data)) > math.MaxUint32 {
		return misfit("a %s of %d bytes is too long", kind, len(data))
	}
	e.buf = appendExtension(e.buf, extensionOf[kind], data)
	return nil
}

// lazy writes a Value, without the stored bytes that follow one at the top.
func (e *encoder) lazy(v Value) error {
	switch v.kind {
	case KindNone:
		return e.value(nil)
	case KindBool:
		e.bool(v.number != 0)
	case KindInt:
		e.int(v.number)
	case KindFloat:
		e.float(math.Float64frombits(uint64(v.number)))
	case KindText:
		return e.text(string(v.data))
	case KindBytes:
		e.bytes(v.data)
	case KindBigInt:
		return e.leaf(KindBigInt, v.data)
	case KindOpaque, KindPayload:
		return misfit("stored bytes (%s) can't stand inside another value", v.kind)
	default:
		first, err := (&reader{v.data}).value()
		e.buf = append(e.buf, first.data...)
		return err
	}
	return nil
}

func appendSize(to []byte, one, two, four byte, n int) []byte {
	switch {
	case n <= math.MaxUint8:
		return append(to, one, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(to, two), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(to, four), uint32(n))
}

func appendExtension(to []byte, number int8, data []byte) []byte {
	switch n := len(data); n {
	case 1, 2, 4, 8, 16:
		// fixext: d4 to d8 for 1 to 16 bytes.
		size := byte(0xd4)
		for ; n > 1; n >>= 1 {
			size++
		}
		to = append(to, size)
	default:
		to = appendSize(to, 0xc7, 0xc8, 0xc9, n)
	}
	return append(append(to, byte(number)), data...)
}
