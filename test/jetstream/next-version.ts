/**
 * Turns a broker of this checkout into one of a version that is not there yet: `node --import THIS …`. It knows one format of logs more, in which history
 * can be given up, and is quicker to ask whether all others do.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const changes: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  'src/codec/agreed-format.ts': [
    ['agreedFormat = 2;', 'agreedFormat = 3;'],
    ['compact: 1,', 'compact: 3,'],
  ],
  'src/base/limits.ts': [
    ['formatAskMs = 10_000;', 'formatAskMs = 1_000;'],
    ['formatSilenceMs = 10_000;', 'formatSilenceMs = 5_000;'],
  ],
};
const root = fileURLToPath(new URL('../..', import.meta.url));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mine = url.startsWith('file:') ? changes[fileURLToPath(url).slice(root.length)] : undefined;
    if (mine === undefined) return loaded;
    const { source: given = '' } = loaded;
    let source = typeof given === 'string' ? given : new TextDecoder().decode(given);
    for (const [from, to] of mine) {
      if (source.split(from).length !== 2) throw new Error(`"${from}" is not in ${url}, or not once`);
      source = source.replace(from, to);
    }
    return { ...loaded, source };
  },
});
