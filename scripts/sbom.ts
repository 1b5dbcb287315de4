/** `npm run sbom`: writes what the packages are made of into `sbom/`, a CycloneDX document for each language; `npm run sbom -- npm go` only those. */
import { billPath, keepBill } from './bills/bill.ts';
import { ecosystems } from './bills/ecosystems.ts';

const wanted = process.argv.slice(2);
for (const ecosystem of ecosystems.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  keepBill(ecosystem, await ecosystem.make());
  console.log(billPath(ecosystem));
}
