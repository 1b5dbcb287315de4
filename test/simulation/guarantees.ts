/** The names of what is promised, as in the design and the README, and of what goes wrong in a run. */

/**
 * The ten guarantees; that typed state fits its schemas; that it is known who had read what; and two that go without saying: nobody waits for ever,
 * and nothing fails that must not.
 */
export const guarantees = [
  'atomic',
  'strictly serializable',
  'durable',
  'exactly once',
  'isolated',
  'fenced',
  'subscriptions',
  'flat',
  'deterministic',
  'bounded',
  'typed',
  'provenance',
  'live',
  'no bug',
] as const;

export type Guarantee = (typeof guarantees)[number];

/** Kinds of faults that a run can be given, each of which can be left out. */
export const faultKinds = [
  'kill',
  'power failure',
  'orderly stop',
  'crash in a disk operation',
  'failed disk operation',
  'misdirected write',
  'bit rot',
  'full disk',
  'clock jump',
  'network',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** What is counted: those, as they happened, and what agents do to the broker. */
export type Fault =
  | Exclude<FaultKind, 'network'>
  | 'broken connection'
  | 'late message'
  | 'slow reader'
  | 'lying sync'
  | 'crash while starting'
  | 'unsynced writes torn'
  | 'owner vanished'
  | 'owner asleep past its ttl'
  | 'subscriber vanished'
  | 'damaged upload';
