package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"

	"djredis"
)

type object = map[string]any

var formats = map[string]djredis.Format{
	"pickle": djredis.Pickle, "json": djredis.JSON, "msgpack": djredis.MessagePack, "raw": djredis.Raw,
}

// valueOf makes the Go value of the plain notation.
func valueOf(raw json.RawMessage) any {
	var one map[string]json.RawMessage
	check(json.Unmarshal(raw, &one))
	for kind, content := range one {
		return valueOfKind(kind, content)
	}
	panic("a value without a kind")
}

func valueOfKind(kind string, content json.RawMessage) any {
	switch kind {
	case "none":
		return nil
	case "bool":
		var b bool
		check(json.Unmarshal(content, &b))
		return b
	case "list":
		return elementsOf(content)
	case "tuple":
		return djredis.Tuple(elementsOf(content))
	case "set":
		return djredis.Set(elementsOf(content))
	case "frozenset":
		return djredis.FrozenSet(elementsOf(content))
	case "dict":
		return entriesOf(content)
	case "record":
		fields, err := djredis.ValueOf(entriesOf(content))
		check(err)
		packed, err := fields.MessagePack()
		check(err)
		return extension(16, packed)
	case "ext":
		var pair [2]json.RawMessage
		var number int
		check(json.Unmarshal(content, &pair))
		check(json.Unmarshal(pair[0], &number))
		return extension(number, unhex(textOf(pair[1])))
	case "payload":
		var payload struct{ Format, Data string }
		check(json.Unmarshal(content, &payload))
		return djredis.Payload{Format: formats[payload.Format], Data: unhex(payload.Data)}
	}
	return scalarOf(kind, textOf(content))
}

func scalarOf(kind, text string) any {
	switch kind {
	case "int":
		number, ok := new(big.Int).SetString(text, 10)
		if !ok {
			panic("no integer: " + text)
		}
		if number.IsInt64() {
			return number.Int64()
		}
		return number
	case "float":
		return math.Float64frombits(binary.BigEndian.Uint64(unhex(text)))
	case "utf8":
		return string(unhex(text))
	case "bytes":
		return unhex(text)
	case "bytearray":
		return djredis.ByteArray(unhex(text))
	case "surrogates":
		return djredis.SurrogateText(unhex(text))
	case "opaque":
		return djredis.Opaque(unhex(text))
	}
	panic("unknown kind of value: " + kind)
}

func textOf(content json.RawMessage) string {
	var text string
	check(json.Unmarshal(content, &text))
	return text
}

func elementsOf(content json.RawMessage) []any {
	var parts []json.RawMessage
	check(json.Unmarshal(content, &parts))
	items := make([]any, len(parts))
	for i, part := range parts {
		items[i] = valueOf(part)
	}
	return items
}

func entriesOf(content json.RawMessage) djredis.Map {
	var pairs [][2]json.RawMessage
	check(json.Unmarshal(content, &pairs))
	entries := make(djredis.Map, len(pairs))
	for i, pair := range pairs {
		entries[i] = djredis.Entry[any]{Key: valueOf(pair[0]), Value: valueOf(pair[1])}
	}
	return entries
}

// extension is any extension, as a Value: some have no Go type of their own, and hostile ones must reach the library.
func extension(number int, payload []byte) any {
	packed := binary.BigEndian.AppendUint32([]byte{0xc9}, uint32(len(payload)))
	value, err := djredis.ParseValue(append(append(packed, byte(number)), payload...))
	if err != nil {
		return refused{err}
	}
	return value
}

// refused is a value that this package can't even make.
type refused struct{ error }

// plain is the notation of a value.
func plain(v djredis.Value) any {
	switch v.Kind() {
	case djredis.KindNone:
		return object{"none": true}
	case djredis.KindBool:
		b, err := v.Bool()
		check(err)
		return object{"bool": b}
	case djredis.KindInt, djredis.KindBigInt:
		n, err := v.BigInt()
		check(err)
		return object{"int": n.String()}
	case djredis.KindFloat:
		f, err := v.Float()
		check(err)
		return object{"float": fmt.Sprintf("%016x", math.Float64bits(f))}
	case djredis.KindText:
		return object{"utf8": hexOf(v.Raw())}
	case djredis.KindList, djredis.KindTuple, djredis.KindSet, djredis.KindFrozenSet:
		return object{v.Kind().String(): plainItems(v)}
	case djredis.KindMap:
		return object{"dict": plainEntries(v)}
	case djredis.KindRecord:
		return object{"record": plainEntries(v)}
	}
	return plainBytes(v)
}

func plainBytes(v djredis.Value) any {
	text := hexOf(v.Raw())
	switch v.Kind() {
	case djredis.KindBytes:
		return object{"bytes": text}
	case djredis.KindByteArray:
		return object{"bytearray": text}
	case djredis.KindSurrogateText:
		return object{"surrogates": text}
	case djredis.KindOpaque:
		return object{"opaque": text}
	case djredis.KindPayload:
		var payload djredis.Payload
		check(v.Decode(&payload))
		for name, format := range formats {
			if format == payload.Format {
				return object{"payload": object{"format": name, "data": text}}
			}
		}
	}
	return object{"ext": []any{v.Extension(), text}}
}

func plainItems(v djredis.Value) []any {
	items, err := v.Items()
	check(err)
	all := []any{}
	for _, item := range items {
		all = append(all, plain(item))
	}
	return all
}

func plainEntries(v djredis.Value) []any {
	entries, err := v.Entries()
	check(err)
	all := []any{}
	for _, entry := range entries {
		all = append(all, []any{plain(entry.Key), plain(entry.Value)})
	}
	return all
}

// plainAny is the notation of a reply: a Go value.
func plainAny(v any) any {
	var failed *djredis.Error
	if err, ok := v.(error); ok && errors.As(err, &failed) {
		return object{"error": statusNames[failed.Status], "message": failed.Message}
	}
	value, err := djredis.ValueOf(v)
	check(err)
	return plain(value)
}

// plainText is text, or bytes where it is no UTF-8.
func plainText(text string) any {
	if utf8.ValidString(text) {
		return object{"utf8": hex.EncodeToString([]byte(text))}
	}
	return object{"bytes": hex.EncodeToString([]byte(text))}
}

func plainInt(n int64) any { return object{"int": strconv.FormatInt(n, 10)} }
