/** Where the built debugger lies: in a checkout beside its sources, in a package beside the broker's. */
import { fileURLToPath } from 'node:url';

/** The folder; it need not be there. */
export function debuggerFolder(): string {
  const isCheckout = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isCheckout ? '../clients/debugger/dist' : '../debugger', import.meta.url));
}

/** What `/` says where it is not there. */
export const debuggerMissing =
  'The debugger is not built. In a checkout: npm run build:debugger, then start the broker again.\n';
