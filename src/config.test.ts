/** Goal: settings mean the same as a flag, a variable and a line of a file. Method: valid and invalid texts of each kind. */
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from './config-value.ts';
import { makeSettings, parseConfigFile, settingInfos, variableOf } from './config.ts';

const of = (values: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(values));

describe('settings', () => {
  test('are complete without anything being said', () => {
    expect(makeSettings([])).toMatchObject({
      listen: { host: '127.0.0.1', port: 7400 },
      data: './hyperloom-data',
      journal: 'embedded',
      logLevel: 'info',
      http2: 'own',
      tls: null,
    });
  });

  test('come from the first source that has them', () => {
    const settings = makeSettings([
      of({ listen: '127.0.0.1:1' }),
      of({ listen: 'unused', data: 'b' }),
      of({ data: 'c', journal: 'memory' }),
    ]);
    expect(settings).toMatchObject({ listen: { port: 1 }, data: 'b', journal: 'memory' });
  });

  test('have one name in all three places', () => {
    for (const { name } of settingInfos) expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(variableOf('tls-client-ca')).toBe('HYPERLOOM_TLS_CLIENT_CA');
  });

  test.each([
    [{ listen: '7400' }, /listen.*no address/],
    [{ listen: '127.0.0.1:70000' }, /listen.*no address/],
    [{ journal: 'paper' }, /journal.*none of embedded, memory/],
    [{ 'log-level': 'loud' }, /log-level/],
    [{ 'log-format': 'xml' }, /log-format.*none of json, text/],
    [{ 'otlp-endpoint': '127.0.0.1:4318' }, /otlp-endpoint.*no address/],
    [{ 'otlp-endpoint': 'http://user:secret@127.0.0.1:4318' }, /otlp-endpoint.*no address/],
    [{ 'trace-share': '2' }, /trace-share.*from 0 to 1/],
    [{ http2: 'fast' }, /http2.*none of own, node/],
    [{ 'drain-ms-max': '-1' }, /drain-ms-max.*whole number/],
    [{ 'snapshot-journal-bytes': '1e9' }, /snapshot-journal-bytes.*whole number/],
    [{ 'tls-cert': 'a' }, /belong together/],
    [{ 'tls-client-ca': 'a' }, /tls-client-ca needs/],
    [{ 'tls-client-cert': 'optional' }, /tls-client-cert needs/],
    [{ 'public-url': 'https://a.example/b' }, /public-url.*no address/],
    [{ data: '' }, /data/],
    [{ 'insecure-behind-mesh': 'perhaps' }, /neither true nor false/],
    [{ 'mcp-tools': 'read,writ' }, /mcp-tools: "writ" is not a tool/],
    [{ 'trace-url': 'https://traces.example.com' }, /trace-url.*\{traceId\}/],
    [{ 'trace-url': 'javascript:alert({traceId})' }, /trace-url.*no address/],
  ])('that cannot be used are refused: %o', (values, message) => {
    expect(() => makeSettings([of(values as Record<string, string>)])).toThrow(message);
  });

  test.each([
    ['', ''],
    ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces'],
    ['https://collector.example.com/', 'https://collector.example.com/v1/traces'],
    [
      'https://collector.example.com/tenant/v1/traces?x=1',
      'https://collector.example.com/tenant/v1/traces?x=1',
    ],
  ])('the collector %s takes spans at %s', (given, url) => {
    expect(makeSettings([of({ 'otlp-endpoint': given })]).otlpEndpoint).toBe(url);
  });

  test('refuse to listen beyond loopback without TLS and authentication, unless something in front takes care of that', () => {
    const tls = { 'tls-cert': 'a', 'tls-key': 'b' };
    for (const listen of ['0.0.0.0:1', ':1', '[::]:1', '192.168.1.1:1', 'example.org:1']) {
      expect(() => makeSettings([of({ listen })])).toThrow(
        /no TLS .* and no authentication .*--insecure-behind-mesh/,
      );
      expect(() => makeSettings([of({ listen, ...tls })])).toThrow(/there is no authentication/);
      expect(() => makeSettings([of({ listen, access: 'a' })])).toThrow(/there is no TLS/);
      expect(makeSettings([of({ listen, ...tls, access: 'a' })]).listen.port).toBe(1);
      expect(makeSettings([of({ listen, 'insecure-behind-mesh': 'true' })]).listen.port).toBe(1);
    }
    for (const listen of ['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', 'localhost:1'])
      expect(makeSettings([of({ listen })]).listen.port).toBe(1);
  });
});

describe('a config file', () => {
  test('is lines of name = value', () => {
    const text = '# how we run it\n\nlisten = 127.0.0.1:1\r\n data=/var/lib/a = b \nhttp2 = node\n';
    expect([...parseConfigFile(text, 'f')]).toEqual([
      ['listen', '127.0.0.1:1'],
      ['data', '/var/lib/a = b'],
      ['http2', 'node'],
    ]);
  });

  test.each([
    ['nonsense', /f, line 1: not "name = value"/],
    ['\nport = 1', /f, line 2: unknown setting port/],
    ['data = a\ndata = b', /f, line 2: data is set twice/],
  ])('with a mistake in it is refused: %s', (text, message) => {
    expect(() => parseConfigFile(text, 'f')).toThrow(message);
  });
});

test('an address is read and written alike', () => {
  for (const text of ['127.0.0.1:7400', '[::1]:0', 'localhost:80'])
    expect(formatAddress(parseAddress(text, 'listen'))).toBe(text);
});
