/** Goal: what `--journal nats://…` says is understood or refused, never guessed. */
import { describe, expect, test } from 'vitest';
import { isJetStreamAddress, parseJetStreamAddress } from './address.ts';

describe('an address of NATS', () => {
  test('names servers, and ports where they are not 4222', () => {
    expect(parseJetStreamAddress('nats://one,two:4333,[::1]:1').servers).toEqual([
      'one:4222',
      'two:4333',
      '[::1]:1',
    ]);
  });

  test('asks for three replicas where it names several servers, and for one otherwise', () => {
    expect(parseJetStreamAddress('nats://one').replicas).toBe(1);
    expect(parseJetStreamAddress('nats://one,two,three').replicas).toBe(3);
    expect(parseJetStreamAddress('nats://one?replicas=5').replicas).toBe(5);
  });

  test('says who asks, and how', () => {
    expect(parseJetStreamAddress('tls://me:p%40ss@one?prefix=P&checks=warn&creds=/a.creds')).toEqual({
      servers: ['one:4222'],
      isSecret: true,
      user: 'me',
      password: 'p@ss',
      credentials: '/a.creds',
      replicas: 1,
      prefix: 'P',
      monitors: [],
      checks: 'warn',
    });
  });

  test.each([
    ['nats://', /not nats:/],
    ['nats://one:0', /HOST:PORT/],
    ['nats://one:70000', /HOST:PORT/],
    ['nats://one,,two', /HOST:PORT/],
    ['nats://one?replicas=0', /replicas is 0/],
    ['nats://one?replicas=6', /replicas is 6/],
    ['nats://one?prefix=a.b', /prefix is a\.b/],
    ['nats://one?checks=no', /checks is no/],
    ['nats://one?monitor=one:8222', /monitor is one:8222/],
    ['nats://one?replica=3', /replica is none of/],
  ])('%s is refused', (text, message) => {
    expect(() => parseJetStreamAddress(text)).toThrow(message);
  });

  test('names where servers tell of themselves', () => {
    const { monitors } = parseJetStreamAddress('nats://one,two?monitor=http://one:8222,http://two:8222');
    expect(monitors).toEqual(['http://one:8222', 'http://two:8222']);
  });

  test('is told from kinds of journals', () => {
    expect(['embedded', 'memory', 'nats://one', 'tls://one'].map(isJetStreamAddress)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
