import { defineConfig } from 'vite';

const folder = 'dist/worker/parquet';

/** Where hyparquet would go on for ever, or fill the memory, in files that are damaged: what stands there, and what should. */
const MENDED = {
  'hyparquet/src/encoding.js': [
    'const count = header >>> 1',
    'const count = Math.min(header >>> 1, output.length - seen)',
  ],
  'hyparquet/src/snappy.js': [
    'len = (len & WORD_MASK[lengthSize]) + 1',
    'len = ((len & WORD_MASK[lengthSize]) >>> 0) + 1',
  ],
};

const mended = {
  name: 'mended',
  transform(code, id) {
    const file = Object.keys(MENDED).find((file) => id.endsWith(file));
    if (file === undefined) return undefined;
    const [before, after] = MENDED[file];
    if (code.split(before).length !== 2)
      throw new Error(`${file} has changed: look at what vite.config.js mends`);
    return { code: code.replace(before, after), map: null };
  },
};

// Puts the libraries that decode Parquet into the files of dist that name them: the package has no dependencies.
export default defineConfig({
  plugins: [mended],
  build: {
    target: 'es2022',
    minify: false,
    outDir: folder,
    emptyOutDir: false,
    lib: {
      entry: { hyparquet: `${folder}/hyparquet.js`, brotli: `${folder}/brotli.js` },
      formats: ['es'],
    },
    rollupOptions: {
      output: {
        chunkFileNames: '[name].js',
        banner:
          '/*! Parts of hyparquet, hyparquet-compressors and fzstd (MIT) and of brotli.js (MIT, Apache-2.0): see THIRD-PARTY.txt of clusterclip. */',
      },
    },
  },
});
