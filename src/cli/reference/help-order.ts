/** The order of a help's parts. */
import { Help, type Command } from 'commander';

/** Of a group, such as `ghost`, its commands come before the options that all commands have: they are what it is looked at for. */
export function groupsFirst(command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(helper, command, helper);
  const options = text.indexOf('\nOptions:\n');
  const commands = text.indexOf('\nCommands:\n');
  if (command.parent === null || options < 0 || commands < options) return text;
  return text.slice(0, options) + text.slice(commands) + text.slice(options, commands);
}
