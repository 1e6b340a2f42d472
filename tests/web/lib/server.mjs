// A plain static server, as plain as the poorest host: files, types, and no special headers.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves folders on 127.0.0.1, each under a path that begins and ends with a slash.
 *
 * @param folders `{ '/': folder, '/some/where/': another }`; the longest path that fits is taken.
 * @returns `{ origin, close }`.
 */
export async function serve(folders) {
  const mounts = Object.entries(folders).sort(([a], [b]) => b.length - a.length);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const [mount, folder] = mounts.find(([path]) => pathname.startsWith(path)) ?? [];
    const file = folder && (await inside(folder, decodeURIComponent(pathname.slice(mount.length))));
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`no ${pathname}`);
      return;
    }
    const type = TYPES[extname(file.path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': file.size });
    createReadStream(file.path).pipe(response);
  });
  await new Promise((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

async function inside(folder, path) {
  const whole = normalize(join(folder, path));
  if (whole !== normalize(folder) && !whole.startsWith(normalize(folder + sep))) return undefined;
  const found = await stat(whole).catch(() => undefined);
  if (found?.isDirectory()) return inside(folder, join(path, 'index.html'));
  return found && { path: whole, size: found.size };
}
