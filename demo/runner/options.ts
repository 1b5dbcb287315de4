/** The demo's flags. */
import { parseArgs } from 'node:util';

export interface Options {
  /** End after the table, with code 0 only when all that it claims was checked. */
  readonly exit: boolean;
  /** One JSON document on standard output instead of story and table. Implies `exit`. */
  readonly json: boolean;
  /** `undefined`: 7400, or a free one where that is taken. 0: a free one. */
  readonly port: number | undefined;
  /** Leaves the Python agents at home. */
  readonly isWithoutPython: boolean;
}

export const usage = `npm run demo -- [--exit] [--json] [--port PORT] [--no-python]

Five agents, three in TypeScript and two in Python, write release notes together over one broker.
  --exit         end after the table; exit code 0 only when everything that it claims was checked
  --json         one JSON document instead of story and table; implies --exit
  --port PORT    where the broker listens; 0 is a free one (default: 7400, or a free one where that is taken)
  --no-python    three TypeScript agents only`;

/** Reads the flags. Throws what `parseArgs` throws. `null`: help was asked for. */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      exit: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string' },
      'no-python': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new TypeError(`--port ${values.port}: not a number from 0 to 65535`);
  return { exit: values.exit || values.json, json: values.json, port, isWithoutPython: values['no-python'] };
}
