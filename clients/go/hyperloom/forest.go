package hyperloom

import (
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Forest is a forest.
type Forest struct {
	Name string
	// Revision is the newest durable one.
	Revision uint64
	// CompactedRevision: history below it is gone; 0: none is.
	CompactedRevision uint64
	// Nodes that have a value.
	Nodes uint64
	// Ghosts that live.
	Ghosts uint64
	// StoredBytes on disk.
	StoredBytes uint64
}

// Status is how the broker and a forest are.
type Status struct {
	Version         string
	StartTime       time.Time
	Forest          *Forest
	Position        uint64
	DurablePosition uint64
	// SnapshotPosition is 0 while there is no snapshot.
	SnapshotPosition uint64
	// StateHash has 32 hex digits; it is empty unless asked for.
	StateHash               string
	StateHashPosition       uint64
	Subscriptions           uint64
	SubscriptionsCatchingUp uint64
	ResidentBytes           uint64
	CPUTime                 time.Duration
	// Journal is embedded or memory.
	Journal string
	// WriteStopReason is why writes are refused; empty while they are not.
	WriteStopReason string
	// NodesMax is how many nodes the forest may have; 0: nobody says.
	NodesMax uint64
	// BytesMax is how many bytes it may take on disk; 0: nobody says.
	BytesMax     uint64
	RequestIDs   uint64
	Leases       uint64
	LocksHeld    uint64
	LocksWaiting uint64
	// Meters are what each agent has moved in each tree; none unless asked for.
	Meters []Meter
	// MetersPosition: publishes are metered up to this journal position.
	MetersPosition uint64
	// MetersAfterPosition: publishes are metered from behind this journal position.
	MetersAfterPosition uint64
	// CachedTokenPrice is what a token out of a provider's prompt cache costs in the prices, in uncached ones.
	CachedTokenPrice float64
}

// Volume is an amount of content.
type Volume struct {
	Bytes uint64
	// Tokens by o200k_base.
	Tokens uint64
	// EstimatedTokens is how many of these are an estimate.
	EstimatedTokens uint64
}

// MeterPrice is what content costs as a model's input, where an uncached token costs 1.
type MeterPrice struct {
	// Context is what was read and rendered, nothing cached.
	Context float64
	// ContextCached is the same with what the provider's prompt cache saves.
	ContextCached     float64
	FullHistory       float64
	FullHistoryCached float64
}

// Meter is what one agent has moved in one tree.
type Meter struct {
	// Agent is empty for those without a name, and those beyond the first 1,000.
	Agent string
	// Tree is the first segment of the paths; empty: no tree in particular, or too many of them.
	Tree      string
	Publishes uint64
	Published Volume
	Read      Volume
	Rendered  Volume
	// FullHistory is what it would have read if it had been handed the whole history of the tree for each of its publishes.
	FullHistory Volume
	Price       MeterPrice
}

// forestFrom of nil is nil: there is no answer where there was an error.
func forestFrom(message *hyperloomv1.Forest) *Forest {
	if message == nil {
		return nil
	}
	return &Forest{
		Name:              message.GetName(),
		Revision:          message.GetRevision(),
		CompactedRevision: message.GetCompactedRevision(),
		Nodes:             message.GetNodes(),
		Ghosts:            message.GetGhosts(),
		StoredBytes:       message.GetStoredBytes(),
	}
}

func statusFrom(message *hyperloomv1.GetStatusResponse) *Status {
	return &Status{
		Version:                 message.GetVersion(),
		StartTime:               message.GetStartTime().AsTime(),
		Forest:                  forestFrom(message.GetForest()),
		Position:                message.GetPosition(),
		DurablePosition:         message.GetDurablePosition(),
		SnapshotPosition:        message.GetSnapshotPosition(),
		StateHash:               message.GetStateHash(),
		StateHashPosition:       message.GetStateHashPosition(),
		Subscriptions:           message.GetSubscriptions(),
		SubscriptionsCatchingUp: message.GetSubscriptionsCatchingUp(),
		ResidentBytes:           message.GetResidentBytes(),
		NodesMax:                message.GetNodesMax(),
		BytesMax:                message.GetBytesMax(),
		CPUTime:                 message.GetCpuTime().AsDuration(),
		Journal:                 message.GetJournal(),
		WriteStopReason:         message.GetWriteStopReason(),
		RequestIDs:              message.GetRequestIds(),
		Leases:                  message.GetLeases(),
		LocksHeld:               message.GetLocksHeld(),
		LocksWaiting:            message.GetLocksWaiting(),
		Meters:                  mapped(message.GetMeters(), meterFrom),
		MetersPosition:          message.GetMetersPosition(),
		MetersAfterPosition:     message.GetMetersAfterPosition(),
		CachedTokenPrice:        message.GetCachedTokenPrice(),
	}
}

func meterFrom(message *hyperloomv1.Meter) Meter {
	price := message.GetPrice()
	return Meter{
		Agent:       message.GetAgent(),
		Tree:        message.GetTree(),
		Publishes:   message.GetPublishes(),
		Published:   volumeFrom(message.GetPublished()),
		Read:        volumeFrom(message.GetRead()),
		Rendered:    volumeFrom(message.GetRendered()),
		FullHistory: volumeFrom(message.GetFullHistory()),
		Price: MeterPrice{
			price.GetContext(), price.GetContextCached(), price.GetFullHistory(), price.GetFullHistoryCached(),
		},
	}
}

func volumeFrom(message *hyperloomv1.Volume) Volume {
	return Volume{message.GetBytes(), message.GetTokens(), message.GetEstimatedTokens()}
}
