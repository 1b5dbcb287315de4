/** State of Hyperloom as events of AG-UI: `docs/frameworks/ag-ui.md`. */
export { FeedError, FeedUnavailableError } from './errors.ts';
export { feed, type FeedEvent, type FeedOptions } from './feed.ts';
export { feedHandler, resumeOf, type ChooseFeed } from './handler.ts';
export { nodeListener } from './node-listener.ts';
export type { ToMessage } from './messages.ts';
