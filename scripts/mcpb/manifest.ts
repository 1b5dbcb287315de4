/** What the MCP bundle says of itself, in the format of https://github.com/modelcontextprotocol/mcpb (manifest version 0.3). */
import { allTools } from '../../src/mcp/tools/all.ts';

const aboutTheBroker =
  'Needs a broker that runs on this machine or can be reached from it: `npx hyperloom serve`. Until it does, each call says so.';

/** What users can set. All of it may be left empty: then it is as on the command line. */
const settings = {
  address: {
    variable: 'HYPERLOOM_ADDRESS',
    title: 'Broker',
    description:
      'Where the broker listens, such as 127.0.0.1:7400 (which is the default) or https://broker.example.com.',
  },
  profile: {
    variable: 'HYPERLOOM_PROFILE',
    title: 'Connection profile',
    description: 'A profile of the command line ("hyperloom profile") with address, forest and certificates.',
  },
  forest: {
    variable: 'HYPERLOOM_FOREST',
    title: 'Forest',
    description: 'What calls are about that name no forest.',
  },
  author: {
    variable: 'HYPERLOOM_AUTHOR',
    title: 'Name',
    description: 'Whose name is on what is written here. By default what the client calls itself.',
  },
  tools: {
    variable: 'HYPERLOOM_MCP_TOOLS',
    title: 'Tools',
    description: 'Which tools to offer: all (the default), read-only, or names such as read,list,append.',
  },
} as const;

export function manifestOf(version: string, nodeMajorMin: number): Readonly<Record<string, unknown>> {
  const all = Object.entries(settings);
  return {
    manifest_version: '0.3',
    name: 'hyperloom',
    display_name: 'Hyperloom',
    version,
    description:
      'The shared memory of a fleet of agents: read it, write it, try things in branches, see who wrote what from what.',
    long_description: aboutTheBroker,
    author: { name: 'The Hyperloom authors' },
    license: 'Apache-2.0',
    icon: 'icon.png',
    keywords: ['memory', 'agents', 'context', 'state'],
    server: {
      type: 'node',
      entry_point: 'server/index.js',
      mcp_config: {
        command: 'node',
        args: ['${__dirname}/server/index.js'],
        env: Object.fromEntries(all.map(([key, { variable }]) => [variable, `\${user_config.${key}}`])),
      },
    },
    tools: allTools.map(({ name, title }) => ({ name, description: title })),
    prompts_generated: true,
    compatibility: {
      platforms: ['darwin', 'win32', 'linux'],
      runtimes: { node: `>=${nodeMajorMin}.0.0` },
    },
    user_config: Object.fromEntries(
      all.map(([key, { title, description }]) => [
        key,
        { type: 'string', title, description, required: false, default: '' },
      ]),
    ),
  };
}
