/** A PostgreSQL of one's own, for as long as a test runs: on loopback, in a folder that is deleted afterwards. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const user = 'postgres';

/** Where a program of the server lies: Debian keeps them out of the path. */
function program(name: string): string | undefined {
  const inPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  const packaged = globSync(`/usr/lib/postgresql/*/bin/${name}`).toSorted();
  return inPath.find((path) => existsSync(path)) ?? packaged.at(-1);
}

/** Why there is no server here; on CI that is a failure, elsewhere tests of it are skipped. */
export const lacksPostgres = program('initdb') === undefined && process.env['CI'] !== 'true';

export class Postgres implements AsyncDisposable {
  readonly url: string;
  readonly #stop: () => Promise<unknown>;

  private constructor(url: string, stop: () => Promise<unknown>) {
    this.url = url;
    this.#stop = stop;
  }

  /** Starts one with an empty database. */
  static async start(): Promise<Postgres> {
    const [initdb, control] = [program('initdb'), program('pg_ctl')];
    if (initdb === undefined || control === undefined)
      throw new Error('no PostgreSQL server: apt-get install postgresql');
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-postgres-'));
    const owner = ownerOf();
    if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
    const data = join(folder, 'data');
    // The server keeps what it is given open, so its output goes to a file.
    const run = (path: string, ...args: string[]): Promise<unknown> =>
      promisify(execFile)(path, args, { cwd: folder, ...owner });
    await run(
      initdb,
      '-D',
      data,
      '-U',
      user,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale',
      'C.UTF-8',
      '--no-sync',
    );
    const port = await freePort();
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`;
    await run(control, '-D', data, '-w', '-l', join(folder, 'server.log'), '-o', options, 'start');
    return new Postgres(`postgresql://${user}@127.0.0.1:${port}/postgres`, async () => {
      await run(control, '-D', data, '-w', '-m', 'immediate', 'stop');
      await rm(folder, { recursive: true });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

/** The server refuses to run as root. */
function ownerOf(): { readonly uid?: number; readonly gid: number } | { readonly uid?: undefined } {
  if (process.getuid?.() !== 0) return {};
  const id = (kind: string): number => Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
