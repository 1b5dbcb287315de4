/**
 * Takes a CPU profile from inside: loaded into a process with `--import`, it begins with the first SIGUSR2, and with the second one ends and
 * writes the profile to the file that CPU_PROFILE_FILE names.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const file = process.env['CPU_PROFILE_FILE'] ?? '';
/** Microseconds between samples. */
const interval = 200;

async function record(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval });
  await nextSignal();
  await session.post('Profiler.start');
  await nextSignal();
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(`${file}.part`, JSON.stringify(profile));
  renameSync(`${file}.part`, file);
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGUSR2', () => resolve());
  });
}

if (file !== '') void record();
