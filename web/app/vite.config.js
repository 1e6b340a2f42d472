import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

/** Puts the licences of what is built into the package beside the page. */
const notices = {
  name: 'notices',
  generateBundle() {
    const source = readFileSync(new URL('../js/THIRD-PARTY.txt', import.meta.url), 'utf8');
    this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY.txt', source });
  },
};

export default defineConfig({
  // Any folder of any static server will do.
  base: './',
  plugins: [notices],
  build: {
    target: 'es2022',
    // The policy of the page allows no inlined files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
