/** Sessions of the OpenAI Agents SDK that live in Hyperloom. How they lie in the tree: `docs/openai-agents-layout.md`. */
export { SessionError, SessionUnavailableError } from './errors.ts';
export { HyperloomSession, type Broker, type HyperloomSessionOptions } from './session.ts';
