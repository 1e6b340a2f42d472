// Sees all that a page asks for and says, its workers included.

import assert from 'node:assert/strict';

/** Watches a browser context from its start. */
export class Watch {
  #problems = [];

  constructor(context, origin) {
    context.on('request', (request) => {
      const url = new URL(request.url());
      const own = url.origin === origin || url.protocol === 'data:';
      if (!own) this.#problems.push(`a request to another origin: ${request.method()} ${url}`);
    });
    context.on('requestfailed', (request) => {
      // A worker asks by the URL of a blob whether to stop; that it is gone says yes.
      if (request.url().startsWith('blob:')) return;
      this.#problems.push(`a request failed: ${request.url()} (${request.failure()?.errorText})`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) this.#problems.push(`${response.status()} for ${response.url()}`);
    });
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      this.#problems.push(`the console has an error: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#problems.push(`an error was not caught: ${error.error().stack}`));
  }

  /** What was seen so far; from here on it is forgotten. */
  take() {
    return this.#problems.splice(0);
  }

  /** Fails if anything was seen. */
  clean() {
    assert.deepEqual(this.take(), [], 'the page kept to its origin and had no error');
  }
}
