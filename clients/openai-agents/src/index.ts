/** Sessions of the OpenAI Agents SDK that live in Hyperloom, and tools that speculate. How sessions lie in the tree: `docs/frameworks/openai-agents-layout.md`. */
export { SessionError, SessionUnavailableError } from './errors.ts';
export { HyperloomSession, type HyperloomSessionOptions } from './session.ts';
export {
  speculativeTool,
  tellReasons,
  type SpeculativeToolOptions,
  type SpeculativeWork,
} from './speculative-tool.ts';
export type { Broker } from '@hyperloom/client/adapters';
