/** What adapters of frameworks have in common. Not for programs; it may change with any version. */
export { openBroker, type Broker, type OpenedBroker, type BrokerVerbs } from './broker.ts';
export { failureOf, type Failure } from './failure.ts';
export { numberName, segmentOf, subtreeOf, type Refuse } from './names.ts';
export { isEqual, isObject, patchBetween, patched, plainOf, type Plain, type PlainObject } from './plain.ts';
