/** LangGraph's checkpointer and store over Hyperloom, and nodes and tools that work in ghosts. */
export {
  BrokerUnreachableError,
  HyperloomLangGraphError,
  IncompleteConfigError,
  ThreadConflictError,
  UnreadableValueError,
  UnstorableValueError,
  UnusableIdError,
  type ThreadConflict,
} from './errors.ts';
export { HyperloomSaver, type HyperloomSaverOptions } from './saver.ts';
export { speculative, tellReasons, type Speculating, type SpeculativeOptions } from './speculative.ts';
export type { PruneStrategy } from './sweeper.ts';
export {
  HyperloomStore,
  type HyperloomStoreOptions,
  type TtlOptions,
  type TtlPutOperation,
} from './store/store.ts';
