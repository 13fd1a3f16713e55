package djredis

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync"
	"time"
)

const (
	zoneFixed = 1
	zoneNamed = 2

	dateSize      = 4
	clockSize     = 8
	secondsPerDay = 24 * 60 * 60
)

var errNoZone = errors.New("it has no zone; get it as a djredis.DateTime")

// zones holds what was read from the system's zone files: at most as many as those have.
var zones sync.Map

func zoneNamedAs(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, misfit("%q is no time zone", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, misfit("Go does not know the time zone %q (import time/tzdata where the system has no zone files)", name)
	}
	zones.Store(name, zone)
	return zone, nil
}

func readDate(data []byte) (Date, error) {
	if len(data) < dateSize {
		return Date{}, errTruncated
	}
	d := Date{int(binary.BigEndian.Uint16(data)), time.Month(data[2]), int(data[3])}
	return d, d.check()
}

// check refuses what datetime.date refuses, the 30th of February included.
func (d Date) check() error {
	normal := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	if d.Year < 1 || d.Year > 9999 || normal.Day() != d.Day || normal.Month() != d.Month {
		return misfit("%s is no date from 0001-01-01 to 9999-12-31", d)
	}
	return nil
}

func readClock(data []byte) (TimeOfDay, error) {
	if len(data) < clockSize {
		return TimeOfDay{}, errTruncated
	}
	t := TimeOfDay{
		Hour: int(data[0]), Minute: int(data[1]), Second: int(data[2]), Fold: int(data[3]),
		Microsecond: int(binary.BigEndian.Uint32(data[4:])),
	}
	return t, t.check()
}

func (t TimeOfDay) check() error {
	inRange := func(n, limit int) bool { return n >= 0 && n < limit }
	if !inRange(t.Hour, 24) || !inRange(t.Minute, 60) || !inRange(t.Second, 60) || !inRange(t.Microsecond, 1e6) ||
		!inRange(t.Fold, 2) {
		return misfit("%s is no time of day", t)
	}
	return nil
}

// readDateTime gives the wall time, and the bytes of its zone: none for a naive one.
func readDateTime(data []byte) (DateTime, []byte, error) {
	date, err := readDate(data)
	if err != nil {
		return DateTime{}, nil, err
	}
	clock, err := readClock(data[dateSize:])
	if err != nil {
		return DateTime{}, nil, err
	}
	return DateTime{date, clock}, data[dateSize+clockSize:], nil
}

// readTime is a datetime with a zone.
func readTime(data []byte) (time.Time, error) {
	wall, zone, err := readDateTime(data)
	if err != nil {
		return time.Time{}, err
	}
	if len(zone) == 0 {
		return time.Time{}, errNoZone
	}
	location, err := readZone(zone)
	if err != nil {
		return time.Time{}, err
	}
	return momentOf(wall, location), nil
}

func readZone(data []byte) (*time.Location, error) {
	switch {
	case data[0] == zoneFixed && len(data) >= 9:
		seconds, micros := int32(binary.BigEndian.Uint32(data[1:])), binary.BigEndian.Uint32(data[5:])
		if micros != 0 {
			return nil, misfit("its offset from UTC has fractions of a second")
		}
		if seconds == 0 && len(data) == 9 {
			return time.UTC, nil
		}
		return time.FixedZone(string(data[9:]), int(seconds)), nil
	case data[0] == zoneNamed:
		return zoneNamedAs(string(data[1:]))
	}
	return nil, misfit("its zone is an object of a Python class; get it as a djredis.Value")
}

// momentOf resolves a wall time as Python does: where clocks are set back fold tells the first (0) from the second hour,
// where they are set forward it tells which offset goes on.
func momentOf(wall DateTime, zone *time.Location) time.Time {
	asUTC := time.Date(wall.Year, wall.Month, wall.Day, wall.Hour, wall.Minute, wall.Second, wall.Microsecond*1000, time.UTC)
	offsetAt := func(t time.Time) time.Duration {
		_, offset := t.In(zone).Zone()
		return time.Duration(offset) * time.Second
	}
	before, after := offsetAt(asUTC.Add(-24*time.Hour)), offsetAt(asUTC.Add(24*time.Hour))
	first, second := asUTC.Add(-before), asUTC.Add(-after)
	firstIsReal, secondIsReal := offsetAt(first) == before, offsetAt(second) == after
	if firstIsReal == secondIsReal && wall.Fold == 1 || secondIsReal && !firstIsReal {
		return second.In(zone)
	}
	return first.In(zone)
}

// foldOf is 1 in the hour that comes twice, the second time.
func foldOf(t time.Time) byte {
	start, _ := t.ZoneBounds()
	if start.IsZero() {
		return 0
	}
	_, offset := t.Zone()
	_, before := start.Add(-time.Nanosecond).Zone()
	if t.Sub(start) < time.Duration(before-offset)*time.Second {
		return 1
	}
	return 0
}

func appendDate(to []byte, d Date) ([]byte, error) {
	to = binary.BigEndian.AppendUint16(to, uint16(d.Year))
	return append(to, byte(d.Month), byte(d.Day)), d.check()
}

func appendClock(to []byte, t TimeOfDay) ([]byte, error) {
	to = append(to, byte(t.Hour), byte(t.Minute), byte(t.Second), byte(t.Fold))
	return binary.BigEndian.AppendUint32(to, uint32(t.Microsecond)), t.check()
}

func appendDateTime(to []byte, d DateTime) ([]byte, error) {
	to, err := appendDate(to, d.Date)
	if err != nil {
		return nil, err
	}
	return appendClock(to, d.TimeOfDay)
}

// appendTime writes a moment with its zone, cut to microseconds.
func appendTime(to []byte, t time.Time) ([]byte, error) {
	wall := DateTime{
		Date{t.Year(), t.Month(), t.Day()},
		TimeOfDay{t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1000, int(foldOf(t))},
	}
	to, err := appendDateTime(to, wall)
	if err != nil {
		return nil, err
	}
	name, offset := t.Location().String(), 0
	if isZoneOfPython(name, t) {
		return append(append(to, zoneNamed), name...), nil
	}
	if _, offset = t.Zone(); offset <= -secondsPerDay || offset >= secondsPerDay {
		return nil, misfit("an offset of %d seconds from UTC is more than a day", offset)
	}
	if name == "UTC" || name == "Local" {
		name = ""
	}
	to = binary.BigEndian.AppendUint32(append(to, zoneFixed), uint32(int32(offset)))
	return append(append(to, 0, 0, 0, 0), name...), nil
}

// isZoneOfPython tells Europe/Berlin from a fixed zone that was made with a name of its own.
func isZoneOfPython(name string, t time.Time) bool {
	if !strings.Contains(name, "/") {
		return false
	}
	zone, err := zoneNamedAs(name)
	if err != nil {
		return false
	}
	_, want := t.Zone()
	_, got := t.In(zone).Zone()
	return want == got
}

func readTimedelta(data []byte) (Timedelta, error) {
	if len(data) < 12 {
		return Timedelta{}, errTruncated
	}
	return Timedelta{
		Days:         int(int32(binary.BigEndian.Uint32(data))),
		Seconds:      int(binary.BigEndian.Uint32(data[4:])),
		Microseconds: int(binary.BigEndian.Uint32(data[8:])),
	}, nil
}

// Duration is the same as a time.Duration; false if it is longer than one can be.
func (t Timedelta) Duration() (time.Duration, bool) {
	const maxDays = int(math.MaxInt64 / (secondsPerDay * int64(time.Second)))
	if t.Days >= maxDays || t.Days < -maxDays {
		return 0, false
	}
	seconds := int64(t.Days)*secondsPerDay + int64(t.Seconds)
	return time.Duration(seconds)*time.Second + time.Duration(t.Microseconds)*time.Microsecond, true
}

// timedeltaOf cuts to microseconds, towards zero.
func timedeltaOf(d time.Duration) Timedelta {
	micros := d.Microseconds()
	const perDay = secondsPerDay * int64(1e6)
	days, rest := micros/perDay, micros%perDay
	if rest < 0 {
		days, rest = days-1, rest+perDay
	}
	return Timedelta{int(days), int(rest / 1e6), int(rest % 1e6)}
}

func appendTimedelta(to []byte, t Timedelta) ([]byte, error) {
	if t.Days < -999999999 || t.Days > 999999999 || t.Seconds < 0 || t.Seconds >= secondsPerDay || t.Microseconds < 0 ||
		t.Microseconds >= 1e6 {
		return nil, misfit("%+v is no timedelta", t)
	}
	to = binary.BigEndian.AppendUint32(to, uint32(int32(t.Days)))
	to = binary.BigEndian.AppendUint32(to, uint32(t.Seconds))
	return binary.BigEndian.AppendUint32(to, uint32(t.Microseconds)), nil
}
