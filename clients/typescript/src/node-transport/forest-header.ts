/**
 * The header that says which forest a call is about, so that what stands between can keep a forest on one replica. Nothing depends on
 * it but speed. The default forest has its name here, as proxies cannot know it.
 */
export const forestHeader = 'hyperloom-forest';

/** What goes along with a call about a forest; nothing with other calls, and with names that no forest has. */
export function forestMetadata(forest: unknown): Readonly<Record<string, string>> {
  if (typeof forest !== 'string' || !/^[a-z0-9_-]{0,63}$/.test(forest)) return {};
  return { [forestHeader]: forest === '' ? 'default' : forest };
}

/** The forest that a request names. */
export function forestOf(request: object): unknown {
  return 'forest' in request ? request.forest : undefined;
}
