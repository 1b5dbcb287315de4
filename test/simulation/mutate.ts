/** Puts the mutant that `HYPERLOOM_MUTANT` names into the broker's source while it is loaded: `node --import THIS …`. */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

import { replicaMutants } from '../jetstream/cluster/mutants.ts';
import { mutants } from './mutants.ts';

const name = process.env['HYPERLOOM_MUTANT'];
const mutant = [...mutants, ...replicaMutants].find((each) => each.name === name);
if (mutant === undefined) throw new Error(`there is no mutant ${String(name)}`);
const file = fileURLToPath(new URL(`../../${mutant.file}`, import.meta.url));
let isPlaced = false;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith('file:') || fileURLToPath(url) !== file) return loaded;
    const { source: given = '' } = loaded;
    const source = typeof given === 'string' ? given : new TextDecoder().decode(given);
    if (source.split(mutant.from).length !== 2)
      throw new Error(`the place of ${mutant.name} in ${mutant.file} is not there, or not once`);
    isPlaced = true;
    return { ...loaded, source: source.replace(mutant.from, () => mutant.to) };
  },
});

process.on('exit', () => {
  if (!isPlaced) console.error(`${mutant.file} was never loaded: ${mutant.name} changed nothing`);
});
