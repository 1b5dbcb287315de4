/** What can be said about logs. Apart from what writes them, so that commands start without that. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** `json`: an object a line, for programs. `text`: a line for people. */
export type LogFormat = 'json' | 'text';
export const logFormats: readonly LogFormat[] = ['json', 'text'];
