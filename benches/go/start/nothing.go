//go:build !ours && !peer

package main

func get(string) error { return nil }
