/**
 * Builds the MCP bundle (`npm run build:mcpb`): `dist/hyperloom.mcpb`, which Claude Desktop and other hosts install with a click. It holds
 * `hyperloom mcp` and all that it needs as one file of plain JavaScript, and the tree as an app. The Node that runs it is the host's.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

import { buildTreeApp } from './debugger-build.ts';
import { mcpTool, prepareMcpTools } from './mcp-tools.ts';
import { licencesOf } from './mcpb/licences.ts';
import { manifestOf } from './mcpb/manifest.ts';
import { settleArchive } from './mcpb/settle.ts';
import { root, run } from './step.ts';

/** The oldest Node that it is built for. */
const nodeMajorMin = 22;
const folder = join(root, '.cache', 'mcpb');
const out = join(root, 'dist', 'hyperloom.mcpb');

async function main(): Promise<boolean> {
  if (!(await prepareMcpTools())) return false;
  rmSync(folder, { recursive: true, force: true });
  const files = [...(await bundleServer()), ...(await buildTreeApp(join(folder, 'mcp-app')))];
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('package.json', `${JSON.stringify({ name: 'hyperloom', version, private: true, type: 'module' })}\n`);
  write('manifest.json', `${JSON.stringify(manifestOf(version, nodeMajorMin), null, 2)}\n`);
  write('LICENSES-OF-OTHERS.txt', licencesOf(files));
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  cpSync(join(root, 'scripts', 'mcpb', 'icon.png'), join(folder, 'icon.png'));
  if (!(await run(mcpTool('mcpb'), ['validate', join(folder, 'manifest.json')])).ok) return false;
  mkdirSync(join(root, 'dist'), { recursive: true });
  rmSync(out, { force: true });
  if (!(await run(mcpTool('mcpb'), ['pack', folder, out])).ok) return false;
  const archive = readFileSync(out);
  settleArchive(archive);
  writeFileSync(out, archive);
  return true;
}

/** Puts the server and what it imports into one file. Returns what it is made of. */
async function bundleServer(): Promise<string[]> {
  const files: string[] = [];
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    // What only other commands need, and load when they do.
    ssr: { noExternal: true, external: ['pg'], target: 'node' },
    plugins: [
      {
        name: 'files',
        generateBundle(_, built) {
          for (const chunk of Object.values(built))
            if (chunk.type === 'chunk') files.push(...chunk.moduleIds);
        },
      },
    ],
    build: {
      ssr: join('scripts', 'mcpb', 'main.ts'),
      outDir: join(folder, 'server'),
      target: `node${nodeMajorMin}`,
      minify: true,
      chunkSizeWarningLimit: 5_000,
      rolldownOptions: { output: { entryFileNames: 'index.js', codeSplitting: false } },
    },
  });
  return files;
}

process.exitCode = (await main()) ? 0 : 1;
