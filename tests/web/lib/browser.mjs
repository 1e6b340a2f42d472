// A real browser, with WebGPU (its software adapter) or without.

import { chromium as engine } from 'playwright-core';

import { chromium } from './places.mjs';

const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name for this machine that the browser does not hold for secure, as the names of hosts on plain http.
  '--host-resolver-rules=MAP plain.test 127.0.0.1',
];
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const NO_WEBGPU = ['--disable-features=WebGPUService', '--disable-blink-features=WebGPU'];

/** Starts the browser. */
export function launch({ webgpu }) {
  return engine.launch({ executablePath: chromium(), args: [...QUIET, ...(webgpu ? WEBGPU : NO_WEBGPU)] });
}
