/** `hyperloom schema`: what may be where. */
import type { AddCommand } from '../../context.ts';
import { addDiff } from './diff.ts';
import { addLs } from './ls.ts';
import { addPull } from './pull.ts';
import { addPush } from './push.ts';
import { addStrict } from './strict.ts';

export const addSchema: AddCommand = (program, run) => {
  const schema = program
    .command('schema')
    .summary('say what may be where')
    .description(
      'Schemas: which Protobuf message, or which JSON, may be at which paths. Push one, see what its next version would break, and get it back.',
    );
  for (const add of [addLs, addPush, addDiff, addPull, addStrict]) add(schema, run);
};
