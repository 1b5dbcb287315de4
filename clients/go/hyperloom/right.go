package hyperloom

import (
	"fmt"
	"sync"

	"google.golang.org/grpc/codes"
)

// right is what this client holds until it gives it back or loses it: a lease, or a lock under one. It is lost once, for ever,
// and with it what stands on it. alive is asked at every check, and may find a loss. What it is under must be held for as long; what
// it is within may be given back before it.
type right struct {
	name  string
	under *right
	alive func()
	lost  chan struct{}

	mutex     sync.Mutex
	over      bool
	failure   *Error
	listeners map[*func(*Error)]struct{}
}

func newRight(name string, under *right, alive func(), within ...*right) *right {
	r := &right{name: name, under: under, alive: alive, lost: make(chan struct{})}
	r.listeners = make(map[*func(*Error)]struct{})
	if under != nil {
		within = append([]*right{under}, within...)
	}
	for _, each := range within {
		forget := each.onLost(func(loss *Error) { r.loseWith(loss) })
		r.onGivenBack(forget)
	}
	return r
}

// check fails with ErrLeaseLost where it is lost, and with ErrState where it was given back.
func (r *right) check() error {
	if r.under != nil {
		if err := r.under.check(); err != nil {
			return err
		}
	}
	if r.alive != nil && !r.isOver() {
		r.alive()
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.failure != nil {
		return r.failure
	}
	if r.over {
		return errState("%s was given back; nothing can be done under it any more", r.name)
	}
	return nil
}

func (r *right) isGivenBack() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.over
}

func (r *right) isOver() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.over || r.failure != nil
}

// loss is the error that says how it was lost; nil while it was not.
func (r *right) loss() *Error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.failure
}

// lose: it is gone. Tells who listens.
func (r *right) lose(why string, cause error) {
	r.loseWith(&Error{
		Code:   codes.FailedPrecondition,
		Reason: ReasonLeaseLost,
		Message: fmt.Sprintf(
			"%s was lost: %s; what was written under it since is refused, and others may hold it", r.name, why,
		),
		cause: cause,
	})
}

func (r *right) loseWith(loss *Error) {
	r.mutex.Lock()
	if r.over || r.failure != nil {
		r.mutex.Unlock()
		return
	}
	r.failure = loss
	close(r.lost)
	listeners := r.listeners
	r.listeners = nil
	r.mutex.Unlock()
	for listener := range listeners {
		(*listener)(loss)
	}
}

// giveBack: it is over because its owner says so.
func (r *right) giveBack() {
	r.mutex.Lock()
	r.over = true
	listeners := r.listeners
	r.listeners = nil
	r.mutex.Unlock()
	for listener := range listeners {
		(*listener)(nil)
	}
}

// reclaim: it was not the owner who ended it, after all.
func (r *right) reclaim() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.over = false
}

// onLost calls it when this is lost, at once where it is; not when it is given back. Call what it returns to hear nothing more.
func (r *right) onLost(listener func(*Error)) func() {
	return r.listen(func(loss *Error) {
		if loss != nil {
			listener(loss)
		}
	})
}

func (r *right) onGivenBack(listener func()) {
	r.listen(func(loss *Error) {
		if loss == nil {
			listener()
		}
	})
}

func (r *right) listen(listener func(*Error)) func() {
	r.mutex.Lock()
	failure := r.failure
	if failure == nil && r.listeners != nil {
		r.listeners[&listener] = struct{}{}
	}
	r.mutex.Unlock()
	if failure != nil {
		listener(failure)
	}
	return func() {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		delete(r.listeners, &listener)
	}
}
