/** What agents have moved, and what the full history would have taken. */
import type { Meter as WireMeter, Volume as WireVolume } from './gen/hyperloom/v1/meter_pb.ts';

/** An amount of content. */
export interface Volume {
  readonly bytes: number;
  /** By o200k_base. */
  readonly tokens: number;
  /** How many of these are an estimate. */
  readonly estimatedTokens: number;
}

/** What content costs as a model's input, where an uncached token costs 1. */
export interface MeterPrice {
  /** What was read and rendered, nothing cached. */
  readonly context: number;
  /** The same with what the provider's prompt cache saves. */
  readonly contextCached: number;
  readonly fullHistory: number;
  readonly fullHistoryCached: number;
}

/** What one agent has moved in one tree. */
export interface Meter {
  /** Empty: those without a name, and those beyond the first 1,000. */
  readonly agent: string;
  /** The first segment of the paths. Empty: no tree in particular, or too many of them. */
  readonly tree: string;
  readonly publishes: number;
  readonly published: Volume;
  readonly read: Volume;
  readonly rendered: Volume;
  /** What it would have read if it had been handed the whole history of the tree for each of its publishes. */
  readonly fullHistory: Volume;
  readonly price: MeterPrice;
}

/** Reads a meter from its message. */
export function readMeter(meter: WireMeter): Meter {
  const { price } = meter;
  return {
    agent: meter.agent,
    tree: meter.tree,
    publishes: Number(meter.publishes),
    published: readVolume(meter.published),
    read: readVolume(meter.read),
    rendered: readVolume(meter.rendered),
    fullHistory: readVolume(meter.fullHistory),
    price: {
      context: price?.context ?? 0,
      contextCached: price?.contextCached ?? 0,
      fullHistory: price?.fullHistory ?? 0,
      fullHistoryCached: price?.fullHistoryCached ?? 0,
    },
  };
}

function readVolume(volume: WireVolume | undefined): Volume {
  return {
    bytes: Number(volume?.bytes ?? 0),
    tokens: Number(volume?.tokens ?? 0),
    estimatedTokens: Number(volume?.estimatedTokens ?? 0),
  };
}
