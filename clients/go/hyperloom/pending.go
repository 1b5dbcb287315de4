package hyperloom

import (
	"context"
	"sync"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// observer looks at outcomes before the caller does.
type observer interface {
	// published: it took effect.
	published(outcome Published)
	// refused: it did not, or nobody knows; this was its basis.
	refused(basis []BasisEntry, err *Error)
}

// Pending is a publish without an outcome yet.
type Pending struct {
	request  *hyperloomv1.PublishRequest
	size     int
	observer observer
	basis    []BasisEntry
	done     chan struct{}

	mutex   sync.Mutex
	over    bool
	outcome Published
	err     *Error
	inWay   *Error // Why it had to be sent again.
	settled func()
}

// Done is closed when there is an outcome, good or bad.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Wait waits for the outcome. A publish whose own context ends is given up with [ErrDeadlineExceeded] or [ErrCancelled], and may
// still take effect.
func (p *Pending) Wait(ctx context.Context) (Published, error) {
	select {
	case <-p.done:
	case <-ctx.Done():
		select {
		case <-p.done:
		default:
			return Published{}, errContext(ctx, "the publish")
		}
	}
	if p.err != nil {
		return Published{}, p.err
	}
	return p.outcome, nil
}

func (p *Pending) isOver() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.over
}

// sendAgain: it has to be, because of this.
func (p *Pending) sendAgain(inWay *Error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.inWay = inWay
}

// giveUp: its context is over. What was in its way until then says more than that.
func (p *Pending) giveUp(ctx context.Context) {
	p.mutex.Lock()
	inWay := p.inWay
	p.mutex.Unlock()
	p.fail(errContext(ctx, "the publish").because(inWay))
}

// succeed: it took effect, whether or not anybody still waits for that.
func (p *Pending) succeed(outcome Published) {
	p.observer.published(outcome)
	if p.end() {
		p.settle(outcome, nil)
	}
}

// fail: it did not take effect, or nobody knows.
func (p *Pending) fail(err *Error) {
	if p.end() {
		p.observer.refused(p.basis, err)
		p.settle(Published{}, err)
	}
}

// end is true for the first who has an outcome.
func (p *Pending) end() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.over {
		return false
	}
	p.over = true
	return true
}

// settle tells those who wait. The observer knows already: what it learns of a refusal, the caller can build on.
func (p *Pending) settle(outcome Published, err *Error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.outcome, p.err = outcome, err
	close(p.done)
	if p.settled != nil {
		p.settled()
	}
}

// whenSettled calls it when there is an outcome, at once where there is.
func (p *Pending) whenSettled(settled func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.over {
		settled()
	} else {
		p.settled = settled
	}
}
