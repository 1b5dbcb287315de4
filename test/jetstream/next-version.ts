/**
 * Turns a broker of this checkout into one of a version that is not there yet: `node --import THIS …`. It knows one format of logs more, in which history
 * can be given up, and is quicker to ask whether all others do.
 */
import { changeSources } from './source-changes.ts';

changeSources({
  'src/codec/agreed-format.ts': [
    ['agreedFormat = 3;', 'agreedFormat = 4;'],
    ['compact: 1,', 'compact: 4,'],
  ],
  'src/base/limits.ts': [
    ['formatAskMs = 10_000;', 'formatAskMs = 1_000;'],
    ['formatSilenceMs = 10_000;', 'formatSilenceMs = 5_000;'],
  ],
});
