/**
 * Goal: public names are the same words in TypeScript, Python and Go, each in its language's case; where they are not, the reason is
 * written down. Method: the members of the types that stand for one concept, read off the sources of the SDKs and compared. A name that one
 * language gets alone fails here, and so does a reason whose difference is gone.
 */
import { expect, test } from 'vitest';
import { concepts, differences, plain } from './concepts.ts';
import { membersIn, type Language } from './members.ts';

const languages: readonly Language[] = ['typescript', 'python', 'go'];
const members = new Map(languages.map((language) => [language, membersIn(language)]));

function namesOf(concept: string, language: Language): ReadonlySet<string> {
  const type = concepts[concept]?.[language] ?? '';
  return new Set((members.get(language)?.(type) ?? []).map(plain));
}

/** Names that not all languages have: `concept.member`, and which have it. */
function found(): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const concept of Object.keys(concepts)) {
    const sets = new Map(languages.map((language) => [language, namesOf(concept, language)]));
    const names = new Set([...sets.values()].flatMap((set) => [...set]));
    for (const name of names) {
      const having = languages.filter((language) => sets.get(language)?.has(name) === true);
      if (having.length < languages.length) all.set(`${concept}.${name}`, `only in ${having.join(' and ')}`);
    }
  }
  return all;
}

test.each(Object.keys(concepts))('%s is there in every language, with members', (concept) => {
  for (const language of languages) expect(namesOf(concept, language).size).toBeGreaterThan(1);
});

test('what one language calls by a name, the others do too, or the reason is written down', () => {
  const unexplained = [...found()].filter(([name]) => differences[name] === undefined);
  expect(unexplained).toEqual([]);
});

test('a reason goes when its difference does', () => {
  const differing = found();
  expect(Object.keys(differences).filter((name) => !differing.has(name))).toEqual([]);
});

test('a name is compared without the case and the unit that a language writes it with', () => {
  expect(['ttlMs', 'ttl', 'TTL'].map(plain)).toEqual(['ttl', 'ttl', 'ttl']);
  expect(['parentGhostId', 'parent_ghost_id', 'ParentGhostID'].map(plain)).toEqual(
    Array.from({ length: 3 }, () => 'parentghostid'),
  );
});
