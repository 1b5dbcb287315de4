/** What the SDKs have in common, and what it is called in each. */
import type { Language } from './members.ts';

/** The types that stand for one concept; a list where several do. */
export type Concept = Readonly<Record<Language, string>>;

const same = (name: string): Concept => ({ typescript: name, python: name, go: name });

/** By the name that findings are told under. */
export const concepts: Readonly<Record<string, Concept>> = {
  client: same('Client'),
  ghost: same('Ghost'),
  lock: same('Lock'),
  lease: same('Lease'),
  forests: same('Forests'),
  schemas: same('Schemas'),
  reviews: same('Reviews'),
  node: same('Node'),
  published: same('Published'),
  committed: same('Committed'),
  reverted: same('Reverted'),
  checkpoint: { typescript: 'GhostCheckpoint', python: 'Checkpoint', go: 'Checkpoint' },
  revertedAttempt: same('RevertedAttempt'),
  ghostState: { typescript: 'GhostInfo', python: 'GhostState', go: 'GhostState' },
  lockState: { typescript: 'LockInfo', python: 'LockState', go: 'LockState' },
  lockTarget: same('LockTarget'),
  leaseState: { typescript: 'LeaseInfo', python: 'LeaseState', go: 'LeaseState' },
  leaseEnded: same('LeaseEnded'),
  event: same('Event'),
  transition: same('GhostTransition'),
  cascadeReport: { typescript: 'CascadeReport', python: 'CascadeReport', go: 'Cascaded' },
  undonePublish: same('UndonePublish'),
  notUndone: same('NotUndone'),
  affectedGhost: same('AffectedGhost'),
  basisReverted: same('BasisReverted'),
  revertedBasis: same('RevertedBasis'),
  basisEntry: same('BasisEntry'),
  conflict: same('Conflict'),
  difference: { typescript: 'NodeDifference', python: 'NodeDifference', go: 'Difference' },
  blameLine: same('BlameLine'),
  schema: same('Schema'),
  schemaBinding: same('SchemaBinding'),
  registeredSchema: same('RegisteredSchema'),
  schemaObjection: same('SchemaObjection'),
  schemaProblem: same('SchemaProblem'),
  listedSchemas: same('ListedSchemas'),
  speculated: same('Speculated'),
  attempt: same('Attempt'),
  raceWon: { typescript: 'RaceWon', python: 'Raced', go: 'Raced' },
  deadlockMember: same('DeadlockMember'),
  typedNode: same('TypedNode'),
  page: same('Page'),
  forest: same('Forest'),
  status: same('Status'),
  compacted: same('Compacted'),
  meter: same('Meter'),
  volume: same('Volume'),
  meterPrice: same('MeterPrice'),
  gateStanding: same('GateStanding'),
  stagedViolation: same('StagedViolation'),
  pendingReview: same('PendingReview'),
};

/** A member's name in the form in which all languages' are compared: `ttlMs`, `ttl` and `TTL` are one. */
export function plain(name: string): string {
  return name.replace(/Ms$/, '').replaceAll('_', '').toLowerCase();
}

const left = 'what leaving a block does elsewhere';
const pipelined =
  'publish itself does not wait in TypeScript: submit elsewhere gives what publish gives there, ready holds a fast loop back';
const signalled =
  'a loss aborts a signal in TypeScript, and is an event or a channel to wait for elsewhere; check is how to ask';
const goDo =
  'in Go work under a lock or lease is a function that is handed in, with a context that carries the token';
const goCascade = 'Go has no optional arguments: RevertRevision with cascade';
const goTyped = 'Go has no generic methods: hyperloom.Typed(client, …)';
const pythonAs = 'as is a keyword of Python, and Go changes author and forest by one method each';
const result = 'Go hands no result through: the work writes to what encloses it';
const goNode = 'in Go what is known of a value is in its type, value.Value';

/** Members that a language lacks, with the reason: `concept.member`, of the languages that have it. */
export const differences: Readonly<Record<string, string>> = {
  'client.as': pythonAs,
  'client.asagent': pythonAs,
  'client.in': pythonAs,
  'client.destroy':
    'closing at once, without waiting: a timeout or a cancelled task or context is that elsewhere',
  'client.ready': pipelined,
  'client.submit': pipelined,
  'client.typed': goTyped,
  'client.revertcascade': goCascade,
  'lock.revertcascade': goCascade,
  'client.withlock': goDo,
  'ghost.ready': pipelined,
  'ghost.submit': pipelined,
  'ghost.typed': goTyped,
  'ghost.close': left,
  'lock.signal': signalled,
  'lock.lost': signalled,
  'lock.do': goDo,
  'lock.ready': pipelined,
  'lock.submit': pipelined,
  'lock.typed': goTyped,
  'lease.signal': signalled,
  'lease.lost': signalled,
  'lease.aclose': left,
  'lease.close': left,
  'lease.put': goDo,
  'lease.do': goDo,
  'schemas.registerwith': 'Go has no optional arguments: Register with all its options',
  'reviews.requested':
    'one item at a time is the plain loop elsewhere, where items have a type to tell them by',
  'forests.backuptail':
    'what "hyperloom backup --follow" is made of: programs in other languages run that, or ask Backup for a tail with generated code',
  'node.json': goNode,
  'node.jsontext':
    'json is the method that encodes in many Python classes; the exact text is json_text there',
  'speculated.result': result,
  'attempt.signal': 'a task or a context that is cancelled is that elsewhere',
  'raceWon.result': result,
  'typedNode.node': 'embedded in Go, with its members',
  'typedNode.kind': 'embedded in Go, with its members',
  'typedNode.formproblem': 'embedded in Go, with its members',
  'typedNode.err': 'value throws in TypeScript and Python',
  'typedNode.createdrevision': 'embedded in Go, with its members',
  'typedNode.subtreerevision': 'embedded in Go, with its members',
  'typedNode.stagedsequence': 'embedded in Go, with its members',
  'typedNode.childcount': 'embedded in Go, with its members',
  'typedNode.valuebytes': 'embedded in Go, with its members',
  'typedNode.leaseid': 'embedded in Go, with its members',
};
