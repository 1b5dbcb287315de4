package hyperloom

import "sync"

// staged is which edition of a ghost this process knows. On the trunk it is nil, and knows none.
//
// What is done in a ghost is not synced at once, so a crash of the broker may forget the newest of it. Every request says
// which edition is known, and is refused with ErrGhostInterrupted where that is gone. Of one run of the broker the greatest
// counts, since answers may overtake one another; of two runs the one that was told last.
type staged struct {
	refused func(*Error) // Looks at what is refused of it.

	mutex   sync.Mutex
	edition uint64
}

func (s *staged) known() uint64 {
	if s == nil {
		return 0
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.edition
}

// see: the broker told an edition; 0 is none.
func (s *staged) see(edition uint64) {
	if s == nil || edition == 0 {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if sameRun := edition>>32 == s.edition>>32; !sameRun || edition > s.edition {
		s.edition = edition
	}
}
