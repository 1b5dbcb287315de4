/** Has a broker of this checkout take the newest format as soon as nobody objects at once, where no other version is about: `node --import THIS …`. */
import { changeSources } from './source-changes.ts';

changeSources({ 'src/base/limits.ts': [['formatSilenceMs = 10_000;', 'formatSilenceMs = 100;']] });
