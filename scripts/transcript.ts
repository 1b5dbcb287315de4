/** What the commands of a step print, so that the end of a long log can show again why a step failed. */
const linesMax = 60;
const charactersMax = 16_384;

let kept = '';

/** Forgets what the step before printed. */
export function beginTranscript(): void {
  kept = '';
}

/** Keeps the newest of what a command printed. */
export function noteOutput(chunk: string): void {
  kept = (kept + chunk).slice(-charactersMax);
}

/** The last lines since {@link beginTranscript}. */
export function lastLines(): string {
  return kept.trimEnd().split('\n').slice(-linesMax).join('\n');
}
