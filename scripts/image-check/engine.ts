/** Podman, with a storage of its own, so that nothing of the machine's images is seen or touched. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { root } from '../step.ts';

/** What a command printed, and its exit code. */
export interface Answer {
  readonly code: number;
  readonly output: string;
}

/** Longest for one command: a build that downloads and compiles everything. */
const minutesMax = 15;

/** One storage of images, containers and volumes below a folder. */
export class Engine {
  readonly #flags: readonly string[];

  constructor(folder: string) {
    this.#flags = [
      ['--root', join(folder, 'storage')],
      ['--runroot', join(folder, 'run')],
      // Wherever there is no systemd to ask.
      ['--cgroup-manager', 'cgroupfs'],
      ['--events-backend', 'file'],
      // Unlike crun it takes control groups as it finds them, of either version or of both.
      ['--runtime', 'runc'],
    ].flat();
  }

  /** Runs podman. Its output is both streams, in the order in which it came. */
  ask(...args: readonly string[]): Promise<Answer> {
    return command('podman', [...this.#flags, ...args]);
  }

  /** The same, where any other end than a good one is an error. */
  async must(...args: readonly string[]): Promise<string> {
    const { code, output } = await this.ask(...args);
    if (code !== 0) throw new Error(`podman ${args.join(' ')} ended with ${code}: ${output.slice(-4_000)}`);
    return output.trim();
  }

  /** Builds what the Dockerfile says out of the checkout, with no image but those that are here. */
  async build(dockerfile: string, tag: string): Promise<void> {
    const flags = ['--pull=never', '--format', 'docker', '--isolation', 'chroot', '--network', 'host'];
    const context = ['--file', dockerfile, '--ignorefile', `${dockerfile}.dockerignore`, '--tag', tag, root];
    await this.must('build', '--quiet', ...flags, ...context);
  }

  /** Whether there is an image of that name. */
  async has(image: string): Promise<boolean> {
    return (await this.ask('image', 'exists', image)).code === 0;
  }

  /** How much an image takes. */
  async bytesOf(image: string): Promise<number> {
    return Number(await this.must('image', 'inspect', '--format', '{{.Size}}', image));
  }

  /** Ends and removes containers and volumes, and, if asked to, all that is in the storage and mounted for it. */
  async clear(isAll: boolean): Promise<void> {
    await this.ask('rm', '--all', '--force', '--time', '0');
    await this.ask('volume', 'rm', '--all', '--force');
    if (isAll) await this.ask('system', 'reset', '--force');
  }
}

/** Runs a command to its end. */
export function command(program: string, args: readonly string[], folder = root): Promise<Answer> {
  // Podman would have systemd ask for health; here the check does it.
  const env = { ...process.env, DISABLE_HC_SYSTEMD: 'true' };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    const hung = setTimeout(() => child.kill('SIGKILL'), minutesMax * 60_000);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(hung);
      resolve({ code: code ?? -1, output });
    });
  });
}
