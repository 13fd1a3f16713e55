// Starts, gets one text and ends; built with the tag ours, peer or neither.
//
//	start SOCKET
package main

import (
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: start SOCKET")
	}
	if err := get(os.Args[1]); err != nil {
		log.Fatal("start: ", err)
	}
}
