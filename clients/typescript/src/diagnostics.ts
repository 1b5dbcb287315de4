/** What the client tells of itself. It never prints: hand in `onDiagnostic` to log it your way. */
import type { HyperloomError } from './errors.ts';

/** Something worth a line in a log. */
export type Diagnostic =
  /** The publish stream broke; what has no outcome goes out again after `delayMs`. */
  | {
      readonly kind: 'publish_stream_lost';
      readonly error: HyperloomError;
      readonly delayMs: number;
      readonly resending: number;
    }
  /** A call failed and is tried again after `delayMs`. */
  | {
      readonly kind: 'retry';
      readonly method: string;
      readonly error: HyperloomError;
      readonly delayMs: number;
    }
  /** A subscription lost its stream and resumes after `delayMs`. */
  | { readonly kind: 'subscription_lost'; readonly error: HyperloomError; readonly delayMs: number }
  /** A sign of life for ghosts and leases did not arrive; the next is due as usual. */
  | { readonly kind: 'keep_alive_failed'; readonly error: unknown };

/** Takes diagnostics. Must not throw. */
export type Diagnostics = (diagnostic: Diagnostic) => void;
