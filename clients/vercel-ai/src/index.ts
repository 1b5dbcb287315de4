/** Chats of the AI SDK that live in Hyperloom. How they lie in the tree: `docs/frameworks/vercel-ai.md`. */
export { Chat, type KeepingOptions } from './chat.ts';
export { HyperloomChats, type HyperloomChatsOptions, type Validation } from './chats.ts';
export { ChatStoreError, ChatStoreUnavailableError } from './errors.ts';
