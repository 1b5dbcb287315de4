/** Brokers of this checkout of which something is another: for modules that are given to Node by `--import`. */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** By file: texts that are there once, and what is in their place. */
export type SourceChanges = Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>;

const root = fileURLToPath(new URL('../..', import.meta.url));

export function changeSources(changes: SourceChanges): void {
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
}
