import type { Command } from '../state/command.ts';

type WithoutSender<C> = C extends Command ? Omit<C, 'author' | 'request'> : never;

/** What a command asks for, without who asked. */
export type CommandBody = WithoutSender<Command>;
