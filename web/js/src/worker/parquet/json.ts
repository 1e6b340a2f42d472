const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes of a run from which on it is copied as one. */
const RUN = 32;

/** Writes JSON lines as bytes. Texts come as bytes too, and are not judged here: who reads the lines does that. */
export class JsonLines {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Writes characters of ASCII as they are. */
  raw(ascii: string): void {
    this.#reserve(ascii.length);
    for (let at = 0; at < ascii.length; at++) this.#bytes[this.#length++] = ascii.charCodeAt(at);
  }

  /** Writes bytes of JSON as they are. */
  bytes(json: Uint8Array): void {
    this.#reserve(json.length);
    this.#bytes.set(json, this.#length);
    this.#length += json.length;
  }

  /** Writes the bytes of a text as a string. */
  text(text: Uint8Array): void {
    this.#reserve(text.length + 2);
    this.#bytes[this.#length++] = QUOTE;
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const byte = text[at] as number;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) continue;
      this.#copy(text, from, at);
      from = at + 1;
      // What is left of the text, an escape of six bytes, and the quote.
      this.#reserve(text.length - at + 7);
      if (byte >= 0x20) this.raw(byte === QUOTE ? '\\"' : '\\\\');
      else this.raw(`\\u00${byte.toString(16).padStart(2, '0')}`);
    }
    this.#copy(text, from, text.length);
    this.#bytes[this.#length++] = QUOTE;
  }

  /** What was written, which is forgotten here; it holds until more is written. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #copy(text: Uint8Array, from: number, to: number): void {
    if (to - from >= RUN) {
      this.#bytes.set(text.subarray(from, to), this.#length);
      this.#length += to - from;
    } else {
      for (let at = from; at < to; at++) this.#bytes[this.#length++] = text[at] as number;
    }
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
