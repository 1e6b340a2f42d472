import { defineConfig } from 'vite';

export default defineConfig({
  // Any folder of any static server will do.
  base: './',
  build: {
    target: 'es2022',
    // The policy of the page allows no inlined files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
