package djredis

import "fmt"

// Kind says what a Value is, in Python's terms.
type Kind uint8

// The kinds of values; docs/values.md describes each.
const (
	KindNone Kind = iota
	KindBool
	KindInt    // 64 bits
	KindBigInt // more than 64 bits
	KindFloat
	KindText
	KindBytes
	KindList
	KindMap    // dict
	KindOpaque // stored bytes that can't be typed
	KindPayload
	KindTuple
	KindSet
	KindFrozenSet
	KindDateTime
	KindDate
	KindTime
	KindDuration // timedelta
	KindDecimal
	KindUUID
	KindComplex
	KindFraction
	KindRecord        // an object of any other class, or a class
	KindSurrogateText // str with lone surrogates
	KindError         // an error reply of Redis
	KindStatus        // a status reply of Redis
	KindByteArray
	KindOrderedDict
	KindDefaultDict
	KindCounter
	KindDeque
	KindRange
	KindEllipsis
	KindSafeText // Django's SafeString
	kindStored   // the payload that follows a value with records
)

var kindNames = [...]string{
	"None", "bool", "int", "big int", "float", "text", "bytes", "list", "map", "opaque value", "payload", "tuple", "set",
	"frozenset", "datetime", "date", "time", "timedelta", "Decimal", "UUID", "complex", "Fraction", "record",
	"text with surrogates", "error reply", "status reply", "bytearray", "OrderedDict", "defaultdict", "Counter", "deque",
	"range", "Ellipsis", "SafeString", "stored payload",
}

// String names the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// The numbers of the MessagePack extension types, from docs/values.md.
var extensionOf = map[Kind]int8{
	KindOpaque: 3, KindBigInt: 4, KindTuple: 5, KindSet: 6, KindFrozenSet: 7, KindDateTime: 8, KindDate: 9, KindTime: 10,
	KindDuration: 11, KindDecimal: 12, KindUUID: 13, KindComplex: 14, KindFraction: 15, KindRecord: 16,
	KindSurrogateText: 17, KindError: 18, KindStatus: 19, KindByteArray: 20, kindStored: 21, KindOrderedDict: 22,
	KindDefaultDict: 23, KindCounter: 24, KindDeque: 25, KindRange: 26, KindEllipsis: 27, KindSafeText: 28,
}

var kindOfExtension = func() (kinds [29]Kind) {
	for kind, number := range extensionOf {
		kinds[number] = kind
	}
	return kinds
}()

// kindOfType gives the kind of an extension, and false for a number that is none.
func kindOfType(number int8) (Kind, bool) {
	if number < 0 || int(number) >= len(kindOfExtension) || kindOfExtension[number] == KindNone {
		return KindNone, false
	}
	return kindOfExtension[number], true
}

// isArray: the elements are an array, by themselves or at the end of the payload.
func (k Kind) isArray() bool {
	switch k {
	case KindList, KindTuple, KindSet, KindFrozenSet, KindDeque, KindRange:
		return true
	}
	return false
}

// isMap: the entries are a map, by themselves or at the end of the payload.
func (k Kind) isMap() bool {
	switch k {
	case KindMap, KindOrderedDict, KindDefaultDict, KindCounter, KindRecord:
		return true
	}
	return false
}

// isComposite: a Value of this kind holds MessagePack.
func (k Kind) isComposite() bool {
	switch k {
	case KindNone, KindBool, KindInt, KindBigInt, KindFloat, KindText, KindBytes, KindOpaque, KindPayload:
		return false
	}
	return true
}
