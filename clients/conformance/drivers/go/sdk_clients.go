package main

import (
	"context"

	"hyperloom.dev/go/hyperloom"
)

// callClient does the verbs of clients alone, and those that they share.
func (s *session) callClient(ctx context.Context, on *hyperloom.Client, verb, handle string, a arguments) (any, error) {
	switch verb {
	case "as":
		return s.as(on, handle, a)
	case "close":
		return object{}, on.Close()
	case "lock":
		lock, err := on.Lock(ctx, a.lock(s), a.Paths...)
		return s.keepLock(handle, lock, err)
	case "locks":
		locks, err := on.Locks(a.Path, "").Collect(ctx)
		return told(locks, tellInspected), err
	case "lease":
		lease, err := on.Lease(ctx, hyperloom.LeaseOptions{TTL: durationOf(a.TTLMs), Label: a.Label})
		if err != nil {
			return nil, err
		}
		s.keep(handle, lease)
		return tellLease(lease.Info), nil
	case "attachLease":
		lease := on.AttachLease(a.ID)
		s.keep(handle, lease)
		return object{"id": lease.ID()}, nil
	case "keepLease":
		lease, err := on.KeepLease(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		s.keep(handle, lease)
		return tellLease(lease.Info), nil
	case "keepAlive":
		live, err := on.KeepAlive(ctx, a.IDs...)
		return append([]string{}, live...), err
	case "leases":
		leases, err := on.Leases().Collect(ctx)
		return told(leases, tellLease), err
	case "attach":
		ghost, err := on.Attach(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		s.keep(handle, ghost)
		return tellGhost(ghost.Info), nil
	case "ghosts":
		ghosts, err := on.Ghosts(a.State).Collect(ctx)
		return told(ghosts, tellGhost), err
	case "reviews":
		return s.review(ctx, on, handle, a)
	default:
		return s.callPast(ctx, on, verb, handle, a)
	}
}

func (s *session) as(on *hyperloom.Client, handle string, a arguments) (any, error) {
	client := on
	if a.Author != "" {
		client = client.As(a.Author)
	}
	if a.Forest != "" {
		client = client.In(a.Forest)
	}
	s.keep(handle, client)
	return object{"author": client.Author(), "forest": client.Forest()}, nil
}

func (s *session) review(ctx context.Context, on *hyperloom.Client, handle string, a arguments) (any, error) {
	reviews := on.Review(a.Reviewer)
	subscription, err := reviews.Subscribe(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	s.keep(handle, &reviewing{stream: newStream(subscription.Items(), subscription.Close), reviews: reviews})
	return object{}, nil
}

// callPast does the verbs that look back, and those of whole forests.
func (s *session) callPast(ctx context.Context, on *hyperloom.Client, verb, handle string, a arguments) (any, error) {
	switch verb {
	case "revertRevision":
		reverted, err := on.RevertCascade(ctx, a.Revision, hyperloom.Cascade(a.Cascade), a.Reason, 0)
		return object{"revision": reverted.Revision, "cascade": tellCascaded(reverted.Cascade)}, err
	case "history":
		options := hyperloom.HistoryOptions{Path: a.Path, Everything: a.Everything, NewestFirst: a.NewestFirst, Form: a.Form}
		if a.AfterRevision != nil {
			options.AfterRevision = *a.AfterRevision
		}
		events, err := on.History(options).Collect(ctx)
		return told(events, tellEvent), err
	case "diff":
		differences, err := on.Diff(a.From, a.To, a.Path, 0, a.Form).Collect(ctx)
		return told(differences, tellDifference), err
	case "blame":
		depth := uint32(0)
		if a.Depth != nil {
			depth = *a.Depth
		}
		lines, err := on.Blame(a.Path, depth, 0).Collect(ctx)
		return told(lines, tellLine), err
	case "traceUpstream":
		seen, err := on.TraceUpstream(a.trace()).Collect(ctx)
		return told(seen, tellSeen), err
	case "traceDownstream":
		derived, err := on.TraceDownstream(a.trace()).Collect(ctx)
		return told(derived, tellDerived), err
	case "createForest":
		forest, err := on.Forests().Create(ctx, a.Name)
		if err != nil {
			return nil, err
		}
		return tellForest(forest), nil
	case "deleteForest":
		return object{}, on.Forests().Delete(ctx, a.Name)
	case "forests":
		forests, err := on.Forests().List(ctx)
		return told(forests, tellForest), err
	case "compact":
		compacted, err := on.Forests().Compact(ctx, on.Forest(), a.Revision)
		return object{"compactedRevision": compacted.CompactedRevision}, err
	case "status":
		var adding []hyperloom.StatusOption
		if a.Meters {
			adding = append(adding, hyperloom.WithMeters())
		}
		status, err := on.Status(ctx, false, adding...)
		if err != nil {
			return nil, err
		}
		return object{
			"forest": tellForest(status.Forest), "journal": status.Journal, "leases": status.Leases,
			"locksHeld": status.LocksHeld, "meters": told(status.Meters, tellMeter),
		}, nil
	default:
		if outcome, is, err := callSchemas(ctx, on.Schemas(), verb, a); is {
			return outcome, err
		}
		return s.shared(ctx, on, verb, handle, a)
	}
}

func tellLine(line hyperloom.BlameLine) object {
	told := object{"node": tellNode(line.Node), "event": nil}
	if line.Event != nil {
		told["event"] = tellEvent(line.Event)
	}
	return told
}

func (a arguments) trace() hyperloom.TraceOptions {
	options := hyperloom.TraceOptions{Revision: a.Revision, Path: a.Path, Hops: a.Hops, PageSize: a.PageSize}
	if a.ID != "" {
		options.GhostDiff = &hyperloom.GhostDiff{GhostID: a.ID, Sequence: a.Sequence}
	}
	return options
}

func tellSeen(seen hyperloom.SeenNode) object {
	return object{
		"hops": seen.Hops, "basis": tellBasis(seen.Basis), "node": tellNode(seen.Node), "standing": seen.Standing,
		"readerRevision": seen.ReaderRevision,
	}
}

func tellDerived(derived hyperloom.DerivedPublish) object {
	return object{
		"hops": derived.Hops, "event": tellEvent(derived.Event), "standingPaths": derived.StandingPaths,
		"links": told(derived.Links, func(link hyperloom.TraceLink) object {
			return object{"basis": tellBasis(link.Basis), "writerRevision": link.WriterRevision}
		}),
	}
}

func tellMeter(meter hyperloom.Meter) object {
	return object{
		"agent": meter.Agent, "tree": meter.Tree, "publishes": meter.Publishes,
		"published": object{"bytes": meter.Published.Bytes}, "read": object{"bytes": meter.Read.Bytes},
	}
}
