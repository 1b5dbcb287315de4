const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/**
 * Whether a connection's first bytes are HTTP/2's preface; `undefined` while they may still become it. Nothing after the
 * preface may be waited for: some clients send their first request only when they have seen our SETTINGS.
 */
export function isHttp2Preface(first: Uint8Array): boolean | undefined {
  const length = Math.min(first.length, preface.length);
  for (let index = 0; index < length; index += 1) {
    if (first[index] !== preface.charCodeAt(index)) return false;
  }
  return length === preface.length ? true : undefined;
}
