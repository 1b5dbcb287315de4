/** What the broker tells the page of its settings. */

export interface PageSettings {
  /** Where an event's trace is shown, with `{traceId}` in it; empty: nowhere. */
  readonly traceUrl: string;
}

export const noSettings: PageSettings = { traceUrl: '' };

/** Asks for them. A broker that tells none has none. */
export async function loadSettings(signal: AbortSignal): Promise<PageSettings> {
  try {
    const answer = await fetch('./settings.json', { signal });
    const told: unknown = answer.ok ? await answer.json() : undefined;
    if (typeof told !== 'object' || told === null || !('traceUrl' in told)) return noSettings;
    return { traceUrl: typeof told.traceUrl === 'string' ? told.traceUrl : '' };
  } catch {
    return noSettings;
  }
}
