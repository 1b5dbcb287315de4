package hyperloom

import (
	"container/list"
	"context"
	"sync"
)

// window is backpressure: room for so many entries and bytes. Who finds none waits in line. A single entry always fits into an
// empty window.
type window struct {
	countMax int
	bytesMax int

	mutex sync.Mutex
	count int
	bytes int
	line  list.List // of *turn
}

type turn struct {
	size    int
	granted chan struct{}
}

// enter takes room for an entry of so many bytes; false where the context ended before there was any.
func (w *window) enter(ctx context.Context, size int) bool {
	w.mutex.Lock()
	if w.line.Len() == 0 && w.fits(size) {
		w.take(size)
		w.mutex.Unlock()
		return true
	}
	waiting := &turn{size, make(chan struct{})}
	place := w.line.PushBack(waiting)
	w.mutex.Unlock()
	select {
	case <-waiting.granted:
		return true
	case <-ctx.Done():
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	select {
	case <-waiting.granted:
		return true
	default:
		w.line.Remove(place)
		w.admit()
		return false
	}
}

// leave gives the room back. Those in line are let in by the hundred: waking them one by one costs more than a publish.
func (w *window) leave(size int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.count--
	w.bytes -= size
	if w.count <= w.countMax*3/4 {
		w.admit()
	}
}

func (w *window) admit() {
	for first := w.line.Front(); first != nil; first = w.line.Front() {
		waiting := first.Value.(*turn)
		if !w.fits(waiting.size) {
			return
		}
		w.take(waiting.size)
		w.line.Remove(first)
		close(waiting.granted)
	}
}

func (w *window) fits(size int) bool {
	return w.count == 0 || w.count < w.countMax && w.bytes+size <= w.bytesMax
}

func (w *window) take(size int) {
	w.count++
	w.bytes += size
}
