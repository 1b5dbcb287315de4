package main

import (
	"encoding/json"
	"os"

	"golang.org/x/sys/unix"
)

// The fields of a line, or of a part of one, as `../../record.ts` describes them.
type fields map[string]any

// The history of this process: JSON lines, each written before the next thing happens.
type record struct{ file *os.File }

func openRecord(path string) (*record, error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	return &record{file: file}, err
}

// One write a line, so that lines of agents that write at the same time stay whole. A history with a gap is worth nothing: the process
// stops rather than go on without it.
func (r *record) write(line fields) {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = r.file.Write(append(text, '\n'))
	}
	if err != nil {
		panic(err)
	}
}

// The machine's monotonic clock, as the processes in other languages read it.
func nowNs() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic(err)
	}
	return now.Nano()
}
