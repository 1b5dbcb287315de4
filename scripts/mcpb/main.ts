/** What the MCP bundle runs: `hyperloom mcp`, with what its user has set in the host's form. */
import { Command } from 'commander';

import { registerCommands } from '../../src/cli/register.ts';
import { processSurroundings } from '../../src/cli/surroundings.ts';
import { addMcp } from '../../src/mcp-command.ts';

// What was left empty comes as an empty text, or as a placeholder that nobody has filled in.
for (const [name, value = ''] of Object.entries(process.env))
  if (name.startsWith('HYPERLOOM_') && (value === '' || value.startsWith('${user_config.')))
    delete process.env[name];

const program = new Command('hyperloom');
registerCommands(program, processSurroundings(process.env));
addMcp(program, process.env);
await program.parseAsync(['mcp'], { from: 'user' });
