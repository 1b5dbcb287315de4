/** Lets programs run as users write them: the packages are found where they lie in the checkout. */
import { registerHooks } from 'node:module';

const packages: Readonly<Record<string, string>> = {
  '@hyperloom/client': new URL('../../../typescript/src/index.ts', import.meta.url).href,
  '@hyperloom/client/adapters': new URL('../../../typescript/src/adapters/index.ts', import.meta.url).href,
  '@hyperloom/openai-agents': new URL('../../src/index.ts', import.meta.url).href,
};

registerHooks({
  resolve(specifier, context, next) {
    const url = packages[specifier];
    return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
  },
});
